"""Measure what a store keeps if it keeps each layer once, each file, or each chunk: bytes, pieces, and their index.

Everything is really hashed. Files are cut one by one, so no chunk has bytes of two files. A compressed layer shows no
borders of files and is cut as a whole. Layers are read one after the other; only a digest, a size and a count for each
distinct piece stay in memory.
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

# An index has an entry for each distinct piece: its digest (SHA-256: 32 bytes), place and length. A recipe lists the
# digests of a layer's pieces. The form is chosen, and simple: real stores pack it more tightly.
ENTRY_BYTES, REFERENCE_BYTES = 32 + 8 + 8, 32
CHUNK = 4096
USES = ((1, 1), (2, 2), (3, 5), (6, 25), (26, None))
Progress = Callable[[str, int], None]


@dataclass(slots=True)
class DistinctPieces:
    """The distinct pieces so far: for each its size, its count, and its size when it is compressed by itself.

    With ``pack`` off nothing is compressed, which would be most of the work; the last size is then the first.
    """

    pack: bool = True
    seen: dict[bytes, list[int]] = field(default_factory=dict)
    references: int = 0

    def add(self, piece: bytes) -> bytes:
        """Count a piece; return its digest."""
        key = hashlib.sha256(piece).digest()
        if key not in self.seen:
            self.seen[key] = [len(piece), 0, len(zlib.compress(piece, 6)) if self.pack else len(piece)]
        self.again(key)
        return key

    def again(self, key: bytes) -> None:
        """Count a known piece once more."""
        self.seen[key][1] += 1
        self.references += 1

    @property
    def bytes(self) -> int:
        """Bytes of the distinct pieces."""
        return sum(size for size, _, _ in self.seen.values())


@dataclass(frozen=True, slots=True)
class DedupLevel:
    """One way to deduplicate: by layers, by files, or by one kind of chunks.

    ``bytes`` is what the store keeps. ``packed_bytes`` is the same with each piece compressed by itself if that makes
    it smaller; without compression it equals ``bytes``. ``uses`` counts pieces by how often they are named.
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
        """Bytes of the index and the recipes: an entry for each piece, and a digest each time a recipe names one."""
        return self.pieces * ENTRY_BYTES + self.references * REFERENCE_BYTES

    @property
    def ratio(self) -> float:
        """Bytes asked for, for each byte kept."""
        return self.asked_bytes / self.bytes if self.bytes else 1.0

    @property
    def all_bytes(self) -> int:
        """Bytes kept, with their index."""
        return self.bytes + self.index_bytes


