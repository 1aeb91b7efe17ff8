"""What is so in the lesson on races follows the explorations: other actors have another truth."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simregistry.registry.registry import Registry
from simregistry.study.races.races import race
from simregistry.teach.predictions import races_truths as truths
from simregistry.teach.predictions.all_predictions import find_prediction
from simregistry.teach.predictions.outcome import outcome_of


@pytest.fixture(scope="module")
def first():
    """World one: nobody stops anybody."""
    return race("stop the world, but nobody stops").run()


@pytest.fixture(scope="module")
def reused():
    """World four: a layer that is there already."""
    return race("grace, and a reused blob").run()


def test_orders_are_counted_and_wrong_countings_are_known(first):
    """Six steps and three; a push of four steps beside two has fewer."""
    truth = truths.orders(first)
    assert (truth.right, truth.facts) == (84, {"two": 2, "product": 18, "any": 362_880})
    assert truths.orders(race("retention beside a push").run()).facts["product"] == 8
    for said in truth.facts.values():
        assert outcome_of(find_prediction("races.orders"), truth, said).beliefs


def test_the_share_that_loses_is_the_nearest_one(first):
    """Half of world one; a quarter when the shelf is listed first; next to none where a HEAD renews."""
    assert truths.open_losses(first).right == "about one in two"
    assert truths.open_losses(race("list first, then mark").run()).right == "about one in four"
    assert truths.open_losses(race("grace that a HEAD renews").run()).right == "about one in ten"


def test_rows_are_found_in_the_shortest_schedule(first, reused):
    """The mark, and the answer about what is gone; in another schedule they are elsewhere."""
    assert truths.which_note(first).right == 6 and truths.which_note(first).facts["written"] == 7
    assert truths.which_answer(reused) == 1
    renewed = race("grace that a HEAD renews").run()
    assert (truths.which_note(renewed).right, truths.which_answer(renewed)) == (1, 3)
    assert truths.which_answer(first) == 0


def test_states_are_counted(first):
    """Those of the exploration."""
    assert truths.how_many_states(first).right == len(first.states) == 44
    assert truths.how_many_states(replace(first, states=first.states[:5])).right == 5


def test_read_only_mode_is_held_against_the_open_world(first):
    """Who says as many as before has the belief."""
    truth = truths.read_only(race("read-only mode").run(), first)
    assert truth.right == 0
    assert outcome_of(find_prediction("races.read-only"), truth, 42).beliefs == ("read-only mode is only about speed",)


def test_grace_names_the_periods_that_lose(first):
    """Each combination has its words."""
    short, long = (race(f"grace {name}").run() for name in ("shorter than an upload", "longer than a push"))
    assert truths.grace(short, long).right == "50 s alone"
    assert truths.grace(long, short).right == "1,000 s alone"
    assert truths.grace(long, long).right == "neither of them" and truths.grace(first, first).right == "both of them"


def test_an_image_is_lost_in_few_orders_or_in_many_or_in_all_or_in_none(reused):
    """The words follow the counts."""
    assert truths.reused(reused).right == "lost in more than half"
    assert truths.reused(race("grace shorter than an upload").run()).right == "lost in fewer than half"
    assert truths.reused(race("grace longer than a push").run()).right == "lost in no order"
    assert truths.reused(race("delete, collect, push again").run()).right == "lost in every order"


def test_who_notices_is_asked_of_the_registry_itself(first):
    """After the loss, only those who ask for the bytes; where nothing is lost, nobody."""
    lost, whole = (Registry("registry.example", scene.storage) for _, scene in (first.replay()[-1], first.replay()[-2]))
    truth = truths.who_notices(first, lost)
    assert truth.right == {"somebody who pulls it", "a client that asks for its new layer"}
    assert truths.who_notices(first, whole).right == frozenset()
    lost.storage.repository("app").delete_tag("v2")
    assert "somebody who lists the tags" in truths.who_notices(first, lost).right
    beliefs = outcome_of(find_prediction("races.who-notices"), truth, {"the client that pushed it"}).beliefs
    assert beliefs == ("a lost push is reported to the client",)
