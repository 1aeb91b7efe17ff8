"""The picture of "Beyond layers": two layers of the same files but one, and a store with a question mark."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from simregistry.show import theme

FILES = ("main.py", "routes.py", "styles.css", "logo.svg", "help.txt")
# The file that differs between the two layers.
CHANGED = "styles.css"
WIDE, HIGH, STEP, BOTTOM = 170, 36, 42, 42


def draw(axes: Axes) -> None:
    """Draw both layers, file by file, and the store that they go to."""
    for left, version in ((24, 1), (264, 2)):
        box = FancyBboxPatch((left, 30), WIDE + 30, 226, boxstyle="round,pad=0,rounding_size=12", fill=False, lw=2)
        axes.add_patch(box)
        axes.text(left + WIDE / 2 + 15, 284, f"app layer, version {version}", ha="center", fontsize=14, weight="bold")
        for row, name in enumerate(FILES):
            _file(axes, left + 15, BOTTOM + STEP * (len(FILES) - 1 - row), row, name, version)
    axes.add_patch(FancyArrowPatch((484, 143), (556, 143), arrowstyle="-|>", mutation_scale=22, lw=2, color="0.35"))
    axes.add_patch(FancyBboxPatch((570, 30), 226, 226, boxstyle="round,pad=0,rounding_size=12", fill=False, lw=2))
    axes.text(683, 284, "kept in the store", ha="center", fontsize=14, weight="bold")
    axes.text(683, 160, "?", ha="center", va="center", fontsize=60, weight="bold")
    axes.text(683, 84, "what is kept twice?", ha="center", va="center", fontsize=13)


def _file(axes: Axes, left: float, bottom: float, row: int, name: str, version: int) -> None:
    """Draw one file; a part of the changed one has another colour in the second version."""
    axes.add_patch(Rectangle((left, bottom), WIDE, HIGH, facecolor=theme.colour(row), lw=1, ec="black"))
    if name == CHANGED and version == 2:
        part = Rectangle((left + 132, bottom), 26, HIGH, facecolor=theme.RED, hatch="///", lw=1, ec="black")
        axes.add_patch(part)
    label = {"facecolor": "white", "edgecolor": "none", "pad": 2}
    axes.text(left + 66, bottom + HIGH / 2, name, ha="center", va="center", fontsize=13, bbox=label)
