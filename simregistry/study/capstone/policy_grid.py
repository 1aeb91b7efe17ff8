"""A family of policies with four knobs, small enough that we can try every one of them; and the baseline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from simregistry.errors import InvalidValue
from simregistry.registry.retention import DAY, Rule

# The search tries every combination, in this order, and takes the first of two with the same score. 0 switches a rule
# off.
GRID: Mapping[str, tuple[int, ...]] = {
    "builds": (5, 10, 20, 40),
    "branches": (7, 14, 28),
    "releases": (8, 13, 0),
    "in_use": (0, 21, 35, 50),
}
# The policy that many begin with: delete every tag that is older than a month.
BASELINE = (Rule("a month", "delete", older_than=30 * DAY),)


@dataclass(frozen=True, slots=True)
class Knobs:
    """One policy of the family: how many builds and releases to keep, and how many days branches and pulls count.

    >>> [rule.name for rule in Knobs(builds=10, branches=14, releases=0, in_use=35).rules()]
    ['builds', 'branches', 'in use']
    """

    builds: int
    branches: int
    releases: int
    in_use: int

    def __post_init__(self) -> None:
        for name in GRID:
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 10_000:
                raise InvalidValue(name, value, "give a whole number from 0 to 10,000; 0 switches the rule off")

    def rules(self) -> tuple[Rule, ...]:
        """Write the knobs as rules; no rule deletes ``latest``, and the last rule keeps images that are in use."""
        rules = [
            Rule("builds", "delete", tags="main-*", newest=self.builds or None),
            Rule("branches", "delete", tags="branch-*", older_than=self.branches * DAY),
            Rule("releases", "delete", tags="v*", newest=self.releases or None),
            Rule("in use", "keep", pulled_within=self.in_use * DAY),
        ]
        values = (self.builds, self.branches, self.releases, self.in_use)
        return tuple(rule for rule, value in zip(rules, values, strict=True) if value)

    def __str__(self) -> str:
        parts = (
            f"{self.builds} builds" if self.builds else "all builds",
            f"branches {self.branches} days" if self.branches else "all branches",
            f"{self.releases} releases" if self.releases else "all releases",
            f"pulled in {self.in_use} days" if self.in_use else "",
        )
        return ", ".join(part for part in parts if part)


def policy_grid() -> Iterator[Knobs]:
    """Iterate over every policy of the grid, in its order."""
    return (Knobs(*values) for values in product(*GRID.values()))


TRIED = len(list(policy_grid()))
