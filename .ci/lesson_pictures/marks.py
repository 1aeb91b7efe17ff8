"""The picture of "Collect without stopping": a push and a collector at work on one old layer, and nobody waits."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Rectangle

from simregistry.show import theme

PUSH = ("asks for\nthe layer", "writes the\nmanifest")
COLLECTOR = ("lists what\nnobody needs", "deletes\nits list")


def draw(axes: Axes) -> None:
    """Draw both actors with two steps each, the layer that both are about, and a question between them."""
    actor(axes, 20, "push", PUSH, theme.SKY)
    actor(axes, 600, "collector", COLLECTOR, theme.ORANGE)
    axes.plot([285, 535], [96, 96], lw=4, color="black")
    axes.text(410, 84, "the shelf", ha="center", va="top", fontsize=13)
    axes.add_patch(Rectangle((310, 98), 200, 62, facecolor="white", lw=2, ec="black"))
    axes.text(410, 129, "an old layer that\nno manifest names", ha="center", va="center", fontsize=13)
    arrow(axes, (224, 212), (306, 146), "is it there?", 286)
    arrow(axes, (596, 212), (514, 146), "is it garbage?", 534)
    axes.text(410, 214, "?", ha="center", va="center", fontsize=40, weight="bold")
    axes.text(410, 290, "Both go on. Nobody is stopped.", ha="center", va="center", fontsize=15, weight="bold")
    axes.text(410, 24, "What tells each of them about the other?", ha="center", va="center", fontsize=15, weight="bold")


def actor(axes: Axes, left: float, name: str, steps: tuple[str, ...], colour: str) -> None:
    """Draw one actor's steps below each other."""
    axes.text(left + 100, 272, name, ha="center", va="bottom", fontsize=15, weight="bold")
    for number, step in enumerate(steps):
        bottom = 196 - 112 * number
        axes.add_patch(Rectangle((left, bottom), 200, 60, facecolor=colour, lw=1, ec="black"))
        axes.text(left + 100, bottom + 30, step, ha="center", va="center", fontsize=14, color="black")
    axes.add_patch(
        FancyArrowPatch((left + 100, 194), (left + 100, 146), arrowstyle="-|>", mutation_scale=18, lw=2, color="black")
    )


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], words: str, across: float) -> None:
    """Draw what an actor wants to know of the layer, with the words above the arrow."""
    axes.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=18, lw=2, color="black"))
    axes.text(across, 226, words, ha="center", va="center", fontsize=13)
