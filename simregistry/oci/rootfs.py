"""Stacking: layers go in, one tree of files comes out, as image-spec layer.md says ("Applying Changesets").

1. "Files that are present in the layer's changeset replace": where a layer has a path again, the later entry wins,
   whatever the earlier one was.
2. "Whiteout files MUST only apply to resources in lower/parent layers": so a layer's deletions come before its
   additions, wherever they stand in its archive.
3. "An opaque whiteout … indicating that all siblings are hidden in the lower layer": the directory stays, and what the
   lower layers have in it goes.
4. A symbolic link on the way to a path is followed, and it never leads out of the root. layer.md doesn't say so. umoci
   does it ("sanitise symlinks in root"), and the tests hold this file against umoci. The last part of a path is not
   followed: an entry may take a link's place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from simregistry.errors import InvalidValue
from simregistry.oci.entry import OPAQUE, WHITEOUT, Entry, directory, whiteout
from simregistry.oci.layer import Changeset
from simregistry.oci.paths import follow_links, name_of, parent_of, parents

Tree = Mapping[str, Entry]


def stack(changesets: Iterable[Changeset]) -> dict[str, Entry]:
    """Apply layers from the base up, and return the tree: entries by path.

    >>> base = Changeset.of({"etc/motd": "hello", "etc/old": "x"})
    >>> sorted(stack([base, Changeset.of({}, removed=["etc/old"])]))
    ['etc', 'etc/motd']
    """
    tree: dict[str, Entry] = {}
    for changeset in changesets:
        tree = apply(tree, changeset)
    return dict(sorted(tree.items()))


def apply(tree: Tree, changeset: Changeset) -> dict[str, Entry]:
    """Apply one layer to the tree below it, and return the new tree; the one below stays as it is.

    Raises InvalidValue for a path inside a file, for links that go round in a circle, and for a hard link to nothing.
    umoci 0.4 stops there too. Later ones put a directory in the file's place, which no layer that was made as layer.md
    says needs: it lists the directory first.
    """
    result = dict(tree)
    # First take away what the layer deletes. Subtle: its whiteouts hide files of lower layers only, never its own.
    for entry in changeset:
        if entry.is_whiteout:
            _delete(result, entry)
    # Then add what it brings. Hard links come last: what they point at may be a file of this very layer.
    for entry in sorted(changeset, key=lambda entry: (entry.kind == "hardlink", entry.path)):
        if not entry.is_whiteout:
            _add(result, entry)
    return result


def _delete(tree: dict[str, Entry], mark: Entry) -> None:
    """Delete what a whiteout hides."""
    # The directory may lie behind a link: what is deleted is what the path leads to.
    parent = _followed(tree, mark.parent)
    prefix = f"{parent}/" if parent else ""
    # An opaque whiteout empties its directory and leaves the directory itself.
    if mark.name == OPAQUE:
        _remove_below(tree, prefix)
        return
    # Any other one hides the file or directory that it is named after, and all that is in it.
    hidden = prefix + mark.name.removeprefix(WHITEOUT)
    tree.pop(hidden, None)
    # Subtle: without the slash, deleting etc would take etcetera too.
    _remove_below(tree, f"{hidden}/")


def _add(tree: dict[str, Entry], entry: Entry) -> None:
    """Put one file, directory or link into the tree."""
    # Say where it goes: through the links on its way, though not through a link that has its own name.
    path = _placed(tree, entry.path)
    if path != entry.path:
        entry = replace(entry, path=path)
    _make_parents(tree, entry.path)
    if entry.kind == "hardlink":
        entry = _linked(tree, entry)
    # A directory over a directory changes its attributes and keeps its children. Anything else in a directory's place
    # takes the children away.
    below = tree.get(entry.path)
    if below is not None and below.kind == "directory" and entry.kind != "directory":
        _remove_below(tree, f"{entry.path}/")
    tree[entry.path] = entry


def _placed(tree: Tree, path: str) -> str:
    """Find where a path lies once the links on the way to it are followed."""
    parent = _followed(tree, parent_of(path))
    return f"{parent}/{name_of(path)}" if parent else name_of(path)


def _followed(tree: Tree, path: str) -> str:
    """Follow the links of a directory's path."""
    # Most paths have no link on them, and an entry's path has no "." or "..": then it is where it says.
    on_the_way = (tree.get(step) for step in (path, *parents(path)))
    if not any(entry is not None and entry.kind == "symlink" for entry in on_the_way):
        return path
    return follow_links(path, tree, what="layer")


def _make_parents(tree: dict[str, Entry], path: str) -> None:
    """Make the directories that a path lies in: an archive need not list them."""
    for parent in parents(path):
        entry = tree.get(parent)
        if entry is not None and entry.kind != "directory":
            problem = f"is a {entry.kind} here, and nothing can lie in it; list it as a directory first"
            raise InvalidValue("layer", parent, problem)
        # A directory that is there has its own parents already.
        if entry is not None:
            return
        tree[parent] = directory(parent)


def _linked(tree: dict[str, Entry], link: Entry) -> Entry:
    """Give a hard link the content and attributes of its target: two names, one file."""
    target = tree.get(_placed(tree, link.target))
    if target is None or target.kind == "directory":
        problem = f"is a hard link to {link.target!r}, and no file is there in this layer or below"
        raise InvalidValue("layer", link.path, problem)
    return replace(target, path=link.path)


def _remove_below(tree: dict[str, Entry], prefix: str) -> None:
    """Delete every path that begins so."""
    for path in [path for path in tree if path.startswith(prefix)]:
        del tree[path]


def diff(lower: Tree, upper: Tree) -> Changeset:
    """Make the layer that turns one tree into the other: what is new or changed, and a whiteout for what is gone.

    >>> before, after = stack([Changeset.of({"a": "1", "b": "2"})]), stack([Changeset.of({"b": "3"})])
    >>> [entry.path for entry in diff(before, after)]
    ['.wh.a', 'b']
    """
    changed = [entry for path, entry in upper.items() if lower.get(path) != entry]
    gone = [path for path in lower if path not in upper]
    # Write as few whiteouts as will do: one hides all below it, so a directory that is gone needs no more than one.
    needed = [path for path in gone if not _goes_with_its_parent(path, upper)]
    return Changeset((*changed, *(whiteout(path) for path in needed)))


def _goes_with_its_parent(path: str, upper: Tree) -> bool:
    """Say whether a path is gone because the directory that it was in is: deleted, or now something else."""
    parent = parent_of(path)
    if not parent:
        return False
    return parent not in upper or upper[parent].kind != "directory"
