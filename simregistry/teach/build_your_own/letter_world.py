"""A registry by letters: each letter is a layer of ten bytes, so that a scenario can be checked by eye."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from simregistry.client.client import Client
from simregistry.oci.content import bytes_of
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageIndex, ImageManifest, Manifest
from simregistry.oci.media_types import OCI_CONFIG, OCI_LAYER, OCI_MANIFEST
from simregistry.oci.messages import Conversation, Request, Response
from simregistry.registry.registry import Registry
from simregistry.registry.storage.storage import Storage

HOST = "registry.example"
V1 = f"{HOST}/app:v1"


def layer(letter: str) -> bytes:
    """Give a layer's ten bytes."""
    return letter.encode() * 10


def config(letters: str) -> bytes:
    """Give the config of an image of these layers."""
    diff_ids = [str(Digest.of(layer(letter))) for letter in letters]
    rootfs = {"type": "layers", "diff_ids": diff_ids}
    return json.dumps({"architecture": "amd64", "os": "linux", "rootfs": rootfs}).encode()


@dataclass(slots=True)
class LetterWorld:
    """A registry, and the names of all that a scenario puts into it: "layer a", "config ab", "manifest ab"."""

    storage: Storage = field(default_factory=Storage)
    names: dict[str, str] = field(default_factory=dict)

    @property
    def registry(self) -> Registry:
        """The registry over this storage."""
        return Registry(HOST, self.storage)

    def described(self, letters: str) -> tuple[Descriptor, tuple[Descriptor, ...]]:
        """Describe the config and the layers of an image, and note their names."""
        content = config(letters)
        self.names[Digest.of(content)] = f"config {letters}"
        self.names |= {Digest.of(layer(letter)): f"layer {letter}" for letter in letters}
        layers = tuple(Descriptor.of(layer(letter), OCI_LAYER) for letter in letters)
        return Descriptor.of(content, OCI_CONFIG), layers

    def manifest(self, letters: str, media_type: str = OCI_MANIFEST, subject: Descriptor | None = None) -> Manifest:
        """Make an image's manifest; nothing is put anywhere."""
        made = ImageManifest.of(*self.described(letters), media_type=media_type, subject=subject)
        self.names[made.digest] = f"manifest {letters}"
        return made

    def blobs(self, letters: str, name: str = "app", but: Iterable[bytes] = ()) -> None:
        """Put an image's blobs on the shelf, except some."""
        for content in (config(letters), *map(layer, letters)):
            if content not in but:
                self.storage.keep(name, content, Digest.of(content))

    def image(self, letters: str, *tags: str, name: str = "app", subject: Descriptor | None = None) -> Manifest:
        """Put an image into the registry, with tags or by its digest alone."""
        self.blobs(letters, name)
        made = self.manifest(letters, subject=subject)
        self._put(made, tags, name)
        return made

    def index(self, called: str, children: Sequence[Manifest], *tags: str) -> Manifest:
        """Put an index over manifests that are there."""
        made = ImageIndex.of([child.descriptor for child in children], annotations={"called": called})
        self.names[made.digest] = f"index {called}"
        self._put(made, tags, "app")
        return made

    def _put(self, made: Manifest, tags: tuple[str, ...], name: str) -> None:
        for reference in tags or (str(made.digest),):
            assert self.put(made, reference, name).status == 201, "a scenario's own images are whole"

    def put(self, made: Manifest, reference: str, name: str = "app") -> Response:
        """Put a manifest as a client does."""
        request = Request("PUT", f"/v2/{name}/manifests/{reference}", {}, {"Content-Type": made.media_type}, made.raw)
        return self.registry.handle(request)

    def shelf(self) -> str:
        """List what is on the shelf, by name."""
        return self.listed(self.storage.blobs)

    def listed(self, digests: Iterable[str]) -> str:
        """Write digests by their names, sorted."""
        return ", ".join(sorted(self.names.get(digest, digest) for digest in digests)) or "nothing"

    def local(self, laptop: Client, letters: str, reference: str = V1, media_type: str = OCI_MANIFEST) -> Manifest:
        """Put an image into a laptop's own store, ready to be pushed."""
        for content in (config(letters), *map(layer, letters)):
            laptop.store.put_blob(content)
        made = self.manifest(letters, media_type)
        assert isinstance(made, ImageManifest), "an image's manifest is one"
        laptop.store.put_image(reference, made)
        return made

    def order(self, conversation: Conversation) -> str:
        """Say in which order things came to be in the registry: each blob when its upload ends, each manifest."""
        found = []
        for exchange in conversation:
            request = exchange.request
            if request.method == "PUT" and exchange.response is not None and exchange.response.ok:
                digest = request.query.get("digest") or exchange.response.header("Docker-Content-Digest")
                found.append(self.names.get(digest, digest))
        return " → ".join(found) or "nothing"


def code(response: Response) -> str:
    """Say a response in a line: its status, and the error code of a refusal."""
    if response.ok or not response.body:
        return str(response.status)
    return f"{response.status} {json.loads(bytes_of(response.body))['errors'][0]['code']}"