@dataclass(frozen=True, slots=True, repr=False)
class DedupLevels(TableReport):
    """All levels: those over uncompressed layers, those over compressed ones, and the ratios after each image."""

    images: int
    asked_bytes: int
    asked_gzip_bytes: int
    levels: tuple[DedupLevel, ...]
    compressed: tuple[DedupLevel, ...]
    growth: Mapping[str, tuple[float, ...]]

    def __getitem__(self, name: str) -> DedupLevel:
        return {level.name: level for level in (*self.levels, *self.compressed)}[name]

    def table(self, compressed: bool = False) -> Table:
        """Show every level: bytes kept, how many times less that is, pieces and index.

        The levels over compressed layers are shown with ``compressed=True`` only: gzip's bytes differ between builds of
        zlib.
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
    """Deduplicate images at every level. An image is a name and its layers: archives, or archives compressed by gzip.

    ``cutters`` are the ways to cut, by name; by default fixed and content-defined chunks of about 4 KiB. With
    ``compress`` each layer is also compressed as a whole and then cut, and each piece is also compressed by itself;
    without it the work is several times faster. Raises InvalidValue for a layer that is no archive.

    >>> from simregistry.study.chunking.image_versions import ImageVersions
    >>> levels = dedup_levels(ImageVersions(versions=3, files=4, base_files=4).images())
    >>> levels["layers"].bytes > levels["files"].bytes
    True
    """
    ways: dict[str, Cutter] = (
        dict(cutters)
        if cutters is not None
        else {"fixed chunks": fixed(CHUNK), "content-defined chunks": FastCdc(CHUNK)}
    )
    stores = _Stores(ways, compress)
    growth: dict[str, list[float]] = {name: [] for name in stores.all}
    count = 0
    for name, layers in images:
        count += 1
        for layer in layers:
            size = stores.add(layer)
            if progress is not None:
                progress(name, size)
        for level, pieces in stores.all.items():
            growth[level].append(stores.asked / max(pieces.bytes, 1))
    return DedupLevels(
        count, stores.asked, stores.asked_gzip,
        tuple(_level(name, stores.asked, pieces) for name, pieces in stores.plain.items()),
        tuple(_level(name, stores.asked_gzip, pieces) for name, pieces in stores.gzip.items()),
        {name: tuple(ratios) for name, ratios in growth.items()},
    )  # fmt: skip


@dataclass(slots=True)
class _CutLayer:
    """A layer that was cut: the bytes of its archive, plain and compressed, and the digests of its pieces by level."""

    size: int
    gzip_size: int
    pieces: dict[str, list[bytes]]


class _Stores:
    """One store of distinct pieces for each level, and the layers that were cut so far."""

    def __init__(self, ways: Mapping[str, Cutter], compress: bool) -> None:
        self.ways = ways
        self.plain = {name: DistinctPieces(pack=compress) for name in ("layers", "files", *ways)}
        levels_of_gzip = ("layers", *ways) if compress else ()
        self.gzip = {f"gzip, {name}": DistinctPieces(pack=False) for name in levels_of_gzip}
        self.all = {**self.plain, **self.gzip}
        self.asked = self.asked_gzip = 0
        self._cut_layers: dict[bytes, _CutLayer] = {}

    def add(self, blob: bytes) -> int:
        """Add a layer to the store of every level; return the bytes of its archive."""
        key = hashlib.sha256(blob).digest()
        layer = self._cut_layers.get(key)
        if layer is None:
            layer = self._cut_layers[key] = self._cut_layer(blob)
        else:
            # The same layer in another image: its pieces are known, so count them once more and cut nothing.
            for name, digests in layer.pieces.items():
                for digest in digests:
                    self.all[name].again(digest)
        self.asked += layer.size
        self.asked_gzip += layer.gzip_size
        return layer.size

    def _cut_layer(self, blob: bytes) -> _CutLayer:
        """Cut a layer at every level, and add the pieces to the stores."""
        archive = tarball.uncompressed(blob)
        pieces: dict[str, list[bytes]] = {name: [] for name in self.plain}
        pieces["layers"].append(self.plain["layers"].add(archive))
        contents = [entry.content for entry in tarball.read_tar(archive) if entry.content]
        for content in contents:
            pieces["files"].append(self.plain["files"].add(content))
            for name, cutter in self.ways.items():
                pieces[name] += _cut(content, cutter, self.plain[name])
        # A tar also has headers and padding, which are different in each layer. They count with their size, as one
        # piece that is never found again: its bytes begin with the archive's own digest.
        rest = hashlib.sha256(archive).digest().ljust(len(archive), b"\0")[: len(archive) - sum(map(len, contents))]
        for name in ("files", *self.ways):
            pieces[name].append(self.plain[name].add(rest))
        # Subtle: a layer that came compressed is compressed again, always in the same way. Otherwise two builders'
        # settings would make the same files look different.
        small = gzip.compress(archive, 6, mtime=0) if self.gzip else b""
        if self.gzip:
            pieces["gzip, layers"] = [self.gzip["gzip, layers"].add(small)]
            for name, cutter in self.ways.items():
                pieces[f"gzip, {name}"] = _cut(small, cutter, self.gzip[f"gzip, {name}"])
        return _CutLayer(len(archive), len(small), pieces)


def _cut(data: bytes, cutter: Cutter, pieces: DistinctPieces) -> list[bytes]:
    return [pieces.add(chunk) for chunk in chunks(data, cutter)]


def _level(name: str, asked: int, pieces: DistinctPieces) -> DedupLevel:
    counts = [count for _, count, _ in pieces.seen.values()]
    uses = tuple(
        (_label(least, most), sum(least <= count and (most is None or count <= most) for count in counts))
        for least, most in USES
    )
    packed = sum(min(size, small) for size, _, small in pieces.seen.values())
    return DedupLevel(name, asked, pieces.bytes, packed, len(pieces.seen), pieces.references, uses)


def _label(least: int, most: int | None) -> str:
    return f"{least} or more" if most is None else str(least) if least == most else f"{least} to {most}"
