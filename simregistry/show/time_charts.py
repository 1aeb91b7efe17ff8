"""Charts of time and scale: a pull as a Gantt chart, fleets, grids of settings, growth, and published figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from simregistry.errors import InvalidValue
from simregistry.show import theme
from simregistry.show.charts import drop_hidden_ticks
from simregistry.show.view import View
from simregistry.study.fleet import Fleet
from simregistry.study.parameter_grid.run_grid import GridResult
from simregistry.study.population import PopulationSharing
from simregistry.study.published import CLOSE, Published
from simregistry.study.timing import Timeline
from simregistry.table import Table, human

MOST_ROWS = 60
# How each kind of span is drawn: colour and hatch, so that a reader can do without colour.
LOOKS = {
    "open": (theme.GREY, "...", "opens a line"),
    "ask": (theme.YELLOW, "", "asks"),
    "transfer": (theme.SKY, "", "travels"),
    "wait": (theme.RED, "xxx", "waits to try again"),
    "unpack": (theme.ORANGE, "///", "is unpacked"),
}
MARKERS = "os^Dv*"


def gantt(timeline: Timeline) -> View:
    """Draw when each blob was transferred and when it was unpacked, one line a blob, the base layer at the top."""
    names = timeline.names
    if len(names) > MOST_ROWS:
        raise InvalidValue("timeline", len(names), f"at most {MOST_ROWS} lines can be drawn")
    seen = [what for what in LOOKS if any(span.what == what for span in timeline.spans)]
    unpacking = sum(span.seconds for span in timeline.spans if span.what == "unpack")
    last = max((span.end for span in timeline.spans if span.what == "transfer"), default=0.0)
    sentence = (
        f"{timeline.client}: {f'given up at {timeline.failed}' if timeline.failed else 'done'} after "
        f"{timeline.seconds:.1f} s; the last byte arrives after {last:.1f} s; unpacking takes {unpacking:.1f} s in all."
    )

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for span in timeline.spans:
            colour, hatch, _ = LOOKS[span.what]
            axes.barh(
                names.index(span.name), span.seconds, left=span.start, height=0.62, color=colour, hatch=hatch,
                edgecolor=theme.INK, lw=0.5,
            )  # fmt: skip
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlim(0, timeline.seconds * 1.02 or 1)
        axes.set_xlabel("seconds")
        axes.tick_params(axis="y", length=0)
        looks = [Patch(facecolor=LOOKS[w][0], hatch=LOOKS[w][1], edgecolor=theme.INK, label=LOOKS[w][2]) for w in seen]
        axes.legend(
            handles=looks, loc="lower right", bbox_to_anchor=(1, 1), ncols=len(looks), frameon=False, borderaxespad=0.2
        )

    return View(
        sentence,
        timeline.table(),
        draw,
        alt="time line with bars for each layer",
        height=1.5 + 0.34 * max(3, len(names)),
    )


def fleets(outcomes: Sequence[Fleet]) -> View:
    """Draw how many machines have everything after how many seconds, and what leaves the registry, for several ways."""
    machines = len(outcomes[0].seconds)
    endings = "; ".join(
        f"{fleet.way}: all by {fleet.slowest:.1f} s, {human(fleet.registry_bytes)} from the registry"
        for fleet in outcomes
    )
    columns = ("pulling from", "leaves the registry", "half by s", "99% by s", "all by s")
    table = Table(columns, tuple(fleet.row() for fleet in outcomes))

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2, width_ratios=[3, 2])
        for number, fleet in enumerate(outcomes):
            share = [(n + 1) / machines for n in range(machines)]
            seconds = [0.0, fleet.seconds[0], *fleet.seconds]
            # One mark on each line, at a different height, so that the marks do not hide each other.
            marked = 1 + len(share) * (number + 1) // (len(outcomes) + 1)
            left.step(
                seconds, [0, 0, *share], where="post", color=theme.CYCLE[number], lw=2.5, label=fleet.way,
                marker=MARKERS[number % 6], markevery=[marked], markersize=9,
                linestyle=("-", "--", ":", "-.")[number % 4],
            )  # fmt: skip
        left.set_ylim(0, 1.04)
        left.set_xlim(0, None)
        left.set_xlabel("seconds")
        left.set_title("machines that have everything")
        left.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
        left.legend(loc="best", frameon=False)
        drop_hidden_ticks(left)
        _egress(right, outcomes)

    sentence = f"{machines:,} machines pull at once. {endings}."
    return View(sentence, table, draw, alt="lines of machines done and bytes sent over time", height=4.0)


def _egress(axes: Axes, outcomes: Sequence[Fleet]) -> None:
    """Draw the bytes that leave the registry, on a scale of powers of ten, with the number beside each bar."""
    sizes = [max(fleet.registry_bytes, 1) for fleet in outcomes]
    colours = [theme.CYCLE[number] for number in range(len(outcomes))]
    least = min((size for size in sizes if size > 1), default=1) / 10
    bars = axes.barh(
        range(len(outcomes)), sizes, color=colours, edgecolor=theme.INK, lw=0.6,
        hatch=[theme.hatch(number) for number in range(len(outcomes))],
    )  # fmt: skip
    axes.set_xscale("log")
    axes.set_xlim(least, max(sizes) * 40)
    for bar, fleet in zip(bars, outcomes, strict=True):
        axes.text(
            max(bar.get_width(), least) * 1.25,
            bar.get_y() + bar.get_height() / 2,
            human(fleet.registry_bytes),
            va="center",
        )
    axes.set_yticks(range(len(outcomes)), [fleet.way for fleet in outcomes])
    axes.set_ylim(len(outcomes) - 0.4, -0.6)
    axes.set_title("leaves the registry")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: human(int(value))))
    axes.minorticks_off()
    axes.tick_params(axis="y", length=0)
    axes.set_xticks(axes.get_xticks()[1:-1:3])
    axes.set_xlim(least, max(sizes) * 40)


def grid_lines(result: GridResult, across: str, up: str, each: str = "", unit: str = "") -> View:
    """Draw a grid's result: setting ``across`` from left to right, value ``up`` upwards, a line for each ``each``."""
    groups = list(dict.fromkeys(result.column(each))) if each else [""]
    lines = {group: result.where(**{each: group}) if each else result for group in groups}
    rows = tuple((*row,) for row in result.rows)
    names = (*result.settings, *result.values)
    values = result.column(up)
    low, high = min(values), max(values)
    at = {value: rows[values.index(value)][names.index(across)] for value in (low, high)}
    sentence = (
        f"{up} over {across}: from {low:,.4g}{unit and ' ' + unit} at {at[low]} to {high:,.4g}{unit and ' ' + unit} "
        f"at {at[high]}{f', by {each}' if each else ''}."
    )

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for number, (group, part) in enumerate(lines.items()):
            axes.plot(
                part.column(across), part.column(up), color=theme.CYCLE[number % 7], marker=MARKERS[number % 6], lw=2,
                label=str(group),
            )  # fmt: skip
        axes.set_xlabel(across)
        axes.set_ylabel(f"{up}{f', {unit}' if unit else ''}")
        axes.set_ylim(0, None)
        drop_hidden_ticks(axes)
        if each:
            axes.legend(title=each, frameon=False)

    return View(sentence, result.table(), draw, alt="lines of a grid of trials", height=4.0)


