"""The picture of "Tags, retention, collection": a tag is crossed out, and nobody knows yet what goes with it."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from simregistry.show import theme

# From the top down: each layer with the manifests that name it, and the places of tags and manifests.
LAYERS = (("code v1", (0,)), ("base", (0, 1)), ("dependencies", (0, 1)), ("code v2", (1,)))
HEIGHTS = (190, 68)
TAGS = ("v1", "v2")
TOP, STEP, HIGH = 224, 60, 44


def draw(axes: Axes) -> None:
    """Draw two tags with their manifests, the layers on a disk, and the cross over the first tag."""
    for middle, name in ((85, "tags"), (305, "manifests"), (630, "disk")):
        axes.text(middle, 292, name, ha="center", fontsize=15, weight="bold")
    axes.add_patch(FancyBboxPatch((500, 26), 260, 252, boxstyle="round,pad=0,rounding_size=12", fill=False, lw=2))
    for number, (tag, height) in enumerate(zip(TAGS, HEIGHTS, strict=True)):
        gone = number == 0
        _box(axes, 35, height, 100, tag, dashed=gone)
        _arrow(axes, (139, height + 22), (241, height + 22), dashed=gone)
        _box(axes, 245, height, 120, f"manifest {tag}")
        axes.text(305, height + 50, "?", ha="center", va="bottom", fontsize=22, weight="bold")
    for ends in (((28, 183), (142, 241)), ((28, 241), (142, 183))):
        axes.plot(*zip(*ends, strict=True), color=theme.RED, lw=3)
    for row, (layer, named_by) in enumerate(LAYERS):
        bottom = TOP - STEP * row
        for number in named_by:
            _arrow(axes, (369, HEIGHTS[number] + 22), (516, bottom + 22))
        axes.add_patch(
            Rectangle((520, bottom), 170, HIGH, facecolor=theme.colour(row), hatch=theme.hatch(row), lw=1, ec="black")
        )
        label = {"facecolor": "white", "edgecolor": "none", "pad": 2}
        axes.text(605, bottom + 22, layer, ha="center", va="center", fontsize=13, bbox=label)
        axes.text(726, bottom + 22, "?", ha="center", va="center", fontsize=22, weight="bold")


def _box(axes: Axes, left: float, bottom: float, width: float, name: str, dashed: bool = False) -> None:
    """Draw a tag or a manifest."""
    axes.add_patch(Rectangle((left, bottom), width, HIGH, fill=False, lw=1.5, ls="--" if dashed else "-"))
    label = {"facecolor": "white", "edgecolor": "none", "pad": 2}
    axes.text(left + width / 2, bottom + 22, name, ha="center", va="center", fontsize=13, bbox=label, zorder=5)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], dashed: bool = False) -> None:
    """Draw an arrow; a dashed one is no longer there."""
    axes.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=16, lw=1.4, color="0.35", ls="--" if dashed else "-"
        )
    )
