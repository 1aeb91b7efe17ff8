"""The picture of "Layers and hashes": an image with three files, a step that changes one, and what it leaves."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from simregistry.show import theme

# Name, bytes, and how long its bar is.
FILES = (("sh", "50,000 bytes", 130), ("log", "30,000 bytes", 84), ("motd", "6 bytes", 66))


def draw(axes: Axes) -> None:
    """Draw the image with its files, the step, and an empty layer that has no name yet."""
    for middle, name in ((162, "the image so far"), (680, "the layer of this step")):
        axes.text(middle, 288, name, ha="center", fontsize=15, weight="bold")
    axes.add_patch(FancyBboxPatch((20, 40), 285, 225, boxstyle="round,pad=0,rounding_size=12", fill=False, lw=2))
    label = {"facecolor": "white", "edgecolor": "none", "pad": 2}
    for row, (name, size, length) in enumerate(FILES):
        bottom = 200 - 68 * row
        axes.add_patch(
            Rectangle((38, bottom), length, 46, facecolor=theme.colour(row), hatch=theme.hatch(row), lw=1, ec="black")
        )
        axes.text(38 + length / 2, bottom + 23, name, ha="center", va="center", fontsize=13, bbox=label)
        axes.text(38 + length + 8, bottom + 23, size, va="center", fontsize=12)
    axes.add_patch(FancyArrowPatch((315, 152), (550, 152), arrowstyle="-|>", mutation_scale=20, lw=2, color="0.25"))
    axes.text(432, 166, "RUN echo done >> /log", ha="center", va="bottom", fontsize=12.5, family="monospace")
    axes.text(432, 138, "one line more in log", ha="center", va="top", fontsize=12)
    axes.add_patch(
        FancyBboxPatch((560, 95), 240, 170, boxstyle="round,pad=0,rounding_size=12", fill=False, lw=2, ls="--")
    )
    axes.text(680, 180, "?", ha="center", va="center", fontsize=48, weight="bold")
    axes.text(680, 60, "its name: sha256:???", ha="center", va="center", fontsize=14, family="monospace")
