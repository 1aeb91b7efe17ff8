"""A layer: a set of changes to a file system, and the tar archive that carries it (image-spec layer.md).

1. The archive is canonical: names are sorted, and time and owner are fixed unless they are given. So the same changes
   are the same bytes, with the same digest, on every machine.
2. A layer has two hashes. The diff ID is the hash of the uncompressed archive. The blob's digest is the hash of the
   bytes that travel. Without compression the two are equal.
3. Subtle: gzip writes different bytes from one zlib build to the next, so the digest of a compressed layer does too.
"""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from simregistry.errors import InvalidValue
from simregistry.oci import tarball
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.entry import Entry, file, whiteout
from simregistry.oci.media_types import OCI_LAYER


@dataclass(frozen=True, slots=True)
class Changeset:
    """The changes of one layer: entries sorted by path, each path once.

    >>> layer = Changeset.of({"app/main.py": "print('hello')"}, removed=["app/old.py"])
    >>> [entry.path for entry in layer]
    ['app/.wh.old.py', 'app/main.py']
    """

    entries: tuple[Entry, ...]
    # The diff ID of the archive that the changes were read from, if they were: that archive need not be canonical.
    source_diff_id: Digest | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.entries, key=lambda entry: entry.path))
        for one, other in itertools.pairwise(ordered):
            if one.path == other.path:
                raise InvalidValue("layer", one.path, "has this path twice; one layer changes a path once")
        object.__setattr__(self, "entries", ordered)

    @classmethod
    def of(cls, files: Mapping[str, bytes | str] | Iterable[Entry] = (), removed: Iterable[str] = ()) -> Changeset:
        """Make a layer of files, by path, or of entries, and of the paths that it deletes from the layers below."""
        added = [file(path, content) for path, content in files.items()] if isinstance(files, Mapping) else list(files)
        return cls((*added, *(whiteout(path) for path in removed)))

    @classmethod
    def from_tar(cls, archive: bytes) -> Changeset:
        """Read an uncompressed archive; raise InvalidValue for a hostile or broken one."""
        return cls(tuple(_directories_once(tarball.read_tar(archive))), Digest.of(archive))

    @classmethod
    def from_blob(cls, blob: bytes) -> Changeset:
        """Read a layer as it travels: as an archive, or compressed by gzip."""
        return cls.from_tar(tarball.uncompressed(blob))

    def to_tar(self) -> bytes:
        """Write the canonical archive."""
        return tarball.write_tar(self.entries)

    def to_gzip(self, level: int = 6) -> bytes:
        """Write the archive compressed. Print its size, never its digest, which differs between zlib builds."""
        return gzip.compress(self.to_tar(), level, mtime=0)

    @property
    def diff_id(self) -> Digest:
        """The hash of the uncompressed archive (image-spec config.md, "Layer DiffID")."""
        return self.source_diff_id or Digest.of(self.to_tar())

    @property
    def size(self) -> int:
        """Bytes of the uncompressed archive."""
        return len(self.to_tar())

    @property
    def descriptor(self) -> Descriptor:
        """The descriptor by which a manifest points at this layer, uncompressed."""
        return Descriptor.of(self.to_tar(), OCI_LAYER)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


def _directories_once(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Drop a directory that the archive lists again further on: the last one says which attributes it has.

    Two trees that are written into one archive both list ``usr``. Every unpacker takes that, and it can be read in one
    way only. Of a file that is there twice, one reader could see the first and another the last: that is refused.
    """
    directories: dict[str, Entry] = {}
    for entry in entries:
        if entry.kind == "directory":
            directories[entry.path] = entry
        else:
            yield entry
    yield from directories.values()
