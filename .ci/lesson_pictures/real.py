"""The picture of "The real thing": a notebook with an image, and the doors through which it goes out and comes in."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from simregistry.show import theme

PLACES = ("a folder", "skopeo, a real client", "a tar file")


def draw(axes: Axes) -> None:
    """Draw the notebook with its image, three places outside, and arrows with question marks."""
    axes.add_patch(FancyBboxPatch((20, 20), 250, 250, boxstyle="round,pad=0,rounding_size=12", fill=False, lw=2))
    axes.text(145, 288, "this notebook", ha="center", fontsize=15, weight="bold")
    for row in range(4):
        axes.add_patch(
            Rectangle(
                (60, 45 + 50 * row), 170, 40, facecolor=theme.colour(row), hatch=theme.hatch(row), lw=1, ec="black"
            )
        )
    label = {"facecolor": "white", "edgecolor": "none", "pad": 3}
    axes.text(145, 140, "an image", ha="center", va="center", fontsize=13, bbox=label)
    for row, place in enumerate(PLACES):
        bottom = 200 - 90 * row
        axes.add_patch(
            FancyBboxPatch((540, bottom), 250, 70, boxstyle="round,pad=0,rounding_size=12", fill=False, lw=2)
        )
        axes.text(665, bottom + 35, place, ha="center", va="center", fontsize=14, weight="bold")
        arrow = FancyArrowPatch(
            (280, bottom + 35), (530, bottom + 35), arrowstyle="<|-|>", mutation_scale=18, lw=1.5, color="0.35"
        )
        axes.add_patch(arrow)
        axes.text(405, bottom + 40, "?", ha="center", va="bottom", fontsize=17, weight="bold")
