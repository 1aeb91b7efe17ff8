"""Open the archives that ADD unpacks: tar, plain or packed by gzip, bzip2 or xz (Dockerfile reference, ADD).

The content decides and never the name: what begins with a tar header, once it is unpacked, is an archive.
"""

from __future__ import annotations

import bz2
import io
import lzma
import tarfile
import zlib

from simregistry.errors import InvalidValue
from simregistry.oci.entry import Entry
from simregistry.oci.layer import Changeset
from simregistry.oci.limits import LARGEST_UNPACKED
from simregistry.oci.rootfs import stack

BZIP2, XZ, GZIP = b"BZh", b"\xfd7zXZ\x00", b"\x1f\x8b"
# xz may ask for a dictionary of gigabytes. Its own highest level, -9, needs 65 MiB to unpack.
XZ_MEMORY = 256 * 1024**2


def added_archive(content: bytes) -> dict[str, Entry] | None:
    """Return the files of an archive by path, or None for any other file; raise InvalidValue for a broken archive."""
    if not _begins_with_tar(content):
        return None
    # gzip is what layers have too, so a layer's reader takes it as it is.
    return dict(stack([Changeset.from_blob(content if content.startswith(GZIP) else decompressed(content))]))


def decompressed(content: bytes, limit: int = LARGEST_UNPACKED) -> bytes:
    """Unpack bzip2 or xz, of one stream or several; any other content is returned as it is.

    >>> decompressed(bz2.compress(b"one") + bz2.compress(b"two"))
    b'onetwo'
    """
    parts, size, rest = [], 0, content
    magic = next((magic for magic in (BZIP2, XZ) if content.startswith(magic)), None)
    if magic is None:
        return content
    try:
        # xz fills the space between its streams with zeros. What follows the last stream is ignored, as tar does.
        while rest.startswith(magic):
            stream = bz2.BZ2Decompressor() if magic == BZIP2 else lzma.LZMADecompressor(memlimit=XZ_MEMORY)
            # Subtle: a bomb is small until it is unpacked, so one byte more than is allowed is enough to know.
            parts.append(stream.decompress(rest, limit - size + 1))
            size += len(parts[-1])
            if size > limit:
                raise InvalidValue("archive", f"{len(content)} bytes", f"unpacks to more than {limit:,} bytes")
            if not stream.eof:
                raise InvalidValue("archive", f"{len(content)} bytes", "is cut off in the middle; pack it again")
            rest = stream.unused_data.lstrip(b"\0")
    except (OSError, lzma.LZMAError) as error:
        raise InvalidValue("archive", f"{len(content)} bytes", f"can't be unpacked ({error})") from None
    return b"".join(parts)


def _begins_with_tar(content: bytes) -> bool:
    """Say whether the first block is the header of a tar archive; no more than that is unpacked for it."""
    size = tarfile.BLOCKSIZE
    try:
        if content.startswith(BZIP2):
            content = bz2.BZ2Decompressor().decompress(content, size)
        elif content.startswith(XZ):
            content = lzma.LZMADecompressor(memlimit=XZ_MEMORY).decompress(content, size)
        elif content.startswith(GZIP):
            content = zlib.decompressobj(wbits=31).decompress(content, size)
        tarfile.TarInfo.frombuf(io.BytesIO(content).read(size), "utf-8", "surrogateescape")
    except (tarfile.HeaderError, OSError, lzma.LZMAError, zlib.error):
        return False
    return True