def growth(reports: Mapping[str, PopulationSharing]) -> View:
    """Draw how the ratio of sharing grows with the number of images, one line for each hub."""
    ratios = "; ".join(f"{name}: {hub.ratio:.2f} at {hub.images:,} images" for name, hub in reports.items())
    rows = tuple((name, point.images, f"{point.ratio:.3f}") for name, hub in reports.items() for point in hub.growth)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for number, (name, hub) in enumerate(reports.items()):
            axes.plot(
                [point.images for point in hub.growth], [point.ratio for point in hub.growth], lw=2,
                color=theme.CYCLE[number % 7], marker=MARKERS[number % 6], label=name,
            )  # fmt: skip
        axes.set_xscale("log")
        axes.set_xlabel("images, taken in a random order")
        axes.set_ylabel("bytes asked for, for each byte stored")
        axes.set_ylim(0.9, None)
        drop_hidden_ticks(axes)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.legend(frameon=False)

    return View(
        f"Sharing layers, modelled. {ratios}.",
        Table(("hub", "images", "ratio"), rows),
        draw,
        alt="lines of what sharing layers saves",
        height=4.0,
    )


def published_beside_computed(published: Published) -> View:
    """Draw each result as a multiple of what was published, on a scale of powers of ten."""
    results = [
        figure for figure in published.figures if figure.kind == "result" and figure.published and figure.computed
    ]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.axvspan(1 / (1 + CLOSE), 1 + CLOSE, color=theme.LIGHT)
        axes.axvline(1, color=theme.INK, lw=1)
        for row, result in enumerate(results):
            close = result.close
            axes.plot(
                result.computed / result.published, row, marker="o" if close else "D", markersize=9,
                color=theme.BLUE if close else theme.RED, linestyle="", markeredgecolor=theme.INK,
            )  # fmt: skip
        axes.set_xscale("log")
        axes.set_yticks(range(len(results)), [f"{result.id} ({result.grade})" for result in results])
        axes.set_ylim(len(results) - 0.4, -0.6)
        axes.set_xticks([0.5, 1, 2, 5, 10], ["0.5", "1", "2", "5", "10"])
        axes.minorticks_off()
        axes.set_xlabel("computed, as a multiple of what was published")
        axes.set_title(f"● within {CLOSE:.0%}   ◆ farther off")

    return View(
        published.sentence,
        published.table(),
        draw,
        alt="published figures beside computed ones",
        height=1.8 + 0.3 * len(results),
    )
