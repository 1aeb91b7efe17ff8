"""The picture of "What is a registry?": one short command, and three places that might answer it."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from simregistry.show import theme

PLACES = ("this laptop", "registry.example", "docker.io")


def draw(axes: Axes) -> None:
    """Draw the terminal, the places, and an arrow with a question mark to each."""
    axes.add_patch(
        FancyBboxPatch((20, 105), 300, 110, boxstyle="round,pad=0,rounding_size=12", facecolor=theme.INK, lw=0)
    )
    axes.text(45, 160, "$ docker pull python", va="center", fontsize=15, color="white", family="monospace")
    for row, place in enumerate(PLACES):
        middle = 260 - 100 * row
        outline = FancyBboxPatch(
            (560, middle - 35), 240, 70, boxstyle="round,pad=0,rounding_size=12", facecolor="white",
            edgecolor=theme.colour(row), lw=3,
        )  # fmt: skip
        axes.add_patch(outline)
        axes.text(680, middle, place, ha="center", va="center", fontsize=15, weight="bold")
        axes.add_patch(
            FancyArrowPatch((330, 160), (550, middle), arrowstyle="-|>", mutation_scale=18, lw=1.5, color="0.35")
        )
        axes.text(480, 160 + 0.68 * (middle - 160) + 10, "?", ha="center", va="bottom", fontsize=17, weight="bold")
