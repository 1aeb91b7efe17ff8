"""A team and the people around it, as numbers: what they push in a year, and who pulls an old image again.

All of it is **modelled**. No published trace tells how often a team rolls back or how long a customer stays on an old
release, so every number below is chosen, says what it is for, and can be changed. The bytes of the base are those of
``debian:trixie``, as in ``study.ci_year``.
"""

from __future__ import annotations

from dataclasses import dataclass

from simregistry.errors import InvalidValue

GB = 10**9


@dataclass(frozen=True, slots=True)
class Service:
    """One repository: how often it is built, and the bytes of the two layers above the base.

    A working day draws from 0 to ``builds_a_day`` builds. ``branch_chance`` is the chance that a branch begins on a
    working day. ``release_every`` is in days, 0 for a service that is never released.
    """

    name: str
    builds_a_day: int
    branch_chance: float = 0.0
    release_every: int = 0
    platforms: tuple[str, ...] = ("amd64",)
    dependency_bytes: int = 60_000_000
    code_bytes: int = 4_000_000


# In this order: a site that is deployed from each build; a product that customers run in the release they bought;
# workers on two kinds of machines, so that each of their builds is an index over two images.
SERVICES = (
    Service("web", builds_a_day=4, branch_chance=0.20),
    Service("api", builds_a_day=2, branch_chance=0.15, release_every=14, dependency_bytes=90_000_000),
    Service("jobs", builds_a_day=1, platforms=("amd64", "arm64"), dependency_bytes=80_000_000),
)


@dataclass(frozen=True, slots=True)
class Team:
    """A year of work; chances are for a day, or for the event that the name says.

    Pushes. The base is rebuilt every ``base_every`` days. Then all layers above it are built again as well, because no
    build cache has layers for the new base. ``new_dependencies`` is the chance that a build changes its dependencies. A
    branch lives up to ``longest_branch`` days. ``hotfixes`` is how many old releases are mended in the year.

    Pulls. ``new_machine`` is the chance that a machine is added on a day and pulls what runs. ``rollback`` is the
    chance that the site goes back on a working day, mostly by a build or two, and in a share ``far_rollback`` of the
    cases by weeks. Each day up to ``customer_pulls`` customers pull the product. They want the newest release, or with
    chance ``older`` the one before, and so on, so each release is pulled less often than the next by that factor. Of a
    mended release they pull the newest hotfix. ``reviewer`` is the chance that somebody comes back to a branch's build
    weeks later. ``old_customer`` and ``lab`` are the shortest and longest time in days between two starts of an
    environment that never moves on: a customer on the first release, by its tag, and a laboratory on one build, by its
    digest. Once in the year an audit pulls ``audited`` releases of any age.
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
            raise InvalidValue("team: services", [service.name for service in self.services], rule)
        builds = [service.builds_a_day for service in self.services]
        if min(builds) < 1:
            raise InvalidValue("team: services", builds, "give 1 build a day at least")
        if self.budget_bytes <= 0:
            raise InvalidValue("team: budget_bytes", self.budget_bytes, "give a number of bytes above 0")
        for name in ("new_dependencies", "new_machine", "rollback", "far_rollback", "older", "reviewer"):
            if not 0 <= getattr(self, name) < 1:
                raise InvalidValue(f"team: {name}", getattr(self, name), "give a chance, from 0 to less than 1")


TEAM = Team()
