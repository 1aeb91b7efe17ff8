"""The second world of "The collector races a push": restarts before and after the collector's steps."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch
from races import COLLECTOR, LEFT, PUSH, STEP, WIDE, lane

RESTARTS = ("restart\nread-only", *COLLECTOR, "restart\nfor writing")


def draw(axes: Axes) -> None:
    """Draw both actors, and the time in which the registry refuses writes."""
    lane(axes, 240, "push", PUSH)
    lane(axes, 120, "collector", RESTARTS)
    start, end = LEFT + WIDE, LEFT + 4 * STEP
    axes.add_patch(FancyArrowPatch((start, 90), (end, 90), arrowstyle="<|-|>", mutation_scale=16, lw=2, color="0.25"))
    axes.text((start + end) / 2, 62, "uploads and manifests get 405", ha="center", va="center", fontsize=14)
    axes.text((start + end) / 2, 30, "Which orders are left?", ha="center", va="center", fontsize=14, weight="bold")
