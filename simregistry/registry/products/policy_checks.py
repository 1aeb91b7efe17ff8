"""What the six readers share: they check policies from outside key by key, and a refusal says what to write instead.

The bounds below are this project's, not the systems': a string from outside must not keep a reader busy for ever.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from simregistry.errors import InvalidValue
from simregistry.registry.retention import DAY

UNITS = {"s": 1, "m": 60, "h": 3600, "d": DAY}
DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)([smhd])")
LONGEST_TEXT, LONGEST_EXPRESSION, MOST_REPEATS, LARGEST = 100_000, 512, 4, 10**6


def read_json(what: str, text: str) -> Any:
    """Read JSON, or raise InvalidValue with the place at which it stops being JSON."""
    if len(text) > LONGEST_TEXT:
        raise InvalidValue(what, text, f"write at most {LONGEST_TEXT:,} characters, not {len(text):,}")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidValue(what, text, f"write JSON ({error})") from None


def members(what: str, value: Any, required: Collection[str], optional: Collection[str] = ()) -> Mapping[str, Any]:
    """Check that a JSON object has the keys it needs and no unknown one, which would be a rule silently not kept."""
    if not isinstance(value, dict):
        raise InvalidValue(what, value, "write a JSON object")
    if missing := [key for key in required if key not in value]:
        raise InvalidValue(what, value, f"add {', '.join(missing)}")
    if unknown := [key for key in value if key not in required and key not in optional]:
        raise InvalidValue(what, unknown[0], f"take this key out; known are {', '.join([*required, *optional])}")
    return value


def whole_number(what: str, value: Any, least: int = 0) -> int:
    """Check a whole number; true is none, though Python counts it as 1."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= LARGEST:
        raise InvalidValue(what, value, f"write a whole number from {least} to {LARGEST:,}")
    return value


def string(what: str, value: Any) -> str:
    """Check a string that is not empty."""
    if not isinstance(value, str) or not value:
        raise InvalidValue(what, value, "write a string that is not empty")
    return value


def strings(what: str, value: Any) -> tuple[str, ...]:
    """Check a list of strings; an empty one is refused, since it could mean all or nothing."""
    if not isinstance(value, list) or not value:
        raise InvalidValue(what, value, "write a list of at least one string, or leave the key out")
    return tuple(string(what, entry) for entry in value)


def one_of(what: str, value: Any, allowed: Collection[str]) -> str:
    """Check that a word is one of those that the system knows, spelled as it spells them."""
    if not isinstance(value, str) or value not in allowed:
        raise InvalidValue(what, value, f"write one of {', '.join(allowed)}")
    return value


def duration(what: str, value: Any) -> float:
    """Read a duration as seconds: numbers, each with its unit s, m, h or d.

    >>> duration("--ago", "2d3h6m"), duration("--ago", "1.5h")
    (183960.0, 5400.0)
    """
    if not isinstance(value, str) or len(value) > 100 or not re.fullmatch(f"(?:{DURATION.pattern})+", value):
        raise InvalidValue(what, value, "write numbers with units s, m, h or d, such as 7d or 1d12h")
    return sum(float(number) * UNITS[unit] for number, unit in DURATION.findall(value))


def expression(what: str, value: Any) -> re.Pattern[str]:
    """Read a regular expression; one that could take for ever on a name is refused.

    Python tries every way to match: a repeated group, or many repeats, can take longer than anybody waits. The systems
    match in other engines; the limit of four repeats and no repeated group is this project's.
    """
    text = string(what, value)
    if len(text) > LONGEST_EXPRESSION:
        raise InvalidValue(what, text, f"write at most {LONGEST_EXPRESSION} characters, not {len(text)}")
    if re.search(r"\)[*+{]", text) or len(re.findall(r"[*+{]|(?<!\()\?", text)) > MOST_REPEATS:
        raise InvalidValue(what, text, f"repeat at most {MOST_REPEATS} times, and no group")
    try:
        return re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise InvalidValue(what, text, f"write a regular expression ({error})") from None
