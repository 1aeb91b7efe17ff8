"""The picture of "Stored once": ten images that differ in their top layer, and a registry with a question mark."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from simregistry.show import theme

IMAGES = 10
# From the base up, with the heights of the blocks: larger layers are higher.
LAYERS = (("base", 100), ("requirements", 32), ("dependencies", 58), ("code", 32))
LEFT, STEP, WIDE, BOTTOM = 150, 38, 31, 44


def draw(axes: Axes) -> None:
    """Draw ten stacks beside each other, and the place where they go."""
    axes.text(LEFT + IMAGES * STEP / 2, 288, "ten images on one laptop", ha="center", fontsize=15, weight="bold")
    bottom = BOTTOM
    for row, (layer, height) in enumerate(LAYERS):
        axes.text(LEFT - 12, bottom + height / 2, layer, ha="right", va="center", fontsize=13)
        for image in range(IMAGES):
            # The code is different in each image, so it has a letter of its own.
            letter = "abcdefghij"[image] if layer == "code" else ""
            _block(axes, LEFT + STEP * image, bottom, height - 3, row, letter)
        bottom += height
    arrow = FancyArrowPatch((540, 155), (602, 155), arrowstyle="-|>", mutation_scale=22, lw=2, color="0.35")
    axes.add_patch(arrow)
    axes.add_patch(FancyBboxPatch((612, 44), 184, 222, boxstyle="round,pad=0,rounding_size=12", fill=False, lw=2))
    axes.text(704, 288, "registry", ha="center", fontsize=15, weight="bold")
    axes.text(704, 168, "?", ha="center", va="center", fontsize=60, weight="bold")
    axes.text(704, 92, "how many bytes?", ha="center", va="center", fontsize=13)


def _block(axes: Axes, left: float, bottom: float, height: float, row: int, letter: str) -> None:
    """Draw one layer of one image."""
    axes.add_patch(
        Rectangle((left, bottom), WIDE, height, facecolor=theme.colour(row), hatch=theme.hatch(row), lw=1, ec="black")
    )
    label = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    if letter:
        axes.text(left + WIDE / 2, bottom + height / 2, letter, ha="center", va="center", fontsize=12, bbox=label)
