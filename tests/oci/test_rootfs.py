"""Stacking, against the rules of image-spec layer.md and against a slow model that knows directories as nested dicts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from simregistry.errors import InvalidValue
from simregistry.oci.entry import OPAQUE, WHITEOUT, Entry, directory, file, hardlink, opaque, symlink, whiteout
from simregistry.oci.layer import Changeset
from simregistry.oci.rootfs import apply, diff, stack


def paths(*changesets: Changeset) -> list[str]:
    """Stack and list."""
    return list(stack(changesets))


BASE = Changeset.of({"etc/a": "1", "etc/b": "2", "bin/sh": "s"})


def test_a_later_file_replaces_an_earlier_one():
    """The upper layer wins."""
    assert stack([BASE, Changeset.of({"etc/a": "new"})])["etc/a"].content == b"new"


def test_a_whiteout_hides_a_file_and_leaves_no_trace():
    """The mark itself is not a file of the tree."""
    assert paths(BASE, Changeset.of({}, removed=["etc/a"])) == ["bin", "bin/sh", "etc", "etc/b"]


def test_a_whiteout_of_a_directory_hides_all_below_it():
    """One mark for the whole subtree, and not for a neighbour with a longer name."""
    lower = Changeset.of({"etc/a": "1", "etcetera": "2"})
    assert paths(lower, Changeset.of({}, removed=["etc"])) == ["etcetera"]


def test_an_opaque_whiteout_hides_the_children_and_keeps_the_directory():
    """And what the same layer adds is there, wherever it stands in the archive."""
    upper = Changeset((file("etc/new", "n"), opaque("etc")))
    assert paths(BASE, upper) == ["bin", "bin/sh", "etc", "etc/new"]


def test_a_whiteout_does_not_apply_to_its_own_layer():
    """layer.md: "Whiteout files MUST only apply to resources in lower/parent layers"."""
    upper = Changeset((whiteout("etc/a"), file("etc/a", "again")))
    assert stack([BASE, upper])["etc/a"].content == b"again"


def test_a_file_over_a_directory_removes_its_children():
    """A change of type."""
    assert paths(BASE, Changeset.of({"etc": "now a file"})) == ["bin", "bin/sh", "etc"]


def test_a_directory_over_a_directory_keeps_its_children():
    """Only its attributes change."""
    tree = stack([BASE, Changeset((directory("etc", 0o700),))])
    assert (tree["etc"].mode, "etc/a" in tree) == (0o700, True)


def test_a_file_below_a_file_is_refused():
    """umoci stops there too (mkdir: not a directory); a directory in the file's place has to be listed first."""
    with pytest.raises(InvalidValue, match="list it as a directory first"):
        stack([BASE, Changeset.of({"etc/a/inside": "x"})])
    tree = stack([BASE, Changeset((directory("etc/a"), file("etc/a/inside", "x")))])
    assert (tree["etc/a"].kind, tree["etc/a/inside"].content) == ("directory", b"x")


def test_a_hard_link_is_one_more_name_for_the_content():
    """Its target may be in a lower layer, or in the same one though it sorts later."""
    tree = stack([BASE, Changeset((hardlink("bin/bash", "bin/sh"), hardlink("a", "z"), file("z", "last")))])
    assert (tree["bin/bash"].content, tree["a"].content) == (b"s", b"last")
    for target in ("nowhere", "etc"):
        with pytest.raises(InvalidValue, match="hard link"):
            stack([BASE, Changeset((hardlink("a", target),))])


def test_a_symbolic_link_on_the_way_is_followed_and_never_out():
    """An entry through a link out of the root lands inside it, and the link stays."""
    way_out = Changeset((symlink("out", "../../.."), symlink("top", "/usr/./lib"), symlink("in", "top")))
    tree = stack([way_out, Changeset.of({"out/etc/passwd": "x", "in/libc.so": "y"})])
    assert [path for path, entry in tree.items() if entry.kind == "file"] == ["etc/passwd", "usr/lib/libc.so"]
    assert {tree[path].kind for path in ("out", "top", "in")} == {"symlink"}
    assert "usr/lib/libc.so" not in stack(
        [way_out, Changeset.of({"in/libc.so": ""}), Changeset.of({}, ["top/libc.so"])]
    )


def test_links_that_go_in_a_circle_are_refused():
    """umoci says "too many levels of symbolic links"."""
    circle = Changeset((symlink("a", "b"), symlink("b", "a")))
    with pytest.raises(InvalidValue, match="circle"):
        stack([circle, Changeset.of({"a/x": "1"})])


