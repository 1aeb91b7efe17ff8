"""JSON documents that are named by the hash of their bytes: written in one way, and read with bounds."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from simregistry.errors import InvalidValue
from simregistry.oci.limits import DEEPEST_JSON


def write_document(obj: dict[str, Any]) -> bytes:
    """Write a document: keys in the order given, no spaces, UTF-8.

    Subtle: other spaces or another order of keys is the same JSON, but it has a different digest. So whoever writes a
    document must always write it the same way.

    >>> write_document({"schemaVersion": 2})
    b'{"schemaVersion":2}'
    """
    return json.dumps(obj, separators=(",", ":"), ensure_ascii=False).encode()


# An escape for half of a character that takes two: alone it is no text, and can't be written as UTF-8 again.
HALF_A_CHARACTER = re.compile(rb"\\u[dD][89abAB]|\\u[dD][c-fC-F]")


def read_document(raw: bytes, what: str) -> dict[str, Any]:
    """Read a document that came from outside, or raise InvalidValue that says what is wrong with it."""
    try:
        # In strict JSON there is no NaN and no key twice (RFC 8259, section 4: names SHOULD be unique).
        obj = json.loads(raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except InvalidValue:
        raise
    except (ValueError, RecursionError) as error:
        raise InvalidValue(what, raw[:60], f"is not JSON ({type(error).__name__})") from None
    if not isinstance(obj, dict):
        raise InvalidValue(what, raw[:60], "must be a JSON object")
    if HALF_A_CHARACTER.search(raw) and not _is_text(obj):
        raise InvalidValue(what, raw[:60], "has half a character in it (a lone surrogate, RFC 8259, section 8.2)")
    if _deeper_than(obj, DEEPEST_JSON):
        raise InvalidValue(what, raw[:60], f"nests deeper than {DEEPEST_JSON} levels")
    return obj


def _is_text(obj: object) -> bool:
    """Say whether all strings of a document can be written as UTF-8."""
    try:
        json.dumps(obj, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its pairs, and refuse one that has a key twice."""
    obj = dict(pairs)
    if len(obj) != len(pairs):
        raise InvalidValue("JSON object", [key for key, _ in pairs], "holds a key twice: readers would disagree on it")
    return obj


def _no_constant(name: str) -> NoReturn:
    """Refuse NaN and infinity, which Python's parser would take."""
    raise InvalidValue("JSON number", name, "is not a number of JSON")


def _deeper_than(obj: object, limit: int) -> bool:
    """Go down level by level, and say whether anything is left below the limit."""
    level: list[object] = [obj]
    while level and limit:
        level = [child for node in level for child in _children(node)]
        limit -= 1
    return bool(level)


def _children(node: object) -> list[object]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []
