"""Files read in pieces, and written beside their place until they are whole."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

# Bytes that are read at once.
READ = 1024 * 1024


class Readable(Protocol):
    """Anything that bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """Give the next bytes, at most so many; none at the end."""


def pieces_from(stream: Readable) -> Iterator[bytes]:
    """Read an open file to its end."""
    return iter(lambda: stream.read(READ), b"")


@contextmanager
def whole(file: Path) -> Iterator[IO[bytes]]:
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
