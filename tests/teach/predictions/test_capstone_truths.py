"""What is so in a year follows from the year that was played, also from another one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simregistry import DAY, DISTRIBUTION_2_8, Rule, parse_policy
from simregistry.study import capstone
from simregistry.table import Table
from simregistry.teach.predictions import capstone_truths as truths

COUNTED = capstone.play_year(capstone.Knobs(10, 14, 13, 0).rules(), seed=1)


@pytest.mark.parametrize(("newest", "gone"), [(2, {"v1.0", "v1.1"}), (1, {"v1.0", "v1.1", "v1.2"}), (9, set())])
def test_the_tags_that_go_are_the_plans(newest, gone):
    """By the day of the push; and the command of a product is compared with it."""
    pushed = {"v1.0": 0, "v1.1": 14, "v1.2": 28, "v1.0.1": 33}
    run = capstone.weekly_cleanup([Rule("releases", "delete", tags="v*", newest=newest)], pushed, day=34)
    assert truths.four_releases(run) == gone
    command = parse_policy("acr-purge", "acr purge --filter 'api:^v1' --ago 0d --keep 2")
    decisions = command.decide([decision.subject for decision in run.decisions], 34 * DAY)
    right = {2: "the same tags", 1: "other tags", 9: "more tags"}[newest]
    assert truths.purge(run, decisions).right == right


def test_a_years_numbers_are_counted():
    """Images that nobody pulls, bytes on the last day, failed pulls, and who tried them."""
    never = truths.never_pulled(capstone.year(seed=1))
    assert 0 < never.facts["never"] < never.facts["pushed"] == 1160
    assert truths.everything_kept(COUNTED).right == COUNTED.stored[-1]
    assert truths.failed_pulls(COUNTED).right == len(COUNTED.failures)
    assert truths.in_vain(COUNTED) == {"old customer", "laboratory"}
    assert truths.in_vain(replace(COUNTED, failures=())) == frozenset()
    assert truths.by_digest(Table(("who", "wanted"), (("a", "x:1"), ("b", "x@0f")))) == 2


def test_what_kept_the_laboratorys_build_is_read_off_its_failure():
    """A rule deleted the tag; where only the collector took it, no tag had kept it."""
    assert truths.keeper(COUNTED).right == "the tag of the build"
    broken = capstone.play_year([], seed=1, collector=DISTRIBUTION_2_8)
    assert truths.keeper(broken).right == "the digest"
    assert truths.old_collector(broken).right.startswith("those of jobs")
    assert truths.old_collector(replace(broken, failures=())).right == "none of them"


def test_the_best_number_of_days_has_the_most_points_and_the_safe_one_no_failure():
    """Of the years that are passed."""
    clean = replace(COUNTED, failures=())
    assert truths.days({0: COUNTED, 14: clean}).right == "14 days"
    assert truths.laboratory({0: COUNTED, 14: clean, 28: COUNTED, 42: clean}) == 42


def test_behind_is_the_first_policys_distance_on_other_years():
    """Not the one on its own years."""
    held = capstone.held_out([capstone.best(seed=1)], range(21, 23))
    truth = truths.behind(held)
    assert (truth.facts["at_home"], truth.right) == held.behind()[0] and truth.right > 0
