"""The scenarios of the path are played with the simulator's own parts, and those pass: so the path asks for what is so."""

from __future__ import annotations

import json

import pytest

from simregistry.client.dialect import dialect_named
from simregistry.client.image_store import ImageStore
from simregistry.client.pull import Pull
from simregistry.client.push import Push, RegistryMemory
from simregistry.client.transport import Recorder
from simregistry.errors import DigestMismatch, SpecError, TransferFailed
from simregistry.oci.content import bytes_of, joined
from simregistry.oci.descriptor import Platform
from simregistry.oci.digest import Digest
from simregistry.oci.layer import Changeset
from simregistry.oci.manifest import parse_manifest
from simregistry.oci.reference import Reference
from simregistry.oci.rootfs import stack
from simregistry.registry.gc.inventory import Inventory
from simregistry.registry.gc.plan import Plan
from simregistry.registry.gc.sweep import sweep
from simregistry.registry.middleware.accounts import Access
from simregistry.registry.middleware.gate import token_problem
from simregistry.registry.middleware.scope import Scope
from simregistry.registry.middleware.tokens import Token, TokenService
from simregistry.registry.storage.blob_store import BlobStore
from simregistry.registry.storage.repository import Repository, required
from simregistry.registry.storage.storage import Storage
from simregistry.registry.storage.upload_session import UploadSession
from simregistry.teach.build_your_own.collector_parts import ours_to_mark
from simregistry.teach.build_your_own.twelve_steps import TASKS, unwatched


class Line:
    """A transport over a learner's ``send``."""

    def __init__(self, send):
        self.send = send


def parse(text):
    """The simulator's reader of references."""
    reference = Reference.parse(text)
    return reference.registry, reference.repository, reference.tag, str(reference.digest or "")


class Shelf:
    """The simulator's blob store."""

    def __init__(self):
        self.store = BlobStore()

    def put(self, content, digest):
        """Keep content, or raise ValueError."""
        try:
            self.store.put(content, Digest(digest))
        except DigestMismatch as error:
            raise ValueError(str(error)) from None

    def get(self, digest):
        """Give a blob."""
        return self.store.get(Digest(digest))

    def delete(self, digest):
        """Delete a blob."""
        return self.store.delete(Digest(digest))

    def digests(self):
        """List what is there."""
        return list(self.store)


def check_manifest(manifest, held):
    """The simulator's repository, asked about each part."""
    repository = Repository("app", {Digest(name): size for name, size in held.items()})
    try:
        for needed in required(parse_manifest(json.dumps(manifest).encode())):
            repository.check_present(needed)
    except SpecError as error:
        return error.code
    return ""


def pushing(repository, tag, manifest, blobs, send):
    """The simulator's push, ready to go."""
    contents = {Digest(name): content for name, content in blobs.items()}
    wire = Recorder(Line(send))
    return Push(wire, repository, tag, parse_manifest(manifest), contents, RegistryMemory(), dialect_named("skopeo"))


def missing(repository, manifest, send):
    """The question that the simulator's push asks about each blob."""
    push = pushing(repository, "v1", json.dumps(manifest).encode(), {}, send)
    blobs = {blob.digest: blob for blob in push.manifest.blobs}
    return [digest for digest, blob in blobs.items() if not push.blob_exists(repository, blob, "is it there?")]


def push(repository, tag, manifest, blobs, send):
    """The simulator's push."""
    try:
        pushing(repository, tag, manifest, blobs, send).run(tag)
    except TransferFailed as error:
        raise OSError(str(error)) from None


def pull(repository, reference, here, send):
    """The simulator's pull, manifest and blobs."""
    pull = Pull(Recorder(Line(send)), repository, ImageStore(), RegistryMemory(), Platform("linux", "amd64"))
    try:
        manifest = pull.get_manifest(reference)
        wanted = {blob.digest: blob for blob in manifest.blobs if blob.digest not in here}
        return manifest.raw, {str(digest): pull.get_blob(blob, "layer") for digest, blob in wanted.items()}
    except (TransferFailed, DigestMismatch) as error:
        raise ValueError(str(error)) from None


def stacked(layers):
    """The simulator's stacking; its directories left out."""
    tree = stack([Changeset.of(layer) for layer in layers])
    return {path: entry.content for path, entry in tree.items() if entry.kind == "file"}


def swept(store, marked, written, began):
    """The simulator's sweep, carrying out a plan of what is neither marked nor new."""
    doomed = {d: store.size(d) for d in store if d not in marked and written.get(d, began - 1) < began}
    return sweep(Storage(store.store), Plan("ours", True, Inventory({}, {}, {}), swept=doomed))


def check_token(claims, service, now, scopes):
    """The simulator's gate."""
    access = tuple(Scope(each["type"], each["name"], tuple(each["actions"])) for each in claims["access"])
    tokens = TokenService(Access(), service, clock=lambda: now)
    token = Token("alice", claims["aud"], access, 0, claims["exp"])
    return token_problem(token, tuple(Scope.parse(scope) for scope in scopes), tokens)


class Upload:
    """The simulator's upload session."""

    def __init__(self):
        self.session = UploadSession("1", "app")

    @property
    def content(self):
        """All that came."""
        return bytes_of(joined(self.session.parts))

    def append(self, chunk, content_range):
        """Take a chunk, or give the status of the refusal."""
        try:
            self.session.append(chunk, content_range)
        except SpecError as error:
            return error.status
        return 202

    def range(self):
        """How far it got."""
        return self.session.range


OURS = {
    "digest": lambda content: str(Digest.of(content)),
    "reference": parse,
    "blob_store": Shelf,
    "manifest_check": check_manifest,
    "missing": missing,
    "push": push,
    "pull": pull,
    "stack": stacked,
    "mark": ours_to_mark,
    "sweep": swept,
    "token": check_token,
    "resume": Upload,
}


@pytest.mark.parametrize("id", TASKS)
def test_the_simulators_own_part_passes_every_scenario(id):
    """What the path expects of a learner is what the simulator does."""
    report = unwatched(id).check(OURS[id])
    assert report.right, str(report)
