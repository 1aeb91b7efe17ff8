"""All exercises of the course, by their ids."""

from __future__ import annotations

from difflib import get_close_matches

from simregistry.errors import InvalidValue
from simregistry.teach.exercise import Attempt, Exercise
from simregistry.teach.exercises import (
    lesson00,
    lesson01,
    lesson02,
    lesson03,
    lesson04,
    lesson05,
    lesson06,
    lesson07,
    lesson08,
    lesson09,
    lesson10,
    lesson11,
    lesson12,
    lesson13,
    lesson14,
)

LESSONS = (
    lesson00, lesson01, lesson02, lesson03, lesson04, lesson05,
    lesson06, lesson07, lesson08, lesson09, lesson10, lesson11, lesson12, lesson13, lesson14,
)  # fmt: skip
EXERCISES: dict[str, Exercise] = {each.id: each for lesson in LESSONS for each in lesson.EXERCISES}


def find(id: str) -> Exercise:
    """Find an exercise; raises InvalidValue naming those that come near."""
    if id not in EXERCISES:
        near = get_close_matches(str(id), EXERCISES, 3, 0.3) or [each for each in EXERCISES if each[:2] == str(id)[:2]]
        raise InvalidValue("exercise", id, f"is none; there is {', '.join(near or EXERCISES)}")
    return EXERCISES[id]


def exercise(id: str, seed: int = 1) -> Attempt:
    """Take an exercise into your hands.

    >>> exercise("04-stored-bytes").check(0).right
    False
    """
    found = find(id)
    return Attempt(found, seed, found.problem(seed))
