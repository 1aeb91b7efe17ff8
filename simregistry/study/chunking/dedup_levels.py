"""What is kept if layers, files, or chunks are kept once: bytes, pieces, and the index that finds them again.

Everything is hashed for real. Files are cut one by one, as what keeps chunks of files does, so none lies over the
border of two; a compressed layer has no borders to see and is cut as it is. Layers come one after the other; what stays
in memory is a digest, a size and a count for each distinct piece.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from simregistry.errors import InvalidValue
from simregistry.oci import tarball
from simregistry.study.chunking.cut import Cutter, FastCdc, chunks, fixed
from simregistry.table import Table, TableReport, human

# An index has for each distinct piece its digest (SHA-256: 32 bytes), place and length, and a recipe names pieces by
# their digests. Chosen, and plain: real ones pack it closer.
ENTRY_BYTES, REFERENCE_BYTES = 32 + 8 + 8, 32
CHUNK = 4096
USES = ((1, 1), (2, 2), (3, 5), (6, 25), (26, None))
Progress = Callable[[str, int], None]


@dataclass(slots=True)
class DistinctPieces:
    """The distinct pieces so far: size, count, and what each takes when it is compressed by itself.

    With ``pack`` off they are not compressed, which is most of the work, and count as they are.
    """

    pack: bool = True
    seen: dict[bytes, list[int]] = field(default_factory=dict)
    references: int = 0

    def add(self, piece: bytes) -> bytes:
        """Count a piece; gives its digest."""
        key = hashlib.sha256(piece).digest()
        if key not in self.seen:
            self.seen[key] = [len(piece), 0, len(zlib.compress(piece, 6)) if self.pack else len(piece)]
        self.again(key)
        return key

    def again(self, key: bytes) -> None:
        """Count a piece that is known."""
        self.seen[key][1] += 1
        self.references += 1

    @property
    def bytes(self) -> int:
        """Bytes of the distinct pieces."""
        return sum(size for size, _, _ in self.seen.values())


@dataclass(frozen=True, slots=True)
class DedupLevel:
    """One way to keep things once.

    ``bytes`` is what is kept, ``packed_bytes`` the same with each piece compressed by itself where that makes it
    smaller (as many as ``bytes`` if nothing was to be compressed), ``index_bytes`` what finds them again; ``uses``
    counts pieces by how often they are named.
    """

    name: str
    asked_bytes: int
    bytes: int
    packed_bytes: int
    pieces: int
    references: int
    uses: tuple[tuple[str, int], ...] = ()

    @property
    def index_bytes(self) -> int:
        """Bytes of an index: an entry for each piece, and a digest each time that a recipe names one."""
        return self.pieces * ENTRY_BYTES + self.references * REFERENCE_BYTES

    @property
    def ratio(self) -> float:
        """Bytes asked for, for each byte kept."""
        return self.asked_bytes / self.bytes if self.bytes else 1.0

    @property
    def all_bytes(self) -> int:
        """What is kept, and its index."""
        return self.bytes + self.index_bytes


@dataclass(frozen=True, slots=True, repr=False)
class DedupLevels(TableReport):
    """The levels, uncompressed; those over compressed layers; and how the ratios grew from image to image."""

    images: int
    asked_bytes: int
    asked_gzip_bytes: int
    levels: tuple[DedupLevel, ...]
    compressed: tuple[DedupLevel, ...]
    growth: Mapping[str, tuple[float, ...]]

    def __getitem__(self, name: str) -> DedupLevel:
        return {level.name: level for level in (*self.levels, *self.compressed)}[name]

    def table(self, compressed: bool = False) -> Table:
        """Show every level: what is kept, how many times less that is, pieces and index.

        Those over compressed layers only when asked for: gzip's bytes differ from one zlib build to the next.
        """
        rows = tuple(
            (level.name, human(level.bytes), f"{level.ratio:.2f}", level.pieces, human(level.index_bytes))
            for level in (*self.levels, *(self.compressed if compressed else ()))
        )
        asked = f"{self.images} image{'s ask' if self.images != 1 else ' asks'} for {human(self.asked_bytes)}"
        title = f"{asked} of archives, uncompressed"
        return Table(("kept once", "bytes kept", "times less", "pieces", "index"), rows, title=title)

    def packed(self) -> Table:
        """Show both orders: compress the layers and then look for duplicates, or the other way round.

        Raises InvalidValue for levels that were found with ``compress=False``.
        """
        if self.images and not self.compressed:
            raise InvalidValue("levels", "compress=False", "have no compressed layers; leave that argument out")
        asked = max(self.asked_bytes, 1)
        rows = [
            (f"compress each layer, then {level.name.removeprefix('gzip, ')}", f"{asked / max(level.bytes, 1):.1f}")
            for level in self.compressed
        ]
        rows += [
            (f"{level.name}, then compress each piece", f"{asked / max(level.packed_bytes, 1):.1f}")
            for level in self.levels
        ]
        return Table(("order", "times less than asked for"), tuple(rows))

    def counts(self, name: str) -> Table:
        """Show how many pieces of a level are named once, twice, and so on."""
        return Table(("named by", "pieces"), self[name].uses)


def dedup_levels(
    images: Iterable[tuple[str, Sequence[bytes]]],
    cutters: Mapping[str, Cutter] | None = None,
    *,
    compress: bool = True,
    progress: Progress | None = None,
) -> DedupLevels:
    """Look at images, each a name and its layers: archives, or archives compressed by gzip.

    ``cutters`` are the ways to cut, by name: fixed and content-defined chunks of about 4 KiB unless others are given.
    With ``compress`` each layer is compressed as well, and the compressed bytes are cut, and so is each piece; without,
    it is several times quicker. Raises InvalidValue for a layer that is no archive.

    >>> from simregistry.study.chunking.image_versions import ImageVersions
    >>> found = dedup_levels(ImageVersions(versions=3, files=4, base_files=4).images())
    >>> found["layers"].bytes > found["files"].bytes
    True
    """
    ways: dict[str, Cutter] = (
        dict(cutters)
        if cutters is not None
        else {"fixed chunks": fixed(CHUNK), "content-defined chunks": FastCdc(CHUNK)}
    )
    kept = {name: DistinctPieces(pack=compress) for name in ("layers", "files", *ways)}
    packed = {f"gzip, {name}": DistinctPieces(pack=False) for name in ("layers", *ways)} if compress else {}
    everything = {**kept, **packed}
    growth: dict[str, list[float]] = {name: [] for name in everything}
    known: dict[bytes, _Known] = {}
    asked = asked_gzip = count = 0
    for name, blobs in images:
        count += 1
        for blob in blobs:
            key = hashlib.sha256(blob).digest()
            if key in known:
                # A layer that comes again is not cut again: its pieces are known.
                for each, pieces in known[key].pieces.items():
                    for piece in pieces:
                        everything[each].again(piece)
            else:
                known[key] = _look(blob, kept, packed, ways)
            asked += known[key].size
            asked_gzip += known[key].gzip_size
            if progress is not None:
                progress(name, known[key].size)
        for each, level in everything.items():
            growth[each].append(asked / max(level.bytes, 1))
    return DedupLevels(
        count, asked, asked_gzip,
        tuple(_level(each, asked, level) for each, level in kept.items()),
        tuple(_level(each, asked_gzip, level) for each, level in packed.items()),
        {each: tuple(ratios) for each, ratios in growth.items()},
    )  # fmt: skip


@dataclass(slots=True)
class _Known:
    """A layer that was looked at: bytes of its archive, plain and compressed, and its pieces' digests by level."""

    size: int
    gzip_size: int
    pieces: dict[str, list[bytes]]


