"""Entries: the files, directories and links that a layer is made of, and the whiteouts that delete (layer.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from simregistry.oci.paths import check_path, name_of, parent_of

Kind = Literal["file", "directory", "symlink", "hardlink", "char", "block", "fifo"]
# image-spec layer.md, "Whiteouts": "A whiteout filename consists of the prefix .wh. plus the basename of the path to be
# deleted."
WHITEOUT = ".wh."
# image-spec layer.md, "Opaque Whiteout": a file of this name hides all that lower layers have in its directory.
OPAQUE = ".wh..wh..opq"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, directory or link of a layer. Its path counts from the image's root and has no leading slash."""

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
        """The path of the directory that it lies in; empty for the root."""
        return parent_of(self.path)

    @property
    def is_whiteout(self) -> bool:
        """Whether it deletes something of a lower layer, rather than being a file itself."""
        return self.name.startswith(WHITEOUT)


def file(path: str, content: bytes | str = b"", mode: int = 0o644) -> Entry:
    """Make a regular file."""
    return Entry(path, "file", content.encode() if isinstance(content, str) else bytes(content), mode)


def directory(path: str, mode: int = 0o755) -> Entry:
    """Make a directory."""
    return Entry(path, "directory", mode=mode)


def symlink(path: str, target: str) -> Entry:
    """Make a symbolic link. Its target may be any string, even the path of nothing."""
    return Entry(path, "symlink", mode=0o777, target=target)


def hardlink(path: str, target: str) -> Entry:
    """Make a second name for a file of this layer or of a lower one."""
    return Entry(path, "hardlink", target=target)


def whiteout(path: str) -> Entry:
    """Make the whiteout that deletes a path of the layers below.

    >>> whiteout("app/old.py").path
    'app/.wh.old.py'
    """
    parent, slash, name = path.rpartition("/")
    return file(f"{parent}{slash}{WHITEOUT}{name}")


def opaque(path: str) -> Entry:
    """Make the whiteout that hides all that the layers below have in a directory."""
    return file(f"{path}/{OPAQUE}" if path else OPAQUE)
