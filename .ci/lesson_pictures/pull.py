"""The picture of "Pull": a registry with one version, a server with another, and nobody who says what is missing."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from simregistry.show import theme

LAYERS = ("base", "requirements", "dependencies", "code")


def draw(axes: Axes) -> None:
    """Draw both machines with what they have, and the same question under each."""
    for left, name, version in ((20, "registry", "web:v2"), (560, "server", "web:v1")):
        _machine(axes, left, name, version)
    arrow = FancyArrowPatch((276, 110), (544, 110), arrowstyle="<|-|>", mutation_scale=22, lw=2, color="0.35")
    axes.add_patch(arrow)
    axes.text(410, 132, "?", ha="center", va="bottom", fontsize=60, weight="bold")


def _machine(axes: Axes, left: float, name: str, version: str) -> None:
    """Draw a machine, the image that it has, and what it may be wondering."""
    axes.add_patch(FancyBboxPatch((left, 52), 240, 218, boxstyle="round,pad=0,rounding_size=12", fill=False, lw=2))
    axes.text(left + 120, 288, f"{name} with {version}", ha="center", fontsize=15, weight="bold")
    for row, layer in enumerate(LAYERS):
        bottom = 66 + 49 * row
        # The two versions of the code are different, so they have different labels and colours.
        label = f"{layer} of {version[-2:]}" if layer == "code" else layer
        look = row + 1 if label == "code of v1" else row
        axes.add_patch(
            Rectangle((left + 30, bottom), 180, 42, facecolor=theme.colour(look), hatch=theme.hatch(look), lw=1, ec="k")
        )
        box = {"facecolor": "white", "edgecolor": "none", "pad": 2}
        axes.text(left + 120, bottom + 21, label, ha="center", va="center", fontsize=13, bbox=box)
    axes.text(left + 120, 22, "“What is missing?”", ha="center", fontsize=14, style="italic")
