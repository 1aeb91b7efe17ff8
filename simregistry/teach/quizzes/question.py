"""A question of a quiz: what is asked, and options that each say why they fit or do not.

A wrong option is an answer that learners give, and where it comes from a known belief it names the belief. So whoever
chooses it is told what is tempting about it, and not only that it is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from simregistry.errors import InvalidValue
from simregistry.teach.course import topic_of
from simregistry.teach.reveals import Reveal
from simregistry.teach.unread import Unread, is_open
from simregistry.teach.written_names import KnownNames, plain_text

LETTERS = "abcd"
FEWEST, MOST_WORDS = 3, 20


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose, whether it fits, and why; ``belief`` is what somebody holds who is drawn to a wrong one."""

    text: str
    right: bool
    why: str
    belief: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and its options in their order; ``several`` says that more than one may fit.

    >>> options = [Option(text, text == "2", "count them") for text in ("1", "2", "3")]
    >>> print(Question("start.q1", ("start.move",), "How many machines?", tuple(options)).reveal("a"))
    ✗ Not yet: a) 1. Count them.
    """

    id: str
    objectives: tuple[str, ...]
    text: str
    options: tuple[Option, ...]
    several: bool = False

    def __post_init__(self) -> None:
        broken = next((rule for rule, kept in self._rules() if not kept), None)
        if broken:
            raise InvalidValue("question", self.id, broken)

    def _rules(self) -> list[tuple[str, bool]]:
        texts = [option.text for option in self.options]
        fitting = sum(option.right for option in self.options)
        return [
            ("name it by its lesson and a number, such as push.q3", bool(re.fullmatch(r"[a-z-]+\.q[1-9]\d?", self.id))),
            ("name an objective", bool(self.objectives)),
            ("name objectives of its lesson", all(topic_of(objective) == self.lesson for objective in self.objectives)),
            ("ask something", bool(self.text.strip())),
            (f"give it {FEWEST} or {len(LETTERS)} options", FEWEST <= len(texts) <= len(LETTERS)),
            ("let its options differ", len({text.strip().lower() for text in texts}) == len(texts)),
            (f"give each option 1 to {MOST_WORDS} words", all(1 <= len(text.split()) <= MOST_WORDS for text in texts)),
            ("say of each option why", all(option.why.strip() for option in self.options)),
            ("let one option fit and another not", 0 < fitting < len(texts)),
            ("let one option fit, or say that several may", self.several or fitting == 1),
            ("name a belief at wrong options alone", not any(o.right and o.belief for o in self.options)),
        ]  # fmt: skip

    @property
    def lesson(self) -> str:
        """The lesson that it belongs to."""
        return topic_of(self.id)

    @property
    def right(self) -> str:
        """The letters of the options that fit."""
        return "".join(letter for letter, option in zip(LETTERS, self.options, strict=False) if option.right)

    @property
    def wanted(self) -> str:
        """What kind of answer is wanted, in words."""
        last = LETTERS[len(self.options) - 1]
        return f'one or more of the letters a to {last}, such as "ac"' if self.several else f"one letter, a to {last}"

    def read(self, answer: object) -> str | Unread:
        """Read an answer as the letters that it names, in alphabetical order.

        Letters are written "b", "ac", "a, c" or ["a", "c"]; an option's own words are fine too.
        """
        letters = self._letters(answer)
        if isinstance(letters, Unread):
            return letters
        chosen = "".join(letter for letter in LETTERS if letter in letters)
        if not chosen or (len(chosen) > 1 and not self.several):
            return Unread(f"Name {'at least one' if self.several else 'one of them'}.")
        return chosen

    def _letters(self, answer: object) -> Collection[str] | Unread:
        known = LETTERS[: len(self.options)]
        if isinstance(answer, str) and len(answer) < len(LETTERS) ** 2 and set(plain_text(answer)) <= set(known):
            return plain_text(answer)
        if isinstance(answer, Collection) and not isinstance(answer, str) and len(answer) > len(known):
            return Unread("That is too long.")
        spellings: dict[str, str] = {}
        for letter, option in zip(known, self.options, strict=True):
            texts = {option.text, without_backticks(option.text)}
            spellings |= dict.fromkeys((f"{letter})", *texts, *(f"{letter}) {text}" for text in texts)), letter)
        return KnownNames.of(known, spellings).read_several(answer)

    def reveal(self, answer: object) -> Reveal:
        """Say whether an answer fits, and why what was chosen does or does not."""
        if is_open(answer):
            return Reveal(f"No answer yet. Wanted: {self.wanted}.", None)
        chosen = self.read(answer)
        if isinstance(chosen, Unread):
            return chosen.reveal(answer, self.wanted)
        return self._several(chosen) if self.several else self._one(chosen)

    def _one(self, chosen: str) -> Reveal:
        option = self.options[LETTERS.index(chosen)]
        explained = f"{chosen}) {option.text}. {_sentence(option.why)}"
        if not option.right:
            return Reveal(f"Not yet: {explained}", False)
        return Reveal(f"Right: {explained}", True, 1.0, self._lines(LETTERS.replace(chosen, "")))

    def _several(self, chosen: str) -> Reveal:
        if chosen == self.right:
            return Reveal(f"Right: {' and '.join(chosen)}.", True, 1.0, self._lines(LETTERS))
        wrong, missed = set(chosen) - set(self.right), set(self.right) - set(chosen)
        sentence = "all that you chose fits, and there is more" if not wrong else "not all that you chose fits"
        more = ", and something is missing" if wrong and missed else ""
        score = 1 - len(wrong | missed) / len(self.options)
        return Reveal(f"Not yet: {sentence}{more}.", False, min(score, 0.9), self._lines(chosen))

    def _lines(self, letters: str) -> tuple[str, ...]:
        """Explain some of the options, a line each."""
        return tuple(
            f"{letter}) {'fits' if option.right else 'does not fit'}: {_sentence(option.why)}"
            for letter, option in zip(LETTERS, self.options, strict=False)
            if letter in letters
        )

    def __str__(self) -> str:
        kind = " (more than one may fit)" if self.several else ""
        options = (f"   {letter}) {option.text}" for letter, option in zip(LETTERS, self.options, strict=False))
        return "\n".join([f"{self.text}{kind}", *options])

    __repr__ = __str__


def question_of(id: str, data: dict[str, Any]) -> Question:
    """Make a question of what its file says; raises InvalidValue for a key that no question has."""
    known = {"id", "objectives", "text", "several", "option"}
    options = data.get("option", [])
    foreign = sorted(set(data) - known | {key for one in options for key in one} - {"text", "right", "why", "belief"})
    if foreign:
        raise InvalidValue("question", id, f"has no use for {', '.join(foreign)}; take it out")
    missing = sorted(
        {"objectives", "text"} - set(data) | {"text", "right", "why"} - set(min(options, key=len, default={}))
    )
    if missing:
        raise InvalidValue("question", id, f"lacks {', '.join(missing)}; add it")
    return Question(
        id,
        tuple(data["objectives"]),
        data["text"],
        tuple(Option(**option) for option in options),
        bool(data.get("several", False)),
    )


def without_backticks(text: str) -> str:
    """Leave the backticks out, where they would be shown as they are."""
    return text.replace("`", "")


def _sentence(why: str) -> str:
    return f"{why[0].upper()}{why[1:].rstrip('.')}."
