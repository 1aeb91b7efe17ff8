"""The shelf: content-addressable storage. One digest, one copy, whoever brought it and however often.

Theory: the store has no names, owners or links. It answers by digest, so equal bytes cannot be there twice: that is all
the deduplication a registry does, and it is by whole blobs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from simregistry.errors import DigestMismatch
from simregistry.oci.content import Content, Nominal, digest_of
from simregistry.oci.digest import Digest


@dataclass(slots=True)
class BlobStore:
    """Blobs by digest, with their bytes counted.

    >>> store = BlobStore()
    >>> [store.put(b"same bytes") == store.put(b"same bytes"), len(store), store.stored_bytes]
    [True, 1, 10]
    """

    _blobs: dict[Digest, Content] = field(default_factory=dict)
    _bytes: int = 0

    def put(self, content: Content, digest: Digest | None = None) -> Digest:
        """Keep content under its digest, or raise DigestMismatch where it is not the one claimed."""
        algorithm = digest.algorithm if digest else "sha256"
        if isinstance(content, Nominal) and digest is None:
            digest = content.digest
        got = digest_of(content, digest.algorithm if digest else algorithm)
        if got is None or (digest is not None and got != digest):
            raise DigestMismatch(digest or "the digest of a whole blob", got or "that of a part of a blob")
        held = self._blobs.get(got)
        if held is None:
            self._bytes += len(content)
        # Bytes are better than a name alone, so they take its place; their size is the same or the name was wrong.
        if held is None or isinstance(held, Nominal):
            self._bytes += len(content) - len(held) if held is not None else 0
            self._blobs[got] = content
        return got

    def get(self, digest: Digest) -> Content:
        """Give a blob; raises KeyError where there is none."""
        return self._blobs[digest]

    def size(self, digest: Digest) -> int:
        """Bytes of one blob; raises KeyError where there is none."""
        return len(self._blobs[digest])

    def delete(self, digest: Digest) -> int:
        """Take a blob off the shelf and give the bytes that frees: only a collector does this."""
        freed = len(self._blobs.pop(digest))
        self._bytes -= freed
        return freed

    def __contains__(self, digest: object) -> bool:
        return digest in self._blobs

    def __iter__(self) -> Iterator[Digest]:
        return iter(self._blobs)

    def __len__(self) -> int:
        return len(self._blobs)

    @property
    def stored_bytes(self) -> int:
        """Bytes on the shelf, each blob counted once."""
        return self._bytes
