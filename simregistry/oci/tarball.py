"""Archives: a layer's entries as a tar file, written in one canonical way, and read with suspicion.

1. The bytes depend on the entries alone. Entries are sorted. Headers are USTAR if the values fit, else PAX. No names of
   users are in them.
2. An archive from outside is hostile until it is checked: no path leads out of the image, and every size is compared
   with its bound before it is believed. Every failure is an InvalidValue.
"""

from __future__ import annotations

import io
import tarfile
import zlib
from collections.abc import Iterable, Iterator

from simregistry.errors import InvalidValue
from simregistry.oci.entry import Entry, Kind
from simregistry.oci.limits import LARGEST_UNPACKED, MOST_ENTRIES
from simregistry.oci.paths import archive_path
from simregistry.oci.tar_headers import CheckedTar

TYPES: dict[Kind, bytes] = {
    "file": tarfile.REGTYPE,
    "directory": tarfile.DIRTYPE,
    "symlink": tarfile.SYMTYPE,
    "hardlink": tarfile.LNKTYPE,
    "char": tarfile.CHRTYPE,
    "block": tarfile.BLKTYPE,
    "fifo": tarfile.FIFOTYPE,
}
KINDS: dict[bytes, Kind] = {kind: name for name, kind in TYPES.items()} | {tarfile.AREGTYPE: "file"}


def write_tar(entries: Iterable[Entry]) -> bytes:
    """Write entries as an archive: sorted by path, with hard links after what they may point at.

    >>> len(write_tar([]))
    10240
    """
    stream = io.BytesIO()
    # PAX_FORMAT writes a plain USTAR header wherever the values fit into one.
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT, encoding="utf-8") as archive:
        for entry in sorted(entries, key=lambda entry: (entry.kind == "hardlink", entry.path)):
            archive.addfile(_header(entry), io.BytesIO(entry.content) if entry.kind == "file" else None)
    return stream.getvalue()


def _header(entry: Entry) -> tarfile.TarInfo:
    """Describe an entry as tar does."""
    # image-spec layer.md, "Populate Initial Filesystem": directories are listed with a trailing slash; tarfile adds it.
    header = tarfile.TarInfo(entry.path)
    header.type = TYPES[entry.kind]
    header.size = len(entry.content) if entry.kind == "file" else 0
    header.mode, header.uid, header.gid, header.mtime = entry.mode, entry.uid, entry.gid, entry.mtime
    header.linkname = entry.target
    header.devmajor, header.devminor = entry.device
    return header


def read_tar(archive: bytes, most_entries: int = MOST_ENTRIES) -> Iterator[Entry]:
    """Read an archive's entries, or raise InvalidValue.

    umoci writes layers whose last block is cut off behind the content, without the two empty blocks that end an
    archive. They are read too.
    """
    try:
        # Fill the last block up, or tarfile would take it for a broken one.
        padded = io.BytesIO(archive + bytes(-len(archive) % tarfile.BLOCKSIZE))
        with CheckedTar(padded, len(archive)) as opened:
            for number, header in enumerate(opened):
                if number >= most_entries:
                    raise InvalidValue("layer", number, f"has more than {most_entries:,} entries")
                entry = _entry(opened, header)
                if entry is not None:
                    yield entry
    except InvalidValue:
        raise
    # Subtle: tarfile raises a dozen kinds of exception for broken headers (struct, value, overflow, index, EOF,
    # recursion), so all of them are caught.
    except Exception as error:
        raise InvalidValue("layer", archive[:20], f"isn't a tar archive ({type(error).__name__}: {error})") from None


def _entry(opened: tarfile.TarFile, header: tarfile.TarInfo) -> Entry | None:
    """Read one entry; None for the root itself, which many archives list and every image has."""
    kind = KINDS.get(header.type)
    if kind is None:
        raise InvalidValue("layer", header.name[:80], f"has a tar entry of unknown type {header.type!r}")
    path = archive_path(header.name)
    if not path:
        return None
    # Subtle: a sparse file's holes are written nowhere: a few bytes claim gigabytes of zeros. Docker unpacks them.
    if header.issparse():
        raise InvalidValue("layer", path, "is a sparse file, which is not read here: write it whole (tar without -S)")
    body = opened.extractfile(header) if kind == "file" else None
    target = archive_path(header.linkname) if kind == "hardlink" else header.linkname
    return Entry(
        path=path,
        kind=kind,
        content=body.read() if body else b"",
        mode=header.mode & 0o7777,
        target=target if kind in ("symlink", "hardlink") else "",
        uid=header.uid,
        gid=header.gid,
        mtime=int(header.mtime),
        device=(header.devmajor, header.devminor) if kind in ("char", "block") else (0, 0),
    )


def uncompressed(blob: bytes, limit: int = LARGEST_UNPACKED) -> bytes:
    """Unpack a blob if gzip packed it; raise InvalidValue for a broken one, or for one of more than ``limit`` bytes."""
    if not blob.startswith(b"\x1f\x8b"):
        return blob
    parts, size, rest = [], 0, blob
    # Subtle: a gzip bomb is small until it is unpacked. So each step may unpack one byte more than is still allowed,
    # and that byte is enough to know.
    try:
        # A gzip file may be several streams, one after the other (RFC 1952, section 2.2).
        while rest:
            stream = zlib.decompressobj(wbits=31)
            parts.append(stream.decompress(rest, limit - size + 1))
            size += len(parts[-1])
            if size > limit:
                raise InvalidValue("layer", f"{len(blob)} bytes", f"unpacks to more than {limit:,} bytes")
            if not stream.eof:
                raise InvalidValue("layer", f"{len(blob)} bytes", "is cut off in the middle of a gzip stream")
            rest = stream.unused_data
    except zlib.error as error:
        raise InvalidValue("layer", f"{len(blob)} bytes", f"is broken gzip ({error})") from None
    return b"".join(parts)
