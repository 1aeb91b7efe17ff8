"""All exercises of the course, by their ids."""

from __future__ import annotations

from difflib import get_close_matches

from simregistry.errors import InvalidValue
from simregistry.teach.course import topic_of
from simregistry.teach.exercises import (
    build_costs,
    chunks,
    deletion_and_collection,
    first_steps,
    formats_on_disk,
    layers_and_digests,
    names_and_tags,
    protections,
    pulling,
    push_bytes,
    schedules,
    sign_in_and_limits,
    stored_once,
    transfer_time,
    what_names_what,
    yearly_policy,
)
from simregistry.teach.problem import Attempt, Exercise

LESSONS = (
    first_steps,
    names_and_tags,
    layers_and_digests,
    what_names_what,
    stored_once,
    push_bytes,
    pulling,
    build_costs,
    sign_in_and_limits,
    deletion_and_collection,
    schedules,
    protections,
    chunks,
    transfer_time,
    formats_on_disk,
    yearly_policy,
)
EXERCISES: dict[str, Exercise] = {exercise.id: exercise for lesson in LESSONS for exercise in lesson.EXERCISES}


def find_exercise(id: str) -> Exercise:
    """Find an exercise; raises InvalidValue naming those that come near."""
    if id not in EXERCISES:
        near = get_close_matches(str(id), EXERCISES, 3, 0.3) or [
            name for name in EXERCISES if topic_of(name) == topic_of(str(id))
        ]
        raise InvalidValue("exercise", id, f"doesn't exist; there is {', '.join(near or EXERCISES)}")
    return EXERCISES[id]


def attempt_exercise(id: str, seed: int = 1) -> Attempt:
    """Take an exercise into your hands.

    >>> attempt_exercise("stored-once.stored-bytes").check(0).right
    False
    """
    exercise = find_exercise(id)
    return Attempt(exercise, seed, exercise.problem(seed))
