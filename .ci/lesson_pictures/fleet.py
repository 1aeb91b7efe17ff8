"""The picture of "A fleet": a registry with one line, something unknown in between, and many machines that wait."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from simregistry.show import theme

COLUMNS, ROWS, SIDE, STEP = 9, 6, 26, 34
LEFT, BOTTOM = 500, 62
LAYERS = ("code", "dependencies", "base")


def draw(axes: Axes) -> None:
    """Draw the registry with its image, its line, the box in between, and the machines."""
    axes.add_patch(FancyBboxPatch((24, 62), 160, 196, boxstyle="round,pad=0,rounding_size=12", fill=False, lw=2))
    axes.text(104, 282, "registry", ha="center", fontsize=14, weight="bold")
    label = {"facecolor": "white", "edgecolor": "none", "pad": 2}
    for row, (layer, height) in enumerate(zip(LAYERS, (28, 56, 70), strict=True)):
        bottom = (212, 150, 74)[row]
        look = {"facecolor": theme.colour(row), "hatch": theme.hatch(row)}
        axes.add_patch(Rectangle((40, bottom), 128, height, lw=1, ec="black", **look))
        axes.text(104, bottom + height / 2, layer, ha="center", va="center", fontsize=12, bbox=label)
    axes.add_patch(Rectangle((186, 152), 100, 16, facecolor="0.35"))
    axes.text(236, 178, "one line", ha="center", fontsize=12)
    box = FancyBboxPatch((290, 106), 108, 108, boxstyle="round,pad=0,rounding_size=12", fill=False, lw=2, ls="--")
    axes.add_patch(box)
    axes.text(344, 160, "?", ha="center", va="center", fontsize=48, weight="bold")
    axes.text(344, 82, "what helps here?", ha="center", va="center", fontsize=12)
    for row in range(ROWS):
        middle = BOTTOM + STEP * row + SIDE / 2
        start = (402, 160 + (middle - 160) * 0.35)
        axes.add_patch(
            FancyArrowPatch(start, (LEFT - 8, middle), arrowstyle="-|>", mutation_scale=13, lw=1.2, color="0.35")
        )
        for column in range(COLUMNS):
            corner = (LEFT + STEP * column, BOTTOM + STEP * row)
            axes.add_patch(Rectangle(corner, SIDE, SIDE, facecolor="white", lw=1.2, ec="black"))
    axes.text(LEFT + STEP * COLUMNS / 2, 282, "many machines, one image", ha="center", fontsize=14, weight="bold")
    axes.text(LEFT + STEP * COLUMNS / 2, 32, "when does the last one have it?", ha="center", fontsize=12)
