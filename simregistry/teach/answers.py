"""Kinds of answers: how each is read, however it is written, and how it is held against what is right.

A right answer has many spellings: another order, another unit, a string instead of a list. Lessons, exercises and
quizzes all read by these kinds, so one answer means the same everywhere. The sentence about a wrong or an unreadable
answer does not name the right one, so that there is something left to think about.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from simregistry.errors import SimRegistryError
from simregistry.teach.unread import LONGEST_TEXT, MOST_ITEMS, Unread
from simregistry.teach.written_names import KnownNames, plain_text
from simregistry.teach.written_number import UNITS, read_number, write_number

__all__ = ["UNITS", "Answer", "FreeText", "Number", "OneOf", "Order", "SomeOf", "Unread", "Verdict"]

NONE_OF_THEM = ("none", "nothing", "none of them", "no one")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one answer is worth, from 0 to 1, and what differs."""

    right: bool
    score: float
    sentence: str
    details: tuple[str, ...] = ()


class Answer(Protocol):
    """The right answer, which knows its equals."""

    @property
    def right(self) -> Any:
        """A right answer."""

    @property
    def wanted(self) -> str:
        """What is asked for, in words."""

    def read(self, answer: object) -> Any:
        """Read an answer into a plain value, or an ``Unread`` that says what is unclear about it."""

    def judge(self, value: Any) -> Verdict:
        """Hold a value that was read against what is right."""

    def shown(self, value: Any) -> str:
        """Write a value as a learner would."""


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

    @property
    def counts_bytes(self) -> bool:
        """Whether the unit is one of bytes."""
        return self.unit.lower() in UNITS

    def read(self, answer: object) -> Decimal | Unread:
        """Read a number, or a string that holds one; it is in bytes where bytes are counted."""
        return read_number(answer, "bytes", bare=self.unit) if self.counts_bytes else read_number(answer, self.unit)

    def judge(self, value: Decimal) -> Verdict:
        """Say on which side it lies, and how far."""
        if value == self.right:
            return Verdict(True, 1.0, "")
        way = "too many" if value > self.right else "too few"
        smaller, larger = sorted((abs(value), Decimal(abs(self.right))))
        score = float(smaller / larger) if value >= 0 and larger else 0.0
        near = ", though not by much" if score > 0.9 else ", by far" if score < 0.34 else ""
        # Nearly right is worth something in a sum of bytes, and nothing in a count of five things.
        return Verdict(False, round(score / 2, 3) if self.counts_bytes else 0.0, f"{way}{near}")

    def shown(self, value: Decimal | int) -> str:
        """Write a number with its unit."""
        number = Decimal(value) / self.scale
        unit = self.unit.removesuffix("s") if number == 1 and not self.counts_bytes else self.unit
        return f"{write_number(number)} {unit}".rstrip()


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several options; ``why_not`` has the reason against a wrong one.

    >>> OneOf("once", ("once", "twice", "never")).read("nevr").sentence
    "Did you mean 'never'?"
    """

    right: str
    options: tuple[str, ...]
    why_not: tuple[tuple[str, str], ...] = ()

    @property
    def wanted(self) -> str:
        """Say what is asked for."""
        return f"one of: {' · '.join(self.options)}"

    def read(self, answer: object) -> str | Unread:
        """Read an option, whatever its case; True and False are a yes and a no."""
        return KnownNames.of(self.options).read_one(answer)

    def judge(self, value: str) -> Verdict:
        """Say why it is not so."""
        if value == self.right:
            return Verdict(True, 1.0, "")
        return Verdict(False, 0.0, dict(self.why_not).get(value, f"it is not {value!r}"))

    def shown(self, value: str) -> str:
        """Name the option."""
        return value


@dataclass(frozen=True, slots=True)
class SomeOf:
    """Some of several things, in any order; each thing is scored by itself.

    >>> layers = SomeOf(frozenset({"top"}), ("base", "top"))
    >>> layers.read("Top"), layers.read({"top", "bass"}).sentence
    (frozenset({'top'}), "There is no 'bass' here. Did you mean 'base'?")
    """

    right: frozenset[str]
    of: tuple[str, ...]

    @property
    def wanted(self) -> str:
        """Say what is asked for."""
        return f"a set of some of: {', '.join(self.of)} (an empty set for none)"

    def read(self, answer: object) -> frozenset[str] | Unread:
        """Read a collection of names, or a string that lists them."""
        names = KnownNames.of(self.of).read_several(answer)
        if not isinstance(names, Unread):
            return frozenset(names)
        says_none = isinstance(answer, str) and len(answer) <= LONGEST_TEXT and plain_text(answer) in NONE_OF_THEM
        return frozenset() if says_none else names

    def judge(self, value: frozenset[str]) -> Verdict:
        """Say thing by thing what is named wrongly, and how many are missed."""
        wrong = [thing for thing in self.of if thing in value and thing not in self.right]
        missed = len(self.right - value)
        fine = len(self.of) - len(wrong) - missed
        parts = [f"{', '.join(wrong)} {'does' if len(wrong) == 1 else 'do'} not belong there"] if wrong else []
        parts += [f"{missed} {'is' if missed == 1 else 'are'} missing"] if missed else []
        return Verdict(not parts, fine / len(self.of), "; ".join(parts), tuple(f"{name}: not so" for name in wrong))

    def shown(self, value: Collection[str]) -> str:
        """List them in the order of the question."""
        return ", ".join(thing for thing in self.of if thing in value) or "none"


@dataclass(frozen=True, slots=True)
class Order:
    """Things in an order; each place is scored by itself. ``holds`` accepts other orders that are right as well."""

    right: tuple[str, ...]
    holds: Callable[[tuple[str, ...]], bool] = field(default=lambda value: False, repr=False)

    @property
    def wanted(self) -> str:
        """Say what is asked for."""
        return f"a list, in order, of: {', '.join(sorted(self.right))}"

    def read(self, answer: object) -> tuple[str, ...] | Unread:
        """Read a sequence of names, or a string with arrows or commas."""
        if isinstance(answer, set | frozenset):
            return Unread("A set has no order. Write a list.")
        return KnownNames.of(self.right).read_several(answer)

    def judge(self, value: tuple[str, ...]) -> Verdict:
        """Say which is the first place that differs."""
        if value == self.right or (sorted(value) == sorted(self.right) and self.holds(value)):
            return Verdict(True, 1.0, "")
        fine = sum(a == b for a, b in zip(value, self.right, strict=False))
        if sorted(value) != sorted(self.right):
            return Verdict(False, 0.0, f"name each of the {len(self.right)} once; you named {len(value)}")
        place = next(i for i, (a, b) in enumerate(zip(value, self.right, strict=True), 1) if a != b)
        return Verdict(
            False, fine / len(self.right), f"the first that stands wrong is {value[place - 1]}, place {place}"
        )

    def shown(self, value: Sequence[str]) -> str:
        """Write it with arrows."""
        return " → ".join(value)


@dataclass(frozen=True, slots=True)
class FreeText:
    """Something written that is tried out: ``problem`` says what does not work with it, "" where all does."""

    right: str
    problem: Callable[[str], str] = field(repr=False)
    what: str = "a string"

    @property
    def wanted(self) -> str:
        """Say what is asked for."""
        return self.what

    def read(self, answer: object) -> str | Unread:
        """Read a string, or lines of it; blanks at the ends and empty lines do not count."""
        lines = answer.splitlines() if isinstance(answer, str) and len(answer) <= LONGEST_TEXT else answer
        if not isinstance(lines, list | tuple) or len(lines) > MOST_ITEMS:
            return Unread("That is too long." if isinstance(answer, str | list | tuple) else "Write a string.")
        if not all(isinstance(line, str) for line in lines):
            return Unread("Write each line as a string.")
        text = "\n".join(line.strip() for line in "\n".join(lines).splitlines() if line.strip())
        return text if 0 < len(text) <= LONGEST_TEXT else Unread()

    def judge(self, value: str) -> Verdict:
        """Try it."""
        try:
            problem = self.problem(value)
        except SimRegistryError as error:
            problem = str(error)
        return Verdict(not problem, 0.0 if problem else 1.0, problem)

    def shown(self, value: str) -> str:
        """Return it as it is."""
        return value
