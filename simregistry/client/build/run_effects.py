"""The effect of a RUN: the simulator runs no command, so the caller says which files a command writes and removes.

1. If nobody says, the RUN writes one file, made from its command and the layers below it. So a different command or a
   different base gives a different layer. Reports say which steps were assumed in this way.
2. A command writes its files at some time, and a tar archive notes it. So a command that runs again leaves other bytes,
   even if its files have the same content (stage.py says at what time).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from simregistry.errors import InvalidValue
from simregistry.oci.entry import Entry, file
from simregistry.oci.layer import Changeset

FileContent = bytes | str | int


@dataclass(frozen=True, slots=True)
class RunEffect:
    """Files that a command writes, as bytes, a string or a number of bytes, and paths that it removes.

    >>> len(RunEffect({"usr/lib/big.so": 1000}).changeset().entries[0].content)
    1000
    """

    files: Mapping[str, FileContent] = field(default_factory=dict, hash=False)
    removed: tuple[str, ...] = ()

    def changeset(self, below: Mapping[str, Entry] | None = None, time: int = 0) -> Changeset:
        """Make the layer that the command leaves; ``below`` is the files before it, None if they are not known.

        Every entry gets ``time`` as its time of change, whiteouts too. Removing a path that is not there leaves no
        whiteout: a builder finds whiteouts by comparing the files before and after.
        """
        written = [_entry(path, content) for path, content in self.files.items()]
        removed = [path.strip("/") for path in self.removed]
        changes = Changeset.of(written, removed=[path for path in removed if below is None or path in below])
        return Changeset(tuple(replace(entry, mtime=time) for entry in changes))


def dated_by(changeset: Changeset, latest: int) -> Changeset:
    """Date no entry of a layer later than ``latest``, as BuildKit's exporter does with ``rewrite-timestamp=true``.

    >>> dated_by(RunEffect({"tool": "x"}).changeset(time=90), 60).entries[0].mtime
    60
    """
    return Changeset(tuple(replace(entry, mtime=min(entry.mtime, latest)) for entry in changeset))


def effect_of(effect: RunEffect | Mapping[str, FileContent]) -> RunEffect:
    """Return an effect as it is, and a dict of files as an effect that writes them."""
    if not isinstance(effect, RunEffect | Mapping):
        raise InvalidValue("effect", effect, 'must be a RunEffect, or a dict such as {"usr/bin/tool": 1000}')
    return effect if isinstance(effect, RunEffect) else RunEffect(effect)


def assumed_effect(command: str, below: Iterable[str]) -> RunEffect:
    """Make up an effect for a command whose effect nobody stated, from its text and the diff IDs of the layers."""
    name = hashlib.sha256("\n".join([command, *below]).encode()).hexdigest()[:12]
    return RunEffect({f"var/lib/simregistry/run/{name}": f"{command}\n"})


def filler(path: str, size: int) -> bytes:
    """Make ``size`` bytes for a path: the same on every machine, and hard to compress, like a program."""
    if size < 0 or size > 2**31:
        raise InvalidValue("effect", size, "a file has 0 to 2^31 bytes; use a nominal blob for more")
    blocks = (hashlib.sha256(f"{path}:{number}".encode()).digest() for number in range(-(-size // 32)))
    return b"".join(blocks)[:size]


def _entry(path: str, content: FileContent) -> Entry:
    path = path.strip("/")
    if isinstance(content, bool) or not isinstance(content, bytes | str | int):
        raise InvalidValue("effect", path, "a file's content is bytes, a string, or a number of bytes")
    try:
        return file(path, filler(path, content) if isinstance(content, int) else content)
    except UnicodeEncodeError:
        raise InvalidValue("effect", path, "has half a character (a lone surrogate) in its path or text") from None
