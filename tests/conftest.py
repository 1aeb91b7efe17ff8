"""What all tests share: one deterministic profile, so that a test that passes once passes always; and their order."""

from __future__ import annotations

import pytest
from hypothesis import settings
from long_runs import LONGEST_FIRST

settings.register_profile("fixed", derandomize=True, deadline=None, database=None, max_examples=100)
settings.load_profile("fixed")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first, and leave everything else where it was."""
    place = {name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(place)))
