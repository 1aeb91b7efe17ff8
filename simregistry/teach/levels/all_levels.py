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
    """Read all levels, from the first to the hardest.

    >>> all_levels()[0].id
    'first-push'
    """
    folder = files("simregistry.teach.levels").joinpath("data")
    paths = sorted((path for path in folder.iterdir() if path.name.endswith(".toml")), key=lambda path: path.name)
    return tuple(read_level(path.read_text("utf-8")) for path in paths)


def levels_table() -> Table:
    """Show the levels, a line each."""
    rows = tuple((level.id, level.lesson, level.title, level.par, level.objective) for level in all_levels())
    return Table(("level", "lesson", "title", "par", "objective"), rows)


def find_level(id: str) -> Level:
    """Find a level by its id; raises InvalidValue with the ids there are."""
    levels = {level.id: level for level in all_levels()}
    if id not in levels:
        raise InvalidValue("level", id, f"isn't one of {', '.join(levels)}")
    return levels[id]


def level_after(level: Level) -> Level | None:
    """Find the level that follows; nothing after the last one, and after one that somebody shared.

    >>> level_after(all_levels()[0]).id
    'delivery'
    """
    levels = all_levels()
    return levels[levels.index(level) + 1] if level in levels[:-1] else None
