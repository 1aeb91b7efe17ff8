"""Measure everything, and write RESULTS.md and its chart.

    python benchmarks/run.py [--quick] [PART ...]

Parts: core, scale, peers, lessons. Ratios are taken in one run, the sides in turn; seconds are of this machine alone.
With ``--quick`` sizes are small and nothing is written: that is how the tests see that each part works.
"""

from __future__ import annotations

import datetime
import os
import platform
import sys
from pathlib import Path

import core
import lessons
import peers
import scale
from matplotlib.figure import Figure
from row import Row

from simregistry.show import theme

HERE = Path(__file__).parent
PARTS = {"core": core, "scale": scale, "peers": peers, "lessons": lessons}


def machine() -> str:
    """Say what kind of machine this is."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        named = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = named[0] if named else model
    memory = ""
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        memory = f", {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    return f"{model}, {os.cpu_count()} cores{memory}; {platform.system()}, Python {platform.python_version()}"


def table(rows: list[Row]) -> str:
    """Write the rows as Markdown."""
    lines = ["| what | ours | beside | ratio | goal | what it means |", "| --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        ratio = f"{row.ratio:.2f}" if row.ratio is not None else ""
        lines.append(f"| {row.name} | {row.ours} | {row.beside} | {ratio} | {row.goal} | {row.says} |")
    return "\n".join(lines)


def draw(rows: list[Row], path: Path) -> None:
    """Draw the ratios, on a scale of powers of ten."""
    shown = [row for row in rows if row.ratio is not None]
    figure = Figure(figsize=(10, 1.2 + 0.42 * len(shown)), dpi=100, layout="constrained")
    axes = figure.subplots()
    axes.axvline(1, color=theme.INK, lw=1)
    for at, row in enumerate(shown):
        axes.plot([1, row.ratio], [at, at], color=theme.SKY, lw=5, solid_capstyle="butt")
        axes.plot(row.ratio, at, marker="o", markersize=9, color=theme.BLUE, markeredgecolor=theme.INK)
        side = -1 if (row.ratio or 1) < 1 else 1
        axes.annotate(f"{row.ratio:.2f}", (row.ratio, at), (12 * side, 0), textcoords="offset points", va="center",
                      ha="left" if side > 0 else "right")  # fmt: skip
    axes.set_xscale("log")
    axes.set_xlim(0.02, 60)
    axes.set_xticks([0.1, 1, 10], ["a tenth", "the same", "ten times"])
    axes.minorticks_off()
    axes.set_yticks(range(len(shown)), [f"{row.name}  {'↓' if row.better == 'less' else '↑'}" for row in shown])
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_title("ours, over what stands beside it in the table  (↓ less is better, ↑ more)", loc="left", fontsize=11)
    figure.savefig(path, metadata={"Software": None})


def main() -> int:
    """Measure, print, and write."""
    quick = "--quick" in sys.argv
    chosen = [name for name in sys.argv[1:] if not name.startswith("--")] or list(PARTS)
    if strange := [name for name in chosen if name not in PARTS]:
        print(f"no part {strange[0]!r}; there is {', '.join(PARTS)}", file=sys.stderr)
        return 2
    rows = []
    for name in chosen:
        print(f"{name} …", file=sys.stderr, flush=True)
        rows += PARTS[name].measure(quick)
    print(table(rows))
    if not quick and len(chosen) == len(PARTS):
        today = datetime.date.today().isoformat()
        head = f"# Benchmarks\n\nMeasured on {today}, in one run, by `make bench`: {machine()}.\n\n"
        more = "Seconds are of that machine; ratios carry over better. The sides of a ratio were measured in turn.\n\n"
        (HERE / "RESULTS.md").write_text(f"{head}{more}{table(rows)}\n\n![The ratios](results.png)\n", encoding="utf-8")
        draw(rows, HERE / "results.png")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
