"""Exercises: problems from a seed, checked at once, with hints in steps, and an answer for each common wrong belief.

Same seed, same problem, on every machine. The simulator computes what is right in the problem's own small world, and
looks nothing up. Where a known belief leads to a wrong answer, the learner reads what is wrong about the belief.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import ClassVar

from simregistry.errors import InvalidValue, SimRegistryError
from simregistry.table import Table
from simregistry.teach.answers import Answer
from simregistry.teach.attempt import HintedAttempt
from simregistry.teach.course import topic_of
from simregistry.teach.reveals import Reveal
from simregistry.teach.unread import Unread, is_open

KINDS = ("predict", "construct", "find", "explain", "implement")
# A world in which a wrong belief happens to be right teaches nothing; another one is drawn. No source needs so many.
MOST_DRAWS = 200
LARGEST_SEED = 2**53
# On so many seeds each exercise is held by test: what is right passes, what is believed is answered.
SEEDS_TESTED = 200


@dataclass(frozen=True, slots=True)
class Misconception:
    """A belief, the answer that it leads to in this world, and what to say to it."""

    belief: str
    answer: object
    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One instance: what is asked and given, what is right and why, and other ways to write what is right."""

    text: str
    answer: Answer
    misconceptions: tuple[Misconception, ...]
    hints: tuple[str, ...]
    why: str
    given: Table | None = None
    also_right: tuple[object, ...] = ()

    def check(self, answer: object) -> Reveal:
        """Say whether an answer is right, what differs, and which belief may be behind it."""
        if is_open(answer):
            return Reveal(f"No answer yet. Wanted: {self.answer.wanted}.", None)
        value = self.answer.read(answer)
        if isinstance(value, Unread):
            return value.reveal(answer, self.answer.wanted)
        verdict = self.answer.judge(value)
        if verdict.right:
            return Reveal(f"Right. {self.why}", True, 1.0)
        messages = [wrong.message for wrong in self.misconceptions if self.answer.read(wrong.answer) == value]
        sentence = f"Not yet: {verdict.sentence}.".replace("..", ".")
        return Reveal(" ".join([sentence, *messages]), False, min(verdict.score, 0.9), verdict.details)

    def teaches(self) -> bool:
        """Say whether at least two beliefs lead to wrong answers here, each to another one."""
        values = [self.answer.read(wrong.answer) for wrong in self.misconceptions]
        if any(isinstance(value, Unread) or self.answer.judge(value).right for value in values):
            return False
        return 2 <= len(values) == len({repr(_sorted(value)) for value in values})


def beliefs(*wrong: tuple[str, object, str], unless: object = None, once: bool = False) -> tuple[Misconception, ...]:
    """List misconceptions, each as (belief, answer, message).

    ``unless`` is the right answer: a belief that leads to it in this world is left out. ``once`` keeps only the first
    belief that leads to an answer. Without them such a world teaches nothing, and another one is drawn.

    >>> [wrong.answer for wrong in beliefs(("all are sent", 3, "One is known."), ("none is sent", 0, "Two are new."))]
    [3, 0]
    """
    kept = [Misconception(*parts) for parts in wrong if parts[1] != unless]
    if once:
        firsts: dict[str, Misconception] = {}
        for misconception in kept:
            firsts.setdefault(repr(_sorted(misconception.answer)), misconception)
        return tuple(firsts.values())
    return tuple(kept)


def _sorted(answer: object) -> object:
    return sorted(answer) if isinstance(answer, frozenset) else answer


Draw = Callable[[random.Random], Problem]


@dataclass(frozen=True, slots=True)
class Exercise:
    """A source of problems: its id begins with the lesson, its objectives are those of the course map."""

    id: str
    kind: str
    title: str
    objectives: tuple[str, ...]
    draw: Draw = field(repr=False)

    @property
    def lesson(self) -> str:
        """The lesson that it belongs to."""
        return topic_of(self.id)

    def problem(self, seed: int) -> Problem:
        """Draw the problem of a seed; raises InvalidValue for what isn't a seed."""
        if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed <= LARGEST_SEED:
            raise InvalidValue("seed", seed, "give a whole number, 0 or more")
        dice = random.Random(f"{self.id}/{seed}")
        for _ in range(MOST_DRAWS):
            problem = self.draw(dice)
            if problem.teaches():
                return problem
        raise SimRegistryError(f"{self.id} found no world for seed {seed} in which every belief is wrong")


@dataclass(slots=True)
class Attempt(HintedAttempt):
    """An exercise in a learner's hands, with the problem of one seed."""

    exercise: Exercise
    seed: int
    problem: Problem

    first: ClassVar[str] = "Check an answer first, any answer: you are told what differs."

    def new(self, seed: int) -> Attempt:
        """Take the problem of another seed."""
        return Attempt(self.exercise, seed, self.exercise.problem(seed), on_try=self.on_try)

    def check(self, answer: object = ...) -> Reveal:
        """Say whether an answer is right, and what differs."""
        return self.counted(self.exercise.id, self.problem.check(answer))

    def points(self, answer: object, of: float) -> float:
        """Compute the points of an answer, part of them where part is right; for graders."""
        return round(of * self.check(answer).score, 2)

    @property
    def all_hints(self) -> tuple[str, ...]:
        """The problem's hints."""
        return self.problem.hints

    def solved(self) -> Reveal:
        """Write the answer and why it is so."""
        return Reveal(f"{self.problem.answer.shown(self.problem.answer.right)}. {self.problem.why}", None)

    def __str__(self) -> str:
        given = f"\n\n{self.problem.given}" if self.problem.given else ""
        head = f"{self.exercise.title} ({self.exercise.id}, seed {self.seed})"
        return f"{head}\n\n{self.problem.text}{given}\n\nAnswer with {self.problem.answer.wanted}."

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = f"<b>{escape(self.exercise.title)}</b> ({self.exercise.id}, seed {self.seed})"
        given = self.problem.given._repr_html_() if self.problem.given else ""
        return (
            f"<p>{head}</p>{as_html(self.problem.text)}{given}<p>Answer with {escape(self.problem.answer.wanted)}.</p>"
        )


def as_html(text: str) -> str:
    """Write a problem's text as HTML: paragraphs, and indented lines as they stand."""
    parts = []
    for part in text.split("\n\n"):
        block = all(line.startswith("    ") for line in part.split("\n"))
        parts.append(f"<pre>{escape(part)}</pre>" if block else f"<p>{escape(part)}</p>".replace("\n", "<br>"))
    return "".join(parts)
