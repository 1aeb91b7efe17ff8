"""The result of a year under a policy: the score, the weeks, and each failed pull with the rule that caused it."""

from __future__ import annotations

from dataclasses import dataclass, field

from simregistry.oci.digest import Digest
from simregistry.registry.retention import Rule
from simregistry.study.capstone.score import YearScore
from simregistry.table import Table, TableReport


@dataclass(frozen=True, slots=True)
class Failure:
    """A pull that failed: who wanted what on which day, and which rule had deleted the name, on which day.

    ``lost`` says whether the image was gone as well: a tag can be gone while a different tag keeps the image.
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
    """The registry at the end of a week, after the collector; ``deleted`` counts the tags that the policy deleted."""

    day: int
    tags: int
    deleted: int
    freed_bytes: int
    stored_bytes: int


@dataclass(frozen=True, slots=True, repr=False)
class YearResult(TableReport):
    """One policy on one seed: the stored bytes at the end of each day, the weeks, and each pull that failed."""

    rules: tuple[Rule, ...]
    seed: int
    budget_bytes: int
    pulls: int
    stored: tuple[int, ...] = field(repr=False)
    weeks: tuple[CapstoneWeek, ...] = field(repr=False)
    failures: tuple[Failure, ...] = field(repr=False)

    @property
    def mean_bytes(self) -> int:
        """Stored bytes, the mean of all days."""
        return sum(self.stored) // len(self.stored)

    @property
    def peak_bytes(self) -> int:
        """Stored bytes on the fullest day."""
        return max(self.stored)

    @property
    def lost(self) -> tuple[str, ...]:
        """The images that were gone when somebody needed them, each once, by the name that was first asked for."""
        name_of: dict[Digest, str] = {}
        for failure in self.failures:
            if failure.lost:
                name_of.setdefault(failure.digest, failure.wanted)
        return tuple(name_of.values())

    @property
    def score(self) -> YearScore:
        """The year's score, with its four parts."""
        return YearScore(self.mean_bytes, self.peak_bytes, self.budget_bytes, len(self.failures), len(self.lost))

    @property
    def points(self) -> float:
        """The score as a number alone."""
        return self.score.points

    def failed(self, most: int = 20) -> Table:
        """Show the failed pulls, one line for each image and who wanted it, with the rule that deleted it and when."""
        groups: dict[tuple[str, str], list[Failure]] = {}
        for failure in self.failures:
            groups.setdefault((failure.who, failure.wanted), []).append(failure)
        rows = tuple(
            (who, wanted, failures[0].day, len(failures), failures[0].deleted_on, failures[0].rule.partition(":")[0])
            for (who, wanted), failures in list(groups.items())[:most]
        )
        more = f", the first {most} of {len(groups)}" if len(groups) > most else ""
        title = f"{len(self.failures)} of {self.pulls:,} pulls failed{more}"
        columns = ("who", "wanted", "first on day", "times", "deleted on day", "by the rule")
        return Table(columns, rows, title=title)

    def by_who(self) -> Table:
        """Count the failed pulls by who wanted the image."""
        names = dict.fromkeys(failure.who for failure in self.failures)
        rows = tuple(
            (who, sum(f.who == who for f in self.failures), len({f.wanted for f in self.failures if f.who == who}))
            for who in names
        )
        return Table(("who", "pulls that failed", "different images"), rows)

    def by_week(self, every: int = 4) -> Table:
        """Show one week in ``every``."""
        rows = tuple(
            (w.day, w.tags, w.deleted, w.freed_bytes, w.stored_bytes)
            for n, w in enumerate(self.weeks, 1)
            if n % every == 0
        )
        return Table(("day", "tags", "tags deleted", "bytes freed", "bytes on the shelf"), rows)

    def table(self) -> Table:
        """Show the score with its parts."""
        score = self.score.table()
        rules = f"{len(self.rules)} rule{'' if len(self.rules) == 1 else 's'}"
        return Table(score.columns, score.rows, title=f"seed {self.seed}, {rules}")
