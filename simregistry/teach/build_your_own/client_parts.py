"""Adapters, the client's side: a laptop whose reader, negotiation, push, pull or stacking is a learner's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from simregistry.client.client import Client
from simregistry.client.dialect import dialect_named
from simregistry.client.push import Push
from simregistry.client.transfer_report import BlobTransfer, PullReport, PushReport
from simregistry.oci.content import bytes_of
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.entry import Entry, file
from simregistry.oci.manifest import ImageManifest, parse_manifest
from simregistry.oci.reference import Reference
from simregistry.teach.build_your_own.scenario import Part, Unfit, readable, wanted


@dataclass(frozen=True, slots=True)
class Reading:
    """A learner's parser, as the client asks it."""

    mine: Part

    def __call__(self, text: str) -> Reference:
        """Read a reference, and see that the answer is four strings."""
        parts = self.mine(text)
        if not (isinstance(parts, tuple | list) and len(parts) == 4 and all(isinstance(part, str) for part in parts)):
            wants = "four strings are wanted: registry, repository, tag, digest"
            raise Unfit(f"parse({text!r}) gave {readable(parts)}; {wants}")
        registry, repository, tag, digest = parts
        return Reference(registry, repository, tag, Digest(digest) if digest else None)


@dataclass(slots=True)
class Negotiating(Push):
    """The simulator's push, which asks a learner's ``missing`` what is to be sent."""

    missing: Part | None = None
    to_send: frozenset[str] | None = None

    def blob_exists(self, repository: str, blob: Descriptor, note: str) -> bool:
        """Look the blob up in the learner's list, which is made when the first one is asked for."""
        assert self.missing is not None, "made by OwnClient alone"
        if self.to_send is None:
            listed = self.missing(self.repository, json.loads(self.manifest.raw), self.wire.send)
            self.to_send = strings_of(listed, "missing(…)")
        return blob.digest not in self.to_send


def strings_of(answer: object, where: str) -> frozenset[str]:
    """Take a list or a set of strings, or raise Unfit."""
    if isinstance(answer, str | bytes | Mapping) or not hasattr(answer, "__iter__"):
        raise Unfit(f"{where} gave {readable(answer)}; a list of digests is wanted")
    listed = list(answer)
    if odd := [entry for entry in listed if not isinstance(entry, str)]:
        raise Unfit(f"{where} gave a list with {readable(odd[0])} in it; digests are strings")
    return frozenset(map(str, listed))


@dataclass(slots=True)
class OwnClient(Client):
    """A laptop with a learner's parts; what is not given is the simulator's."""

    own_missing: Part | None = None
    own_push: Part | None = None
    own_pull: Part | None = None
    own_stack: Part | None = None

    def push(self, reference: str, dialect: str | None = None) -> PushReport:
        """Push by the learner's function, or by ours with the learner's negotiation."""
        wanted_image = self.parse(reference)
        manifest, wire = self.store.image(str(wanted_image)), self._wire(wanted_image.registry)
        if self.own_push is not None:
            blobs = {str(blob.digest): bytes_of(self.store.blobs[blob.digest]) for blob in manifest.blobs}
            self.own_push(wanted_image.repository, wanted_image.tag, manifest.raw, blobs, wire.send)
            return PushReport(wanted_image.familiar, manifest.digest, (), wire.conversation)
        if self.own_missing is None:
            return Client.push(self, reference, dialect)
        push = Negotiating(
            wire, wanted_image.repository, wanted_image.tag, manifest, self.store.blobs,
            self._memory(wanted_image.registry), dialect_named(dialect or self.dialect), self.chunk_bytes,
            self.own_missing,
        )  # fmt: skip
        return push.run(wanted_image.familiar)

    def pull(self, reference: str) -> PullReport:
        """Pull by the learner's function; what it gives is taken in as it is, so nobody else verifies it."""
        if self.own_pull is None:
            return Client.pull(self, reference)
        image = self.parse(reference)
        wire = self._wire(image.registry)
        here = frozenset(str(digest) for digest in self.store.blobs)
        pulled = self.own_pull(image.repository, str(image.digest or image.tag), here, wire.send)
        if not (isinstance(pulled, tuple | list) and len(pulled) == 2):
            raise Unfit(
                f"pull(…) gave {readable(pulled)}; two things are wanted: the manifest's bytes, and the new blobs"
            )
        raw: bytes = wanted(pulled[0], bytes, "pull(…)", "first the manifest's bytes, as they came,")
        blobs: Mapping[str, bytes] = wanted(pulled[1], dict, "pull(…)", "then a dict of the new blobs by digest")
        manifest = parse_manifest(raw)
        assert isinstance(manifest, ImageManifest), "no scenario holds an index"
        missing = [blob.digest for blob in manifest.blobs if blob.digest not in here and blob.digest not in blobs]
        if missing:
            raise Unfit(f"pull(…) gave no bytes for {missing[0].short}, which the manifest names and this laptop lacks")
        self.store.blobs.update({Digest(name): wanted(raw, bytes, "pull(…)", "bytes") for name, raw in blobs.items()})
        self.store.put_image(str(image), manifest)
        moved = tuple(BlobTransfer(blob, "layer", "fetched", blob.size) for blob in manifest.blobs)
        return PullReport(str(image), manifest.digest, moved, wire.conversation, True)

    def rootfs(self, reference: str) -> dict[str, Entry]:
        """Stack by the learner's function: files by path, whiteouts among them, from the base up."""
        if self.own_stack is None:
            return Client.rootfs(self, reference)
        layers = [{entry.path: entry.content for entry in layer} for layer in self.layers(reference)]
        tree = wanted(self.own_stack(layers), dict, "stack(layers)", "a dict of contents by path")
        where = "stack(layers)"
        return {
            wanted(path, str, where, "a path"): file(path, wanted(content, bytes, where, "a dict of bytes by path"))
            for path, content in tree.items()
        }
