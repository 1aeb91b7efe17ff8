"""Paths inside an image: how they are written, taken apart and joined, and where they lead through symbolic links.

A path counts from the image's root and has no leading slash: ``etc/passwd``. Archives and Dockerfiles write paths in
other ways too, and a hostile archive writes some that lead out of the image. Here they take that one form, or they are
refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from simregistry.errors import InvalidValue
from simregistry.oci.limits import LONGEST_PART, LONGEST_PATH, MOST_LINKS

if TYPE_CHECKING:
    from simregistry.oci.entry import Entry


def name_of(path: str) -> str:
    """Take the last part of a path.

    >>> name_of("etc/ssl/cert.pem")
    'cert.pem'
    """
    return path.rpartition("/")[2]


def parent_of(path: str) -> str:
    """Take the directory that a path lies in; the root is the empty string.

    >>> parent_of("etc/passwd"), parent_of("etc")
    ('etc', '')
    """
    return path.rpartition("/")[0]


def parents(path: str) -> Iterator[str]:
    """Walk up the directories that a path lies in, from the nearest to the last one below the root.

    >>> list(parents("usr/lib/python3/abc.py"))
    ['usr/lib/python3', 'usr/lib', 'usr']
    """
    while path := parent_of(path):
        yield path


def check_path(path: str) -> None:
    """Refuse a path that could name anything outside the image's root.

    >>> check_path("../etc/passwd")
    Traceback (most recent call last):
    simregistry.errors.InvalidValue: path '../etc/passwd': must be relative, without empty, . or .. parts
    """
    parts = path.split("/")
    if not path or "\0" in path or any(part in ("", ".", "..") for part in parts):
        raise InvalidValue("path", path, "must be relative, without empty, . or .. parts")
    longest = max(len(part.encode("utf-8", "surrogateescape")) for part in parts)
    if len(path) > LONGEST_PATH or longest > LONGEST_PART:
        rule = f"is longer than a file system allows ({LONGEST_PART} bytes a part, {LONGEST_PATH:,} in all)"
        raise InvalidValue("path", path, rule)


def archive_path(name: str) -> str:
    """Read a name of an archive from the image's root, whatever slashes and dots are in it; the root is empty.

    Some builders write absolute names (ko ``/ko-app/web``, kaniko ``/etc/motd``), and every unpacker takes them below
    the root. ``..`` is never resolved here: it stays, so that ``check_path`` can refuse it.

    >>> archive_path("./app/"), archive_path("/app//web"), archive_path("/"), archive_path("../x")
    ('app', 'app/web', '', '../x')
    """
    return "/".join(part for part in name.split("/") if part not in ("", "."))


def absolute_path(path: str, working_dir: str = "/") -> str:
    """Read a path that a person wrote, from the root or from a working directory, and resolve its ``.`` and ``..``.

    >>> absolute_path("src/../app/", "/srv"), absolute_path("/etc"), absolute_path("../../etc")
    ('srv/app', 'etc', 'etc')
    """
    parts: list[str] = [] if path.startswith("/") else [part for part in working_dir.split("/") if part]
    for part in path.split("/"):
        if part == "..":
            # Above the root is the root again.
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def follow_links(path: str, tree: Mapping[str, Entry], what: str = "path") -> str:
    """Find where a path leads in a tree of entries once every symbolic link on it is followed.

    The tree is a world of its own, as after chroot: an absolute target begins at the tree's root, and ``..`` stops
    there, so no link leads out. On Debian, /lib is a link to usr/lib: a file copied to /lib/x goes to usr/lib/x.

    >>> from simregistry.oci.entry import symlink
    >>> follow_links("lib/x", {"lib": symlink("lib", "usr/lib")})
    'usr/lib/x'
    """
    reached: list[str] = []
    # The parts still to go, the next one last: a link puts its target's parts there.
    waiting, links = path.split("/")[::-1], 0
    while waiting:
        part = waiting.pop()
        if part in ("", "."):
            continue
        if part == "..":
            del reached[-1:]
            continue
        entry = tree.get("/".join([*reached, part]))
        if entry is None or entry.kind != "symlink":
            reached.append(part)
            continue
        links += 1
        # Subtle: two links that point at each other never end. Only a count finds out.
        if links > MOST_LINKS:
            raise InvalidValue(what, path, f"leads through more than {MOST_LINKS} symbolic links; they go in a circle")
        # A relative target counts from the directory that the link is in, an absolute one from the root.
        if entry.target.startswith("/"):
            reached = []
        waiting += entry.target.split("/")[::-1]
    return "/".join(reached)
