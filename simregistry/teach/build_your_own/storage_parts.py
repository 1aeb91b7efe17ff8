"""Plugs, the registry's side: a learner's digest, blob store, upload and manifest check in place of the simulator's.

Each is a part of the simulator with one method put in other hands; all else runs as it always does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
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
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import Manifest
from simregistry.registry.storage.blob_store import BlobStore
from simregistry.registry.storage.repository import Repository
from simregistry.registry.storage.storage import Storage
from simregistry.registry.storage.upload_session import Uploads, UploadSession, parse_content_range
from simregistry.teach.build_your_own.scenario import Part, Unfit, wanted


def named(digest: Part, content: Content) -> Digest:
    """Name content by a learner's digest function; raises Unfit for what is no digest."""
    raw = bytes_of(content)
    where = f"digest({raw!r})" if len(raw) <= 20 else f"digest of {len(raw):,} bytes"
    try:
        return Digest(wanted(digest(raw), str, where, "a text"))
    except InvalidValue as error:
        raise Unfit(f"{where} gave {error.value!r}, which is no digest: {error.rule}") from None


@dataclass(slots=True)
class NamingShelf(BlobStore):
    """The simulator's blob store, with each blob under the name that a learner's digest function gives it."""

    name: Part = Digest.of

    def put(self, content: Content, digest: Digest | None = None) -> Digest:
        """Keep content under its name; what it was said to be was verified when the upload ended."""
        name = named(self.name, content)
        if name not in self:
            self._blobs[name] = content
            self._bytes += len(content)
        return name


@dataclass(slots=True)
class OwnShelf(BlobStore):
    """A blob store that a learner's class keeps: what is asked of it is asked of that."""

    mine: Any = None

    def put(self, content: Content, digest: Digest | None = None) -> Digest:
        """Hand it the bytes and their name."""
        raw = bytes_of(content)
        name = digest or Digest.of(raw)
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
        """Let it delete a blob; gives the bytes that it says are freed."""
        freed: int = wanted(self.mine.delete(str(digest)), int, "delete(digest)", "the number of bytes freed")
        return freed

    def copy(self) -> OwnShelf:
        """Give a shelf of its own with the same blobs."""
        return OwnShelf(mine=deepcopy(self.mine))

    def tamper(self, digest: Digest, content: Content) -> None:
        """Refuse: there is no hand in a learner's shelf but its own."""
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
class OwnSession(UploadSession):
    """An upload whose bytes a learner's ``Upload`` takes, or whose content a learner's ``digest`` names, or both."""

    upload: Any = None
    name: Part = Digest.of

    def append(self, content: Content, content_range: str = "") -> None:
        """Let the learner's upload say whether this chunk is the next one."""
        if self.upload is None:
            UploadSession.append(self, content, content_range)
            return
        if content_range:
            # What cannot be read at all is turned away at the door.
            parse_content_range(content_range)
        status = wanted(self.upload.append(bytes_of(content), content_range), int, "append(…)", "a status")
        self.received = len(self._held())
        if status == 416:
            raise BlobUploadInvalid("this is not the next chunk", {"expected": self.received}, status=416)
        if status == 400:
            raise SizeInvalid(f"Content-Range {content_range} does not fit the body", {"got": len(content)})
        if status != 202:
            raise Unfit(f"append(…) gave {status}; one of 202, 400 and 416 is wanted")

    def finish(self, digest: Digest) -> Content:
        """Give the whole content if it has the digest that was announced."""
        content = joined(self.parts) if self.upload is None else self._held()
        assert content is not None, "a learner's registry takes bytes alone"
        got = named(self.name, content)
        if got != digest:
            raise DigestInvalid(f"the upload's digest is {got}, not {digest}", {"expected": digest, "got": got})
        return content

    @property
    def range(self) -> str:
        """Say how far it got, as the learner's upload says it."""
        if self.upload is None:
            return f"0-{max(0, self.received - 1)}"
        said: str = wanted(self.upload.range(), str, "range()", "a text such as 0-1023")
        return said

    def _held(self) -> bytes:
        content: bytes = wanted(getattr(self.upload, "content", None), bytes, "content", "bytes: all that came so far")
        return content


class OwnRepository(Repository):
    """A repository that does not look again at what a learner's check has let in."""

    __slots__ = ()

    def check_present(self, needed: Descriptor) -> None:
        """Say nothing: the learner's check has the word."""


@dataclass(slots=True)
class OwnBackend(Storage):
    """A storage in which a learner's check says which manifests may come in."""

    check: Part | None = None

    def repository_to_write(self, name: str) -> Repository:
        """Found a repository that leaves the checking to the learner's check, if there is one."""
        made = Repository(name) if self.check is None else OwnRepository(name)
        return self.repositories.setdefault(name, made)

    def check_shelf(self, name: str, manifest: Manifest) -> None:
        """Raise what the learner's check says: nothing, or one of two codes."""
        if self.check is None:
            Storage.check_shelf(self, name, manifest)
            return
        repository = self.repositories[name]
        held = {str(digest): size for digest, size in repository.blobs.items() if digest in self.blobs}
        held |= {str(digest): len(each.raw) for digest, each in repository.manifests.items()}
        code = self.check(json.loads(manifest.raw), held)
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
) -> OwnBackend:  # fmt: skip
    """Make a storage of the parts that are given; the others are the simulator's."""
    shelf = OwnShelf(mine=blob_store()) if blob_store else NamingShelf(name=digest) if digest else BlobStore()
    opened = partial(_session, digest or Digest.of, resume)
    return OwnBackend(shelf, {}, Uploads(new=opened), manifest_check)


def _session(digest: Part, resume: Part | None, id: str, repository: str) -> UploadSession:
    return OwnSession(id, repository, upload=resume() if resume else None, name=digest)
