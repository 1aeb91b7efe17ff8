"""Compare a class's policies on the same years, with a baseline and the best policy that a search found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from simregistry.errors import InvalidValue
from simregistry.registry.retention import Rule
from simregistry.study.capstone.play_year import play_year
from simregistry.study.capstone.playable_policy import check_policy
from simregistry.study.capstone.policy_grid import BASELINE, TRIED
from simregistry.study.capstone.search import BestPolicy, best, mean, score_on
from simregistry.study.capstone.year_result import YearResult
from simregistry.table import Table, TableReport

BASELINE_NAME, BEST_NAME = "(baseline: a month)", f"(best of {TRIED}, year by year)"


def baseline(seed: int = 1) -> YearResult:
    """Play the policy that many begin with: delete every tag that is older than a month."""
    return play_year(BASELINE, seed)


@dataclass(frozen=True, slots=True)
class ClassEntry:
    """One policy with its results, one for each seed."""

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
        """Show one policy a line; counts are sums over all years."""
        rows = tuple(
            (
                entry.name,
                entry.points,
                entry.worst,
                f"{sum(y.peak_bytes for y in entry.results) / sum(y.budget_bytes for y in entry.results):.0%}",
                sum(len(year.failures) for year in entry.results),
                sum(len(year.lost) for year in entry.results),
            )
            for entry in self.entries
        )
        columns = ("policy", "mean score", "worst year", "fullest day, of the budget", "pulls failed", "images lost")
        return Table(columns, rows, title=f"{len(self.seeds)} year{'' if len(self.seeds) == 1 else 's'}")


def compare_policies(policies: Mapping[str, Sequence[Rule]], seeds: Iterable[int] = (1, 2, 3)) -> ClassTable:
    """Play everybody's policy on the same seeds, with the baseline and the best policy of each year; best mean first.

    If something else than a policy is given, raises InvalidValue with the name of the person who gave it.
    """
    chosen = _checked_seeds(seeds)
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
class FittedPolicy:
    """A policy that was fitted to some years, and its score on other years (``elsewhere``).

    ``best_there`` is the mean score on its own years if each of them had its own best policy.
    """

    policy: BestPolicy
    best_there: float
    elsewhere: float


@dataclass(frozen=True, slots=True, repr=False)
class HeldOut(TableReport):
    """Policies that were fitted to some years, played on years that they were not fitted to.

    Years differ: some are hard for every policy. So each score is compared with the score of each year's own best
    policy, which was found by looking at that whole year.
    """

    fits: tuple[FittedPolicy, ...]
    seeds: tuple[int, ...]
    best_elsewhere: float

    def behind(self) -> tuple[tuple[float, float], ...]:
        """Return for each policy how many points it is behind the years' own bests: on its own years, and on others."""
        return tuple(
            (round(fitted.best_there - fitted.policy.points, 1), round(self.best_elsewhere - fitted.elsewhere, 1))
            for fitted in self.fits
        )

    def table(self) -> Table:
        """Show one policy a line, and the years' own bests in the last."""
        rows = tuple(
            (_seeds_of(fitted.policy), fitted.policy.points, behind_there, fitted.elsewhere, behind_elsewhere)
            for fitted, (behind_there, behind_elsewhere) in zip(self.fits, self.behind(), strict=True)
        )
        own_bests = ("each year's own best", None, None, self.best_elsewhere, 0.0)
        columns = ("fitted on", "score there", "behind its best", "score on other years", "behind their best")
        return Table(columns, (*rows, own_bests), title=f"{len(self.seeds)} other years")


def held_out(fits: Sequence[BestPolicy], seeds: Iterable[int]) -> HeldOut:
    """Score fitted policies on other years; raise InvalidValue if a policy was fitted to one of these years."""
    chosen = _checked_seeds(seeds)
    for policy in fits:
        if seen := sorted(set(policy.seeds) & set(chosen)):
            raise InvalidValue("seed", seen[0], "was fitted to; take years that the policy has not seen")
    rows = tuple(FittedPolicy(policy, _mean_of_bests(policy.seeds), score_on(policy.knobs, chosen)) for policy in fits)
    return HeldOut(rows, chosen, _mean_of_bests(chosen))


def _mean_of_bests(seeds: Iterable[int]) -> float:
    """Compute the mean score on some years if each of them has its own best policy."""
    return mean(best(seed).points for seed in seeds)


def _seeds_of(policy: BestPolicy) -> str:
    return f"seed {policy.seeds[0]}" if len(policy.seeds) == 1 else f"{len(policy.seeds)} seeds"


def _checked_seeds(seeds: Iterable[int]) -> tuple[int, ...]:
    chosen = tuple(seeds)
    if not chosen or len(set(chosen)) != len(chosen):
        raise InvalidValue("seeds", chosen, "give at least one seed, and each once")
    return chosen
