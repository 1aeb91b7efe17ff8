"""The learner's desk: what is taken here is noted in the progress file; the rooms behind it note nothing."""

from __future__ import annotations

from simregistry.teach import progress, quizzes
from simregistry.teach.exercises import all_exercises
from simregistry.teach.levels import LevelAttempt, find_level, read_level
from simregistry.teach.predict import Reveal
from simregistry.teach.problem import Attempt, Exercise
from simregistry.teach.quizzes import Quiz


def exercise(id: str, seed: int = 1) -> Attempt:
    """Take an exercise; each answer that can be read is noted as a try."""
    taken = all_exercises.attempt_exercise(id, seed)
    taken.told = _note
    return taken


def level(id: str) -> LevelAttempt:
    """Take a level; a check is noted as a try, the number of commands is not."""
    return LevelAttempt(find_level(id), lambda found, reveal: progress.note_try("levels", found.id, reveal.score))


def share(text: str) -> LevelAttempt:
    """Take a level that somebody shared as text; nothing of it is noted."""
    return LevelAttempt(read_level(text))


def quiz(lesson: str) -> Quiz:
    """Take the quiz of a lesson; each answer that can be read is noted as a try."""
    taken = quizzes.lesson_quiz(lesson)
    taken.told = lambda question, reveal: progress.note_try("questions", question.id, reveal.score)
    return taken


def _note(found: Exercise, seed: int, reveal: Reveal) -> None:
    progress.note_try("exercises", found.id, reveal.score)
