"""The fourth world of "The collector races a push": a layer that has been on the shelf for a long time."""

from __future__ import annotations

from matplotlib.axes import Axes
from races import COLLECTOR, LEFT, PUSH, box, lane

from simregistry.show import theme

REUSING = (PUSH[0], "upload\nnothing", *PUSH[2:])


def draw(axes: Axes) -> None:
    """Draw both actors, and the shelf with the old layer on it."""
    lane(axes, 246, "push", REUSING)
    lane(axes, 176, "collector", COLLECTOR)
    axes.text(LEFT - 12, 92, "shelf", ha="right", va="center", fontsize=15, weight="bold")
    axes.plot((LEFT, 796), (60, 60), lw=4, color="0.35")
    box(axes, LEFT + 14, 63, 330, "the layer: 10,000 s old,\nno manifest names it", theme.PURPLE)
    axes.text(LEFT + 362, 90, "spared if younger than 1,000 s", va="center", fontsize=13)
    axes.text(LEFT, 28, "The registry says 200: it's there. For how long?", va="center", fontsize=14, weight="bold")
