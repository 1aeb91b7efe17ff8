"""The levels of the course, from their files."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from simregistry.errors import InvalidValue
from simregistry.table import Table
from simregistry.teach.levels.level import Level
from simregistry.teach.levels.level_text import read_level


@cache
def all_levels() -> tuple[Level, ...]:
    """Give all levels, from the first to the hardest.

    >>> all_levels()[0].id
    'first-push'
    """
    folder = files("simregistry.teach.levels").joinpath("data")
    found = sorted((each for each in folder.iterdir() if each.name.endswith(".toml")), key=lambda each: each.name)
    return tuple(read_level(each.read_text("utf-8")) for each in found)


def levels_table() -> Table:
    """Show the levels, a line each."""
    rows = tuple((level.id, level.lesson, level.title, level.par, level.objective) for level in all_levels())
    return Table(("level", "lesson", "title", "par", "objective"), rows)


def find_level(id: str) -> Level:
    """Find a level; raises InvalidValue naming those there are."""
    found = {level.id: level for level in all_levels()}
    if id not in found:
        raise InvalidValue("level", id, f"is none of {', '.join(found)}")
    return found[id]
