"""What a test walks over, in two parts: the first few in every run, the others in `make test-long`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def long_after(first: int, cases: Iterable[object]) -> list[Any]:
    """Leave the first cases as they are, and mark the others long."""
    return [case if place < first else pytest.param(case, marks=pytest.mark.long) for place, case in enumerate(cases)]
