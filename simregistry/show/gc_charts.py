"""Charts of cleaning up: what deleting a tag frees, and the stored bytes over a year of builds under some policies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from simregistry.registry.gc.inventory import Inventory
from simregistry.registry.gc.reports import shares, shares_table
from simregistry.show import theme
from simregistry.show.charts import bars
from simregistry.show.view import View
from simregistry.study.examples.ci_year import CiYear
from simregistry.table import Table, count, human

MARKERS = "os^Dv*"


def freed(inventory: Inventory, most: int = 12) -> View:
    """Draw for each tag the bytes that deleting it alone frees, and those that other tags still need; largest first."""
    tags = shares(inventory)
    shown = tags[:most]
    left_out = f" The {len(shown)} largest of {len(tags)} are drawn." if len(tags) > len(shown) else ""
    most_bytes = max((share.exclusive_bytes for share in tags), default=0)
    sentence = (
        f"{len(tags)} tags, and {count(inventory.stored_bytes)} bytes in the storage. Deleting one tag frees "
        f"{count(most_bytes)} bytes at the most.{left_out}"
    )

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        parts = [[s.exclusive_bytes for s in shown], [s.shared_bytes for s in shown]]
        labels = ["freed by deleting it", "stays: others need it"]
        bars(axes, [s.name for s in shown], parts, [theme.ORANGE, theme.SKY], ["", "///"], labels)
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, borderaxespad=0.2)

    return View(
        sentence,
        shares_table(tags),
        draw,
        alt="bars of the bytes that each tag leads to",
        height=1.2 + 0.33 * max(3, len(shown)),
    )


def storage_over_time(years: Sequence[CiYear]) -> View:
    """Draw the stored bytes, week by week, one line for each policy."""
    ends = "; ".join(
        f"{year.policy}: {human(year.weeks[-1].stored_bytes)}, {year.weeks[-1].tags} tags" for year in years
    )
    sentence = f"After {years[0].weeks[-1].day} days of builds, on the shelf: {ends}."
    columns = ("day", *(year.policy for year in years))
    table = Table(columns, tuple(_row(weeks) for weeks in zip(*(year.weeks for year in years), strict=True)))

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for number, year in enumerate(years):
            days = [week.day for week in year.weeks]
            stored = [week.stored_bytes for week in year.weeks]
            colour = (theme.RED, theme.BLUE, theme.GREEN, theme.ORANGE, theme.PURPLE, theme.SKY)[number % 6]
            axes.plot(days, stored, color=colour, marker=MARKERS[number % 6], markevery=4, label=year.policy, lw=2)
        axes.set_xlabel("day")
        top = 1.05 * max(week.stored_bytes for year in years for week in year.weeks)
        axes.set_ylim(0, top)
        axes.set_yticks([tick for tick in axes.get_yticks() if tick <= top])
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: human(int(value))))
        axes.legend(loc="upper left", frameon=False)

    return View(sentence, table, draw, alt="lines of the stored bytes over a year", height=4.2)


def _row(weeks: Iterable[object]) -> tuple[object, ...]:
    same_week = list(weeks)
    return (same_week[0].day, *(week.stored_bytes for week in same_week))  # type: ignore[attr-defined]
