"""Patterns of COPY and of .dockerignore: what they match, and that no pattern takes longer than its length says."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simregistry.client.build.path_patterns import copy_pattern, ignore_pattern
from simregistry.errors import InvalidValue
from simregistry.oci.limits import LONGEST_PATH

PIECES = ["a", "b", "/", "?", "*", "[ab]", "[^a]", "[!a]", "[a-b]", "\\*", "."]
# The same in the words of re, which tries every way and is right if it is given the time.
EXPRESSIONS = {
    "?": "[^/]", "*": "[^/]*", "[ab]": "[ab]", "[^a]": "[^a]", "[!a]": "[!a]", "[a-b]": "[a-b]", "\\*": r"\*",
    ".": r"\.", "**/": "(.*/)?", "**": ".*",
}  # fmt: skip


def expression(pieces: list[str]) -> str:
    """Write pieces for re."""
    return "".join(EXPRESSIONS.get(piece, piece) for piece in pieces)


@given(st.lists(st.sampled_from(PIECES), max_size=7), st.text("ab/*!.", max_size=8))
def test_a_copy_pattern_matches_what_go_says(pieces, path):
    """Two stars in a row are one, and a class may be a slash."""
    assert copy_pattern("".join(pieces)).matches(path) == bool(re.fullmatch(expression(pieces), path))


@given(st.lists(st.sampled_from(["a", "b", "?", "[^a]", "**/", "**/a*"]), max_size=5), st.text("ab/", max_size=8))
def test_two_stars_and_a_slash_are_any_number_of_parts(pieces, path):
    """None at all is such a number."""
    wanted = "".join("(.*/)?a[^/]*" if piece == "**/a*" else expression([piece]) for piece in pieces) + "[^/]"
    assert ignore_pattern("".join(pieces) + "?").matches(path) == bool(re.fullmatch(wanted, path))


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("**", ["a", "a/b", "a\nb"], []),
        ("a/**", ["a/b", "a/b/c"], ["a", "ab"]),
        ("**/x", ["x", "a/x", "a/b/x"], ["ax"]),
        ("**x", ["x", "ax", "a/bx"], ["xa"]),
        ("**/**/x", ["x", "a/x"], ["ax"]),
        ("a/**/b", ["a/b", "a/c/b", "a/c/d/b"], ["ab", "a/cb"]),
        ("***/x", ["a/x", "a/b/x"], ["x"]),
        (r"\*.log", ["*.log"], ["a.log"]),
        (r"[\]a]", ["]", "a"], ["\\"]),
        (r"[\-x]", ["-", "x"], ["a"]),
        ("a.b+(c)", ["a.b+(c)"], ["axb+(c)", "a.bb(c)"]),
        ("[z-a]", [], ["z", "a"]),
    ],
)
def test_an_ignore_pattern_matches_what_docker_does(pattern, yes, no):
    """As moby/patternmatcher matches them."""
    assert [path for path in (*yes, *no) if ignore_pattern(pattern).matches(path)] == yes


def test_a_rule_for_a_directory_covers_what_is_in_it():
    """On the way to the end of a path, each slash ends a directory."""
    pattern = ignore_pattern("b*/c")
    assert [pattern.matches(path, or_a_parent=True) for path in ("bb/c", "bb/c/d/e", "bb/cd", "a/bb/c")] == [
        True, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "path"),
    [("*x" * 40 + "y", "x" * 4000), ("**/" * 40 + "y", "x/" * 2000), ("**/*x" * 300, "x/" * 2000 + "z")],
)
def test_no_pattern_tries_every_way(pattern, path):
    """With re, each of these would take longer than the universe is old; so it either ends here or never."""
    for read in (copy_pattern, ignore_pattern):
        assert not read(pattern).matches(path)


def test_what_a_pattern_remembers_is_bounded(monkeypatch):
    """It forgets, and matches on."""
    monkeypatch.setattr("simregistry.client.build.path_patterns.MOST_REMEMBERED", 3)
    pattern = copy_pattern("a*b*c")
    assert [pattern.matches(path) for path in ("aXYbZc", "abc", "acb")] == [True, True, False]
    assert len(pattern.known) <= 3


@pytest.mark.parametrize("pattern", ["[", "a[b", "[^", "[]", "[a-", "[a-]", "[-a]", "[a-b-c]", "x\\", "[\\"])
def test_a_pattern_that_go_cannot_read_is_refused(pattern):
    """In the person's own words."""
    for read in (copy_pattern, ignore_pattern):
        with pytest.raises(InvalidValue) as refusal:
            read(pattern)
        assert refusal.value.value == pattern


def test_a_pattern_longer_than_any_path_is_refused():
    """It would match nothing, slowly."""
    assert copy_pattern("a" * LONGEST_PATH).matches("a" * LONGEST_PATH)
    with pytest.raises(InvalidValue, match="longer than any path"):
        copy_pattern("a" * (LONGEST_PATH + 1))
