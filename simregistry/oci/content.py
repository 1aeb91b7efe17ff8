"""Content: bytes, in one or in pieces, or bytes known by name alone.

A nominal blob is a digest and a size without the bytes: that is how real images whose layers are not here, and a
million made-up ones, fit in memory. It is stored, sent, counted and deleted like any other; only asking it for its
bytes fails, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from simregistry.errors import ContentUnavailable, InvalidValue
from simregistry.oci.digest import Digest


@dataclass(frozen=True, slots=True)
class Nominal:
    """A stretch of a blob known by its digest and size (bytes) alone.

    >>> layer = Nominal(Digest.of(b"somewhere else"), 236_338_551)
    >>> len(layer[:1000]), len(layer)
    (1000, 236338551)
    """

    digest: Digest
    total: int
    start: int = 0
    stop: int = -1

    def __post_init__(self) -> None:
        if self.stop == -1:
            object.__setattr__(self, "stop", self.total)
        if not 0 <= self.start <= self.stop <= self.total:
            raise InvalidValue("nominal blob", self.digest, "its stretch must lie within its size")

    def __len__(self) -> int:
        return self.stop - self.start

    def __getitem__(self, part: slice) -> Nominal:
        start, stop, _ = part.indices(len(self))
        return Nominal(self.digest, self.total, self.start + start, self.start + max(start, stop))

    @property
    def whole(self) -> bool:
        """Whether this is all of the blob, so that its digest speaks for it."""
        return len(self) == self.total


@dataclass(frozen=True, slots=True)
class Pieces:
    """Bytes in the pieces in which they came: a large blob is never copied into one, and held twice meanwhile.

    ``sha256`` is their digest, where it was computed as they came; ``size`` their bytes, where the pieces are not here
    but are read from a file each time they are wanted.

    >>> blob = Pieces((b"base", b"top"))
    >>> len(blob), bytes_of(blob[2:5])
    (7, b'set')
    """

    parts: Sequence[bytes] = field(repr=False)
    sha256: Digest | None = None
    size: int = -1

    def __post_init__(self) -> None:
        if self.size < 0:
            object.__setattr__(self, "size", sum(map(len, self.parts)))

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, part: slice) -> Pieces:
        start, stop, _ = part.indices(len(self))
        found, at = [], 0
        for piece in self.parts:
            found.append(piece[max(0, start - at) : max(0, stop - at)])
            at += len(piece)
            if at >= stop:
                break
        return Pieces(tuple(piece for piece in found if piece))


Content = bytes | Nominal | Pieces
# From here on (bytes) what came in pieces stays in them.
LARGE = 16 * 1024 * 1024


def bytes_of(content: Content) -> bytes:
    """Give the bytes, or raise ContentUnavailable for a nominal blob."""
    return b"".join(pieces_of(content)) if not isinstance(content, bytes) else content


def pieces_of(content: Content) -> Sequence[bytes]:
    """Give the bytes piece by piece, or raise ContentUnavailable for a nominal blob."""
    if isinstance(content, Nominal):
        raise ContentUnavailable(content.digest, content.total)
    return content.parts if isinstance(content, Pieces) else (content,)


def gathered(pieces: Iterable[bytes], sha256: Digest | None = None) -> Content:
    """Make content of bytes as they came: in one where it is small, in its pieces where it is large."""
    parts = tuple(pieces)
    return Pieces(parts, sha256) if sum(map(len, parts)) >= LARGE else b"".join(parts)


def digest_of(content: Content, algorithm: str = "sha256") -> Digest | None:
    """Give the content's digest; None for a stretch of a nominal blob, or for another algorithm than its own."""
    if isinstance(content, Nominal):
        return content.digest if content.whole and content.digest.algorithm == algorithm else None
    if isinstance(content, Pieces):
        if algorithm == "sha256" and content.sha256 is not None:
            return content.sha256
        hasher = Digest.hasher(algorithm)
        for piece in content.parts:
            hasher.update(piece)
        return Digest.of_hash(hasher)
    return Digest.of(content, algorithm)


def joined(parts: tuple[Content, ...] | list[Content]) -> Content | None:
    """Put parts together in order; None where bytes and nominal stretches do not make one blob.

    >>> blob = Nominal(Digest.of(b"x"), 10)
    >>> joined([blob[:4], blob[4:]]) == blob
    True
    """
    filled = [part for part in parts if len(part)]
    if not filled:
        return parts[0] if parts else b""
    real = [part for part in filled if not isinstance(part, Nominal)]
    if len(real) == len(filled):
        if len(real) == 1:
            return real[0]
        return gathered(piece for part in real for piece in pieces_of(part))
    first = filled[0]
    if real or not isinstance(first, Nominal):
        return None
    reached = first.start
    for part in filled:
        if not isinstance(part, Nominal) or part.digest != first.digest or part.start != reached:
            return None
        reached = part.stop
    return Nominal(first.digest, first.total, first.start, reached)
