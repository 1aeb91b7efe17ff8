"""The picture of "A pull and its time": an image on its way to a machine, and three places where the time may go."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from simregistry.show import theme

LAYERS = ("base", "requirements", "dependencies", "code")
# The two edges of the line that the layers travel on.
LOW, HIGH = 74, 130


def draw(axes: Axes) -> None:
    """Draw the registry, the line with a layer on it, the machine, and a question at each."""
    axes.text(410, 282, "Where do the seconds go?", ha="center", fontsize=16, weight="bold")
    for left, name in ((20, "registry"), (600, "your machine")):
        axes.add_patch(FancyBboxPatch((left, 36), 200, 186, boxstyle="round,pad=0,rounding_size=12", fill=False, lw=2))
        axes.text(left + 100, 232, name, ha="center", fontsize=14, weight="bold")
    for row in range(len(LAYERS)):
        _layer(axes, 40, 48 + 43 * row, row)
    for row in (0, 1):
        _layer(axes, 620, 48 + 43 * row, row)
    for edge in (LOW, HIGH):
        axes.plot((232, 588), (edge, edge), color=theme.INK, lw=2)
    _layer(axes, 330, 84, 2)
    axes.add_patch(FancyArrowPatch((504, 102), (566, 102), arrowstyle="-|>", mutation_scale=20, lw=2, color="0.35"))
    there_and_back = FancyArrowPatch((236, 174), (584, 174), arrowstyle="<|-|>", mutation_scale=20, lw=2, color="0.35")
    axes.add_patch(there_and_back)
    axes.text(410, 184, "questions and answers?", ha="center", va="bottom", fontsize=13, style="italic")
    axes.text(410, 52, "bytes on the line?", ha="center", va="center", fontsize=13, style="italic")
    axes.text(700, 170, "files on the disk?", ha="center", va="center", fontsize=13, style="italic")


def _layer(axes: Axes, left: float, bottom: float, row: int) -> None:
    """Draw one layer with its name."""
    box = Rectangle((left, bottom), 160, 36, facecolor=theme.colour(row), hatch=theme.hatch(row), lw=1, ec="black")
    axes.add_patch(box)
    label = {"facecolor": "white", "edgecolor": "none", "pad": 2}
    axes.text(left + 80, bottom + 18, LAYERS[row], ha="center", va="center", fontsize=13, bbox=label)
