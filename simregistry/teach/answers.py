"""Kinds of answers: how each is read, however it is written, and what is said where it differs from the right one.

A right answer has many spellings: another order, another unit, a text instead of a list. What is wrong is told without
telling the answer, so that there is something left to think about; ``Attempt.solution`` tells it when asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from simregistry.errors import SimRegistryError
from simregistry.table import count

# Nobody answers at greater length by hand; a machine might.
LONGEST_TEXT, MOST_ITEMS, LONGEST_ITEM = 20_000, 1000, 200
UNITS = {
    "b": 1, "byte": 1, "bytes": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30
}  # fmt: skip
NUMBER = re.compile(r"(-?[\d][\d,_. ]*)\s*([a-z%]*)", re.IGNORECASE)
APART = re.compile(r"\s*(?:->|→|,|;)\s*")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one answer is worth, from 0 to 1, and what differs; ``said`` is the answer as it was read."""

    right: bool
    score: float
    sentence: str
    details: tuple[str, ...] = ()


class Answer(Protocol):
    """The right answer, which knows its equals; ``read`` gives None for what is no answer of its kind."""

    @property
    def right(self) -> Any:
        """A right answer."""

    @property
    def wanted(self) -> str:
        """What is asked for, in words."""

    def read(self, given: object) -> Any:
        """Read what was given into a plain value."""

    def judge(self, said: Any) -> Verdict:
        """Hold what was read against what is right."""

    def shown(self, said: Any) -> str:
        """Write an answer as a learner would."""


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number of things, or bytes: then a unit may be written, and a bare number counts in ``unit``.

    >>> number = Number(120_000_000, "MB")
    >>> number.read(120) == number.read("120 MB") == number.read("0.12 GB") == number.read("120,000,000 bytes")
    True
    """

    right: int
    unit: str = ""

    @property
    def wanted(self) -> str:
        """Say what is asked for."""
        return f"a number, in {self.unit}" if self.unit else "a whole number"

    @property
    def scale(self) -> int:
        """How many bytes the unit has; 1 where no bytes are counted."""
        return UNITS.get(self.unit.lower(), 1)

    def read(self, given: object) -> Decimal | None:
        """Read a number, or a text that holds one; gives bytes where bytes are counted."""
        if isinstance(given, bool) or not isinstance(given, int | float | str | Decimal):
            return None
        if isinstance(given, int | float | Decimal):
            return Decimal(str(given)) * self.scale if -1e18 < given < 1e18 else None
        found = NUMBER.fullmatch(given.strip()) if len(given) <= 60 else None
        if found is None or not self._unit_fits(found[2]):
            return None
        try:
            number = Decimal(re.sub(r"[,_ ]", "", found[1]))
        except InvalidOperation:
            return None
        return number * (UNITS.get(found[2].lower(), 1) if found[2] else self.scale)

    def _unit_fits(self, unit: str) -> bool:
        bytes_are_meant = self.unit.lower() in UNITS
        return not unit or (unit.lower() in UNITS if bytes_are_meant else unit.lower() in (self.unit, self.unit[:-1]))

    def judge(self, said: Decimal) -> Verdict:
        """Say on which side it lies, and how far."""
        if said == self.right:
            return Verdict(True, 1.0, "")
        way = "too many" if said > self.right else "too few"
        smaller, larger = sorted((abs(said), Decimal(abs(self.right))))
        score = float(smaller / larger) if said >= 0 and larger else 0.0
        near = ", though not by much" if score > 0.9 else ", by far" if score < 0.34 else ""
        # Nearly right is worth something in a sum of bytes, and nothing in a count of five things.
        return Verdict(False, round(score / 2, 3) if self.unit.lower() in UNITS else 0.0, f"{way}{near}")

    def shown(self, said: Decimal | int) -> str:
        """Write a number with its unit."""
        number = Decimal(said) / self.scale
        text = count(int(number)) if number == int(number) else f"{number.normalize():,f}"
        unit = self.unit.removesuffix("s") if number == 1 and self.unit.lower() not in UNITS else self.unit
        return f"{text} {unit}".rstrip()


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several options; ``why_not`` tells for a wrong one why it is not so."""

    right: str
    options: tuple[str, ...]
    why_not: tuple[tuple[str, str], ...] = ()

    @property
    def wanted(self) -> str:
        """Say what is asked for."""
        return f"one of: {' · '.join(self.options)}"

    def read(self, given: object) -> str | None:
        """Read an option, whatever its case."""
        if isinstance(given, bool):
            given = "yes" if given else "no"
        said = _plain(given)
        return next((option for option in self.options if option.casefold() == said), None)

    def judge(self, said: str) -> Verdict:
        """Say why it is not so."""
        if said == self.right:
            return Verdict(True, 1.0, "")
        return Verdict(False, 0.0, dict(self.why_not).get(said, f"it is not {said!r}"))

    def shown(self, said: str) -> str:
        """Name the option."""
        return said


