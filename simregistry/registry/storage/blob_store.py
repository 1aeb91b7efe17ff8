"""The shelf: content-addressable storage. One digest, one copy, whoever brought it and however often.

Theory: the store has no names, owners or links. It answers by digest, so equal bytes cannot be there twice: that is all
the deduplication a registry does, and it is by whole blobs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol, Self

from simregistry.errors import DigestMismatch
from simregistry.oci.content import Content, Nominal, digest_of
from simregistry.oci.digest import Digest

# The algorithm that content is named by where nobody asks for another.
SHA256 = Digest.of(b"")


class Blobs(Protocol):
    """What a storage asks of its blob store: anything with these methods can stand in place of ours."""

    def put(self, content: Content, digest: Digest | None = None) -> Digest:
        """Keep content under its digest and return the digest, or raise DigestMismatch if it is not the one claimed."""
        ...

    def get(self, digest: Digest) -> Content:
        """Return a blob, or raise KeyError if there is none."""
        ...

    def size(self, digest: Digest) -> int:
        """Count the bytes of one blob, or raise KeyError if there is none."""
        ...

    def delete(self, digest: Digest) -> int:
        """Remove a blob and return the bytes that this frees."""
        ...

    def copy(self) -> Self:
        """Make a store that has the same blobs and changes independently of this one."""
        ...

    def tamper(self, digest: Digest, content: Content) -> None:
        """Put other bytes in a blob's place, as a failing disk would."""
        ...

    def __contains__(self, digest: object) -> bool: ...

    def __iter__(self) -> Iterator[Digest]: ...

    def __len__(self) -> int: ...

    @property
    def stored_bytes(self) -> int:
        """Bytes in the store, each blob counted once."""
        ...


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
        own = content.digest if isinstance(content, Nominal) else None
        name = digest_of(content, (digest or own or SHA256).algorithm)
        if name is None or digest not in (None, name):
            raise DigestMismatch(digest or "that of a whole blob", name or "that of a part of a blob")
        held = self._blobs.get(name)
        # Bytes take the place of a name alone; all else that is here stays as it is.
        if held is None or isinstance(held, Nominal):
            self._bytes += len(content) - (0 if held is None else len(held))
            self._blobs[name] = content
        return name

    def copy(self) -> Self:
        """Make a store that has the same blobs and changes independently of this one."""
        return type(self)(dict(self._blobs), self._bytes)

    def tamper(self, digest: Digest, content: Content) -> None:
        """Put other bytes in a blob's place, as a failing disk or an intruder would: to see who notices."""
        # Not `put`: that would find that the bytes have another digest, and refuse.
        self._bytes += len(content) - len(self._blobs[digest])
        self._blobs[digest] = content

    def get(self, digest: Digest) -> Content:
        """Return a blob; raises KeyError where there is none."""
        return self._blobs[digest]

    def size(self, digest: Digest) -> int:
        """Bytes of one blob; raises KeyError where there is none."""
        return len(self._blobs[digest])

    def delete(self, digest: Digest) -> int:
        """Take a blob off the shelf and return the bytes that frees: only a collector does this."""
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
