"""Two promises and a budget: a policy is really played for a year."""

from __future__ import annotations

import pytest

from simregistry import DAY, Rule
from simregistry.teach.turns.all_turns import find_turn

BUILDS = Rule("builds", "delete", tags="main-*", newest=5)
BRANCHES = Rule("branches", "delete", tags="branch-*", older_than=28 * DAY)
RELEASES = Rule("releases", "delete", tags="v*", newest=20)
IN_USE = Rule("in use", "keep", pulled_within=42 * DAY)
PROMISED = Rule("promised", "keep", tags="v1.0")


def test_the_way_that_is_shown_keeps_all_three():
    """What the solution prints is what is taken."""
    turn = find_turn("capstone.promises")
    assert turn.check(eval(turn.answer, {"Rule": Rule, "DAY": DAY})).right is True


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        ([], "the fullest day has 344% of the budget"),
        ([BUILDS, BRANCHES, IN_USE], "of the budget"),
        ([BUILDS, BRANCHES, Rule("releases", "delete", tags="v*", newest=8), IN_USE], "the old customer pulls api:v1.0 in vain"),
        ([BUILDS, BRANCHES, RELEASES, PROMISED], "the laboratory pulls jobs@"),
    ],
)  # fmt: skip
def test_what_is_broken_is_named(policy, sentence):
    """The budget, or the promise with the rule that broke it."""
    answer = find_turn("capstone.promises").check(policy)
    assert answer.right is False and sentence in answer.sentence


@pytest.mark.parametrize(
    "nonsense", ["", "builds", 7, None, {}, BUILDS, ["builds"], [Rule("old", "delete", older_than=30)]]
)
def test_nonsense_is_kindly_refused(nonsense):
    """Nothing that a learner types raises anything."""
    assert find_turn("capstone.promises").check(nonsense).right is not True
