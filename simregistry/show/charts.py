"""Charts of bytes: what sharing saves, and what a transfer moved."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from simregistry.client.transfer_report import PullReport, PushReport
from simregistry.registry.registry import Registry
from simregistry.show import theme
from simregistry.show.view import View
from simregistry.study.sharing.sharing import Sharing
from simregistry.table import Table, count, human


def savings(of: Sharing | Registry) -> View:
    """Draw layer bytes asked for against stored: in all, and image by image what is its own and what is shared."""
    found = Sharing.of(of) if isinstance(of, Registry) else of
    images = sorted(found.images, key=lambda image: -image.layer_bytes)
    rows = tuple((i.name, i.layer_bytes, i.exclusive_bytes, i.shared_bytes) for i in images)
    sums = (
        "all images",
        found.logical_bytes,
        sum(i.exclusive_bytes for i in images),
        sum(i.shared_bytes for i in images),
    )
    table = Table(("image", "layer bytes", "only here", "in others too"), (sums, *rows))
    sentence = (
        f"{len(images)} images ask for {count(found.logical_bytes)} bytes of layers; "
        f"{count(found.stored_bytes)} are stored: "
        f"{count(found.saved_bytes)} saved, {found.saving:.1%}."
    )

    def draw(figure: Figure) -> None:
        above, below = figure.subplots(2, 1, height_ratios=[2.2, max(2, len(images))])
        bars(above, ["asked for", "stored"], [[found.logical_bytes, found.stored_bytes]], [theme.SKY], [""], [""])
        above.set_title("All layers together")
        shares = [[i.exclusive_bytes for i in images], [i.shared_bytes for i in images]]
        bars(
            below,
            [i.name for i in images],
            shares,
            [theme.ORANGE, theme.SKY],
            ["", "///"],
            ["only here", "in others too"],
        )
        below.set_title("Image by image")
        # Above the bars: beside them, it would lie on the sums of long ones.
        below.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, borderaxespad=0.2)

    return View(sentence, table, draw, height=2.2 + 0.27 * max(4, len(images)))


def byte_meter(report: PushReport | PullReport, registry: Registry) -> View:
    """Draw three sums side by side: the image, what travelled for it, and what lies on the registry's shelf."""
    moved = report.sent_bytes if isinstance(report, PushReport) else report.fetched_bytes
    rows = (
        ("logical: the whole image", report.image_bytes),
        ("transferred: sent or fetched", moved),
        ("stored: all that is on the shelf", registry.storage_report().shelf_bytes),
    )
    verb = "sent" if isinstance(report, PushReport) else "fetched"
    sentence = (
        f"{report.reference}: {count(report.image_bytes)} bytes in the image, {count(moved)} {verb}, "
        f"{count(rows[2][1])} on the shelf of the registry."
    )

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        bars(axes, [row[0] for row in rows], [[row[1] for row in rows]], [theme.GREEN], ["..."], [""])

    return View(sentence, Table(("what", "bytes"), rows), draw, height=2.4)


def bars(
    axes: Axes, names: list[str], parts: list[list[int]], colours: list[str], hatches: list[str], labels: list[str]
) -> None:
    """Draw horizontal bars, stacked of parts, the first name on top, the sum written at the end."""
    starts = [0] * len(names)
    for values, colour, hatch, label in zip(parts, colours, hatches, labels, strict=True):
        axes.barh(
            range(len(names)), values, left=starts, color=colour, hatch=hatch, edgecolor=theme.INK, lw=0.6, label=label
        )
        starts = [start + value for start, value in zip(starts, values, strict=True)]
    longest = max([*starts, 1])
    for row, total in enumerate(starts):
        axes.text(total + longest * 0.01, row, human(total), va="center", fontsize=11)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlim(0, longest * 1.14)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: human(int(value))))
    axes.tick_params(axis="y", length=0)


def trim(axes: Axes) -> None:
    """Take away the ticks beyond the axis, whose labels would be laid out though nobody sees them."""
    low, high = axes.get_ylim()
    axes.set_yticks([tick for tick in axes.get_yticks() if low <= tick <= high])
