"""Open a tar archive that somebody else made, and list its members, refusing what no honest archive has."""

from __future__ import annotations

import gzip
import posixpath
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from simregistry.connect.disk import pieces_from
from simregistry.errors import ImageUnknown, InvalidValue

# Compression makes an image two to ten times smaller. An archive that unpacks to more than BOMB times its size, and to
# more than FLOOR bytes, is meant to fill the disk.
BOMB, FLOOR = 100, 1 << 30
# A member is a blob or a folder, and an image has some dozens: this is room for thousands of images.
MOST_MEMBERS = 100_000
# The first two bytes of every gzip file.
GZIP = b"\x1f\x8b"


def open_plain(path: Path) -> IO[bytes]:
    """Open an archive so that every place in it can be read; decompress it into a temporary file first if need be."""
    if not path.is_file():
        raise ImageUnknown(f"archive {path}", ())
    stream = path.open("rb")
    if stream.peek(2)[:2] != GZIP:
        return stream
    plain = tempfile.TemporaryFile()  # noqa: SIM115 - the archive reads from it later
    most = max(FLOOR, BOMB * path.stat().st_size)
    with stream, gzip.GzipFile(fileobj=stream) as unpacked:
        for piece in pieces_from(unpacked):
            # Check before writing: a bomb of a few kilobytes would otherwise fill the disk.
            if plain.tell() + len(piece) > most:
                plain.close()
                raise InvalidValue("archive", str(path), f"unpacks to more than {most:,} bytes: a bomb, not an image")
            plain.write(piece)
    plain.seek(0)
    return plain


def checked_members(tar: tarfile.TarFile) -> Iterator[tuple[str, tarfile.TarInfo]]:
    """List the files and links of an archive by name; raise InvalidValue for a member that no honest archive has."""
    seen: set[str] = set()
    for number, member in enumerate(tar):
        if number >= MOST_MEMBERS:
            raise InvalidValue("archive", number, f"has more than {MOST_MEMBERS:,} members")
        name = posixpath.normpath(member.name)
        if name.startswith(("/", "../")) or name == ".." or "\0" in name:
            raise InvalidValue("archive member", member.name, "leads out of the archive")
        if member.isdir():
            continue
        if not (member.isreg() or member.issym() or member.islnk()) or member.issparse():
            raise InvalidValue("archive member", member.name, "is neither a plain file nor a link")
        # Some readers take the first of two members with one name, others the last.
        if name in seen:
            raise InvalidValue("archive member", member.name, "is there twice: two readers would see two archives")
        seen.add(name)
        yield name, member
