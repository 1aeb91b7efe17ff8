"""A team and the people around it, as numbers: what is pushed in a year, and who comes back for what.

All of it is **modelled**. No published trace tells how often a team rolls back or how long a customer stays on an old
release, so every number below is chosen, says what it is for, and can be set to another. The bytes of the base are
those of ``debian:trixie``, as in ``study.ci_year``.
"""

from __future__ import annotations

from dataclasses import dataclass

from simregistry.errors import InvalidValue

GB = 10**9


@dataclass(frozen=True, slots=True)
class Service:
    """One repository: how it is built, and the bytes of the two layers that stand on the base.

    ``builds_a_day`` is the most that one working day brings; the day draws from 0 up to it. ``branch_chance`` is that
    of a branch beginning on a working day. ``release_every`` is days, 0 for what is never released.
    """

    name: str
    builds_a_day: int
    branch_chance: float = 0.0
    release_every: int = 0
    platforms: tuple[str, ...] = ("amd64",)
    dependency_bytes: int = 60_000_000
    code_bytes: int = 4_000_000


# In this order: a site that is deployed from each build; a product that customers run in the release they bought; and
# workers on two kinds of machine, so that each build of them is an index over two images.
SERVICES = (
    Service("web", builds_a_day=4, branch_chance=0.20),
    Service("api", builds_a_day=2, branch_chance=0.15, release_every=14, dependency_bytes=90_000_000),
    Service("jobs", builds_a_day=1, platforms=("amd64", "arm64"), dependency_bytes=80_000_000),
)


@dataclass(frozen=True, slots=True)
class Team:
    """A year of work; chances are for a day, or for the event that the name says.

    Pushes: the base is rebuilt every ``base_every`` days, and with it all that stands on it, since a layer's digest
    does not change but the cache above a changed base is gone. ``new_dependencies`` is the chance that a build changes
    them. A branch lives up to ``longest_branch`` days. ``hotfixes`` is how many old releases are mended in the year.

    Pulls: ``new_machine`` is the chance of a day on which a machine is added and pulls what runs. ``rollback`` is that
    of a working day on which the site goes back, mostly by a build or two, and in ``far_rollback`` of the cases by
    weeks. Each day up to ``customer_pulls`` customers pull the product, in the newest release or an older one: with
    chance ``older`` one more back, and so on, so that the popularity of releases falls by that factor with each. Of a
    release that was mended they pull the newest hotfix.
    ``reviewer`` is the chance that somebody comes back to a branch's build weeks later. ``old_customer`` and ``lab``
    are the shortest and longest time (days) between two starts of an environment that never moves on: a customer on
    the first release, by its tag, and a laboratory on one build, by its digest. Once in the year an audit pulls
    ``audited`` releases of any age.
    """

    days: int = 364
    budget_bytes: int = 5 * GB
    services: tuple[Service, ...] = SERVICES
    base_bytes: int = 49_337_828
    base_every: int = 28
    new_dependencies: float = 0.06
    longest_branch: int = 15
    hotfixes: int = 4
    new_machine: float = 0.15
    rollback: float = 0.06
    far_rollback: float = 0.2
    customer_pulls: int = 2
    older: float = 0.65
    reviewer: float = 0.04
    old_customer: tuple[int, int] = (15, 50)
    lab: tuple[int, int] = (8, 45)
    audited: int = 2

    def __post_init__(self) -> None:
        if not 56 <= self.days <= 3660:
            raise InvalidValue("team: days", self.days, "give 56 (eight weeks) to 3660 (ten years)")
        if len(self.services) != 3 or not self.services[1].release_every or self.longest_branch < 2:
            rule = "give a site, a product with release_every above 0, and workers; a branch lives 2 days at least"
            raise InvalidValue("team: services", [each.name for each in self.services], rule)
        if any(each.builds_a_day < 1 for each in self.services):
            raise InvalidValue(
                "team: services", [each.builds_a_day for each in self.services], "give 1 build a day at least"
            )
        if self.budget_bytes <= 0:
            raise InvalidValue("team: budget_bytes", self.budget_bytes, "give a number of bytes above 0")
        for name in ("new_dependencies", "new_machine", "rollback", "far_rollback", "older", "reviewer"):
            if not 0 <= getattr(self, name) < 1:
                raise InvalidValue(f"team: {name}", getattr(self, name), "give a chance, from 0 to less than 1")


TEAM = Team()
