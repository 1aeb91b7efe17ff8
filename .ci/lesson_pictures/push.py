"""The picture of "Push": a full laptop, an empty registry, and arrows with question marks."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from simregistry.show import theme

LAYERS = ("base", "requirements", "dependencies", "code")


def draw(axes: Axes) -> None:
    """Draw both machines and what may travel between them."""
    for left, name in ((20, "laptop"), (560, "registry")):
        axes.add_patch(FancyBboxPatch((left, 20), 240, 250, boxstyle="round,pad=0,rounding_size=12", fill=False, lw=2))
        axes.text(left + 120, 288, name, ha="center", fontsize=15, weight="bold")
    for row, layer in enumerate(LAYERS):
        bottom = 40 + 52 * row
        axes.add_patch(
            Rectangle((50, bottom), 180, 42, facecolor=theme.colour(row), hatch=theme.hatch(row), lw=1, ec="black")
        )
        label = {"facecolor": "white", "edgecolor": "none", "pad": 2}
        axes.text(140, bottom + 21, layer, ha="center", va="center", fontsize=13, bbox=label)
        axes.add_patch(Rectangle((590, bottom), 180, 42, fill=False, lw=1, ls="--", ec="0.5"))
        arrow = FancyArrowPatch(
            (240, bottom + 21), (580, bottom + 21), arrowstyle="-|>", mutation_scale=18, lw=1.5, color="0.35"
        )
        axes.add_patch(arrow)
        axes.text(410, bottom + 26, "?", ha="center", va="bottom", fontsize=17, weight="bold")
