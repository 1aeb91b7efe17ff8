"""Find the best policy of the family by trying them all; the tries of forty seeds are stored.

A search that tries a policy on a year has seen that year to its end. It finds the best policy *for what happened*, and
no team knows that on its first day. So ``fit`` a policy on some seeds, and look at its score on others
(``study.capstone.held_out``).

``python -m simregistry.study.capstone`` computes the stored tries again, in about ten minutes on one core. That is
necessary whenever a number of the model changes; a test computes the tries of one seed and compares.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from simregistry.errors import InvalidValue
from simregistry.registry.retention import Rule
from simregistry.study.capstone.play_year import play_year
from simregistry.study.capstone.policy_grid import GRID, TRIED, Knobs, policy_grid
from simregistry.study.capstone.year import check_seed
from simregistry.study.parameter_grid.run_grid import Progress, run_grid
from simregistry.table import Table, TableReport

FILE = Path(__file__).parent / "tried.json"
SEEDS = range(1, 41)


@dataclass(frozen=True, slots=True, repr=False)
class BestPolicy(TableReport):
    """The policy with the highest mean score on some seeds, among all that were tried."""

    knobs: Knobs
    seeds: tuple[int, ...]
    points: float
    tried: int = TRIED

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The policy as a list of rules, to play or to change."""
        return self.knobs.rules()

    def table(self) -> Table:
        """Show the policy's rules in words."""
        where = f"seed {self.seeds[0]}" if len(self.seeds) == 1 else f"{len(self.seeds)} seeds"
        title = f"the best of {self.tried} on {where}: {self.points:.1f} points"
        return Table(("rule", "what it does"), tuple((rule.name, rule.says()) for rule in self.rules), title=title)


def trial(builds: int, branches: int, releases: int, in_use: int, seed: int) -> dict[str, float]:
    """Try one policy of the family on one seed; this is an experiment for ``run_grid``."""
    result = play_year(Knobs(builds, branches, releases, in_use).rules(), seed)
    score = result.score
    return {"points": score.points, "failed": score.failed, "lost": score.lost, "peak_bytes": score.peak_bytes}


def best(seed: int) -> BestPolicy:
    """Find the best policy of the family for one year, looking at that whole year.

    >>> best(1).tried
    144
    """
    return fit([seed])


def fit(seeds: Iterable[int]) -> BestPolicy:
    """Find the policy with the best mean score on some seeds; a seed that is not stored takes about 15 seconds."""
    chosen = tuple(seeds)
    if not chosen:
        raise InvalidValue("seeds", chosen, "give at least one seed")
    tries = [tries_of(seed) for seed in chosen]
    # Sums of whole numbers, so that policies with the same score are really equal; max takes the first of them.
    sums = [sum(_tenths(points[n]) for points in tries) for n in range(TRIED)]
    place = max(range(TRIED), key=lambda n: sums[n])
    return BestPolicy(list(policy_grid())[place], chosen, mean(points[place] for points in tries))


def score_on(knobs: Knobs, seeds: Iterable[int]) -> float:
    """Return the mean score of a policy of the grid on some seeds, from the tries."""
    place = list(policy_grid()).index(knobs)
    return mean(tries_of(seed)[place] for seed in seeds)


def tries_of(seed: int) -> tuple[float, ...]:
    """Return the points of each policy of the family on a seed, in the grid's order."""
    check_seed(seed)
    return _stored().get(seed) or _searched(seed)


@cache
def _searched(seed: int) -> tuple[float, ...]:
    """Try every policy on a seed that is not stored."""
    return tuple(search([seed])[seed])


def search(
    seeds: Sequence[int], executor: Executor | None = None, progress: Progress | None = None
) -> dict[int, tuple[float, ...]]:
    """Try every policy of the family on every seed, without looking at what is stored; any executor fits."""
    points = run_grid(trial, {**GRID, "seed": list(seeds)}, executor, progress=progress).column("points")
    return {seed: points[n :: len(seeds)] for n, seed in enumerate(seeds)}


def mean(points: Iterable[float]) -> float:
    """Compute a mean of scores, rounded to a tenth."""
    # Summed in whole tenths: the sum of fractions would depend on their order.
    tenths = [_tenths(score) for score in points]
    return (2 * sum(tenths) + len(tenths)) // (2 * len(tenths)) / 10


def _tenths(points: float) -> int:
    return round(points * 10)


@cache
def _stored() -> Mapping[int, tuple[float, ...]]:
    if not FILE.exists():
        return {}
    return {int(seed): tuple(points) for seed, points in json.loads(FILE.read_text("utf-8")).items()}
