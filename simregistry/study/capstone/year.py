"""The year of a seed: all pushes and pulls, in order, drawn before there is a policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from simregistry.errors import InvalidValue
from simregistry.study.capstone.pulls import Demand, PullEvent
from simregistry.study.capstone.pushes import PushEvent, WorkingTeam
from simregistry.study.capstone.team import TEAM, Team
from simregistry.table import Table, TableReport

LARGEST_SEED = 2**53
# Who pulls, and what they ask for.
WHO = {
    "deployment": "latest, on the day of a build",
    "new machine": "the builds that run that day",
    "roll-back": "an older build of the site, mostly a few back, sometimes weeks",
    "tester": "a branch's build, within two days",
    "reviewer": "a branch's build, one to five weeks later",
    "customer": "a release: the newest, or one back, or two …",
    "old customer": "the first release, by its tag, all year",
    "laboratory": "one build, by its digest, all year",
    "hotfix": "the old release that it mends",
    "audit": "two releases of any age, once",
}


@dataclass(frozen=True, slots=True, repr=False)
class Year(TableReport):
    """All pushes and pulls, day by day; the same for everybody who plays this seed."""

    team: Team
    seed: int
    pushes: tuple[tuple[PushEvent, ...], ...]
    pulls: tuple[tuple[PullEvent, ...], ...]

    def day(self, day: int) -> Table:
        """Show one day: the pushes, then who pulls what."""
        check_day(day, self.team.days)
        rows = [("push", "the team", push.repository, " ".join(push.tags)) for push in self.pushes[day]]
        rows += [
            ("pull", pull.who, pull.repository, pull.name.removeprefix(pull.repository)) for pull in self.pulls[day]
        ]
        return Table(("what", "who", "repository", "reference"), tuple(rows), title=f"day {day} of seed {self.seed}")

    def pulled_by(self) -> Mapping[str, int]:
        """Count the pulls of the year by who pulls."""
        counts = Counter(pull.who for pulls in self.pulls for pull in pulls)
        return {who: counts[who] for who in WHO}

    def table(self) -> Table:
        """Show who pulls what, and how often."""
        pushes, pulls = (sum(map(len, days)) for days in (self.pushes, self.pulls))
        rows = tuple((who, count, WHO[who]) for who, count in self.pulled_by().items())
        title = f"seed {self.seed}: {pushes} pushes and {pulls:,} pulls in {self.team.days} days"
        return Table(("who", "pulls", "what they pull"), rows, title=title)


def year(seed: int = 1, team: Team = TEAM) -> Year:
    """Draw the year of a seed; raise InvalidValue for anything that isn't a seed.

    >>> year(1).pushes == year(1).pushes
    True
    """
    check_seed(seed)
    return _drawn(seed, team)


def check_seed(seed: object) -> None:
    """Raise InvalidValue for anything that isn't a seed."""
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed <= LARGEST_SEED:
        raise InvalidValue("seed", seed, "give a whole number, 0 or more")


def check_day(day: object, days: int) -> None:
    """Raise InvalidValue for a day that the year does not have."""
    if not isinstance(day, int) or isinstance(day, bool) or not 0 <= day < days:
        raise InvalidValue("day", day, f"give a whole number from 0 to {days - 1}")


@lru_cache(maxsize=64)
def _drawn(seed: int, team: Team) -> Year:
    working_team = WorkingTeam(team, seed)
    pushes = tuple(tuple(working_team.day(day)) for day in range(team.days))
    pulls: list[list[PullEvent]] = [[] for _ in range(team.days)]
    for pull in Demand(team, seed, [push for day in pushes for push in day]).pulls():
        if pull.day < team.days:
            pulls[pull.day].append(pull)
    return Year(team, seed, pushes, tuple(map(tuple, pulls)))
