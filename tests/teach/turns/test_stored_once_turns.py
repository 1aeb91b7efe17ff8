"""The turn of the lesson on storing once: a plan is carried out, and the registry says what it lacks."""

from __future__ import annotations

import pytest

from simregistry.teach.turns.all_turns import find_turn
from simregistry.teach.turns.stored_once_turns import LETTERS

KEY = "stored-once.third-image"
WRONG = {
    "the whole image": (set(LETTERS), "92,160 bytes were uploaded that the registry had already"),
    "the same logo by another instruction": (
        {"B", "C", "D"},
        "20,480 bytes were uploaded that the registry had already",
    ),
    "the same command on another day": ({"D"}, "404 MANIFEST_BLOB_UNKNOWN"),
    "nothing": ("none", "404 MANIFEST_BLOB_UNKNOWN"),
    "what is there, and not what is missing": ({"A", "C"}, "404 MANIFEST_BLOB_UNKNOWN"),
}


@pytest.mark.parametrize("plan", [{"B", "D"}, ["D", "B"], "B, D", "b and d"])
def test_a_plan_of_the_missing_layers_is_right(plan):
    """However it is written; the storage has grown by what was uploaded."""
    reveal = find_turn(KEY).check(plan)
    assert reveal.right and "61,440 more bytes of layers" in reveal.sentence
    assert reveal.details[0] == "A: not uploaded, used from shop"
    assert reveal.details[1] == "B: uploaded, 51,200 more bytes stored"


@pytest.mark.parametrize(("plan", "why"), WRONG.values(), ids=WRONG)
def test_another_plan_gets_its_reason(plan, why):
    """Too little is refused by the registry, and too much is counted."""
    reveal = find_turn(KEY).check(plan)
    assert reveal.right is False and why in reveal.sentence and 0 <= reveal.score < 1


def test_a_try_leaves_nothing_behind():
    """A layer that was uploaded in one try is still missing in the next."""
    turn = find_turn(KEY)
    assert turn.check(set(LETTERS)).right is False
    assert turn.check({"D"}).details[1] == "B: not uploaded, and no repository has it"


@pytest.mark.parametrize("nonsense", [7, "E", {"B": 1}, b"BD", "", ["B"] * 2000])
def test_what_is_no_plan_is_kindly_refused(nonsense):
    """It is no try, and the sentence says how to write one."""
    turn = find_turn(KEY)
    reveal = turn.check(nonsense)
    assert reveal.right is None and turn.tries == 0
    assert "a set of letters" in reveal.sentence or "Nothing to try yet" in reveal.sentence


def test_its_table_decides_and_its_solution_works():
    """Only the digests tell which layers are there: no description and no size does."""
    turn = find_turn(KEY)
    rows = turn.given.records()
    there = {row["digest"] for row in rows if row["image"] != "wiki:v1"}
    missing = [row["layer"] for row in rows if row["image"] == "wiki:v1" and row["digest"] not in there]
    assert turn.answer == str(missing) and len(turn.all_hints) == 3
    made_there = {row["made by"] for row in rows if row["image"] != "wiki:v1"}
    looks_new = [row["layer"] for row in rows if row["image"] == "wiki:v1" and row["made by"] not in made_there]
    assert looks_new not in (missing, [])
    assert turn.check(missing).right
