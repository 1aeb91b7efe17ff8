"""Playing a year: a policy's bytes, failed pulls and lost images, on the registry's own storage and collector."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from long_runs import long_after

from simregistry.errors import InvalidValue
from simregistry.registry.products.distribution_2_8.collector import DISTRIBUTION_2_8
from simregistry.registry.retention import DAY, Rule
from simregistry.study.capstone import BASELINE, Knobs, Team, baseline, best, play_year, policy_table, year

SEEDS = range(1, 21)
ALL = [Rule("all", "delete")]
SHORT = Team(days=84)


def test_a_policy_that_keeps_everything_loses_nothing_and_breaks_the_budget():
    """Every pull of the year is answered, and the shelf ends with every byte that was pushed."""
    result = play_year([], 1)
    assert result.failures == () and result.lost == ()
    assert result.peak_bytes > 3 * result.budget_bytes
    assert list(result.stored) == sorted(result.stored)
    pushed = [push for day in year(1).pushes for push in day]
    blobs = {layer.digest: len(layer) for push in pushed for image in push.images for layer in image.layers}
    blobs |= {image.manifest.digest: image.manifest.size for push in pushed for image in push.images}
    blobs |= {image.manifest.config.digest: len(image.config) for push in pushed for image in push.images}
    blobs |= {push.manifest.digest: push.manifest.size for push in pushed}
    assert result.stored[-1] == sum(blobs.values())


def test_a_policy_that_deletes_all_leaves_an_empty_shelf_every_sunday_and_loses_pulls():
    """What is pulled on the day of its push is there; what somebody comes back for is not."""
    result = play_year(ALL, 1)
    assert all(week.stored_bytes == 0 and week.tags == 0 for week in result.weeks)
    assert {"customer", "old customer", "laboratory", "hotfix", "audit"} <= {f.who for f in result.failures}
    assert "tester" not in {f.who for f in result.failures if f.day % 7 < 4 and f.day < 4}
    assert len(result.failures) > 300 and len(result.lost) > 40


@pytest.mark.parametrize("seed", long_after(3, SEEDS))
def test_the_score_orders_policies_sensibly(seed):
    """Keeping all and deleting all are worse than the baseline, and the best found is at least as good as it."""
    nothing, everything = play_year(ALL, seed).points, play_year([], seed).points
    found = best(seed)
    assert play_year(found.rules, seed).points == found.points
    assert nothing < baseline(seed).points < found.points
    assert everything < baseline(seed).points


def test_the_same_seed_gives_the_same_tables():
    """Every table of two plays is the same text, and another seed's is another."""
    rules = Knobs(10, 14, 8, 35).rules()
    one, again, other = play_year(rules, 3), play_year(rules, 3), play_year(rules, 4)
    assert [str(one), str(one.failed()), str(one.by_week())] == [str(again), str(again.failed()), str(again.by_week())]
    assert str(one) != str(other)


def test_what_is_freed_and_what_stays_is_what_came():
    """Week by week: the shelf's change is what was pushed less what was freed."""
    kept, cleaned = play_year([], 2, SHORT), play_year(BASELINE, 2, SHORT)
    freed = sum(week.freed_bytes for week in cleaned.weeks)
    # A layer that was swept and pushed again came twice.
    assert cleaned.stored[-1] <= kept.stored[-1] <= cleaned.stored[-1] + freed
    assert cleaned.weeks[-1].tags + sum(week.deleted for week in cleaned.weeks) >= kept.weeks[-1].tags


def test_a_failed_pull_names_the_rule_and_the_sunday():
    """The day of deletion comes before the day of the pull, and is a Sunday."""
    result = baseline(1)
    assert result.failures
    for failure in result.failures:
        assert failure.deleted_on < failure.day and failure.deleted_on % 7 == 6
        assert failure.rule.startswith("a month: delete")
    assert "a month" in str(result.failed(3)) and "the first 3 of" in str(result.failed(3))


