"""The picture of "Start here": three machines, an image on one of them, and question marks between them."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, Rectangle

from simregistry.show import theme

MACHINES = ((20, "laptop"), (310, "registry"), (600, "server"))
WIDTH, BOTTOM, HEIGHT = 200, 90, 170


def draw(axes: Axes) -> None:
    """Draw the machines, the image, and what nobody knows yet: who is in touch with whom."""
    for left, name in MACHINES:
        outline = FancyBboxPatch(
            (left, BOTTOM), WIDTH, HEIGHT, boxstyle="round,pad=0,rounding_size=12", fill=False, lw=2
        )
        axes.add_patch(outline)
        axes.text(left + WIDTH / 2, BOTTOM + HEIGHT + 18, name, ha="center", fontsize=15, weight="bold")
    _image(axes)
    for left, _ in MACHINES[1:]:
        axes.add_patch(Rectangle((left + 30, BOTTOM + 30), 140, 110, fill=False, lw=1, ls="--", ec="0.5"))
    middle = BOTTOM + HEIGHT / 2
    for start, end in ((225, 305), (515, 595)):
        axes.plot((start, end), (middle, middle), color="0.35", lw=1.5)
        axes.text((start + end) / 2, middle + 8, "?", ha="center", va="bottom", fontsize=17, weight="bold")
    axes.plot((120, 120, 700, 700), (BOTTOM - 6, 38, 38, BOTTOM - 6), color="0.35", lw=1.5, ls=(0, (5, 4)))
    axes.text(410, 46, "?", ha="center", va="bottom", fontsize=17, weight="bold")


def _image(axes: Axes) -> None:
    axes.add_patch(
        Rectangle((50, BOTTOM + 30), 140, 110, facecolor=theme.colour(0), hatch=theme.hatch(1), lw=1, ec="black")
    )
    label = {"facecolor": "white", "edgecolor": "none", "pad": 3}
    axes.text(120, BOTTOM + 85, "image\nof a web app", ha="center", va="center", fontsize=13, bbox=label)
