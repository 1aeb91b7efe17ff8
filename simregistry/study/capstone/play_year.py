"""Play a year under a policy: pushes and pulls day by day, and on Sundays the rules and then the collector."""

from __future__ import annotations

from collections.abc import Sequence

from simregistry.registry.gc.distribution import Distribution
from simregistry.registry.products.distribution_3.collector import DISTRIBUTION_3
from simregistry.registry.retention import DAY, Rule
from simregistry.study.capstone.playable_policy import check_policy
from simregistry.study.capstone.running_registry import RunningRegistry
from simregistry.study.capstone.team import TEAM, Team
from simregistry.study.capstone.year import year
from simregistry.study.capstone.year_result import YearResult


def play_year(
    policy: Sequence[Rule], seed: int = 1, team: Team = TEAM, collector: Distribution = DISTRIBUTION_3
) -> YearResult:
    """Live through a seed's year under a list of rules; raises InvalidValue for what is no policy or no seed.

    >>> play_year([], seed=1).failures
    ()
    """
    rules = check_policy(policy)
    lived = year(seed, team)
    season = RunningRegistry(rules, collector)
    stored, weeks, failures = [], [], []
    for day, (pushes, pulls) in enumerate(zip(lived.pushes, lived.pulls, strict=True)):
        for number, push in enumerate(pushes):
            season.push(push, day * DAY + number)
        found = (season.pull(pull) for pull in pulls)
        failures += [failure for failure in found if failure is not None]
        stored.append(season.storage.blobs.stored_bytes)
        if day % 7 == 6:
            weeks.append(season.clean_up(day))
    pulled = sum(map(len, lived.pulls))
    return YearResult(rules, seed, team.budget_bytes, pulled, tuple(stored), tuple(weeks), tuple(failures))
