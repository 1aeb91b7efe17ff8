"""The turn of the lesson on races: orders are really taken, and each slip gets its reason."""

from __future__ import annotations

from itertools import combinations

import pytest

from simregistry.study.races.races import race
from simregistry.teach.turns.all_turns import find_turn
from simregistry.teach.turns.races_turns import ONE_LOSS, OPEN_WORLD

PUSH, COLLECTOR = ["push"] * 6, ["collector"] * 3

REFUSED = [
    (PUSH + COLLECTOR, "all nine steps were taken, and every acknowledged image can be pulled"),
    (COLLECTOR + PUSH, "all nine steps were taken, and every acknowledged image can be pulled"),
    (
        ["push"] * 2 + COLLECTOR + ["push"] * 4,
        "404 MANIFEST_BLOB_UNKNOWN: new layer; it has to push again. It got no 201",
    ),
    (["collector", "push"], "nothing is lost so far, and 5 of the push's steps and 2 of the collector's steps are not"),
    (["push"] * 8, "2 too many for the push"),
]


def test_the_turn_accepts_the_orders_that_the_exploration_counts():
    """Each of the orders of the open world is tried: as many are right as lose, and a loss ends the list of steps."""
    accepted = 0
    for places in combinations(range(9), 3):
        reveal = find_turn("races.lose-it").check(["collector" if at in places else "push" for at in range(9)])
        accepted += bool(reveal.right)
        assert reveal.right or reveal.score == 0
    assert accepted == race(OPEN_WORLD).run().losing > 0


def test_an_order_may_be_written_in_one_line_and_stop_at_the_loss():
    """The steps are shown up to the one that loses."""
    reveal = find_turn("races.lose-it").check(", ".join(ONE_LOSS))
    assert reveal.right and reveal.sentence.startswith("Right: step 9 loses it. Now v2 cannot be pulled")
    assert len(reveal.details) == 9 and "sweeps" in reveal.details[-1]


@pytest.mark.parametrize(("answer", "says"), REFUSED)
def test_an_order_that_loses_nothing_gets_its_reason(answer, says):
    """What came of it is said, and the steps are shown."""
    reveal = find_turn("races.lose-it").check(answer)
    assert reveal.right is False and says in reveal.sentence


@pytest.mark.parametrize("answer", [None, ..., "", {"push": 1}, [3], ["x"] * 2_000, object(), "soon", float("nan")])
def test_nonsense_is_no_try(answer):
    """It's told how to write an answer."""
    assert find_turn("races.lose-it").check(answer).right is None
