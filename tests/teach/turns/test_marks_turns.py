"""The turn of the lesson on collecting without a stop: each order of the collector's moves is really run."""

from __future__ import annotations

from itertools import permutations

import pytest

from simregistry.study.races.races import race
from simregistry.teach.turns.all_turns import find_turn
from simregistry.teach.turns.marks_turns import DELETE, LIST, LOOK, MOVES, ONE_WAY, SIGN, SIGNS, with_order


def test_right_is_who_signs_before_looking_and_looks_before_deleting():
    """All 24 orders are tried: the two that sign, look and delete in this order are right, and no other."""
    right = {moves for moves in permutations(MOVES) if find_turn("marks.order").check(list(moves)).right}
    assert right == {(SIGN, LIST, LOOK, DELETE), (LIST, SIGN, LOOK, DELETE)}


def test_the_documented_order_is_the_race_of_the_lesson():
    """The turn runs the same actors as the lesson does."""
    tried, documented = with_order(ONE_WAY), race(SIGNS).run()
    assert (tried.schedules, tried.losing, len(tried.states)) == (
        documented.schedules,
        documented.losing,
        len(documented.states),
    )


@pytest.mark.parametrize(
    ("moves", "says"),
    [
        ((LIST, LOOK, SIGN, DELETE), "84 of 380 schedules lose the image"),
        ((SIGN, LIST, DELETE, LOOK), "6 of 255 schedules lose the image"),
        ((SIGN, LOOK, LIST, DELETE), "no moment to look back to"),
        ((DELETE, LIST, SIGN, LOOK), "without a list there is nothing to delete"),
        ((SIGN, LIST, LOOK), "use each of the 4 moves once. You have 3"),
    ],
)
def test_a_wrong_order_gets_its_reason(moves, says):
    """How many orders lose, with the shortest of them, or why it can't be run."""
    reveal = find_turn("marks.order").check(list(moves))
    assert reveal.right is False and says in reveal.sentence
    if "lose" in says:
        assert "deletes new layer" in " ".join(reveal.details) and 0 < reveal.score < 1


def test_an_order_may_be_written_with_arrows():
    """One line is as good as a list."""
    assert find_turn("marks.order").check(" -> ".join(ONE_WAY)).right


@pytest.mark.parametrize("answer", [None, ..., "", {SIGN}, [3], ["x"] * 2_000, object(), "soon", float("nan")])
def test_nonsense_is_no_try(answer):
    """It's told how to write an answer."""
    assert find_turn("marks.order").check(answer).right is None
