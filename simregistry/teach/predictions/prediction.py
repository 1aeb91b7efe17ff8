"""A prediction's question: what is asked, what can be answered, and what is said to each answer."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from simregistry.errors import InvalidValue

KINDS = ("number", "choice", "set", "order", "words", "place")
# Kinds whose answer is chosen from a list that the question gives.
LISTED = ("choice", "set", "order")
KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\.[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Truth:
    """What is so, computed from a result, and named facts that the reasons speak of.

    ``right`` is a number, an option, a set of options, an order of options, words, or the number of a row (from 1).
    """

    right: object
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WrongNumber:
    """A wrong number that a belief leads to: the fact that has its value, and what to say to it."""

    fact: str
    belief: str
    says: str


@dataclass(frozen=True, slots=True)
class Prediction:
    """One question, as its file has it.

    ``reasons`` has a sentence for each option (also for the right one: which one is right is computed). For a number,
    ``too_many`` and ``too_few`` are said to a wrong one that no ``wrong_numbers`` explains. Texts may name facts of
    the truth in braces, ``{whole:,}``.
    """

    key: str
    kind: str
    text: str
    why: str
    options: tuple[str, ...] = ()
    unit: str = ""
    tolerance: float = 0.0
    reasons: Mapping[str, str] = field(default_factory=dict)
    beliefs: Mapping[str, str] = field(default_factory=dict)
    wrong_numbers: tuple[WrongNumber, ...] = ()
    too_many: str = ""
    too_few: str = ""
    accept: tuple[str, ...] = ()
    # The key of the prediction that has to be answered before this question is asked: it looks at what that one showed.
    after: str = ""
    practise: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        broken = next((rule for rule, kept in self._rules() if not kept), None)
        if broken:
            raise InvalidValue("prediction", self.key, broken)

    def _rules(self) -> list[tuple[str, bool]]:
        listed = self.kind in LISTED
        return [
            ("name it topic.question, in lower case with hyphens", KEY.fullmatch(self.key) is not None),
            (f"let its kind be one of {', '.join(KINDS)}", self.kind in KINDS),
            ("ask something", bool(self.text.strip())),
            ("say why it is so", bool(self.why.strip())),
            ("give it options that differ", not listed or 2 <= len(self.options) == len(set(self.options))),
            ("give options to a choice, a set or an order alone", listed or not self.options),
            ("give each option of a choice a reason", self.kind != "choice" or set(self.reasons) == set(self.options)),
            ("give each option of a set a reason", self.kind != "set" or set(self.reasons) == set(self.options)),
            ("give reasons to options that there are", not listed or set(self.reasons) <= set(self.options)),
            ("let each belief belong to an option", not listed or set(self.beliefs) <= set(self.options)),
            ("say what to tell a number that is too large or too small",
             self.kind != "number" or bool(self.too_many and self.too_few)),
            ("give a unit to a number alone", self.kind == "number" or not self.unit),
        ]  # fmt: skip

    @property
    def topic(self) -> str:
        """The topic that it belongs to: what stands before the point."""
        return self.key.partition(".")[0]

    @property
    def shown_options(self) -> tuple[str, ...]:
        """The options as they are shown; things to put in order are shuffled, the same way on every machine."""
        if self.kind != "order":
            return self.options
        shuffled = sorted(self.options)
        random.Random(self.key).shuffle(shuffled)
        return tuple(shuffled)
