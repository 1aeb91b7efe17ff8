"""Stacking: layers in, one tree of files out, as image-spec layer.md ("Applying Changesets") has it.

1. "Files that are present in the layer's changeset replace": a path that comes again is the later one, whatever it was.
2. "Whiteout files MUST only apply to resources in lower/parent layers": so the deletions of a layer come before its
   additions, wherever they stand in its archive.
3. "An opaque whiteout … indicating that all siblings are hidden in the lower layer": the directory stays, its
   children below go.
4. A symbolic link on the way to a path is followed, and never out of the root: layer.md says nothing of it, and umoci,
   against which this is tested, does it so ("sanitise symlinks in root"). The last part of a path is never followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from simregistry.errors import InvalidValue
from simregistry.oci.entry import OPAQUE, WHITEOUT, Entry, directory, whiteout
from simregistry.oci.layer import Changeset

Tree = Mapping[str, Entry]
# Linux follows as many links on one path and then gives up (path_resolution(7)).
MOST_LINKS = 40


def stack(changesets: Iterable[Changeset]) -> dict[str, Entry]:
    """Apply layers from the base up, and give the tree: entries by path.

    >>> base = Changeset.of({"etc/motd": "hello", "etc/old": "x"})
    >>> sorted(stack([base, Changeset.of({}, removed=["etc/old"])]))
    ['etc', 'etc/motd']
    """
    tree: dict[str, Entry] = {}
    for changeset in changesets:
        tree = apply(tree, changeset)
    return dict(sorted(tree.items()))


def apply(tree: Tree, changeset: Changeset) -> dict[str, Entry]:
    """Apply one layer to the tree below it; the tree given is not changed.

    Raises InvalidValue for a path whose directory is a file or lies behind links that go round in a circle, and for a
    hard link to nothing: there real unpackers stop too.
    """
    result = dict(tree)
    for entry in changeset:
        if entry.is_whiteout:
            _delete(result, entry)
    # Hard links last, as the archive has them: their target may be a file of this very layer.
    for entry in sorted(changeset, key=lambda entry: (entry.kind == "hardlink", entry.path)):
        if not entry.is_whiteout:
            _add(result, entry)
    return result


def _delete(tree: dict[str, Entry], mark: Entry) -> None:
    parent = _followed(tree, mark.parent)
    prefix = f"{parent}/" if parent else ""
    if mark.name == OPAQUE:
        _remove_below(tree, prefix)
        return
    hidden = prefix + mark.name.removeprefix(WHITEOUT)
    tree.pop(hidden, None)
    _remove_below(tree, f"{hidden}/")


def _add(tree: dict[str, Entry], entry: Entry) -> None:
    path = _placed(tree, entry.path)
    if path != entry.path:
        entry = replace(entry, path=path)
    _make_parents(tree, entry.parent)
    if entry.kind == "hardlink":
        entry = _linked(tree, entry)
    there = tree.get(entry.path)
    # A directory over a directory changes its attributes and keeps its children; any other change of type removes them.
    if there is not None and there.kind == "directory" and entry.kind != "directory":
        _remove_below(tree, f"{entry.path}/")
    tree[entry.path] = entry


def _placed(tree: Tree, path: str) -> str:
    """Say where a path lies once the links on the way to it are followed."""
    parent, _, name = path.rpartition("/")
    found = _followed(tree, parent)
    return f"{found}/{name}" if found else name


def _followed(tree: Tree, path: str) -> str:
    """Follow the links of a directory's path; ``..`` stops at the root, and an absolute target begins there."""
    if not any(entry.kind == "symlink" for entry in _ancestry(tree, path)):
        return path
    done: list[str] = []
    rest, links = path.split("/")[::-1], 0
    while rest:
        part = rest.pop()
        if part in ("", "."):
            continue
        if part == "..":
            del done[-1:]
            continue
        there = tree.get("/".join([*done, part]))
        if there is None or there.kind != "symlink":
            done.append(part)
            continue
        links += 1
        if links > MOST_LINKS:
            raise InvalidValue(
                "layer", path, f"leads through more than {MOST_LINKS} symbolic links; they go in a circle"
            )
        if there.target.startswith("/"):
            done = []
        rest += there.target.split("/")[::-1]
    return "/".join(done)


def _ancestry(tree: Tree, path: str) -> Iterator[Entry]:
    """Give what stands at a path and on the way to it."""
    while path:
        if path in tree:
            yield tree[path]
        path = path.rpartition("/")[0]


def _make_parents(tree: dict[str, Entry], path: str) -> None:
    """Let a file's directories be there: an archive need not list them."""
    while path:
        there = tree.get(path)
        if there is not None and there.kind != "directory":
            problem = f"is a {there.kind} here, and nothing can lie in it; list it as a directory first"
            raise InvalidValue("layer", path, problem)
        if there is not None:
            return
        tree[path] = directory(path)
        path = path.rpartition("/")[0]


def _linked(tree: dict[str, Entry], link: Entry) -> Entry:
    """Give a hard link the content and attributes of what it points at: two names, one file."""
    target = tree.get(_placed(tree, link.target))
    if target is None or target.kind == "directory":
        problem = f"is a hard link to {link.target!r}, and no file is there in this layer or below"
        raise InvalidValue("layer", link.path, problem)
    return replace(target, path=link.path)


def _remove_below(tree: dict[str, Entry], prefix: str) -> None:
    for path in [path for path in tree if path.startswith(prefix)]:
        del tree[path]


def diff(lower: Tree, upper: Tree) -> Changeset:
    """Give the layer that turns one tree into the other: what is new or changed, and a whiteout for what is gone.

    >>> before, after = stack([Changeset.of({"a": "1", "b": "2"})]), stack([Changeset.of({"b": "3"})])
    >>> [entry.path for entry in diff(before, after)]
    ['.wh.a', 'b']
    """
    changed = [entry for path, entry in upper.items() if lower.get(path) != entry]
    gone = [path for path in lower if path not in upper]
    # One whiteout hides all below it, so a directory that is gone needs one alone; and what a file now stands in the
    # place of is gone by that file's coming.
    roots = [path for path in gone if not _covered(path, lower, upper)]
    return Changeset((*changed, *(whiteout(path) for path in roots)))


def _covered(path: str, lower: Tree, upper: Tree) -> bool:
    parent = path.rpartition("/")[0]
    if not parent:
        return False
    return parent not in upper or upper[parent].kind != "directory"
