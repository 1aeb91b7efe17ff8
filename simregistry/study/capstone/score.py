"""The score of a year: one number from what was kept and what was missed, with all of its parts.

A year begins with a hundred points, and loses some for each of these:

1. storage: 20 points if the mean of all days is the whole budget, 10 if it is half of it, and so on;
2. overrun: 1 point for each percent by which the fullest day was above the budget;
3. failures: 1 point for each pull that failed;
4. losses: 3 points for each image that was gone when somebody needed it, however often they tried.

The weights are a choice, and a different team would choose differently. They say that keeping half the budget all year
costs as much as ten failed pulls. More of anything never gives more points.
"""

from __future__ import annotations

from dataclasses import dataclass

from simregistry.table import Table, TableReport

START = 100
STORAGE, OVERRUN, FAILURE, LOSS = 20, 100, 1, 3


@dataclass(frozen=True, slots=True, repr=False)
class YearScore(TableReport):
    """The four parts of a year (bytes and counts), and what each of them costs in points."""

    mean_bytes: int
    peak_bytes: int
    budget_bytes: int
    failed: int
    lost: int

    @property
    def storage(self) -> float:
        """Points that the mean costs, rounded to tenths, so that the printed parts add up."""
        return _tenths(STORAGE * self.mean_bytes, self.budget_bytes)

    @property
    def overrun(self) -> float:
        """Points that the fullest day costs, 0 within the budget."""
        return _tenths(OVERRUN * max(0, self.peak_bytes - self.budget_bytes), self.budget_bytes)

    @property
    def taken(self) -> tuple[float, float, float, float]:
        """Points taken away: storage, overrun, failures, losses."""
        return self.storage, self.overrun, float(FAILURE * self.failed), float(LOSS * self.lost)

    @property
    def points(self) -> float:
        """The points that are left of the hundred; they may be below zero.

        >>> YearScore(mean_bytes=50, peak_bytes=110, budget_bytes=100, failed=3, lost=1).points
        74.0
        """
        return round(START - sum(self.taken), 1)

    def table(self) -> Table:
        """Show the score, part by part."""
        mean, peak = (f"{size / self.budget_bytes:.0%} of the budget" for size in (self.mean_bytes, self.peak_bytes))
        # 0 - points, because a minus sign alone would print -0.0.
        storage, overrun, failures, losses = (0 - points for points in self.taken)
        rows = (
            ("to begin with", "", float(START)),
            ("bytes kept, mean of all days", mean, storage),
            ("bytes kept, fullest day", peak, overrun),
            ("pulls that failed", self.failed, failures),
            ("images lost that were needed", self.lost, losses),
            ("score", "", self.points),
        )
        return Table(("part", "how much", "points"), rows)


def _tenths(cost: int, of: int) -> float:
    """Divide and round to a tenth in whole numbers: the same on every machine."""
    return (20 * cost + of) // (2 * of) / 10
