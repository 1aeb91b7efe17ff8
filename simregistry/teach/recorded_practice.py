"""The learner's desk: what is taken here is recorded in the progress file; the rooms behind it record nothing."""

from __future__ import annotations

from simregistry.teach import progress, quizzes
from simregistry.teach.attempt import OnTry
from simregistry.teach.exercises import all_exercises
from simregistry.teach.levels import LevelAttempt, find_level, read_level
from simregistry.teach.problem import Attempt
from simregistry.teach.quizzes import Quiz
from simregistry.teach.turns.all_turns import find_turn
from simregistry.teach.turns.turn import Turn


def exercise(id: str, seed: int = 1) -> Attempt:
    """Take an exercise; each answer that can be read is recorded as a try."""
    attempt = all_exercises.attempt_exercise(id, seed)
    attempt.on_try = _recording("exercises")
    return attempt


def your_turn(key: str) -> Turn:
    """Take a lesson's turn; each answer that was tried is recorded."""
    turn = find_turn(key)
    turn.on_try = _recording("turns")
    return turn


def level(id: str) -> LevelAttempt:
    """Take a level; a check is recorded as a try, the number of commands is not."""
    return LevelAttempt(find_level(id), on_try=_recording("levels"))


def share(text: str) -> LevelAttempt:
    """Take a level that somebody shared as text; nothing of it is recorded."""
    return LevelAttempt(read_level(text))


def quiz(lesson: str) -> Quiz:
    """Take the quiz of a lesson; each answer that can be read is recorded as a try."""
    questions = quizzes.lesson_quiz(lesson)
    questions.on_try = _recording("questions")
    return questions


def _recording(kind: str) -> OnTry:
    """Make what writes the tries of one kind into the progress file."""
    return lambda id, reveal: progress.note_try(kind, id, reveal.score)
