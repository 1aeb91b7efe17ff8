"""Tar archives whose headers are checked before they are believed.

``tarfile`` reads what a header claims: a name of a gigabyte, a size below zero, a thousand names one before the other,
each read inside the reading of the last. And a broken header in the middle ends the archive there without a word. Here
each of them is an InvalidValue.
"""

from __future__ import annotations

import io
import re
import tarfile
from typing import IO, Any

from simregistry.errors import InvalidValue
from simregistry.oci.limits import LARGEST_EXTENSION, LONGEST_PART, MOST_EXTENSIONS

# Headers whose content is about the next member: its long name or link, its PAX records, those of all further ones.
PAX = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE)
EXTENSIONS = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, *PAX)
# Python's own reader takes time in the square of such a number's length (CVE-2024-6232; mended in 3.11.10).
ENDLESS_NUMBER = re.compile(rb"[0-9]{%d}" % (LONGEST_PART + 1))


class CheckedTar(tarfile.TarFile):
    """An uncompressed archive that somebody else made, open for reading.

    >>> CheckedTar(io.BytesIO(b"a letter" * 100))
    Traceback (most recent call last):
    simregistry.errors.InvalidValue: archive b'a letter': isn't a tar archive, or it is broken (invalid header)
    """

    def __init__(self, stream: IO[bytes], length: int | None = None) -> None:
        """Read the first header; ``length`` says how many bytes of the stream are the archive, if not all are."""
        self.depth = 0
        self.length = stream.seek(0, io.SEEK_END) if length is None else length
        stream.seek(0)
        options: dict[str, Any] = {"encoding": "utf-8", "errors": "surrogateescape"}
        super().__init__(fileobj=stream, mode="r", tarinfo=CheckedHeader, **options)

    def look_ahead(self) -> None:
        """Check the headers of the next member, and leave the stream where it is; raise InvalidValue for a bad one."""
        assert self.fileobj is not None
        place = start = self.fileobj.tell()
        for _ in range(MOST_EXTENSIONS + 1):
            self.fileobj.seek(place)
            header = _read_header(self.fileobj.read(tarfile.BLOCKSIZE))
            if header is None or header.type not in EXTENSIONS:
                self.fileobj.seek(start)
                return
            if header.type in PAX and ENDLESS_NUMBER.search(self.fileobj.read(header.size)):
                raise InvalidValue("archive member", header.name[:80], f"has a number of over {LONGEST_PART} digits")
            # Content is filled up to whole blocks.
            place += (1 + -(-header.size // tarfile.BLOCKSIZE)) * tarfile.BLOCKSIZE
        raise InvalidValue("archive", f"byte {start:,}", f"has more than {MOST_EXTENSIONS} headers for one member")


class CheckedHeader(tarfile.TarInfo):
    """A header of an archive that somebody else made."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> CheckedHeader:
        """Read the next member with all headers that are about it; raise InvalidValue if one claims too much."""
        assert isinstance(archive, CheckedTar)
        # The headers that are about it are read within this call, by calls of their own.
        if archive.depth == 0:
            archive.look_ahead()
        archive.depth += 1
        try:
            member = super().fromtarfile(archive)
        finally:
            archive.depth -= 1
        # PAX records can say another size than the header. A sparse file's is that of the file with all its holes.
        ends = member.offset_data + member.size if member.isreg() and not member.issparse() else 0
        if member.size < 0 or ends > archive.length:
            rule = f"claims {member.size:,} bytes, more content than the archive has"
            raise InvalidValue("archive member", member.name[:80], rule)
        return member


def _read_header(block: bytes) -> tarfile.TarInfo | None:
    """Read one block; return None at the end of the archive, and raise InvalidValue for what no archive has."""
    try:
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError as error:
        # Subtle: tarfile takes any broken header but the first one for the end. Only zeros, or nothing, end a tar.
        if len(block) == tarfile.BLOCKSIZE and any(block):
            raise InvalidValue("archive", block[:8], f"isn't a tar archive, or it is broken ({error})") from None
        return None
    if header.size < 0:
        raise InvalidValue("archive member", header.name[:80], f"has {header.size:,} bytes: a size is never below 0")
    if header.type in EXTENSIONS and header.size > LARGEST_EXTENSION:
        rule = f"has a name or records of {header.size:,} bytes; at most {LARGEST_EXTENSION:,} are read"
        raise InvalidValue("archive member", header.name[:80], rule)
    return header
