"""Read files in pieces, and write files beside their place until they are complete."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, overload

from simregistry.errors import DigestMismatch, InvalidValue
from simregistry.oci.content import LARGE, Content, Pieces
from simregistry.oci.digest import Digest

# Bytes that are read at once.
READ = 1024 * 1024


class Readable(Protocol):
    """Anything from which bytes can be read."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most ``size``, and none at the end."""


def pieces_from(stream: Readable) -> Iterator[bytes]:
    """Read an open file to its end."""
    return iter(lambda: stream.read(READ), b"")


@dataclass(frozen=True, slots=True)
class FileParts(Sequence[bytes]):
    """A part of a file as a sequence of pieces, each read when it is needed: a blob takes the memory of one piece."""

    file: Path | IO[bytes]
    start: int
    size: int

    def __len__(self) -> int:
        return -(-self.size // READ)

    @overload
    def __getitem__(self, number: int) -> bytes: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[bytes]: ...

    def __getitem__(self, number: int | slice) -> bytes | Sequence[bytes]:
        if isinstance(number, slice):
            return tuple(self[index] for index in range(*number.indices(len(self))))
        if not 0 <= number < len(self):
            raise IndexError(number)
        offset = number * READ
        length = min(READ, self.size - offset)
        if isinstance(self.file, Path):
            with self.file.open("rb") as stream:
                piece = _read_at(stream, self.start + offset, length)
        else:
            piece = _read_at(self.file, self.start + offset, length)
        if len(piece) != length:
            raise InvalidValue("file", str(self.file), "became shorter while it was read")
        return piece


def _read_at(stream: IO[bytes], place: int, size: int) -> bytes:
    stream.seek(place)
    return stream.read(size)


def content_of(file: Path | IO[bytes], start: int, size: int) -> Content:
    """Return a part of a file as content: a small part is read now, a large one piece by piece when it is needed."""
    parts = FileParts(file, start, size)
    return Pieces(parts, None, size) if size >= LARGE else b"".join(parts)


@dataclass(frozen=True, slots=True)
class CheckedParts(Sequence[bytes]):
    """Pieces that are hashed as they are read; the last one is handed out only if all of them have the digest.

    A file can change between a first reading, to check it, and a second one, to copy it. Here they are one reading, so
    whoever writes the pieces never ends with a whole file that has other bytes.
    """

    parts: Sequence[bytes]
    digest: Digest

    def __len__(self) -> int:
        return len(self.parts)

    @overload
    def __getitem__(self, number: int) -> bytes: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[bytes]: ...

    def __getitem__(self, number: int | slice) -> bytes | Sequence[bytes]:
        return self.parts[number]

    def __iter__(self) -> Iterator[bytes]:
        hasher = Digest.hasher(self.digest.algorithm)
        for number, piece in enumerate(self.parts, 1):
            hasher.update(piece)
            if number == len(self) and (actual := Digest.of_hash(hasher)) != self.digest:
                raise DigestMismatch(self.digest, str(actual))
            yield piece


def checked_content(content: Content, digest: Digest) -> Content:
    """Return content that is hashed each time it is read, if its pieces are read from a file; else return it as it is.

    Reading it to the end raises DigestMismatch where the file has other bytes by then.
    """
    if not isinstance(content, Pieces) or isinstance(content.parts, tuple | CheckedParts):
        return content
    return Pieces(CheckedParts(content.parts, digest), None, content.size)


@contextmanager
def write_whole(file: Path, drafts: Path | None = None) -> Iterator[IO[bytes]]:
    """Open a draft to write to; rename it to the file when the block ends well, and delete it if the block fails.

    Renaming is one step for a file system, so nobody ever sees a file that is half written. The draft lies beside the
    file, or in a folder ``drafts`` of the same file system: it stays there if the machine stops meanwhile.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(prefix=".draft-", dir=drafts or file.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        # mkstemp makes a file that only its owner may read.
        os.chmod(draft, 0o644)
        os.replace(draft, file)
    except BaseException:
        os.unlink(draft)
        raise
