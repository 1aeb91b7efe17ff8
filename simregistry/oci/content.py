"""Content: bytes in one piece or in several, or a blob whose bytes are not here.

A nominal blob is a digest and a size, without the bytes. So real images whose layers nobody downloaded fit in memory,
and so do a million made ones. A nominal blob is stored, sent, counted and deleted like any other. Only asking it for
its bytes fails, with an error that says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from simregistry.errors import ContentUnavailable, InvalidValue
from simregistry.oci.digest import Digest


@dataclass(frozen=True, slots=True)
class Nominal:
    """A blob of which only the digest and the size in bytes are known, or a stretch of such a blob.

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
        """Whether this is all of the blob. The digest belongs to the whole, not to a stretch of it."""
        return len(self) == self.total


@dataclass(frozen=True, slots=True)
class Pieces:
    """Bytes in the pieces in which they came. Joining them would hold a large blob twice while it is copied.

    ``sha256`` is their digest, if it was computed as they came. ``size`` is how many bytes they are, if the pieces are
    read from a file each time that somebody wants them.

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
        # Cut from each piece what lies in the stretch; ``at`` is where the piece begins in the whole.
        cuts, at = [], 0
        for piece in self.parts:
            cuts.append(piece[max(0, start - at) : max(0, stop - at)])
            at += len(piece)
            if at >= stop:
                break
        return Pieces(tuple(cut for cut in cuts if cut))


Content = bytes | Nominal | Pieces
# Content of so many bytes, or more, stays in the pieces in which it came.
LARGE = 16 * 1024 * 1024


def bytes_of(content: Content) -> bytes:
    """Return the bytes; raise ContentUnavailable for a nominal blob."""
    return b"".join(pieces_of(content)) if not isinstance(content, bytes) else content


def pieces_of(content: Content) -> Sequence[bytes]:
    """Return the bytes piece by piece; raise ContentUnavailable for a nominal blob."""
    if isinstance(content, Nominal):
        raise ContentUnavailable(content.digest, content.total)
    return content.parts if isinstance(content, Pieces) else (content,)


def gathered(pieces: Iterable[bytes], sha256: Digest | None = None) -> Content:
    """Make content of the pieces that came: join them if they are small, else keep them as they are."""
    parts = tuple(pieces)
    return Pieces(parts, sha256) if sum(map(len, parts)) >= LARGE else b"".join(parts)


def digest_of(content: Content, algorithm: str = "sha256") -> Digest | None:
    """Hash the content; return None for what cannot be hashed.

    That is a stretch of a nominal blob, or a nominal blob by another algorithm than that of the digest it has.
    """
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
    """Put parts together in order; return None if they don't make one blob.

    Bytes and nominal stretches don't mix, and stretches have to be of one blob and follow each other without a gap.

    >>> blob = Nominal(Digest.of(b"x"), 10)
    >>> joined([blob[:4], blob[4:]]) == blob
    True
    """
    # Empty parts change nothing.
    filled = [part for part in parts if len(part)]
    if not filled:
        return parts[0] if parts else b""
    real = [part for part in filled if not isinstance(part, Nominal)]
    if len(real) == len(filled):
        if len(real) == 1:
            return real[0]
        return gathered(piece for part in real for piece in pieces_of(part))
    # From here on all parts are nominal: each has to begin where the one before it ended.
    first = filled[0]
    if real or not isinstance(first, Nominal):
        return None
    reached = first.start
    for part in filled:
        if not isinstance(part, Nominal) or part.digest != first.digest or part.start != reached:
            return None
        reached = part.stop
    return Nominal(first.digest, first.total, first.start, reached)
