"""What is so in the lesson on collecting without a stop follows the explorations: other actors have another truth."""

from __future__ import annotations

from collections import Counter

import pytest

from simregistry.study.races.interleavings import run_schedule
from simregistry.study.races.race_scene import every_promise_kept
from simregistry.study.races.races import race
from simregistry.teach.exercises.schedule_writing import schedules_of_race
from simregistry.teach.predictions import marks_truths as truths
from simregistry.teach.predictions.all_predictions import find_prediction
from simregistry.teach.predictions.outcome import outcome_of


@pytest.fixture(scope="module")
def reused():
    """World four: a layer that is there already."""
    return race("grace, and a reused blob").run()


@pytest.fixture(scope="module")
def touched():
    """The same, where a HEAD renews the layer's age."""
    return race("grace that a HEAD renews").run()


@pytest.fixture(scope="module")
def one_step():
    """The same, where the sweep looks again in one step with the deletion."""
    return race("renewed, and looked at again").run()


@pytest.fixture(scope="module")
def two_steps():
    """The same, where that look is a step of its own."""
    return race("looked at again, in two calls").run()


def test_a_renewed_age_is_compared_with_the_world_before(reused, touched, one_step):
    """Fewer, none, or as many."""
    assert truths.renewed(touched, reused).right == "fewer than before"
    assert truths.renewed(one_step, reused).right == "none at all"
    assert truths.renewed(reused, reused).right == "as many as before"
    outcome = outcome_of(find_prediction("marks.renewed"), truths.renewed(touched, reused), "none at all")
    assert outcome.beliefs == ("an existence check is a promise",)


def test_the_note_and_the_last_look_are_found_in_the_shortest_schedule(reused, touched, two_steps):
    """In another schedule they are elsewhere; without a second look there is no row for it."""
    truth = truths.which_note(touched)
    assert (truth.right, truth.facts) == (2, {"asked": 3, "sweeps": 9})
    assert truths.which_note(reused).right == 8
    assert (truths.which_gap(two_steps), truths.which_gap(touched)) == (3, 0)


def test_the_second_look_names_the_collectors_that_lose(touched, one_step, two_steps):
    """Each combination has its words, and saying that neither loses shows a belief."""
    truth = truths.looked_again(one_step, two_steps)
    assert truth.right == "two steps alone"
    assert truths.looked_again(two_steps, one_step).right == "one step alone"
    assert truths.looked_again(one_step, one_step).right == "neither of them"
    assert truths.looked_again(touched, two_steps).right == "both of them"
    beliefs = outcome_of(find_prediction("marks.looked-again"), truth, "neither of them").beliefs
    assert beliefs == ("a second look closes the gap",)


def test_a_refused_push_is_counted_schedule_by_schedule(one_step):
    """The sum over the states is what one counts who runs every schedule by itself."""
    for name in ("read-only mode", "Cloudflare's marks", "renewed, and looked at again"):
        start, actors = race(name).cast()
        refused = 0
        for order, _ in schedules_of_race(name):
            taken = run_schedule(start, actors, order, every_promise_kept)
            refused += not any(step.actor == "push" and "201" in step.did for step in taken)
        assert truths.without_the_tag(race(name).run()) == refused
    quiet, signs = race("read-only mode").run(), race("Cloudflare's marks").run()
    truth = truths.refused(quiet, one_step, signs)
    assert truth.right == "about nine in ten"
    assert 0 < truth.facts["quiet"] < quiet.schedules and 0 < truth.facts["signs"] < signs.schedules
    assert truth.facts["renewed"] == 0
    assert truths.refused(quiet, one_step, one_step).right == "about one in ten"
    assert truths.refused(quiet, one_step, race("list first, and a reused blob").run()).right == "about one in two"
    beliefs = outcome_of(find_prediction("marks.refused"), truth, "about one in ten").beliefs
    assert beliefs == ("where nobody is stopped, every push succeeds",)


def test_why_a_push_is_refused_in_read_only_mode_is_as_the_lessons_say():
    """48 pushes get 405. In 21 others the layer is swept before the manifest comes."""
    start, actors = race("read-only mode").cast()
    said = Counter(
        step.did
        for order, _ in schedules_of_race("read-only mode")
        for step in run_schedule(start, actors, order, every_promise_kept)
        if step.did.startswith("gives up")
    )
    assert said["gives up: 405: the registry is read-only"] == 48
    assert [count for did, count in said.items() if "404 MANIFEST_BLOB_UNKNOWN: new layer" in did] == [21]


def test_two_collectors_lose_in_some_orders_and_the_sign_is_found(reused):
    """The words follow the counts; the rows are those of the shortest order."""
    two = race("marks, two collectors at once").run()
    assert truths.two_collectors(two).right == "lost in some orders"
    assert truths.two_collectors(race("Cloudflare's marks").run()).right == "lost in no order"
    assert truths.two_collectors(race("delete, collect, push again").run()).right == "lost in every order"
    truth = truths.which_sign(two)
    assert two.shortest[truth.right - 1].actor == "collector"
    assert truth.right < truth.facts["looks"] < truth.facts["deletes"] == len(two.shortest)
    assert truths.which_sign(reused).right == 0


def test_retention_names_the_runs_that_can_take_the_new_image():
    """Each run stands for itself, and two beliefs are known."""
    names = ("retention beside a push", "retention that looks, in two calls", "retention by digest")
    by_tag, looked, by_digest = (race(name).run() for name in names)
    truth = truths.retention(by_tag, looked, by_digest)
    assert truth.right == {"the run by tag", "the run that looks first"}
    assert truths.retention(by_digest, by_digest, by_tag).right == {"the run by digest"}
    prediction = find_prediction("marks.retention")
    assert outcome_of(prediction, truth, set()).beliefs == (
        "a rule about old images can't touch a new one",
        "a second look closes the gap",
    )
