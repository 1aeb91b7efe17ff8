"""Adapters, the registry's side: a learner's digest, blob store, upload and manifest check in place of the simulator's.

The simulator asks for small protocols (``Blobs``, ``BlobUpload``, ``ManifestCheck``). Each adapter here keeps one of
them by asking what a learner wrote; everything else runs as it always does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from simregistry.errors import (
    BlobUploadInvalid,
    DigestInvalid,
    InvalidValue,
    ManifestBlobUnknown,
    ManifestInvalid,
    SizeInvalid,
)
from simregistry.oci.content import Content, bytes_of, joined
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import Manifest
from simregistry.registry.storage.blob_store import Blobs, BlobStore
from simregistry.registry.storage.repository import Repository
from simregistry.registry.storage.storage import Storage, check_content
from simregistry.registry.storage.upload_session import Uploads, UploadSession, parse_content_range
from simregistry.teach.build_your_own.scenario import Part, Unfit, wanted


def named(digest: Part, content: Content) -> Digest:
    """Name content by a learner's digest function; raises Unfit for what is no digest."""
    raw = bytes_of(content)
    where = f"digest({raw!r})" if len(raw) <= 20 else f"digest of {len(raw):,} bytes"
    try:
        return Digest(wanted(digest(raw), str, where, "a string"))
    except InvalidValue as error:
        raise Unfit(f"{where} gave {error.value!r}, which isn't a digest: {error.rule}") from None


@dataclass(slots=True)
class OwnShelf:
    """A blob store that a learner's class keeps: what is asked of it is asked of that."""

    mine: Any
    # A learner's digest function, which names what comes; without one, blobs come with their names.
    name: Part | None = None

    def put(self, content: Content, digest: Digest | None = None) -> Digest:
        """Hand the bytes and their name to the learner's class."""
        raw = bytes_of(content)
        name = named(self.name, raw) if self.name else digest or Digest.of(raw)
        self.mine.put(raw, str(name))
        return name

    def get(self, digest: Digest) -> Content:
        """Ask it for a blob."""
        content: bytes = wanted(self.mine.get(str(digest)), bytes, "get(digest)", "bytes")
        return content

    def size(self, digest: Digest) -> int:
        """Count the bytes that it gives."""
        return len(self.get(digest))

    def delete(self, digest: Digest) -> int:
        """Let it delete a blob, and return the bytes that it says are freed."""
        freed: int = wanted(self.mine.delete(str(digest)), int, "delete(digest)", "the number of bytes freed")
        return freed

    def copy(self) -> OwnShelf:
        """Make a store that has the same blobs and changes independently of this one."""
        return OwnShelf(deepcopy(self.mine), self.name)

    def tamper(self, digest: Digest, content: Content) -> None:
        """Refuse: only the learner's class itself can reach into it."""
        raise InvalidValue("blob store", digest, "is a learner's own; put something into it, or delete it")

    def _digests(self) -> list[Digest]:
        listed = self.mine.digests()
        if isinstance(listed, str | bytes) or not hasattr(listed, "__iter__"):
            raise Unfit(f"digests() gave {listed!r}; a list of digests is wanted")
        return [Digest(name) for name in listed]

    def __contains__(self, digest: object) -> bool:
        return digest in self._digests()

    def __iter__(self) -> Iterator[Digest]:
        return iter(self._digests())

    def __len__(self) -> int:
        return len(self._digests())

    @property
    def stored_bytes(self) -> int:
        """Bytes on the shelf: those of each blob that it lists."""
        return sum(self.size(digest) for digest in self)


@dataclass(slots=True)
class PlainShelf:
    """The store that a learner is asked for, at its plainest: what comes first under a name stays, right or wrong.

    It stands in where only the digest function is the learner's, and must not notice what that function gets wrong.
    """

    blobs: dict[str, bytes] = field(default_factory=dict)

    def put(self, content: bytes, name: str) -> None:
        """Keep bytes under a name."""
        self.blobs.setdefault(name, content)

    def get(self, name: str) -> bytes:
        """Return what is under a name, or raise KeyError."""
        return self.blobs[name]

    def delete(self, name: str) -> int:
        """Remove what is under a name, and return its bytes."""
        return len(self.blobs.pop(name))

    def digests(self) -> list[str]:
        """List the names."""
        return list(self.blobs)


