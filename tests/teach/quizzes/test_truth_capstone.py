"""The lesson capstone: each option of a question fits exactly where the package says so."""

from __future__ import annotations

import pytest

from simregistry.registry.products.distribution_2_8.collector import DISTRIBUTION_2_8
from simregistry.registry.retention import DAY, Rule
from simregistry.study.capstone import BASELINE, YearScore, best, held_out, play_year, weekly_cleanup

GB = 10**9


def the_oldest_of_four():
    """capstone.q1: a Sunday's dry run."""
    pushed = {"v1.0": 0, "v1.1": 14, "v1.2": 28, "v1.0.1": 33}
    plan = weekly_cleanup([Rule("releases", "delete", tags="v*", newest=3)], pushed, day=34)
    gone = [subject.tag for subject in plan.deleted]
    return {"`v1.1`": gone == ["v1.1"], "`v1.0.1`": gone == ["v1.0.1"], "`v1.0`": gone == ["v1.0"]}


def never_in_vain():
    """capstone.q2: who failed in none of five years."""
    failed = {failure.who for seed in range(1, 6) for failure in play_year(BASELINE, seed).failures}
    return {
        "the customer": "old customer" not in failed,
        "the person who deploys": "deployment" not in failed,
        "the laboratory": "laboratory" not in failed,
    }


def what_keeps_the_laboratory():
    """capstone.q3: on each Sunday of forty days, beside a rule that deletes everything."""

    def kept(rule: Rule, **pushed: int) -> bool:
        tags = {"main-0012": 0, **{tag.replace("_", "-"): day for tag, day in pushed.items()}}
        plans = [
            weekly_cleanup([Rule("all", "delete"), rule], tags, dict.fromkeys(tags, 0), day=day)
            for day in range(0, 40, 7)
        ]
        # One tag that stays keeps the image.
        return all(len(plan.deleted) < len(tags) for plan in plans)

    return {
        "keep the tags that were pulled in the last 50": kept(Rule("use", "keep", pulled_within=50 * DAY)),
        "keep the tags that were pulled in the last 30": kept(Rule("use", "keep", pulled_within=30 * DAY)),
        "keep the tags `lab-*`": kept(Rule("lab", "keep", tags="lab-*"), lab_1=0),
    }


def a_score():
    """capstone.q4: the formula."""
    points = YearScore(3 * GB, 9 * GB // 2, 5 * GB, 10, 1).points
    return {"75": points == 75, "48": points == 48, "87": points == 87}


def on_day_69():
    """capstone.q5: the laboratory under ten builds; its tag goes, and the manifest with it."""
    result = play_year([Rule("builds", "delete", tags="main-*", newest=10)], 1)
    first = next(failure for failure in result.failures if failure.who == "laboratory")
    traced = (first.day, first.deleted_on, first.rule.partition(":")[0]) == (89, 69, "builds")
    week = next(week for week in result.weeks if week.day == 69)
    return {
        "the rule deleted the manifest": "pulled" in first.rule,
        "the rule deleted the image's last tag": traced and first.lost and week.deleted > 0,
        "nothing yet": week.freed_bytes == 0,
    }


def without_a_rule():
    """capstone.q6: no rule fails nothing, unless the collector is an old one."""
    now, old = play_year([], 1), play_year([], 1, collector=DISTRIBUTION_2_8)
    return {
        "the budget": bool(now.failures) and now.peak_bytes > now.budget_bytes,
        "a retention rule": bool(now.failures),
        "a collector": not now.failures and bool(old.failures),
    }


def next_year():
    """capstone.q7: the best of year 1 on twenty others."""
    found = best(1)
    _, behind = held_out([found], range(21, 41)).behind()[0]
    nearby = [play_year(found.rules, seed).points for seed in (2, 3)]
    return {
        "about 69.8": behind < 3,
        "more than 69.8": min(nearby) > found.points,
        "to fall behind": behind > 10 and max(nearby) < found.points,
    }


def names_of_last_year():
    """capstone.q8: kept by name, on the year itself and on others."""
    found = best(1)
    lost = play_year(found.rules, 1).lost
    known = [*found.rules, *(Rule("I know", "keep", tags=name.partition(":")[2]) for name in lost)]
    gains = [play_year(known, seed).points - play_year(found.rules, seed).points for seed in (1, 2, 3)]
    return {
        "nothing": gains[0] > 0 and max(gains[1:]) < 0,
        "three pulls": max(gains[1:]) > 0,
        "at least a test": gains[0] <= 0,
    }


TRUTHS = {
    "capstone.q1": the_oldest_of_four,
    "capstone.q2": never_in_vain,
    "capstone.q3": what_keeps_the_laboratory,
    "capstone.q4": a_score,
    "capstone.q5": on_day_69,
    "capstone.q6": without_a_rule,
    "capstone.q7": next_year,
    "capstone.q8": names_of_last_year,
}


@pytest.mark.parametrize("id", TRUTHS)
def test_the_right_options_are_right(id, fits):
    """And the wrong ones are wrong."""
    fits(id, TRUTHS[id]())
