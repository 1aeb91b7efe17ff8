"""Charts of bytes: what sharing saves, and what a push or pull sends."""

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
    """Draw the layer bytes asked for and stored, in all, and for each image those it has alone and those it shares."""
    sharing = Sharing.of(of) if isinstance(of, Registry) else of
    images = sorted(sharing.images, key=lambda image: -image.layer_bytes)
    rows = tuple((i.name, i.layer_bytes, i.exclusive_bytes, i.shared_bytes) for i in images)
    sums = (
        "all images",
        sharing.logical_bytes,
        sum(i.exclusive_bytes for i in images),
        sum(i.shared_bytes for i in images),
    )
    table = Table(("image", "layer bytes", "only here", "in others too"), (sums, *rows))
    sentence = (
        f"{len(images)} images ask for {count(sharing.logical_bytes)} bytes of layers; "
        f"{count(sharing.stored_bytes)} are stored: "
        f"{count(sharing.saved_bytes)} saved, {sharing.saving:.1%}."
    )

    def draw(figure: Figure) -> None:
        above, below = figure.subplots(2, 1, height_ratios=[2.2, max(2, len(images))])
        bars(above, ["asked for", "stored"], [[sharing.logical_bytes, sharing.stored_bytes]], [theme.SKY], [""], [""])
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
        # The legend goes above the bars. Beside them it would cover the sums of the long ones.
        below.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, borderaxespad=0.2)

    return View(
        sentence, table, draw, alt="bars of bytes with and without sharing", height=2.2 + 0.27 * max(4, len(images))
    )


def byte_meter(report: PushReport | PullReport, registry: Registry) -> View:
    """Draw three sums: the bytes of the image, the bytes that were sent for it, and all that the registry stores."""
    moved = report.sent_bytes if isinstance(report, PushReport) else report.fetched_bytes
    rows = (
        ("logical: the whole image", report.image_bytes),
        ("transferred: sent or fetched", moved),
        ("stored: all that the registry has", registry.storage_report().shelf_bytes),
    )
    verb = "sent" if isinstance(report, PushReport) else "fetched"
    sentence = (
        f"{report.reference}: {count(report.image_bytes)} bytes in the image, {count(moved)} {verb}, "
        f"{count(rows[2][1])} stored in the registry."
    )

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        bars(axes, [row[0] for row in rows], [[row[1] for row in rows]], [theme.GREEN], ["..."], [""])

    return View(sentence, Table(("what", "bytes"), rows), draw, alt="bars of the bytes of a transfer", height=2.4)


def bars(
    axes: Axes, names: list[str], parts: list[list[int]], colours: list[str], hatches: list[str], labels: list[str]
) -> None:
    """Draw one horizontal bar for each name, the first on top, made of its parts, with the sum at its end."""
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


def drop_hidden_ticks(axes: Axes) -> None:
    """Remove ticks beyond the ends of the y axis: nobody sees their labels, but the layout leaves room for them."""
    low, high = axes.get_ylim()
    axes.set_yticks([tick for tick in axes.get_yticks() if low <= tick <= high])
