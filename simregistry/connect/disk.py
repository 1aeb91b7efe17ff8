"""Files read in pieces, and written beside their place until they are whole."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, overload

from simregistry.errors import InvalidValue
from simregistry.oci.content import LARGE, Content, Pieces

# Bytes that are read at once.
READ = 1024 * 1024


class Readable(Protocol):
    """Anything that bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """Give the next bytes, at most so many; none at the end."""


def pieces_from(stream: Readable) -> Iterator[bytes]:
    """Read an open file to its end."""
    return iter(lambda: stream.read(READ), b"")


@dataclass(frozen=True, slots=True)
class FileParts(Sequence[bytes]):
    """A stretch of a file in pieces, each read when it is wanted: a blob of any size takes one piece of memory."""

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
            return tuple(self[each] for each in range(*number.indices(len(self))))
        if not 0 <= number < len(self):
            raise IndexError(number)
        at = number * READ
        wanted = min(READ, self.size - at)
        if isinstance(self.file, Path):
            with self.file.open("rb") as stream:
                piece = _read_at(stream, self.start + at, wanted)
        else:
            piece = _read_at(self.file, self.start + at, wanted)
        if len(piece) != wanted:
            raise InvalidValue("file", str(self.file), "became shorter while it was read")
        return piece


def _read_at(stream: IO[bytes], place: int, size: int) -> bytes:
    stream.seek(place)
    return stream.read(size)


def content_of(file: Path | IO[bytes], start: int, size: int) -> Content:
    """Give a stretch of a file as content: what is small is read now, what is large when it is wanted."""
    parts = FileParts(file, start, size)
    return Pieces(parts, None, size) if size >= LARGE else b"".join(parts)


@contextmanager
def write_whole(file: Path) -> Iterator[IO[bytes]]:
    """Write a file that is never to be seen half-done: it takes its place when the block ends well, else it is gone."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(prefix=".draft-", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        # A draft is its owner's alone; others read the file.
        os.chmod(draft, 0o644)
        os.replace(draft, file)
    except BaseException:
        os.unlink(draft)
        raise
