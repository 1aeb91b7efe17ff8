"""The exercises on collecting without a stop: what is right follows the ages, the rule and the steps."""

from __future__ import annotations

import random

import pytest

from simregistry.study.races.interleavings import run_schedule
from simregistry.study.races.race_scene import every_promise_kept
from simregistry.study.races.races import race
from simregistry.teach.exercises import protections as own
from simregistry.teach.exercises.all_exercises import EXERCISES
from simregistry.teach.exercises.schedule_writing import schedules_of_race


@pytest.mark.parametrize("age", [999, 1_000, 50_000])
def test_a_period_protects_a_layer_that_is_younger(age):
    """An older one is protected by a look that is one step with the deletion, or by stopping everybody."""
    safe = {name for name in own.PROTECTIONS if not own.protected(name, age, 1_000).losing}
    assert safe == (set(own.PROTECTIONS) if age < 1_000 else {own.ONE_STEP, own.READ_ONLY})


@pytest.mark.parametrize(("age", "takes"), [(6, False), (7, False), (8, True), (70, True)])
def test_a_run_takes_the_new_image_only_if_the_rule_took_the_old_one(age, takes):
    """And only if its request names the tag, and a step lies before it."""
    hit = {name for name in own.RUNS if own.cleaned(name, age, 7).losing}
    assert hit == ({own.BY_TAG, own.HEAD_FIRST} if takes else set())


@pytest.mark.parametrize("seed", range(20))
def test_the_sign_is_missing_from_the_step_that_is_right(seed):
    """Before that step the second collector has its sign; the image is lost in the last step."""
    start, actors = race(own.SHARED).cast()
    order = own._another_loss(random.Random(seed), start)
    taken = run_schedule(start, actors, order, every_promise_kept)
    assert [bool(step.broken) for step in taken] == [False] * (len(order) - 1) + [True]
    problem = EXERCISES["marks.missing-sign"].problem(seed)
    rows = [(who, did) for _, who, did in problem.given.rows]
    right = int(problem.answer.right.removeprefix("step "))
    assert rows[right - 1][1] == "takes the sign back" and rows[right - 1][0] == "collector"
    assert ("second collector", "leaves the sign: collecting") in rows[:right]


@pytest.mark.parametrize("name", own.SETTINGS)
def test_each_setting_tells_every_step_of_its_actors(name):
    """As many lines as steps; and some orders lose while others don't."""
    _, actors = race(name).cast()
    assert {actor.name: len(actor.steps) for actor in actors} == {
        who: len(steps) for who, steps in own.SETTINGS[name][1].items()
    }
    assert {lost for _, lost in schedules_of_race(name)} == {True, False}
