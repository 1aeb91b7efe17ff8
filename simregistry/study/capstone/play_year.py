"""Play a year under a policy: pushes and pulls day by day, and every Sunday the rules and then the collector."""

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
    """Play the year of a seed under a list of rules; raise InvalidValue for anything that is no policy or no seed.

    >>> play_year([], seed=1).failures
    ()
    """
    rules = check_policy(policy)
    events = year(seed, team)
    registry = RunningRegistry(rules, collector)
    stored, weeks, failures = [], [], []
    for day, (pushes, pulls) in enumerate(zip(events.pushes, events.pulls, strict=True)):
        # The pushes of a day are a second apart, so that "the newest tag" is always one tag.
        for second, push in enumerate(pushes):
            registry.push(push, day * DAY + second)
        outcomes = (registry.pull(pull) for pull in pulls)
        failures += [failure for failure in outcomes if failure is not None]
        stored.append(registry.storage.blobs.stored_bytes)
        if day % 7 == 6:
            weeks.append(registry.clean_up(day))
    pull_count = sum(map(len, events.pulls))
    return YearResult(rules, seed, team.budget_bytes, pull_count, tuple(stored), tuple(weeks), tuple(failures))
