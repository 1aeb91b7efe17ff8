"""Scenarios: what happens with a learner's part plugged in, what should come of it, and the rule behind it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simregistry.errors import SimRegistryError
from simregistry.oci.messages import shorten

# A learner's function or class: anything at all, until it was looked at.
Part = Callable[..., Any]
REFUSED = "it is refused"


class Unfit(SimRegistryError):
    """A part gave something that its task does not ask for; the message says what is wanted."""


@dataclass(frozen=True, slots=True)
class PartScenario:
    """One thing that happens: ``play`` makes it happen with a part, and its result is compared with ``expected``.

    Where the two differ the learner reads ``rule``, and ``slips`` has more to say to results of known wrong beliefs.
    """

    title: str
    given: str
    expected: object
    play: Callable[[Part], object]
    rule: str
    slips: tuple[tuple[object, str], ...] = ()

    def advice(self, result: object) -> str:
        """Say what is wrong about a result."""
        return " ".join([*(message for slip, message in self.slips if slip == result), self.rule])


def readable(value: object) -> str:
    """Write a value for reading: a string as it is, digests cut to twelve digits, and never more than two lines.

    >>> readable(b"hello"), readable("")
    ("b'hello'", "'' (an empty text)")
    """
    if value == "" and isinstance(value, str):
        return "'' (an empty text)"
    try:
        # An address in memory is another one each time.
        text = re.sub(r" at 0x[0-9a-fA-F]+", "", shorten(value if isinstance(value, str) else repr(value)))
    except Exception:  # a learner's object may do anything, also when it is printed
        text = f"something of type {type(value).__name__}"
    return f"{text[:200]}…" if len(text) > 200 else text


def wanted(value: object, kind: type, where: str, what: str) -> Any:
    """Return a value if it is of the kind that is wanted, or raise Unfit saying what it is instead.

    >>> wanted("sha256:", str, "digest(content)", "a text")
    'sha256:'
    """
    # True is a whole number to Python, and to nobody else.
    if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
        return value
    raise Unfit(f"{where} gave {readable(value)}; {what} is wanted")


def refusing(act: Callable[[], object], kind: type[Exception] = ValueError) -> str:
    """Say whether an act is refused by raising, as its task asks; another error than that is the learner's to see."""
    try:
        value = act()
    except kind:
        return REFUSED
    return f"it is taken: {readable(value)}" if value is not None else "it is taken"
