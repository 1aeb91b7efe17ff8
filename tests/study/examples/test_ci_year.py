"""A year of builds: the same seed is the same year, and a policy's disk stops growing."""

from __future__ import annotations

from simregistry.registry.retention import DAY, Rule
from simregistry.study.examples.ci_year import Builds, ci_year

SHORT = Builds(days=84)
KEEP_TEN = [Rule("ten builds", "delete", tags="ci-*", newest=10)]


def test_without_cleaning_the_disk_only_grows():
    """And by what is new alone: far less than was asked for."""
    weeks = ci_year("nothing", None, SHORT).weeks
    assert [week.stored_bytes for week in weeks] == sorted(week.stored_bytes for week in weeks)
    assert weeks[-1].stored_bytes < weeks[-1].logical_bytes / 10


def test_a_policy_without_rules_frees_what_lost_its_tag_and_nothing_else():
    """Each build has a tag of its own, so there is nothing."""
    assert all(week.freed_bytes == 0 for week in ci_year("no rules", [], SHORT).weeks)


def test_keeping_ten_builds_bounds_what_builds_take():
    """Releases stay and still grow; what is freed is what is missing from the disk."""
    kept, all_of_it = ci_year("ten", KEEP_TEN, SHORT), ci_year("nothing", None, SHORT)
    freed = sum(week.freed_bytes for week in kept.weeks)
    assert kept.weeks[-1].stored_bytes + freed == all_of_it.weeks[-1].stored_bytes
    assert kept.weeks[-1].stored_bytes < 0.6 * all_of_it.weeks[-1].stored_bytes
    assert kept.weeks[-1].tags < 10 + 1 + 84


def test_the_same_seed_is_the_same_year():
    """And another seed is another."""
    rules = [Rule("old", "delete", tags="ci-*", older_than=14 * DAY)]
    assert ci_year("a", rules, SHORT) == ci_year("a", rules, SHORT)
    assert ci_year("a", rules, Builds(days=84, seed=2)).weeks != ci_year("a", rules, SHORT).weeks
