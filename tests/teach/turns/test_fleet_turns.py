"""The turn of the lesson on fleets: four fleets, each pulled in the way that was chosen."""

from __future__ import annotations

import pytest

from simregistry.study.fleet import WAYS
from simregistry.teach.turns.all_turns import find_turn
from simregistry.teach.turns.fleet_turns import ORDERS, RIGHT

KEY = "fleet.choose"


def test_the_right_ways_are_taken_with_what_each_costs():
    """Every fleet's egress and time are said."""
    reveal = find_turn(KEY).check(RIGHT)
    assert reveal.right and reveal.score == 1
    assert [line.partition(":")[0] for line in reveal.details] == list(ORDERS)
    assert "600 MB leave the registry, and all are ready after 48.1 s. It fits." in reveal.details[0]


# A wrong choice, the fleet that it is wrong for, and what is said.
WRONG = {
    "peers for the shop": (
        "shop",
        "peers",
        "3 GB leave the registry, and all are ready after 29.3 s. But at most 1 GB",
    ),
    "a mirror for the shop": ("shop", "mirror", "500 GB leave the registry"),
    "nothing for the shop": ("shop", "registry", "at most 1 GB may leave and it has to be ready within 60 s"),
    "a cache for the rollout": ("rollout", "cache", "it has to be ready within 60 s"),
    "a cache for the farm": ("farm", "cache", "it has to be ready within 50 s"),
    "a mirror for the farm": ("farm", "mirror", "at most 70 GB may leave"),
    "a cache for the ship": ("ship", "cache", "it has to be ready within 30 s"),
    "peers for the ship": ("ship", "peers", "it has to be ready within 30 s"),
}


@pytest.mark.parametrize(("name", "way", "why"), WRONG.values(), ids=WRONG)
def test_a_wrong_way_gets_its_reason(name, way, why):
    """The other fleets are still right."""
    reveal = find_turn(KEY).check(RIGHT | {name: way})
    assert reveal.right is False and reveal.score == 0.75 and name in reveal.sentence
    line = next(line for line in reveal.details if line.startswith(name))
    assert f"with {way}" in line and why in line
    assert sum("It fits." in line for line in reveal.details) == 3


def test_peers_without_anything_to_give_fit_and_are_told_so():
    """On the farm every byte leaves the registry all the same."""
    reveal = find_turn(KEY).check(RIGHT | {"farm": "peers"})
    assert reveal.right and "no machine had anything to give" in reveal.details[2]


def test_one_way_for_all_never_fits():
    """Each way fails somewhere, and each is the right one somewhere."""
    assert set(RIGHT.values()) == set(WAYS)
    for way in WAYS:
        assert find_turn(KEY).check(dict.fromkeys(ORDERS, way)).right is False


@pytest.mark.parametrize(
    "nonsense", [7, "cache", ["cache"] * 4, {"shop": "cache"}, RIGHT | {"ship": "pigeon"}, RIGHT | {"ship": 3}, {}]
)
def test_what_is_no_choice_for_four_fleets_is_kindly_refused(nonsense):
    """It is no try, and the sentence says how to write one."""
    turn = find_turn(KEY)
    reveal = turn.check(nonsense)
    assert reveal.right is None and turn.tries == 0 and "a way for each of shop, rollout, farm, ship" in reveal.sentence


def test_the_task_shows_limits_and_no_answer():
    """The table has the limits; task and hints name no way for a fleet."""
    turn = find_turn(KEY)
    shown = "\n".join([str(turn), *turn.all_hints])
    assert "2,000" in shown and "70 GB" in shown and str(RIGHT) not in shown
