"""A layer: a set of changes to a file system, and the tar archive that carries it (image-spec layer.md).

1. The archive is canonical: names sorted, time and owner fixed unless given, so the same changes are the same bytes and
   the same digest on every machine.
2. The diff ID is the hash of the uncompressed archive, the blob's digest the hash of what travels. Without compression
   they are equal; with gzip they differ, and gzip's bytes differ from one zlib build to the next.
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
    """What one layer changes: entries by path, sorted, each path once.

    >>> layer = Changeset.of({"app/main.py": "print('hello')"}, removed=["app/old.py"])
    >>> [entry.path for entry in layer]
    ['app/.wh.old.py', 'app/main.py']
    """

    entries: tuple[Entry, ...]
    # Where the changes were read from an archive, the diff ID of that archive: it need not be canonical.
    source_diff_id: Digest | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.entries, key=lambda entry: entry.path))
        for one, other in itertools.pairwise(ordered):
            if one.path == other.path:
                raise InvalidValue("layer", one.path, "has this path twice; one layer changes a path once")
        object.__setattr__(self, "entries", ordered)

    @classmethod
    def of(cls, files: Mapping[str, bytes | str] | Iterable[Entry] = (), removed: Iterable[str] = ()) -> Changeset:
        """Make a layer of files by path (or of ready entries), and of paths to delete from the layers below."""
        added = [file(path, content) for path, content in files.items()] if isinstance(files, Mapping) else list(files)
        return cls((*added, *(whiteout(path) for path in removed)))

    @classmethod
    def from_tar(cls, archive: bytes) -> Changeset:
        """Read an uncompressed archive; raises InvalidValue for what is hostile or broken."""
        return cls(tuple(tarball.read_tar(archive)), Digest.of(archive))

    @classmethod
    def from_blob(cls, blob: bytes) -> Changeset:
        """Read a layer as it travels: an archive, or one compressed by gzip."""
        return cls.from_tar(tarball.uncompressed(blob))

    def to_tar(self) -> bytes:
        """Write the canonical archive."""
        return tarball.write_tar(self.entries)

    def to_gzip(self, level: int = 6) -> bytes:
        """Write the archive compressed; its size is worth showing, its digest differs between zlib builds."""
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
        """What a manifest points at this layer by, uncompressed."""
        return Descriptor.of(self.to_tar(), OCI_LAYER)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)
