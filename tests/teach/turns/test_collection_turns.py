"""The turns of the lesson on collection: marks are swept by and pulled from, rules are tried on two months."""

from __future__ import annotations

import pytest

from simregistry import DAY, Rule
from simregistry.teach.turns.all_turns import find_turn
from simregistry.teach.turns.collection_turns import named_shelf
from simregistry.teach.turns.team_rules import MONTHS, ONE_WAY, tags_to_go

RIGHT_MARKS = {"shop-2", "mail-1", "alpine", "python", "debian", "shop-code-2", "mail-code-1"}
NEWEST = Rule("builds", "delete", tags="ci-*", newest=3)
IN_USE = Rule("in use", "keep", pulled_within=7 * DAY)


@pytest.mark.parametrize("answer", [RIGHT_MARKS, sorted(RIGHT_MARKS), ", ".join(sorted(RIGHT_MARKS)).upper()])
def test_what_the_packages_own_mark_reaches_is_right(answer):
    """As a set, a list or a line."""
    assert named_shelf().kept() == RIGHT_MARKS
    reveal = find_turn("collection.mark").check(answer)
    assert reveal.right and "12,001,426 bytes are free" in reveal.sentence


WRONG_MARKS = {
    "a layer of an untagged manifest that another one names": (RIGHT_MARKS - {"debian"}, "mail:v1 can't be pulled"),
    "layers alone": (RIGHT_MARKS - {"shop-2", "mail-1"}, "shop:stable and mail:v1 can't be pulled"),
    "manifests alone": ({"shop-2", "mail-1"}, "shop:stable and mail:v1 can't be pulled"),
    "the broken push": (RIGHT_MARKS | {"shop-code-4"}, "1,000,000 bytes stay for nothing"),
    "everything": (set(named_shelf().names), "12,001,426 bytes stay for nothing"),
    "nothing": (set(), "can't be pulled"),
}


@pytest.mark.parametrize(("answer", "why"), WRONG_MARKS.values(), ids=WRONG_MARKS)
def test_wrong_marks_are_met_by_a_pull_that_fails_or_by_wasted_bytes(answer, why):
    """Each gets its reason, and nearly right is worth something."""
    reveal = find_turn("collection.mark").check(answer)
    assert reveal.right is False and why in reveal.sentence and reveal.score < 1


def test_a_try_leaves_the_shelf_as_it_was():
    """Each try begins with the whole registry."""
    turn = find_turn("collection.mark")
    assert turn.check(set()).right is False
    assert turn.check(RIGHT_MARKS).right


RIGHT_RULES = {
    "one that deletes all": [
        Rule("all", "delete"),
        Rule("builds", "keep", tags="ci-*", newest=3),
        Rule("releases", "keep", tags="release-*"),
        IN_USE,
    ],
    "two that delete": [NEWEST, Rule("tests", "delete", tags="test-*"), IN_USE],
}
WRONG_RULES = {
    "by age": ([Rule("old", "delete", older_than=7 * DAY)], "release-1 goes and should stay"),
    "no rule": ([], "ci-1 stays and should go"),
    "what is in use goes": ([NEWEST], "ci-2 goes and should stay"),
    "everything goes": ([Rule("all", "delete")], "ci-6 goes and should stay"),
    "tags by their names": ([Rule("one", "delete", tags="ci-1"), Rule("two", "delete", tags="ci-3")], "ci-7 stays"),
    "tests forgotten": ([NEWEST, IN_USE], "test-mail stays and should go"),
}


@pytest.mark.parametrize("answer", RIGHT_RULES.values(), ids=RIGHT_RULES)
def test_rules_that_keep_what_the_team_wants_are_right(answer):
    """However they are written."""
    reveal = find_turn("collection.rules-of-your-own").check(answer)
    assert reveal.right and reveal.score == 1


@pytest.mark.parametrize(("answer", "why"), WRONG_RULES.values(), ids=WRONG_RULES)
def test_wrong_rules_are_told_which_tags_they_get_wrong(answer, why):
    """Those that fit this month's tags alone fail in the next month."""
    reveal = find_turn("collection.rules-of-your-own").check(answer)
    assert reveal.right is False and reveal.score < 1
    assert any(why in line for line in reveal.details)


def test_the_wish_takes_something_and_leaves_something_of_each_kind():
    """Otherwise a rule could be missing and nobody would notice."""
    for name, month in MONTHS.items():
        assert 0 < len(tags_to_go(name)) < len(month)
    assert tags_to_go("this month") == {"ci-1", "ci-3"}
    assert tags_to_go("next month") == {"ci-6", "ci-7", "test-mail"}


NONSENSE = [7, None, ..., "", "delete", {"a": 1}, [1, 2], object(), [Rule("x", "delete", tags=5)], Rule("x", "delete"),
            [Rule("x", "delete", older_than="week")], [Rule("x", "delete", older_than=7)], [NEWEST] * 500]  # fmt: skip


@pytest.mark.parametrize("answer", NONSENSE, ids=range(len(NONSENSE)))
@pytest.mark.parametrize("key", ["collection.mark", "collection.rules-of-your-own"])
def test_nonsense_is_no_try_and_is_told_how_to_write_it(key, answer):
    """Nothing that a learner gives raises anything."""
    turn = find_turn(key)
    reveal = turn.check(answer)
    assert reveal.right is None and turn.tries == 0
    assert "Wanted" in reveal.sentence or "Nothing to try yet" in reveal.sentence


def test_the_solutions_are_right_and_wait_for_a_try():
    """What is shown works as it is printed."""
    marks, rules = find_turn("collection.mark"), find_turn("collection.rules-of-your-own")
    for turn, wrong in ((marks, set()), (rules, [])):
        assert "Try something first" in turn.solution().sentence and len(turn.all_hints) == 3
        turn.check(wrong)
        assert turn.answer in turn.solution().sentence
    assert marks.check(eval(marks.answer)).right
    assert rules.check(eval(ONE_WAY, {"Rule": Rule, "DAY": DAY})).right
