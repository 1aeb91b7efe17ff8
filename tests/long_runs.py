"""Long runs: which files come first, and what of a walk over seeds is left to `make test-long`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

# A worker takes a file at a time, in this order, so that none is left alone with a long one at the end. Only the wall
# clock depends on it: a file that is not named here is taken later.
LONGEST_FIRST = (
    "tests/test_browser.py",
    "tests/teach/exercises/test_exercises.py",
    "tests/study/capstone/test_search.py",
    "tests/study/capstone/test_play_year.py",
    "tests/test_slides.py",
    "tests/show/test_pictures.py",
    "tests/teach/handouts/test_handouts.py",
    "tests/registry/gc/test_live.py",
    "tests/test_benchmarks.py",
    "tests/teach/build_your_own/test_steps.py",
    "tests/teach/levels/test_levels.py",
    "tests/study/races/test_interleavings.py",
    "tests/study/published/test_published.py",
)


def long_after(first: int, cases: Iterable[object]) -> list[Any]:
    """Leave the first cases as they are, and mark the others long."""
    return [case if place < first else pytest.param(case, marks=pytest.mark.long) for place, case in enumerate(cases)]
