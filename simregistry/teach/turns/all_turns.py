"""All turns by their keys: ``push.order`` is ``TURNS["order"]`` of ``push_turns``."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.resources import files

from simregistry.errors import InvalidValue
from simregistry.teach.turns.turn import Turn

PACKAGE = "simregistry.teach.turns"
ENDING = "_turns.py"


@cache
def turn_topics() -> tuple[str, ...]:
    """List the topics that have turns, in alphabetical order."""
    modules = (path.name for path in files(PACKAGE).iterdir() if path.name.endswith(ENDING))
    return tuple(sorted(name.removesuffix(ENDING).replace("_", "-") for name in modules if name != f"all{ENDING}"))


def turns_of(topic: str) -> dict[str, Callable[[], Turn]]:
    """Read a topic's table of turns: the functions that make them, by name. No other topic is loaded."""
    module = import_module(f"{PACKAGE}.{topic.replace('-', '_')}_turns")
    table: dict[str, Callable[[], Turn]] = module.TURNS
    return table


def find_turn(key: str) -> Turn:
    """Make a turn by its key, or raise InvalidValue naming those there are."""
    topic, _, name = str(key).partition(".")
    makers = turns_of(topic) if topic in turn_topics() else {}
    if name not in makers:
        known = [f"{topic}.{other}" for other in makers] or turn_topics()
        raise InvalidValue("turn", key, f"there is no such turn; there is {', '.join(known)}")
    return makers[name]()
