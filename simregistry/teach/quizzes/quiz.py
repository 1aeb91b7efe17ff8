"""The quiz of a lesson: printed as plain text, answered in a cell, or shown as a panel.

The panel is made of ipywidgets, not of JupyterQuiz: that library's questions are JavaScript in an output, which a
notebook that is not trusted does not run, and which leaves a terminal, a test and paper with nothing to read. Whoever
has it gets the same questions in its format from ``as_jupyterquiz``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from simregistry.errors import InvalidValue
from simregistry.table import Table
from simregistry.teach import course
from simregistry.teach.attempt import CountedAttempt
from simregistry.teach.quizzes.question import LETTERS, Question, question_of, without_backticks
from simregistry.teach.reveals import Reveal

FOLDER = Path(__file__).parent / "questions"
LESSONS = tuple(lesson.id for lesson in course.lessons() if (FOLDER / f"{lesson.id}.toml").is_file())


@dataclass(frozen=True, slots=True)
class QuizScore:
    """How many questions are answered, and how many of them rightly."""

    right: int
    answered: int
    of: int

    def __str__(self) -> str:
        return f"{self.right} of {self.of} right, {self.answered - self.right} not yet, {self.of - self.answered} open"

    __repr__ = __str__


@dataclass(slots=True, repr=False)
class Quiz(CountedAttempt):
    """The questions of a lesson in a learner's hands, and the last reveal of each that was answered."""

    lesson: str
    questions: tuple[Question, ...]
    reveals: dict[str, Reveal] = field(default_factory=dict)

    def check(self, id: str, answer: object = ...) -> Reveal:
        """Check the answer to a question by its id; raises InvalidValue naming the ids where there is none such."""
        question = {question.id: question for question in self.questions}.get(id if isinstance(id, str) else "")
        if question is None:
            near = get_close_matches(str(id)[:20], [question.id for question in self.questions], 3, 0.5)
            listed = ", ".join(near or [question.id for question in self.questions])
            raise InvalidValue("question", id, f"is not in the quiz of {self.lesson}; there is {listed}")
        reveal = self.counted(question.id, question.reveal(answer))
        if reveal.right is not None:
            self.reveals[question.id] = reveal
        return reveal

    def answer(self, number: int, answer: object = ...) -> Reveal:
        """Check the answer to a question by its number, 1 for the first."""
        if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= len(self.questions):
            raise InvalidValue("question number", number, f"give a whole number from 1 to {len(self.questions)}")
        return self.check(self.questions[number - 1].id, answer)

    def score(self) -> QuizScore:
        """Count what is answered; of several answers to one question the last one counts."""
        right = sum(reveal.right is True for reveal in self.reveals.values())
        return QuizScore(right, len(self.reveals), len(self.questions))

    def key(self) -> Table:
        """List the answers, each with its reason; for whoever teaches."""
        rows = [
            (question.id, question.right, letter, "fits" if option.right else "does not fit", option.why)
            for question in self.questions
            for letter, option in zip(LETTERS, question.options, strict=False)
        ]
        return Table(("question", "answer", "option", "which", "why"), tuple(rows))

    def as_jupyterquiz(self) -> list[dict[str, Any]]:
        """Write the questions in JupyterQuiz's format, for its ``display_quiz``; there the strings are HTML."""
        return [
            {
                "question": _as_html(question.text),
                "type": "many_choice" if question.several else "multiple_choice",
                "answers": [
                    {
                        "answer": _as_html(option.text),
                        "correct": option.right,
                        "feedback": _as_html(option.why),
                    }
                    for option in question.options
                ],
            }
            for question in self.questions
        ]

    def panel(self) -> Any:
        """Make the widget: it is worked by keyboard, and what is chosen in it counts in ``score``."""
        # Loaded when a panel is shown: a grader, a terminal and the command line need neither widgets nor pictures.
        from simregistry.show.quiz_panel import Card, quiz_panel

        def check(number: int, chosen: Collection[int]) -> str:
            letters = "".join(LETTERS[place] for place in sorted(chosen))
            return without_backticks(str(self.answer(number, letters)))

        cards = [
            Card(
                without_backticks(question.text),
                tuple(
                    f"{letter}) {without_backticks(option.text)}"
                    for letter, option in zip(LETTERS, question.options, strict=False)
                ),
                question.several,
            )
            for question in self.questions
        ]
        return quiz_panel(cards, check, lambda: str(self.score()))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle: dict[str, Any] = self.panel()._repr_mimebundle_()
        return bundle | {"text/plain": str(self)}

    def __str__(self) -> str:
        asked = (f"{number}. {question}" for number, question in enumerate(self.questions, 1))
        return "\n\n".join(
            [f"Quiz of the lesson “{course.lesson(self.lesson).title}”: {len(self.questions)} questions", *asked]
        )

    __repr__ = __str__


@cache
def questions_of(lesson: str) -> tuple[Question, ...]:
    """Read the questions of a lesson from their file."""
    data = tomllib.loads((FOLDER / f"{lesson}.toml").read_text(encoding="utf-8"))
    return tuple(question_of(str(table.get("id", "")), table) for table in data["question"])


def lesson_quiz(lesson: str) -> Quiz:
    """Take the quiz of a lesson into your hands; raises InvalidValue naming the lessons.

    >>> lesson_quiz("stored-once").check("stored-once.q1", "x").right is None
    True
    """
    id = course.lesson(lesson).id
    return Quiz(id, questions_of(id))


def _as_html(text: str) -> str:
    """Write a string as HTML, what is in backticks as code."""
    return _code(escape(text))


def _code(html: str) -> str:
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", html)
