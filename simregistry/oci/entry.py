"""Entries: the files, directories and links that a layer is made of, and the marks that delete (layer.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from simregistry.oci.paths import check_path, name_of, parent_of

Kind = Literal["file", "directory", "symlink", "hardlink", "char", "block", "fifo"]
# image-spec layer.md, "Whiteouts": "A whiteout filename consists of the prefix .wh. plus the basename of the path to be
# deleted."
WHITEOUT = ".wh."
# image-spec layer.md, "Opaque Whiteout".
OPAQUE = ".wh..wh..opq"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, directory or link, as an archive names it: a path from the root, without a leading slash."""

    path: str
    kind: Kind = "file"
    content: bytes = field(default=b"", repr=False)
    mode: int = 0o644
    target: str = ""
    uid: int = 0
    gid: int = 0
    mtime: int = 0
    device: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        check_path(self.path)
        if self.kind == "hardlink":
            check_path(self.target)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return name_of(self.path)

    @property
    def parent(self) -> str:
        """The path of the directory it is in; empty for the root."""
        return parent_of(self.path)

    @property
    def is_whiteout(self) -> bool:
        """Whether it marks something as deleted rather than being there itself."""
        return self.name.startswith(WHITEOUT)


def file(path: str, content: bytes | str = b"", mode: int = 0o644) -> Entry:
    """Make a regular file."""
    return Entry(path, "file", content.encode() if isinstance(content, str) else bytes(content), mode)


def directory(path: str, mode: int = 0o755) -> Entry:
    """Make a directory."""
    return Entry(path, "directory", mode=mode)


def symlink(path: str, target: str) -> Entry:
    """Make a symbolic link; its target may be anything, also something that is not there."""
    return Entry(path, "symlink", mode=0o777, target=target)


def hardlink(path: str, target: str) -> Entry:
    """Make one more name for a file of this layer or a lower one."""
    return Entry(path, "hardlink", target=target)


def whiteout(path: str) -> Entry:
    """Mark a path of the layers below as deleted.

    >>> whiteout("app/old.py").path
    'app/.wh.old.py'
    """
    parent, slash, name = path.rpartition("/")
    return file(f"{parent}{slash}{WHITEOUT}{name}")


def opaque(path: str) -> Entry:
    """Hide all that the layers below have in a directory."""
    return file(f"{path}/{OPAQUE}" if path else OPAQUE)
