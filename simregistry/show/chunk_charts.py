"""Charts of what deduplication by files and by chunks saves."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure

from simregistry.show import theme
from simregistry.show.charts import drop_hidden_ticks
from simregistry.show.view import View
from simregistry.study.chunking import DedupLevels
from simregistry.table import Table, human

MARKERS = "os^Dv*P"


def kept_by_level(result: DedupLevels) -> View:
    """Draw for each level which share of the bytes is kept, with the levels over compressed layers at the bottom."""
    rows = [(level.name, level.bytes, level.ratio) for level in (*result.levels, *result.compressed)]
    best = max(result.levels, key=lambda level: level.ratio)
    sentence = (
        f"{result.images} images ask for {human(result.asked_bytes)} of archives; {best.name} keep the least, "
        f"{best.ratio:.1f} times less."
    )

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        names = ["asked for", *(name for name, _, _ in rows)]
        shares = [1.0, *(size / result.asked_bytes for _, size, _ in rows)]
        for row, (name, share) in enumerate(zip(names, shares, strict=True)):
            packed = name.startswith("gzip")
            axes.barh(
                row, share, color=theme.ORANGE if packed else theme.SKY, hatch="///" if packed else "",
                edgecolor=theme.INK, lw=0.6,
            )  # fmt: skip
            axes.text(share + 0.01, row, f"{share:.0%}", va="center")
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlim(0, 1.1)
        axes.set_xticks([])
        axes.tick_params(axis="y", length=0)
        axes.set_title("bytes kept, of the bytes of all archives")

    table = Table(("kept once", "bytes kept", "times less"), tuple((n, human(b), f"{r:.2f}") for n, b, r in rows))
    return View(
        sentence, table, draw, alt="bars of bytes kept by layers, files and chunks", height=1.4 + 0.42 * (len(rows) + 1)
    )


def compression_orders(result: DedupLevels) -> View:
    """Draw both orders: compress the layers and then look for equal pieces, or look first and compress each piece."""
    first = [level.packed_bytes for level in result.levels[1:]]
    after = [level.bytes for level in result.compressed]
    more = (
        "less than half" if max(first) * 2 < min(after) else "less than" if max(first) < min(after) else "no less than"
    )
    sentence = f"If a store looks first and compresses afterwards, pieces take {more} the room of compressed layers."
    rows = [(f"{level.name}, then gzip", level.packed_bytes) for level in result.levels]
    rows += [(level.name.replace("gzip, ", "gzip, then "), level.bytes) for level in result.compressed]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for row, (name, size) in enumerate(rows):
            gzip_first = name.startswith("gzip")
            axes.barh(
                row, size, color=theme.ORANGE if gzip_first else theme.GREEN, hatch="///" if gzip_first else "...",
                edgecolor=theme.INK, lw=0.6,
            )  # fmt: skip
            axes.text(
                size + max(s for _, s in rows) * 0.01, row, f"{result.asked_bytes / size:.1f} times less", va="center"
            )
        axes.set_yticks(range(len(rows)), [name for name, _ in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(0, 1.25 * max(size for _, size in rows))
        axes.set_xticks([])
        axes.tick_params(axis="y", length=0)
        axes.set_title("bytes kept, compressed")

    table = Table(("order", "bytes kept"), tuple((name, human(size)) for name, size in rows))
    return View(sentence, table, draw, alt="bars of bytes by the order of compressing", height=1.4 + 0.42 * len(rows))


def ratios_by_images(result: DedupLevels) -> View:
    """Draw how many times less is kept as images are added, one line for each level over uncompressed layers."""
    ratios = "; ".join(f"{level.name}: {level.ratio:.1f}" for level in result.levels)
    rows = tuple(
        (n + 1, *(f"{result.growth[level.name][n]:.2f}" for level in result.levels)) for n in range(result.images)
    )

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for number, level in enumerate(result.levels):
            axes.plot(
                range(1, result.images + 1), result.growth[level.name], color=theme.CYCLE[number % 7], lw=2,
                marker=MARKERS[number % 7], label=level.name,
            )  # fmt: skip
        axes.set_xlabel("images so far")
        axes.set_ylabel("times less")
        axes.set_ylim(0, None)
        drop_hidden_ticks(axes)
        axes.legend(frameon=False)

    table = Table(("images", *(level.name for level in result.levels)), rows)
    return View(
        f"After {result.images} images, times less than asked for. {ratios}.",
        table,
        draw,
        alt="lines of what sharing saves as images are added",
        height=4.0,
    )


def kept_by_chunk_size(results: Mapping[int, DedupLevels], name: str) -> View:
    """Draw what is kept at several chunk sizes, without the index and with it; the keys are bytes of a chunk."""
    levels = {size: result[name] for size, result in results.items()}
    rows = tuple(
        (size, level.pieces, f"{level.ratio:.2f}", f"{level.asked_bytes / level.all_bytes:.2f}")
        for size, level in levels.items()
    )
    best = max(levels, key=lambda size: levels[size].asked_bytes / levels[size].all_bytes)
    sentence = f"{name}: with its index counted, chunks of {best:,} bytes keep the least of the {len(levels)} sizes."

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for number, (label, values) in enumerate((
            ("without the index", [level.ratio for level in levels.values()]),
            ("with the index", [level.asked_bytes / level.all_bytes for level in levels.values()]),
        )):  # fmt: skip
            axes.plot(list(levels), values, color=theme.CYCLE[number], marker=MARKERS[number], lw=2, label=label)
        axes.set_xscale("log", base=2)
        axes.set_xticks(list(levels), [f"{size:,}" for size in levels])
        axes.minorticks_off()
        axes.set_xlabel("bytes of a chunk, on average")
        axes.set_ylabel("times less")
        axes.set_ylim(0, None)
        drop_hidden_ticks(axes)
        axes.legend(frameon=False)

    return View(
        sentence,
        Table(("chunk, bytes", "pieces", "times less", "with its index"), rows),
        draw,
        alt="lines of what smaller chunks save",
        height=4.0,
    )
