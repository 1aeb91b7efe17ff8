"""Charts of the capstone: the stored bytes day by day with each failed pull, and what cost points."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from simregistry.errors import InvalidValue
from simregistry.show import theme
from simregistry.show.view import View
from simregistry.study.capstone.year_result import YearResult
from simregistry.table import Table, human

COLOURS = (theme.RED, theme.BLUE, theme.GREEN, theme.ORANGE, theme.PURPLE, theme.SKY)
MARKERS = "os^Dv*"
# The four things that cost points, with colour and hatch.
PARTS = (
    ("bytes kept", theme.SKY, ""),
    ("above the budget", theme.BLUE, "..."),
    ("pulls that failed", theme.ORANGE, "///"),
    ("images lost", theme.RED, "xxx"),
)
MOST = len(COLOURS)


def shelf_over_year(results: Mapping[str, YearResult]) -> View:
    """Draw the stored bytes with the budget, and below them a mark for each pull that failed."""
    _check(results)
    first = next(iter(results.values()))
    summaries = "; ".join(
        f"{name}: fullest day {human(r.peak_bytes)}, {len(r.failures)} pulls failed" for name, r in results.items()
    )
    sentence = f"{len(first.stored)} days under a budget of {human(first.budget_bytes)}. {summaries}."
    every_fourth_week = range(6, len(first.stored), 28)
    rows = tuple((day, *(result.stored[day] for result in results.values())) for day in every_fourth_week)
    table = Table(("day", *results), rows)

    def draw(figure: Figure) -> None:
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=[4, 0.5 + 0.3 * len(results)])
        for number, (name, result) in enumerate(results.items()):
            look = {"color": COLOURS[number], "marker": MARKERS[number], "markevery": 28}
            above.plot(range(len(result.stored)), result.stored, lw=2, label=name, **look)
            days = [failure.day for failure in result.failures]
            below.eventplot(days, lineoffsets=number, linelengths=0.7, colors=COLOURS[number], linewidths=1.2)
        above.axhline(first.budget_bytes, color=theme.INK, ls="--", lw=1.2)
        # The word goes right of the axes, where no curve can be.
        above.annotate("budget", (1.005, first.budget_bytes), xycoords=("axes fraction", "data"), va="center")
        above.set_ylim(0, 1.05 * max(first.budget_bytes, *(result.peak_bytes for result in results.values())))
        above.yaxis.set_major_formatter(FuncFormatter(lambda value, _: human(int(value))))
        columns = 3 if max(map(len, results)) <= 16 else 2
        figure.legend(*above.get_legend_handles_labels(), loc="outside upper left", ncols=columns, frameon=False)
        above.set_ylabel("on the shelf")
        below.set_yticks(range(len(results)), list(results))
        below.set_ylim(len(results) - 0.4, -0.6)
        below.tick_params(axis="y", length=0)
        below.set_xlabel("day; a mark is a pull that failed")

    return View(
        sentence,
        table,
        draw,
        alt="lines of stored bytes over a year, and failed pulls",
        height=4.2 + 0.3 * len(results),
    )


def points_lost(results: Mapping[str, YearResult]) -> View:
    """Draw what cost points, one bar for each policy; a shorter bar is better."""
    _check(results)
    points = "; ".join(f"{name} {result.score.points:.1f}" for name, result in results.items())
    rows = tuple((name, *(f"{part:.1f}" for part in result.score.taken)) for name, result in results.items())
    table = Table(("policy", *(label for label, _, _ in PARTS)), rows)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        names = list(results)
        left = [0.0] * len(names)
        for number, (label, colour, hatch) in enumerate(PARTS):
            widths = [result.score.taken[number] for result in results.values()]
            axes.barh(
                range(len(names)), widths, left=left, height=0.62, color=colour, hatch=hatch, edgecolor=theme.INK,
                lw=0.5, label=label,
            )  # fmt: skip
            left = [a + b for a, b in zip(left, widths, strict=True)]
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlim(0, 1.05 * max(left))
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("points taken from 100")
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=4, frameon=False, borderaxespad=0.2)

    return View(
        f"Points left of 100: {points}.",
        table,
        draw,
        alt="bars of the points that each policy loses",
        height=1.5 + 0.36 * max(3, len(results)),
    )


def _check(results: Mapping[str, YearResult]) -> None:
    if not 1 <= len(results) <= MOST:
        raise InvalidValue("results", len(results), f"give 1 to {MOST} results by name")
    if len({(len(result.stored), result.budget_bytes) for result in results.values()}) > 1:
        raise InvalidValue("results", list(results), "give years of one length, under one budget")
