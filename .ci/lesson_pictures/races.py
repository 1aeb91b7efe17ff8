"""The pictures of "The collector races a push": two actors with their steps, and nine places in one order."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from simregistry.show import theme

PUSH = ("ask for\nlayer", "upload\nlayer", "ask for\nconfig", "config is\nthere", "check\nmanifest", "write\nmanifest")
COLLECTOR = ("mark", "list", "sweep")
LEFT, STEP, WIDE, HIGH = 128, 114, 104, 54


def draw(axes: Axes) -> None:
    """Draw the steps of both actors, and the nine places that they share, which are empty."""
    lane(axes, 250, "push", PUSH)
    lane(axes, 170, "collector", COLLECTOR)
    axes.text(LEFT, 112, "Who acts first, second, third …?", fontsize=14, weight="bold")
    for place in range(9):
        left = 24 + 86 * place
        axes.add_patch(Rectangle((left, 26), 78, 60, fill=False, lw=1.5, ls="--", ec="0.4"))
        axes.text(left + 39, 56, "?", ha="center", va="center", fontsize=22, weight="bold")


def lane(axes: Axes, bottom: float, name: str, steps: tuple[str, ...], first: float = 0) -> None:
    """Draw one actor's steps beside each other, beginning at a place."""
    axes.text(LEFT - 12, bottom + HIGH / 2, name, ha="right", va="center", fontsize=15, weight="bold")
    colour = theme.SKY if name == "push" else theme.ORANGE
    for number, step in enumerate(steps):
        left = LEFT + STEP * (number + first)
        box(axes, left, bottom, WIDE, step, colour)


def box(axes: Axes, left: float, bottom: float, wide: float, words: str, colour: str) -> None:
    """Draw one step."""
    axes.add_patch(Rectangle((left, bottom), wide, HIGH, facecolor=colour, lw=1, ec="black"))
    axes.text(left + wide / 2, bottom + HIGH / 2, words, ha="center", va="center", fontsize=13, color="black")