@dataclass(frozen=True, slots=True)
class SomeOf:
    """Some of several things, in any order; each thing is scored by itself."""

    right: frozenset[str]
    of: tuple[str, ...]

    @property
    def wanted(self) -> str:
        """Say what is asked for."""
        return f"a set of some of: {', '.join(self.of)} (an empty set for none)"

    def read(self, given: object) -> frozenset[str] | None:
        """Read a collection of names, or a text with commas."""
        if isinstance(given, str) and given.strip().casefold() in ("none", "nothing"):
            return frozenset()
        if isinstance(given, dict):
            return None
        read = _names(given, self.of)
        return None if read is None else frozenset(read)

    def judge(self, said: frozenset[str]) -> Verdict:
        """Say thing by thing what is named wrongly, and how many are missed."""
        wrong = [thing for thing in self.of if thing in said and thing not in self.right]
        missed = len(self.right - said)
        fine = len(self.of) - len(wrong) - missed
        parts = [f"{', '.join(wrong)} {'does' if len(wrong) == 1 else 'do'} not belong there"] if wrong else []
        parts += [f"{missed} {'is' if missed == 1 else 'are'} missing"] if missed else []
        return Verdict(not parts, fine / len(self.of), "; ".join(parts), tuple(f"{name}: not so" for name in wrong))

    def shown(self, said: Collection[str]) -> str:
        """List them in the order of the question."""
        return ", ".join(thing for thing in self.of if thing in said) or "none"


@dataclass(frozen=True, slots=True)
class Order:
    """Things in an order; each place is scored by itself. ``holds`` accepts other orders that are right as well."""

    right: tuple[str, ...]
    holds: Callable[[tuple[str, ...]], bool] = field(default=lambda said: False, repr=False)

    @property
    def wanted(self) -> str:
        """Say what is asked for."""
        return f"a list, in order, of: {', '.join(sorted(self.right))}"

    def read(self, given: object) -> tuple[str, ...] | None:
        """Read a sequence of names, or a text with arrows or commas."""
        if isinstance(given, set | frozenset | dict):
            return None
        return _names(given, self.right)

    def judge(self, said: tuple[str, ...]) -> Verdict:
        """Say which is the first place that differs."""
        if said == self.right or (sorted(said) == sorted(self.right) and self.holds(said)):
            return Verdict(True, 1.0, "")
        fine = sum(a == b for a, b in zip(said, self.right, strict=False))
        if sorted(said) != sorted(self.right):
            return Verdict(False, 0.0, f"name each of the {len(self.right)} once; you named {len(said)}")
        place = next(i for i, (a, b) in enumerate(zip(said, self.right, strict=True), 1) if a != b)
        return Verdict(
            False, fine / len(self.right), f"the first that stands wrong is {said[place - 1]}, place {place}"
        )

    def shown(self, said: Sequence[str]) -> str:
        """Write it with arrows."""
        return " → ".join(said)


@dataclass(frozen=True, slots=True)
class FreeText:
    """Something written that is tried out: ``problem`` says what does not work with it, "" where all does."""

    right: str
    problem: Callable[[str], str] = field(repr=False)
    what: str = "a text"

    @property
    def wanted(self) -> str:
        """Say what is asked for."""
        return self.what

    def read(self, given: object) -> str | None:
        """Read a text, or lines of it; spaces at the ends and empty lines do not count."""
        if (
            isinstance(given, list | tuple)
            and len(given) <= MOST_ITEMS
            and all(isinstance(line, str) for line in given)
        ):
            given = "\n".join(given)
        if not isinstance(given, str) or not given.strip() or len(given) > LONGEST_TEXT:
            return None
        return "\n".join(line.strip() for line in given.strip().splitlines() if line.strip())

    def judge(self, said: str) -> Verdict:
        """Try it."""
        try:
            problem = self.problem(said)
        except SimRegistryError as error:
            problem = str(error)
        return Verdict(not problem, 0.0 if problem else 1.0, problem)

    def shown(self, said: str) -> str:
        """Give it as it is."""
        return said


def _plain(given: object) -> str:
    """Level case and spaces; a line's end parts two names as a comma does."""
    return (
        " ".join(given.strip().replace("\n", " ; ").split()).casefold()
        if isinstance(given, str) and len(given) <= LONGEST_TEXT
        else ""
    )


def _names(given: object, known: Sequence[str]) -> tuple[str, ...] | None:
    """Read names, whatever their case; None where one is not known."""
    names = {_plain(name): name for name in known}
    if isinstance(given, str):
        return _listed(_plain(given), names) or None
    if not isinstance(given, Collection) or isinstance(given, bytes | bytearray) or len(given) > MOST_ITEMS:
        return None
    said = [_plain(each) if isinstance(each, str) and len(each) <= LONGEST_ITEM else "" for each in given]
    return tuple(names[each] for each in said) if all(each in names for each in said) else None


def _listed(text: str, names: Mapping[str, str]) -> tuple[str, ...] | None:
    """Read a list written in a line. A name may hold a comma itself, so the longest name that fits is taken."""
    found: list[str] = []
    rest = text.strip(" ,;")
    while rest and len(found) < MOST_ITEMS:
        fits = (name for name in sorted(names, key=len, reverse=True) if rest.startswith(name))
        name = next((name for name in fits if not rest[len(name) :] or APART.match(rest, len(name))), None)
        if name is None:
            return None
        found.append(names[name])
        rest = APART.sub("", rest[len(name) :], count=1)
    return tuple(found)