def test_a_digest_is_no_name_that_keeps():
    """The laboratory pulls by digest; when the build's tags are gone the collector takes it."""
    result = play_year([Rule("builds", "delete", tags="main-*", newest=5)], 1)
    wanted = {failure.wanted for failure in result.failures if failure.who == "laboratory"}
    assert len(wanted) == 1 and "jobs@" in wanted.pop()


def test_a_pull_by_digest_counts_for_the_tags_of_the_image():
    """A rule that keeps what was pulled lately keeps the laboratory's build, though no tag was asked for."""
    rules = [Rule("builds", "delete", tags="main-*", newest=5), Rule("in use", "keep", pulled_within=50 * DAY)]
    assert not [failure for failure in play_year(rules, 1).failures if failure.who == "laboratory"]


def test_a_name_can_be_missing_while_the_image_is_there():
    """Pulls of releases fail when their tags go; the images are not lost while another tag leads there."""
    result = play_year([Rule("releases", "delete", tags="v*")], 1)
    assert result.failures and result.lost
    mended = {failure.wanted for failure in result.failures if failure.lost}
    # Hotfixes have no other tag; everything else is still there as a build.
    assert all(name.count(".") == 2 for name in mended)
    assert any(not failure.lost for failure in result.failures)


def test_an_old_collector_breaks_what_no_rule_took():
    """Version 2.8 takes the children of a tagged index, and the failure names the collector."""
    result = play_year([], 1, collector=DISTRIBUTION_2_8)
    assert {failure.wanted.partition("@")[0].partition(":")[0] for failure in result.failures} == {"jobs"}
    assert all("distribution-2.8" in failure.rule for failure in result.failures)


def test_more_kept_is_never_fewer_answered():
    """Within one family: a larger number of builds, days or releases fails no more pulls."""
    for low, high in [
        (Knobs(5, 7, 8, 21), Knobs(20, 7, 8, 21)),
        (Knobs(5, 7, 8, 21), Knobs(5, 28, 8, 21)),
        (Knobs(5, 7, 8, 21), Knobs(5, 7, 0, 21)),
        (Knobs(5, 7, 8, 21), Knobs(5, 7, 8, 50)),
    ]:
        assert len(play_year(high.rules(), 5).failures) <= len(play_year(low.rules(), 5).failures)


def test_everybody_who_failed_is_counted_once():
    """The counts by who are those of the failures."""
    result = baseline(2)
    counted = {row[0]: row[1] for row in result.by_who().rows}
    assert counted == Counter(failure.who for failure in result.failures)


WRONG = [
    (..., "write a list of rules"),
    (None, "write a list of rules"),
    (Rule("one", "delete"), "put the rule into a list"),
    ("keep all", "give a list of rules"),
    (["delete"], "must be a Rule"),
    ([Rule("u", "delete", untagged=True)], "take untagged out"),
    ([Rule("n", "delete", newest=2.5)], "whole number of tags"),
    ([Rule("s", "delete", older_than=30)], r"write 30 \* DAY"),
    ([Rule("s", "delete", older_than="30")], "a number of seconds"),
    ([Rule("s", "keep", pulled_within=float("nan"))], "a number of seconds"),
    ([Rule("many", "delete")] * 51, "at most 50"),
]


@pytest.mark.parametrize(("policy", "said"), WRONG)
def test_a_policy_that_is_none_is_refused_with_what_to_write(policy, said):
    """Before anything is played."""
    with pytest.raises(InvalidValue, match=said):
        play_year(policy, 1)


def test_a_policy_says_itself():
    """In the words of its rules, and an empty one is one."""
    assert "older than 30 days" in str(policy_table(BASELINE))
    assert policy_table([]).rows == ()


def test_a_result_shows_itself():
    """Score, weeks and failures, in a terminal and in a notebook."""
    result = play_year(BASELINE, 1, replace(SHORT, budget_bytes=10**10))
    assert "score" in str(result) and "<table" in result._repr_html_()
    assert len(result.by_week(1).rows) == 12
