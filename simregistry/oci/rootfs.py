"""Stacking: layers in, one tree of files out, as image-spec layer.md ("Applying Changesets") has it.

1. "Files that are present in the layer's changeset replace": a path that comes again is the later one, whatever it was.
2. "Whiteout files MUST only apply to resources in lower/parent layers": so the deletions of a layer come before its
   additions, wherever they stand in its archive.
3. "An opaque whiteout … indicating that all siblings are hidden in the lower layer": the directory stays, its
   children below go.
4. A path is a place in the tree and never followed: a symbolic link on the way leads nowhere here, and nowhere out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from simregistry.oci.entry import OPAQUE, WHITEOUT, Entry, directory, whiteout
from simregistry.oci.layer import Changeset

Tree = Mapping[str, Entry]


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
    """Apply one layer to the tree below it; the tree given is not changed."""
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
    prefix = f"{mark.parent}/" if mark.parent else ""
    if mark.name == OPAQUE:
        _remove_below(tree, prefix)
        return
    hidden = prefix + mark.name.removeprefix(WHITEOUT)
    tree.pop(hidden, None)
    _remove_below(tree, f"{hidden}/")


def _add(tree: dict[str, Entry], entry: Entry) -> None:
    _make_parents(tree, entry.parent)
    if entry.kind == "hardlink":
        entry = _linked(tree, entry)
    there = tree.get(entry.path)
    # A directory over a directory changes its attributes and keeps its children; any other change of type removes them.
    if there is not None and there.kind == "directory" and entry.kind != "directory":
        _remove_below(tree, f"{entry.path}/")
    tree[entry.path] = entry


def _make_parents(tree: dict[str, Entry], path: str) -> None:
    """Let a file's directories be there: an archive need not list them, and a file in their place gives way."""
    while path:
        there = tree.get(path)
        if there is not None and there.kind == "directory":
            return
        tree[path] = directory(path)
        path = path.rpartition("/")[0]


def _linked(tree: dict[str, Entry], link: Entry) -> Entry:
    """Give a hard link the content and attributes of what it points at: two names, one file.

    A link whose target is not there stays a link, so that nothing is dropped in silence.
    """
    target = tree.get(link.target)
    if target is None or target.kind == "directory":
        return link
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
