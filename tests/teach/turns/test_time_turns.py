"""The turn of the lesson on a pull's time: four pulls, and a change for each that is replayed."""

from __future__ import annotations

import pytest

from simregistry.study.timing import Conditions
from simregistry.teach.turns.all_turns import find_turn
from simregistry.teach.turns.time_turns import CHANGES, GOAL, MB, ONE_WAY, PULLS, SlowPull

KEY = "time.one-change"


@pytest.mark.parametrize("machine", PULLS)
def test_exactly_one_change_is_enough_for_each_machine(machine):
    """And each change but one helps somewhere."""
    pull = PULLS[machine]
    helps = [name for name, (_, change) in CHANGES.items() if change(pull).seconds() <= GOAL * pull.seconds()]
    assert helps == [ONE_WAY[machine]]
    assert set(CHANGES) - set(ONE_WAY.values()) == {"layers"}


@pytest.mark.parametrize("spelling", [str, str.upper, lambda name: f" {name} "], ids=["plain", "capitals", "spaces"])
def test_the_right_changes_are_taken(spelling):
    """However they are written; the seconds before and after are shown."""
    reveal = find_turn(KEY).check({machine: spelling(change) for machine, change in ONE_WAY.items()})
    assert reveal.right and reveal.score == 1
    assert "office, line: 62.1 s before, 8.8 s after" in reveal.details


WRONG = {
    "a wider line for all": (dict.fromkeys(PULLS, "line"), 0.25, "data centre, ship and build server are not"),
    "more downloads in the office": (ONE_WAY | {"office": "downloads"}, 0.75, "office is not"),
    "one layer on the ship": (ONE_WAY | {"ship": "layers"}, 0.75, "ship is not"),
    "nothing that helps": (dict.fromkeys(PULLS, "layers"), 0, "office, data centre, ship and build server are not"),
}


@pytest.mark.parametrize(("changes", "score", "why"), WRONG.values(), ids=WRONG)
def test_wrong_changes_are_replayed_and_named(changes, score, why):
    """Each machine shows its seconds, and the slow ones are named."""
    reveal = find_turn(KEY).check(changes)
    assert reveal.right is False and reveal.score == score and why in reveal.sentence
    assert len(reveal.details) == len(PULLS)
    assert sum("too slow" in line for line in reveal.details) == round((1 - score) * len(PULLS))


def test_a_change_for_the_worse_shows_that_it_is():
    """All files in one layer: the build server's pull takes more than twice as long."""
    reveal = find_turn(KEY).check(ONE_WAY | {"build server": "layers"})
    (line,) = [line for line in reveal.details if line.startswith("build server")]
    before, after = (float(part.split(" s ")[0].split()[-1]) for part in line.split(": ")[1].split(", "))
    assert after > 2 * before


@pytest.mark.parametrize(
    "nonsense",
    [
        "line",
        ["line"] * 4,
        {"office": "line"},
        ONE_WAY | {"ship": "sail"},
        ONE_WAY | {"ship": 3},
        ONE_WAY | {"car": "line"},
    ],
)
def test_what_is_no_set_of_changes_is_kindly_refused(nonsense):
    """It is no try, and the sentence says how to write one."""
    turn = find_turn(KEY)
    reveal = turn.check(nonsense)
    assert reveal.right is None and turn.tries == 0 and "a change for each machine, such as" in reveal.sentence


def test_the_task_gives_no_change_away():
    """Neither the task nor a hint says which change belongs to which machine, nor does the way to write it."""
    turn = find_turn(KEY)
    shown = "\n".join([str(turn), *turn.all_hints, str(turn.check("nonsense"))])
    for machine, change in ONE_WAY.items():
        assert f'"{machine}": "{change}"' not in shown


def test_the_worked_example_of_the_lesson_is_so():
    """A phone's layer of 50 MB takes 6 s on the wider line, and no other change saves more than a second."""
    phone = SlowPull(1, 50 * MB, Conditions(latency=0.05, download=MB))
    after = {name: change(phone).seconds() for name, (_, change) in CHANGES.items()}
    assert round(after.pop("line")) == 6
    assert all(phone.seconds() - seconds < 1 for seconds in after.values())
