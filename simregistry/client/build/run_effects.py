"""What a RUN did: nothing is run here, so the caller says which files a command writes and removes.

Without an effect a RUN writes one file that is derived from the command and the state below it: other commands and
other bases give other layers, the same give the same, as with a command that is deterministic. Reports say which steps
were assumed like that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from simregistry.errors import InvalidValue
from simregistry.oci.entry import Entry, file
from simregistry.oci.layer import Changeset

FileContent = bytes | str | int


@dataclass(frozen=True, slots=True)
class RunEffect:
    """Files that a command writes, as bytes, text or a number of bytes, and paths that it removes.

    >>> len(RunEffect({"usr/lib/big.so": 1000}).changeset().entries[0].content)
    1000
    """

    files: Mapping[str, FileContent] = field(default_factory=dict, hash=False)
    removed: tuple[str, ...] = ()

    def changeset(self, below: Mapping[str, Entry] | None = None) -> Changeset:
        """Make the layer that the command leaves, on the files below it where those are known.

        Removing what is not there leaves no mark: a whiteout is found by comparing the tree after with the one before.
        """
        written = [_entry(path, content) for path, content in self.files.items()]
        removed = [path.strip("/") for path in self.removed]
        return Changeset.of(written, removed=[path for path in removed if below is None or path in below])


def effect_of(given: RunEffect | Mapping[str, FileContent]) -> RunEffect:
    """Take an effect, or a plain dict of files for one."""
    if not isinstance(given, RunEffect | Mapping):
        raise InvalidValue("effect", given, 'must be an Effect, or a dict such as {"usr/bin/tool": 1000}')
    return given if isinstance(given, RunEffect) else RunEffect(given)


def assumed_effect(command: str, below: Iterable[str]) -> RunEffect:
    """Make an effect up for a command that none was given for, from its text and the diff IDs below."""
    name = hashlib.sha256("\n".join([command, *below]).encode()).hexdigest()[:12]
    return RunEffect({f"var/lib/simregistry/run/{name}": f"{command}\n"})


def filler(path: str, size: int) -> bytes:
    """Give that many bytes for a path: the same on every machine, and hard to compress, as a binary is."""
    if size < 0 or size > 2**31:
        raise InvalidValue("effect", size, "a file has 0 to 2^31 bytes; use a nominal blob for more")
    blocks = (hashlib.sha256(f"{path}:{number}".encode()).digest() for number in range(-(-size // 32)))
    return b"".join(blocks)[:size]


def _entry(path: str, content: FileContent) -> Entry:
    path = path.strip("/")
    if isinstance(content, bool) or not isinstance(content, bytes | str | int):
        raise InvalidValue("effect", path, "a file's content is bytes, a text, or a number of bytes")
    return file(path, filler(path, content) if isinstance(content, int) else content)
