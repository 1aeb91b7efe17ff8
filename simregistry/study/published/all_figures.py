"""All figures in one table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simregistry.errors import InvalidValue
from simregistry.study.published import caches, collection, dedup, docker_hub, layers, mix, speed, trace
from simregistry.study.published.figure import CLOSE, Figure, shown_value
from simregistry.table import Table, TableReport

ALL: tuple[Figure, ...] = (
    *layers.FIGURES, *dedup.FIGURES, *trace.FIGURES, *mix.FIGURES, *caches.FIGURES, *speed.FIGURES,
    *collection.FIGURES, *docker_hub.FIGURES,
)  # fmt: skip


def find_figure(name: str) -> Figure:
    """Find a figure by its id; raise InvalidValue with the ids that there are."""
    known = {figure.id: figure for figure in ALL}
    if name not in known:
        raise InvalidValue("figure", name, f"there is {', '.join(known)}")
    return known[name]


@dataclass(frozen=True, slots=True, repr=False)
class Published(TableReport):
    """Some figures; each is computed when it is first shown."""

    figures: tuple[Figure, ...]

    @property
    def close(self) -> tuple[Figure, ...]:
        """The results within 15%."""
        return tuple(figure for figure in self.figures if figure.close)

    @property
    def off(self) -> tuple[Figure, ...]:
        """The results that differ by more than 15%."""
        return tuple(figure for figure in self.figures if figure.kind == "result" and not figure.close)

    @property
    def sentence(self) -> str:
        """Say how many results are close to what was published."""
        results = sum(figure.kind == "result" for figure in self.figures)
        inputs = len(self.figures) - results
        put_in = f"{inputs} figure{'' if inputs == 1 else 's'} put in" if inputs else "nothing put in"
        return f"{len(self.close)} of {results} results are within {CLOSE:.0%} of what was published; {put_in}."

    def table(self) -> Table:
        """Show every figure: published, computed, how far off, how sure, and whether it is a result or an input."""
        rows = tuple(
            (
                f.id, f.says, shown_value(f.published), shown_value(f.computed), f"{f.deviation:.1%}",
                f.unit, f.grade, f.kind,
            )
            for f in self.figures
        )  # fmt: skip
        columns = ("id", "figure", "published", "computed", "off by", "unit", "sure", "kind")
        return Table(columns, rows, title=self.sentence)

    def differences(self) -> Table:
        """Show the results that are not close, and why."""
        rows = tuple((f.id, f"{f.deviation:.0%}", f.why) for f in self.off)
        return Table(("id", "off by", "why, as far as we see"), rows)


def published(names: Iterable[str] | None = None) -> Published:
    """Return all figures, or those with the given ids.

    >>> published(["engine-gives-up"]).close[0].computed
    50.0
    """
    return Published(ALL if names is None else tuple(find_figure(name) for name in names))
