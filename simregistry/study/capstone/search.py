"""The best policy of the family, found by trying them all; for forty seeds the tries are stored.

A search that tries a policy on a year has seen that year to its end. What it finds is the best *for what happened*, and
no team knows that on its first day: ``fit`` on some seeds, and look at others (``study.capstone.held_out``).

The stored tries are made anew by ``python -m simregistry.study.capstone`` (some ten minutes on one core), which is due
whenever a number of the model changes; a test makes those of one seed anew and compares.
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
class Found(TableReport):
    """The policy with the highest mean score on some seeds, of so many that were tried."""

    knobs: Knobs
    seeds: tuple[int, ...]
    points: float
    tried: int = TRIED

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The policy as rules, to be played or changed."""
        return self.knobs.rules()

    def table(self) -> Table:
        """Show its rules in words."""
        where = f"seed {self.seeds[0]}" if len(self.seeds) == 1 else f"{len(self.seeds)} seeds"
        title = f"the best of {self.tried} on {where}: {self.points:.1f} points"
        return Table(("rule", "what it does"), tuple((rule.name, rule.says()) for rule in self.rules), title=title)


def trial(builds: int, branches: int, releases: int, in_use: int, seed: int) -> dict[str, float]:
    """Try one policy of the family on one seed: an experiment for ``study.sweep``, on as many cores as there are."""
    result = play_year(Knobs(builds, branches, releases, in_use).rules(), seed)
    score = result.score
    return {"points": score.points, "failed": score.failed, "lost": score.lost, "peak_bytes": score.peak_bytes}


def best(seed: int) -> Found:
    """Find the best policy of the family for one year, which it has seen to its end.

    >>> best(1).tried
    144
    """
    return fit([seed])


def fit(seeds: Iterable[int]) -> Found:
    """Find the policy with the best mean on some seeds; a seed that is not stored takes a quarter of a minute."""
    chosen = tuple(seeds)
    if not chosen:
        raise InvalidValue("seeds", chosen, "give at least one seed")
    tries = [tries_of(seed) for seed in chosen]
    sums = [sum(_tenths(points[n]) for points in tries) for n in range(TRIED)]
    place = max(range(TRIED), key=lambda n: sums[n])
    return Found(list(policy_grid())[place], chosen, mean(points[place] for points in tries))


def score_on(knobs: Knobs, seeds: Iterable[int]) -> float:
    """Give the mean score of a policy of the grid on some seeds, from the tries."""
    place = list(policy_grid()).index(knobs)
    return mean(tries_of(seed)[place] for seed in seeds)


def tries_of(seed: int) -> tuple[float, ...]:
    """Give the points of each policy of the family on a seed, in the grid's order."""
    check_seed(seed)
    return _stored().get(seed) or _searched(seed)


@cache
def _searched(seed: int) -> tuple[float, ...]:
    """Try them all, now."""
    return tuple(search([seed])[seed])


def search(
    seeds: Sequence[int], executor: Executor | None = None, progress: Progress | None = None
) -> dict[int, tuple[float, ...]]:
    """Try every policy of the family on every seed, whatever is stored; any executor fits."""
    points = run_grid(trial, {**GRID, "seed": list(seeds)}, executor, progress=progress).column("points")
    return {seed: points[n :: len(seeds)] for n, seed in enumerate(seeds)}


def mean(points: Iterable[float]) -> float:
    """Give a mean of scores to a tenth; summed in whole tenths, so that no order of adding shows."""
    found = [_tenths(each) for each in points]
    return (2 * sum(found) + len(found)) // (2 * len(found)) / 10


def _tenths(points: float) -> int:
    return round(points * 10)


@cache
def _stored() -> Mapping[int, tuple[float, ...]]:
    if not FILE.exists():
        return {}
    return {int(seed): tuple(points) for seed, points in json.loads(FILE.read_text("utf-8")).items()}
