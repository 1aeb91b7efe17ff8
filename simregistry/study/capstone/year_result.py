"""What a year under a policy came to: the score, the weeks, and each pull that failed with the rule behind it."""

from __future__ import annotations

from dataclasses import dataclass, field

from simregistry.oci.digest import Digest
from simregistry.registry.retention import Rule
from simregistry.study.capstone.score import YearScore
from simregistry.table import Table, TableReport


@dataclass(frozen=True, slots=True)
class Failure:
    """A pull that failed: who wanted what on which day, and the rule that took the name away, with its day.

    ``lost`` says whether the image was gone as well: a name can be missing while another one keeps the image.
    """

    day: int
    who: str
    wanted: str
    digest: Digest
    rule: str
    deleted_on: int
    lost: bool


@dataclass(frozen=True, slots=True)
class CapstoneWeek:
    """The registry at the end of a week, after the collector; ``deleted`` is the tags that the policy took."""

    day: int
    tags: int
    deleted: int
    freed_bytes: int
    stored_bytes: int


@dataclass(frozen=True, slots=True, repr=False)
class YearResult(TableReport):
    """One policy, one seed: bytes on the shelf at each day's end, each week, and each pull that failed."""

    rules: tuple[Rule, ...]
    seed: int
    budget_bytes: int
    pulls: int
    stored: tuple[int, ...] = field(repr=False)
    weeks: tuple[CapstoneWeek, ...] = field(repr=False)
    failures: tuple[Failure, ...] = field(repr=False)

    @property
    def mean_bytes(self) -> int:
        """Bytes on the shelf, the mean of all days."""
        return sum(self.stored) // len(self.stored)

    @property
    def peak_bytes(self) -> int:
        """Bytes on the fullest day."""
        return max(self.stored)

    @property
    def lost(self) -> tuple[str, ...]:
        """The images that were gone when somebody needed them, each once, by the first name that was asked for."""
        found: dict[Digest, str] = {}
        for failure in self.failures:
            if failure.lost:
                found.setdefault(failure.digest, failure.wanted)
        return tuple(found.values())

    @property
    def score(self) -> YearScore:
        """Four parts and a number."""
        return YearScore(self.mean_bytes, self.peak_bytes, self.budget_bytes, len(self.failures), len(self.lost))

    @property
    def points(self) -> float:
        """The number alone."""
        return self.score.points

    def failed(self, most: int = 20) -> Table:
        """Show what failed, a line for each image and who wanted it, with the rule that took it and when."""
        found: dict[tuple[str, str], list[Failure]] = {}
        for failure in self.failures:
            found.setdefault((failure.who, failure.wanted), []).append(failure)
        rows = tuple(
            (who, wanted, each[0].day, len(each), each[0].deleted_on, each[0].rule.partition(":")[0])
            for (who, wanted), each in list(found.items())[:most]
        )
        more = f", the first {most} of {len(found)}" if len(found) > most else ""
        title = f"{len(self.failures)} of {self.pulls:,} pulls failed{more}"
        columns = ("who", "wanted", "first on day", "times", "deleted on day", "by the rule")
        return Table(columns, rows, title=title)

    def by_who(self) -> Table:
        """Count what failed by who wanted it."""
        names = dict.fromkeys(failure.who for failure in self.failures)
        rows = tuple(
            (who, sum(f.who == who for f in self.failures), len({f.wanted for f in self.failures if f.who == who}))
            for who in names
        )
        return Table(("who", "pulls that failed", "different images"), rows)

    def by_week(self, every: int = 4) -> Table:
        """Show each fourth week, or as often as is asked for."""
        rows = tuple(
            (w.day, w.tags, w.deleted, w.freed_bytes, w.stored_bytes)
            for n, w in enumerate(self.weeks, 1)
            if n % every == 0
        )
        return Table(("day", "tags", "tags deleted", "bytes freed", "bytes on the shelf"), rows)

    def table(self) -> Table:
        """Show the score with its parts."""
        scored = self.score.table()
        return Table(
            scored.columns,
            scored.rows,
            title=f"seed {self.seed}, {len(self.rules)} rule{'' if len(self.rules) == 1 else 's'}",
        )
