"""A class on some seeds: everybody's policy beside the baseline and the best that a search found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from simregistry.errors import InvalidValue
from simregistry.registry.retention import Rule
from simregistry.study.capstone.play_year import play_year
from simregistry.study.capstone.playable_policy import check_policy
from simregistry.study.capstone.policy_grid import BASELINE, TRIED
from simregistry.study.capstone.search import Found, best, mean, score_on
from simregistry.study.capstone.year_result import YearResult
from simregistry.table import Table, TableReport

BASELINE_NAME, BEST_NAME = "(baseline: a month)", f"(best of {TRIED}, year by year)"


def baseline(seed: int = 1) -> YearResult:
    """Play what many begin with: whatever is older than a month goes."""
    return play_year(BASELINE, seed)


@dataclass(frozen=True, slots=True)
class ClassEntry:
    """One policy's years: a result a seed."""

    name: str
    results: tuple[YearResult, ...]

    @property
    def points(self) -> float:
        """The mean score."""
        return mean(result.points for result in self.results)

    @property
    def worst(self) -> float:
        """The lowest score of a year."""
        return min(result.points for result in self.results)


@dataclass(frozen=True, slots=True, repr=False)
class ClassTable(TableReport):
    """Everybody's years on the same seeds, the best mean first."""

    seeds: tuple[int, ...]
    entries: tuple[ClassEntry, ...]

    def table(self) -> Table:
        """Show a line each; counts are those of all years together."""
        rows = tuple(
            (
                entry.name,
                entry.points,
                entry.worst,
                f"{sum(r.peak_bytes for r in entry.results) / sum(r.budget_bytes for r in entry.results):.0%}",
                sum(len(r.failures) for r in entry.results),
                sum(len(r.lost) for r in entry.results),
            )
            for entry in self.entries
        )
        columns = ("policy", "mean score", "worst year", "fullest day, of the budget", "pulls failed", "images lost")
        return Table(columns, rows, title=f"{len(self.seeds)} year{'' if len(self.seeds) == 1 else 's'}")


def compare_policies(policies: Mapping[str, Sequence[Rule]], seeds: Iterable[int] = (1, 2, 3)) -> ClassTable:
    """Play everybody's policy, the baseline and each year's best found on the same seeds, the best mean first.

    Raises InvalidValue naming whose policy is none.
    """
    chosen = _seeds(seeds)
    for name, policy in policies.items():
        try:
            check_policy(policy)
        except InvalidValue as error:
            raise InvalidValue(f"{name}'s {error.what}", error.value, error.rule) from None
    entries = [ClassEntry(name, tuple(play_year(policy, seed) for seed in chosen)) for name, policy in policies.items()]
    entries.append(ClassEntry(BASELINE_NAME, tuple(baseline(seed) for seed in chosen)))
    entries.append(ClassEntry(BEST_NAME, tuple(play_year(best(seed).rules, seed) for seed in chosen)))
    return ClassTable(chosen, tuple(sorted(entries, key=lambda entry: -entry.points)))


@dataclass(frozen=True, slots=True)
class Fitted:
    """One search's policy, the mean of the years' own bests where it was fitted, and its own mean on other years."""

    found: Found
    best_there: float
    elsewhere: float


@dataclass(frozen=True, slots=True, repr=False)
class HeldOut(TableReport):
    """Policies that were fitted to some years, on years that they were not fitted to.

    Years differ: some are hard for every policy. So each score stands beside what the best of the family, found with
    all of that year in sight, has on the same years.
    """

    fits: tuple[Fitted, ...]
    seeds: tuple[int, ...]
    best_elsewhere: float

    def behind(self) -> tuple[tuple[float, float], ...]:
        """Give for each fit the points behind each year's best, there and elsewhere."""
        return tuple(
            (round(each.best_there - each.found.points, 1), round(self.best_elsewhere - each.elsewhere, 1))
            for each in self.fits
        )

    def table(self) -> Table:
        """Show a line for each fit."""
        rows = tuple(
            (_named(each.found), each.found.points, there, each.elsewhere, behind)
            for each, (there, behind) in zip(self.fits, self.behind(), strict=True)
        )
        knowing = ("each year's own best", None, None, self.best_elsewhere, 0.0)
        columns = ("fitted on", "score there", "behind its best", "score on other years", "behind their best")
        return Table(columns, (*rows, knowing), title=f"{len(self.seeds)} years that no policy was fitted to")


def held_out(fits: Sequence[Found], seeds: Iterable[int]) -> HeldOut:
    """Hold fitted policies against other years, or raise InvalidValue where one of the years was fitted to."""
    chosen = _seeds(seeds)
    for each in fits:
        if seen := sorted(set(each.seeds) & set(chosen)):
            raise InvalidValue("seed", seen[0], "was fitted to; take years that the policy has not seen")
    rows = tuple(Fitted(each, _bests(each.seeds), score_on(each.knobs, chosen)) for each in fits)
    return HeldOut(rows, chosen, _bests(chosen))


def _bests(seeds: Iterable[int]) -> float:
    return mean(best(seed).points for seed in seeds)


def _named(found: Found) -> str:
    return f"seed {found.seeds[0]}" if len(found.seeds) == 1 else f"{len(found.seeds)} seeds"


def _seeds(seeds: Iterable[int]) -> tuple[int, ...]:
    chosen = tuple(seeds)
    if not chosen or len(set(chosen)) != len(chosen):
        raise InvalidValue("seeds", chosen, "give at least one seed, and each once")
    return chosen
