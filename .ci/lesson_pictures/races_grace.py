"""The third world of "The collector races a push": two uploads on a line of time, and two grace periods."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch
from races import box

from simregistry.show import theme

START, SECOND = 150, 1.9


def draw(axes: Axes) -> None:
    """Draw how long each upload takes, when the manifest comes, and how long each period is."""
    axes.text(START - 16, 267, "push", ha="right", va="center", fontsize=15, weight="bold")
    box(axes, START, 240, 100 * SECOND, "upload layer 1", theme.SKY)
    box(axes, START + 100 * SECOND, 240, 100 * SECOND, "upload layer 2", theme.SKY)
    box(axes, START + 200 * SECOND, 240, 112, "manifest", theme.GREEN)
    for seconds in (0, 100, 200):
        place = START + seconds * SECOND
        axes.plot((place, place), (196, 236), lw=1, color="0.4")
        axes.text(place, 180, f"{seconds} s", ha="center", va="center", fontsize=13)
    axes.text(START - 16, 118, "spared if\nyounger than", ha="right", va="center", fontsize=13)
    _period(axes, 138, 50, "50 s", "<|-|>")
    _period(axes, 92, 330, "1,000 s …", "<|-")
    axes.text(START, 34, "How old is each layer when the collector looks?", va="center", fontsize=14, weight="bold")


def _period(axes: Axes, height: float, seconds: float, words: str, style: str) -> None:
    """Draw one grace period as a line of its length; one that is longer than the picture has no right end."""
    ends = (START, height), (START + seconds * SECOND, height)
    axes.add_patch(FancyArrowPatch(*ends, arrowstyle=style, mutation_scale=14, lw=3, color=theme.RED, shrinkA=0))
    axes.text(START + min(seconds, 110) * SECOND + 14, height + 14, words, va="center", fontsize=13)
