"""Patterns of paths: a star stays in its part, two stars go over any number of them."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simregistry.errors import InvalidValue
from simregistry.oci.globs import glob_pattern

PIECES = ["a", "b", ".", "*", "?", "[ab]", "[!a]", "[a-b]"]


def matches(pattern: str, *paths: str) -> list[str]:
    """Those of the paths that the pattern matches."""
    return [path for path in paths if glob_pattern(pattern).fullmatch(path)]


def test_a_star_stays_in_its_part():
    """As in a shell, and unlike fnmatch."""
    assert matches("*.log", "a.log", "d/a.log") == ["a.log"]
    assert matches("d/*/x", "d/e/x", "d/x", "d/e/f/x") == ["d/e/x"]


def test_two_stars_go_over_any_number_of_parts():
    """None at all is such a number."""
    assert matches("**/x", "x", "a/x", "a/b/x", "ax") == ["x", "a/x", "a/b/x"]
    assert matches("a/**", "a/b", "a/b/c", "a", "b/a") == ["a/b", "a/b/c"]


def test_a_backslash_takes_the_meaning_off():
    """And a bracket that is never closed is a bracket."""
    assert matches(r"\*.log", "*.log", "a.log") == ["*.log"]
    assert matches("[ab", "[ab", "a") == ["[ab"]
    assert matches("[^a]", "a", "b", "^") == ["b", "^"]


def test_every_other_character_is_itself():
    """A dot is a dot, and a line break may be in a name."""
    assert matches("a.b+(c)", "a.b+(c)", "axb+(c)") == ["a.b+(c)"]
    assert matches("**", "a\nb") == ["a\nb"]


def test_a_range_that_cannot_be_read_is_named():
    """In the person's own words, not those of the expression."""
    with pytest.raises(InvalidValue, match=r"pattern 'src/\[z-a\]': has a \[range\]"):
        glob_pattern("src/[z-a]")


@given(st.lists(st.sampled_from(PIECES), max_size=5), st.text("ab.", max_size=4))
def test_inside_one_part_it_is_what_a_shell_does(pieces, name):
    """The standard library's fnmatch agrees where no slash is."""
    pattern = "".join(pieces)
    assert bool(glob_pattern(pattern).fullmatch(name)) == fnmatchcase(name, pattern)
