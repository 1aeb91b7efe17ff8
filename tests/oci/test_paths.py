"""Paths: one form for all of them, and no way out of the image."""

from __future__ import annotations

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simregistry.errors import InvalidValue
from simregistry.oci.entry import directory, file, symlink
from simregistry.oci.paths import (
    absolute_path,
    archive_path,
    check_path,
    follow_links,
    name_of,
    parent_of,
    parents,
)

PARTS = st.sampled_from(["a", "b", "..", ".", ""])
WRITTEN = st.lists(PARTS, max_size=6).map("/".join)


def test_a_path_is_its_parent_and_its_name():
    """And a path without a slash lies in the root, which has no name."""
    for path in ("usr/lib/abc.py", "etc", ""):
        assert f"{parent_of(path)}/{name_of(path)}".lstrip("/") == path
    assert list(parents("a/b/c")) == ["a/b", "a"] and list(parents("a")) == list(parents("")) == []


@given(WRITTEN, st.sampled_from(["/", "/srv", "/srv/www"]))
def test_a_written_path_means_what_the_system_says(path, working_dir):
    """Against posixpath: dots, double slashes and more steps up than there are directories."""
    # POSIX lets two slashes at the beginning mean something of its own; in an image they are one.
    assert absolute_path(path, working_dir) == posixpath.normpath(posixpath.join(working_dir, path)).lstrip("/")


@given(WRITTEN)
def test_an_archives_name_is_never_resolved(name):
    """What leads out stays as it is, and is refused; nothing else is."""
    path = archive_path(name)
    odd = any(part in ("", ".", "..") for part in path.split("/"))
    if odd:
        with pytest.raises(InvalidValue):
            check_path(path)
    else:
        check_path(path)
    assert odd or ".." not in name.split("/")


def test_a_long_path_is_refused():
    """255 bytes a part, not characters, and 4,096 in all."""
    check_path("/".join(["é" * 127] * 4))
    for path in ("é" * 128, "/".join(["a" * 250] * 17), "a\0b"):
        with pytest.raises(InvalidValue):
            check_path(path)


def test_a_circle_of_links_ends():
    """With an error that says so."""
    world = {"a": symlink("a", "b"), "b": symlink("b", "a"), "d": directory("d"), "up": symlink("up", "../../d")}
    assert follow_links("up/x", world) == "d/x"
    with pytest.raises(InvalidValue, match="circle"):
        follow_links("a/x", world)


def test_links_are_followed_as_after_chroot():
    """Relative to the directory they are in, absolute from the root, one through another, and the last part too."""
    tree = {
        "usr/lib/new": symlink("usr/lib/new", "../share/./new"), "lib": symlink("lib", "/usr/lib"),
        "etc/motd": file("etc/motd"), "message": symlink("message", "etc/motd"),
    }  # fmt: skip
    assert follow_links("lib/new/x", tree) == "usr/share/new/x"
    assert follow_links("message", tree) == "etc/motd"
    assert follow_links("/../lib/../etc/motd", tree) == "usr/etc/motd"
    assert follow_links("etc//motd/./.", tree) == "etc/motd" and follow_links("", tree) == ""


@given(WRITTEN)
def test_without_links_a_path_leads_where_it_says(path):
    """No link, nothing to follow."""
    assert follow_links(path, {"a": directory("a")}) == absolute_path(path)