@dataclass(slots=True)
class OwnSession:
    """An upload whose bytes a learner's ``Upload`` takes, and whose content a digest function names."""

    id: str
    repository: str
    mine: Any
    name: Part = Digest.of
    received: int = 0

    def append(self, content: Content, content_range: str = "") -> None:
        """Let the learner's upload say whether this chunk is the next one."""
        if content_range:
            # What can't be read at all is refused before the learner's code sees it.
            parse_content_range(content_range)
        status = wanted(self.mine.append(bytes_of(content), content_range), int, "append(…)", "a status")
        self.received = len(self._content())
        if status == 416:
            raise BlobUploadInvalid("this is not the next chunk", {"expected": self.received}, status=416)
        if status == 400:
            raise SizeInvalid(f"Content-Range {content_range} does not fit the body", {"got": len(content)})
        if status != 202:
            raise Unfit(f"append(…) gave {status}; one of 202, 400 and 416 is wanted")

    def finish(self, digest: Digest) -> Content:
        """Return the whole content if it has the digest that was announced."""
        content = self._content()
        got = named(self.name, content)
        if got != digest:
            raise DigestInvalid(f"the upload's digest is {got}, not {digest}", {"expected": digest, "got": got})
        return content

    @property
    def range(self) -> str:
        """Say how far it got, as the learner's upload says it."""
        header: str = wanted(self.mine.range(), str, "range()", "a string such as 0-1023")
        return header

    def _content(self) -> bytes:
        content: bytes = wanted(getattr(self.mine, "content", None), bytes, "content", "bytes: all that came so far")
        return content


class PlainUpload:
    """The simulator's upload session in the shape that a learner is asked for; what it refuses, it raises itself."""

    def __init__(self) -> None:
        self.session = UploadSession("", "")

    @property
    def content(self) -> bytes:
        """All that came so far."""
        content = joined(self.session.parts)
        assert content is not None, "a learner's registry takes bytes alone"
        return bytes_of(content)

    def append(self, chunk: bytes, content_range: str) -> int:
        """Take the next chunk, and return the status."""
        self.session.append(chunk, content_range)
        return 202

    def range(self) -> str:
        """Say how far it got."""
        return self.session.range


@dataclass(frozen=True, slots=True)
class OwnManifestCheck:
    """A learner's check of a manifest, asked as the simulator's is."""

    mine: Part

    def __call__(self, manifest: Manifest, repository: Repository, blobs: Blobs) -> None:
        """Raise what the learner's check answers: nothing, or one of two codes."""
        sizes = {str(digest): size for digest, size in repository.blobs.items() if digest in blobs}
        sizes |= {str(digest): len(child.raw) for digest, child in repository.manifests.items()}
        code = self.mine(json.loads(manifest.raw), sizes)
        if code == "MANIFEST_BLOB_UNKNOWN":
            raise ManifestBlobUnknown("the manifest names what is not here; push it first")
        if code == "MANIFEST_INVALID":
            raise ManifestInvalid("the manifest says another size than what is here has")
        if not (isinstance(code, str) and code == ""):
            allowed = "'', 'MANIFEST_INVALID' or 'MANIFEST_BLOB_UNKNOWN'"
            raise Unfit(f"check_manifest(…) gave {code!r}; {allowed} is wanted")


def storage(
    *, digest: Part | None = None, blob_store: Part | None = None, manifest_check: Part | None = None,
    resume: Part | None = None,
) -> Storage:  # fmt: skip
    """Make a storage of the parts that are given; the others are the simulator's."""
    shelf: Blobs = BlobStore()
    if blob_store:
        shelf = OwnShelf(blob_store())
    elif digest:
        shelf = OwnShelf(PlainShelf(), digest)
    uploads = Uploads()
    if resume or digest:
        uploads.new = partial(_session, resume or PlainUpload, digest or Digest.of)
    return Storage(shelf, uploads, OwnManifestCheck(manifest_check) if manifest_check else check_content)


def _session(upload: Part, digest: Part, id: str, repository: str) -> OwnSession:
    return OwnSession(id, repository, upload(), digest)
