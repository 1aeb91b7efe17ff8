"""The picture of "Keep the registry": images come in, a list of rules takes some out, and people ask for them."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from simregistry.show import theme

PEOPLE = (("customer", False), ("laboratory", True), ("tester", False), ("old customer", True))


def draw(axes: Axes) -> None:
    """Draw the full disk, the rules above it, and the people who come back."""
    axes.add_patch(FancyBboxPatch((270, 20), 250, 170, boxstyle="round,pad=0,rounding_size=12", fill=False, lw=2))
    axes.text(395, 200, "a disk that is too small", ha="center", fontsize=14, weight="bold")
    for number in range(12):
        left, bottom = 288 + 56 * (number % 4), 35 + 50 * (number // 4)
        look = {"facecolor": theme.colour(number % 4), "hatch": theme.hatch(number % 4), "ec": "black"}
        axes.add_patch(Rectangle((left, bottom), 46, 40, lw=1, **look))
    axes.add_patch(Rectangle((320, 245), 150, 60, fill=False, lw=2))
    axes.text(395, 275, "your rules", ha="center", va="center", fontsize=14)
    _arrow(axes, (30, 105), (262, 105))
    axes.text(140, 115, "new images", ha="center", va="bottom", fontsize=13)
    for row, (who, in_doubt) in enumerate(PEOPLE):
        bottom = 250 - 72 * row
        axes.add_patch(
            FancyBboxPatch((640, bottom), 150, 46, boxstyle="round,pad=0,rounding_size=12", fill=False, lw=1.5)
        )
        axes.text(715, bottom + 23, who, ha="center", va="center", fontsize=13)
        _arrow(axes, (530, 105), (632, bottom + 23))
        if in_doubt:
            axes.text(806, bottom + 23, "?", ha="center", va="center", fontsize=19, weight="bold")


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=18, lw=1.5, color="0.35"))
