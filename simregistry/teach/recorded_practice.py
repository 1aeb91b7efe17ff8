"""The learner's desk: what is taken here is noted in the progress file; the rooms behind it note nothing."""

from __future__ import annotations

from simregistry.teach import progress
from simregistry.teach import quiz as quizzes
from simregistry.teach.exercise import Attempt, Exercise
from simregistry.teach.exercises import all_exercises
from simregistry.teach.levels import Play, find, read_level
from simregistry.teach.predict import Reveal
from simregistry.teach.quiz import Quiz


def exercise(id: str, seed: int = 1) -> Attempt:
    """Take an exercise; each answer that can be read is noted as a try."""
    taken = all_exercises.exercise(id, seed)
    taken.told = _note
    return taken


def level(id: str) -> Play:
    """Take a level; a check is noted as a try, the number of commands is not."""
    return Play(find(id), lambda found, reveal: progress.note("levels", found.id, reveal.score))


def share(text: str) -> Play:
    """Take a level that somebody shared as text; nothing of it is noted."""
    return Play(read_level(text))


def quiz(lesson: str) -> Quiz:
    """Take the quiz of a lesson; each answer that can be read is noted as a try."""
    taken = quizzes.quiz(lesson)
    taken.told = lambda question, reveal: progress.note("questions", question.id, reveal.score)
    return taken


def _note(found: Exercise, seed: int, reveal: Reveal) -> None:
    progress.note("exercises", found.id, reveal.score)
