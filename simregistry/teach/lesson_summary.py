"""The end of a lesson: how the predictions went, how well sureness fitted, and what to practise, one click each."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from html import escape

from simregistry.errors import SimRegistryError
from simregistry.teach import progress
from simregistry.teach.course import Lesson
from simregistry.teach.course import lesson as find_lesson
from simregistry.teach.exercises import all_exercises
from simregistry.teach.levels import all_levels
from simregistry.teach.predictions.all_predictions import predictions_of
from simregistry.teach.predictions.answer_reading import from_json
from simregistry.teach.predictions.ask import SURENESS
from simregistry.teach.predictions.commitments import COMMITMENTS
from simregistry.teach.predictions.outcome import shown_answer
from simregistry.teach.predictions.prediction import Prediction
from simregistry.teach.progress import SWITCH, Committed
from simregistry.teach.quizzes import lesson_quiz

BEST = 2


@dataclass(frozen=True, slots=True)
class Practice:
    """Something to do next: its name, where it is (a link from the lessons' folder), and how far one is."""

    name: str
    link: str
    how_far: str


@dataclass(frozen=True, slots=True)
class LessonEnd:
    """A lesson's predictions with their commitments, and what to practise."""

    lesson: Lesson
    answered: tuple[tuple[Prediction, Committed], ...]
    skipped: int
    open: int
    practice: tuple[Practice, ...]

    def summary(self) -> tuple[str, ...]:
        """Say how the predictions went, a line each."""
        right = sum(committed.right is True for _, committed in self.answered)
        lines = [f"Predictions: {len(self.answered)} made, {right} right, {self.skipped} skipped, {self.open} open."]
        for word in SURENESS:
            about = [committed for _, committed in self.answered if committed.sure == word]
            if about:
                fitting = sum(committed.right is True for committed in about)
                lines.append(f"You said “{word}” {_times(len(about))} and were right {_times(fitting)}.")
        return tuple(lines)

    def wrong(self) -> tuple[str, ...]:
        """List the predictions that went wrong, with what was said."""
        return tuple(
            f"{prediction.text} You said {shown_answer(prediction, from_json(prediction, committed.answer))}."
            for prediction, committed in self.answered
            if committed.right is False
        )

    def __str__(self) -> str:
        parts = [*self.summary(), *(f"  ✗ {line}" for line in self.wrong())]
        parts += [f"To practise: {practice.name} ({practice.how_far})" for practice in self.practice]
        return "\n".join(parts)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        lines = "".join(f"<li>{escape(line)}</li>" for line in self.summary())
        wrong = "".join(f"<li>✗ {escape(line)}</li>" for line in self.wrong())
        links = "".join(
            f"<li><a href='{escape(practice.link)}'>{escape(practice.name)}</a> ({escape(practice.how_far)})</li>"
            for practice in self.practice
        )
        return f"<p><b>What you predicted</b></p><ul>{lines}{wrong}</ul><p><b>What to practise</b></p><ul>{links}</ul>"


def lesson_end(topic: str) -> LessonEnd:
    """Look back at a lesson: ``lesson_end("push")``; raises InvalidValue for a topic that no lesson has."""
    lesson = find_lesson(topic)
    asked = predictions_of(topic).values()
    committed = [(prediction, COMMITMENTS.find(prediction.key)) for prediction in asked if not prediction.after]
    answered = tuple(
        (prediction, commitment)
        for prediction, commitment in committed
        if commitment is not None and commitment.answer is not None
    )
    skipped = sum(commitment is not None and commitment.answer is None for _, commitment in committed)
    unanswered = sum(commitment is None for _, commitment in committed)
    return LessonEnd(lesson, answered, skipped, unanswered, _practice(lesson, answered))


def _practice(lesson: Lesson, answered: Sequence[tuple[Prediction, Committed]]) -> tuple[Practice, ...]:
    """Choose two exercises (those of wrong predictions first), the quiz and a level."""
    record = _record()
    wrong = [id for prediction, committed in answered if committed.right is False for id in prediction.practise]
    ids = list(dict.fromkeys([*wrong, *lesson.practise]))[:BEST]
    sheet = f"exercises/{lesson.file}"
    exercises = [
        Practice(f"Exercise: {all_exercises.find_exercise(id).title}", sheet, _how_far(record, "exercises", id))
        for id in ids
    ]
    questions = [question.id for question in lesson_quiz(lesson.id).questions]
    right = sum(id in record.get("questions", {}) and record["questions"][id].best == 1 for id in questions)
    quiz = Practice(f"Quiz: {len(questions)} questions", sheet, f"{right} of {len(questions)} right")
    game = [
        Practice(f"Level: {level.title}", "levels.ipynb", _how_far(record, "levels", level.id))
        for level in all_levels()
        if level.id == lesson.game
    ]
    return (*exercises, quiz, *game)


def _record() -> Mapping[str, Mapping[str, progress.Done]]:
    """Read the learner's record; without one, or with one that cannot be read, nothing was done yet."""
    if os.environ.get(SWITCH) != "off":
        with suppress(SimRegistryError):
            return progress.read_progress(progress.place())
    return {}


def _how_far(record: Mapping[str, Mapping[str, progress.Done]], kind: str, id: str) -> str:
    done = record.get(kind, {}).get(id)
    if done is None:
        return "not tried yet"
    return "solved" if done.best == 1 else f"tried {_times(done.tries)}"


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")
