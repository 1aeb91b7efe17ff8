"""The picture of "Build well": a folder in which one line changed, the steps of a Dockerfile, and a push."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from simregistry.show import theme

STEPS = ("FROM base", "COPY . /app/", "RUN pip install …")
LABEL = {"facecolor": "white", "edgecolor": "none", "pad": 2}


def draw(axes: Axes) -> None:
    """Draw the folder, the steps from the top down, and the way to the registry."""
    for left, width, name in ((20, 205, "folder"), (290, 260, "Dockerfile"), (640, 160, "registry")):
        outline = FancyBboxPatch((left, 20), width, 250, boxstyle="round,pad=0,rounding_size=12", fill=False, lw=2)
        axes.add_patch(outline)
        axes.text(left + width / 2, 288, name, ha="center", fontsize=15, weight="bold")
    _files(axes)
    for row, step in enumerate(STEPS):
        bottom = 190 - 70 * row
        axes.add_patch(
            Rectangle((310, bottom), 180, 50, facecolor=theme.colour(row), hatch=theme.hatch(row), lw=1, ec="black")
        )
        axes.text(400, bottom + 25, step, ha="center", va="center", fontsize=13, bbox=LABEL)
        axes.text(520, bottom + 25, "?", ha="center", va="center", fontsize=19, weight="bold")
    _arrow(axes, 230, 285)
    _arrow(axes, 555, 635)
    axes.text(595, 152, "? bytes", ha="center", va="bottom", fontsize=13, weight="bold")


def _files(axes: Axes) -> None:
    """Draw the two files as sheets with lines; one line of the first is new."""
    for name, left, lines in (("app.py", 40, 7), ("requirements.txt", 40, 2)):
        top = 250 if name == "app.py" else 100
        axes.text(left, top - 6, name, ha="left", va="center", fontsize=13)
        for line in range(lines):
            changed = name == "app.py" and line == 3
            colour = "black" if changed else "0.75"
            height = top - 28 - 13 * line
            axes.plot((left, left + 90 - 17 * (line % 3)), (height, height), color=colour, lw=6 if changed else 4)
            if changed:
                axes.text(left + 104, height, "changed", ha="left", va="center", fontsize=11, style="italic")


def _arrow(axes: Axes, start: float, end: float) -> None:
    arrow = FancyArrowPatch((start, 145), (end, 145), arrowstyle="-|>", mutation_scale=18, lw=1.5, color="0.35")
    axes.add_patch(arrow)
