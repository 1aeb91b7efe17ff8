"""The picture of "The manifest": layers in a storage in no order, and an image whose places are still empty."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from simregistry.oci.digest import Digest
from simregistry.show import theme

STORED = [f"{Digest.of(f'layer {number}'.encode()).short[:4]}…" for number in range(9)]


def draw(axes: Axes) -> None:
    """Draw the storage, the image as a stack of empty places, and what is asked between the two."""
    for middle, name in ((185, "the registry's storage"), (680, "web:v1")):
        axes.text(middle, 288, name, ha="center", fontsize=15, weight="bold")
    axes.add_patch(FancyBboxPatch((20, 30), 330, 235, boxstyle="round,pad=0,rounding_size=12", fill=False, lw=2))
    label = {"facecolor": "white", "edgecolor": "none", "pad": 2}
    for number, digits in enumerate(STORED):
        left, bottom = 36 + 102 * (number % 3), 194 - 72 * (number // 3)
        colour, hatch = theme.colour(number % 5), theme.hatch(number % 5)
        axes.add_patch(Rectangle((left, bottom), 94, 50, facecolor=colour, hatch=hatch, lw=1, ec="black"))
        axes.text(left + 47, bottom + 25, digits, ha="center", va="center", fontsize=13, bbox=label, family="monospace")
    axes.add_patch(FancyArrowPatch((362, 148), (568, 148), arrowstyle="-|>", mutation_scale=20, lw=2, color="0.25"))
    axes.text(465, 160, "which ones?", ha="center", va="bottom", fontsize=14)
    axes.text(465, 134, "in which order?", ha="center", va="top", fontsize=14)
    for row in range(4):
        axes.add_patch(Rectangle((580, 40 + 57 * row), 200, 46, fill=False, lw=1.5, ls="--", ec="0.3"))
        axes.text(680, 63 + 57 * row, "?", ha="center", va="center", fontsize=22, weight="bold")
