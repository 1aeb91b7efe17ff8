"""All turns by their keys: ``push.order`` is the function ``order`` of ``push_turns``."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.resources import files

from simregistry.errors import InvalidValue
from simregistry.teach.turns.turn import Turn

PACKAGE = "simregistry.teach.turns"


@cache
def turn_makers() -> dict[str, Callable[[], Turn]]:
    """Find every turn: each module ``TOPIC_turns`` has a table TURNS of names and the functions that make them."""
    modules = sorted(path.name for path in files(PACKAGE).iterdir() if path.name.endswith("_turns.py"))
    makers: dict[str, Callable[[], Turn]] = {}
    for module in (name.removesuffix(".py") for name in modules if name != "all_turns.py"):
        topic = module.removesuffix("_turns").replace("_", "-")
        table = import_module(f"{PACKAGE}.{module}").TURNS
        makers |= {f"{topic}.{name}": make for name, make in table.items()}
    return makers


def find_turn(key: str) -> Turn:
    """Make a turn by its key, or raise InvalidValue naming those there are."""
    makers = turn_makers()
    if key not in makers:
        raise InvalidValue("turn", key, f"there is no such turn; there is {', '.join(sorted(makers))}")
    return makers[key]()
