"""One test of many cases: it passes when all do, names every one that fails, and never passes over nothing."""

from __future__ import annotations

import pytest
from one_test import one_test_of

NUMBERS = {"one": (1, "1"), "two": (2, "2"), "three": (3, "drei"), "four": (4, None)}


def is_written(number: int, text: str) -> None:
    """A number is written in digits."""
    assert int(text) == number


def test_every_offender_is_named_and_no_other_case():
    """Whatever they raise; the cases after the first offender are still run."""
    with pytest.raises(AssertionError) as failure:
        one_test_of(NUMBERS)(is_written)()
    lines = str(failure.value).splitlines()
    assert lines[0] == "2 of 4:"
    assert [line.split(": ")[:2] for line in lines[1:]] == [["three", "ValueError"], ["four", "TypeError"]]
    assert isinstance(failure.value.__cause__, ValueError)


def test_it_passes_when_every_case_does():
    """And keeps the name and the promise of its check."""
    test = one_test_of({"one": (1, "1"), "two": (2, "2")})(is_written)
    test()
    assert (test.__name__, test.__doc__) == ("is_written", "A number is written in digits.")


def test_no_cases_at_all_is_a_fault():
    """A folder that moved would otherwise make a test that can't fail."""
    with pytest.raises(AssertionError, match="has no case"):
        one_test_of({})(is_written)()