def _look(
    blob: bytes, kept: Mapping[str, DistinctPieces], packed: Mapping[str, DistinctPieces], ways: Mapping[str, Cutter]
) -> _Known:
    archive = tarball.uncompressed(blob)
    pieces: dict[str, list[bytes]] = {each: [] for each in kept}
    pieces["layers"].append(kept["layers"].add(archive))
    contents = [entry.content for entry in tarball.read_tar(archive) if entry.content]
    for content in contents:
        pieces["files"].append(kept["files"].add(content))
        for name, cutter in ways.items():
            pieces[name] += _cut(content, cutter, kept[name])
    # Headers and padding are new with each new layer. Their size counts, and they are one piece that is not cut.
    rest = hashlib.sha256(archive).digest().ljust(len(archive), b"\0")[: len(archive) - sum(map(len, contents))]
    for name in ("files", *ways):
        pieces[name].append(kept[name].add(rest))
    # Compressed anew, always in the same way: a layer that came compressed may have been so at another level.
    small = gzip.compress(archive, 6, mtime=0) if packed else b""
    if packed:
        pieces["gzip, layers"] = [packed["gzip, layers"].add(small)]
        for name, cutter in ways.items():
            pieces[f"gzip, {name}"] = _cut(small, cutter, packed[f"gzip, {name}"])
    return _Known(len(archive), len(small), pieces)


def _cut(data: bytes, cutter: Cutter, kept: DistinctPieces) -> list[bytes]:
    return [kept.add(piece) for piece in chunks(data, cutter)]


def _level(name: str, asked: int, kept: DistinctPieces) -> DedupLevel:
    counts = [count for _, count, _ in kept.seen.values()]
    uses = tuple(
        (_label(least, most), sum(least <= count and (most is None or count <= most) for count in counts))
        for least, most in USES
    )
    packed = sum(min(size, small) for size, _, small in kept.seen.values())
    return DedupLevel(name, asked, kept.bytes, packed, len(kept.seen), kept.references, uses)


def _label(least: int, most: int | None) -> str:
    return f"{least} or more" if most is None else str(least) if least == most else f"{least} to {most}"
