"""Read predictions from a file: TOML, a table a question; what is wrong is named with its question."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from simregistry.errors import InvalidValue
from simregistry.teach.predictions.prediction import Prediction, WrongNumber

TEXTS = ("kind", "text", "why", "unit", "too_many", "too_few", "after")
LISTS = ("options", "accept", "practise")
TABLES = ("reasons", "beliefs")


def predictions_from_text(topic: str, text: str) -> dict[str, Prediction]:
    """Read a topic's questions by their keys, or raise InvalidValue saying which question to mend and how.

    >>> source = '[a]\\nkind="choice"\\ntext="?"\\nwhy="w"\\noptions=["x","y"]\\n[a.reasons]\\nx="1"\\ny="2"'
    >>> predictions_from_text("push", source)["push.a"].options
    ('x', 'y')
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidValue("predictions", topic, f"write TOML ({error})") from None
    return {f"{topic}.{name}": _prediction(f"{topic}.{name}", table) for name, table in tables.items()}


def _prediction(key: str, table: Any) -> Prediction:
    if not isinstance(table, Mapping):
        raise InvalidValue("prediction", key, "write a table with kind, text and why")
    known = {*TEXTS, *LISTS, *TABLES, "tolerance", "wrong"}
    if unknown := sorted(set(table) - known):
        raise InvalidValue("prediction", key, f"take out {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    fields: dict[str, Any] = {name: " ".join(str(table[name]).split()) for name in TEXTS if name in table}
    fields |= {name: tuple(map(str, table[name])) for name in LISTS if name in table}
    fields |= {
        name: {str(option): str(says) for option, says in table[name].items()} for name in TABLES if name in table
    }
    fields |= {"wrong_numbers": tuple(WrongNumber(**wrong) for wrong in table.get("wrong", ()))}
    if missing := [name for name in ("kind", "text", "why") if name not in fields]:
        raise InvalidValue("prediction", key, f"add {', '.join(missing)}")
    return Prediction(key=key, tolerance=float(table.get("tolerance", 0)), **fields)