def test_applying_a_layer_leaves_the_tree_below_as_it_was():
    """Values, not places."""
    before = stack([BASE])
    apply(before, Changeset.of({}, removed=["etc"]))
    assert before == stack([BASE])


def test_deleting_a_file_makes_the_image_larger():
    """The bytes below stay; the mark comes on top."""
    big, removal = Changeset.of({"big": b"x" * 10_000}), Changeset.of({}, removed=["big"])
    assert stack([big, removal]) == {}
    assert big.size + removal.size > big.size


NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
ENTRIES = st.one_of(
    st.builds(file, PATHS, st.sampled_from([b"", b"1", b"2"])),
    st.builds(directory, PATHS, st.sampled_from([0o755, 0o700])),
    st.builds(symlink, PATHS, st.sampled_from(["a", "b/c", "/c", "../b", "."])),
    st.builds(whiteout, PATHS),
    st.builds(opaque, st.one_of(st.just(""), PATHS)),
)
CHANGESETS = st.lists(ENTRIES, max_size=6, unique_by=lambda entry: entry.path).map(
    lambda entries: Changeset(tuple(entries))
)
STACKS = st.lists(CHANGESETS, max_size=4)


class Node:
    """A place in the slow model: what is there, what is below it, and what it is in."""

    def __init__(self, entry: Entry, parent: Node | None = None) -> None:
        self.entry, self.parent, self.children = entry, parent, {}


def walk(root: Node, path: str, make: bool) -> Node | None:
    """Walk down from the root one part at a time, through links, and make what is not there if asked to."""
    here, rest, steps = root, [part for part in path.split("/") if part], 0
    while rest:
        steps += 1
        if steps > 1000:
            raise RecursionError(path)
        part, *rest = rest
        if part == ".":
            continue
        if part == "..":
            here = here.parent or root
            continue
        there = here.children.get(part)
        if there is not None and there.entry.kind == "symlink":
            target = there.entry.target
            here, rest = (root if target.startswith("/") else here), [*filter(None, target.split("/")), *rest]
            continue
        if there is None and not make:
            there = Node(directory("nowhere"), here)
        elif there is None:
            there = here.children[part] = Node(directory("made"), here)
        elif there.entry.kind != "directory" and make:
            raise NotADirectoryError(path)
        here = there
    return here


def model(changesets: list[Changeset]) -> dict[str, Entry]:
    """Stack as a file system would."""
    root = Node(directory("root"))
    for changeset in changesets:
        for mark in (entry for entry in changeset if entry.name.startswith(WHITEOUT)):
            here = walk(root, mark.parent, make=False)
            if mark.name == OPAQUE:
                here.children.clear()
            else:
                here.children.pop(mark.name.removeprefix(WHITEOUT), None)
        for entry in (entry for entry in changeset if not entry.name.startswith(WHITEOUT)):
            here = walk(root, entry.parent, make=True)
            there = here.children.get(entry.name)
            node = Node(entry, here)
            if there is not None and there.entry.kind == entry.kind == "directory":
                node.children = there.children
                for child in node.children.values():
                    child.parent = node
            here.children[entry.name] = node
    found: dict[str, Entry] = {}
    waiting = [(name, node) for name, node in root.children.items()]
    while waiting:
        path, node = waiting.pop()
        made = directory(path) if node.entry.path == "made" else node.entry
        found[path] = replace(made, path=path)
        waiting.extend((f"{path}/{name}", child) for name, child in node.children.items())
    return dict(sorted(found.items()))


def stacked(changesets: list[Changeset]) -> dict[str, Entry]:
    """A stack that there is: those that are refused are another test's."""
    try:
        return stack(changesets)
    except InvalidValue:
        assume(False)
        raise


@given(STACKS)
@settings(max_examples=400)
def test_stacking_is_what_a_file_system_would_do(changesets):
    """The fast tree of paths and the slow tree of nodes agree, and refuse the same."""
    try:
        goal = model(changesets)
    except (NotADirectoryError, RecursionError):
        with pytest.raises(InvalidValue):
            stack(changesets)
    else:
        assert stack(changesets) == goal


@given(STACKS, STACKS)
def test_a_difference_turns_one_tree_into_the_other(lower, upper):
    """diff is stack's inverse, with no more entries than it needs."""
    before, after = stacked(lower), stacked(upper)
    change = diff(before, after)
    assert dict(sorted(apply(before, change).items())) == after
    assert diff(after, after) == Changeset(())


@given(STACKS)
def test_a_tree_survives_the_archive(changesets):
    """Stacking what was written and read is stacking what was meant."""
    goal = stacked(changesets)
    assert stack([Changeset.from_tar(c.to_tar()) for c in changesets]) == goal
