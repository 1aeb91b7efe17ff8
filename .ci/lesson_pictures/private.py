"""The picture of "Public and private": three who ask, one door with a question mark, and two repositories behind it."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Rectangle

from simregistry.show import theme

# Who asks, what is known of them, and the height at which they stand.
ASKING = (("Alice", "owns alice/app", 240), ("Bob", "has an account", 150), ("a stranger", "has no account", 60))
SHELVES = (("library/web", "public", 172), ("alice/app", "private", 62))
DOOR = 412


def draw(axes: Axes) -> None:
    """Draw who asks, the door, and what is behind it."""
    for number, (name, known, height) in enumerate(ASKING):
        _person(axes, number, height)
        axes.text(90, height + 6, name, va="bottom", fontsize=14, weight="bold")
        axes.text(90, height - 4, known, va="top", fontsize=12)
        arrow = FancyArrowPatch(
            (235, height),
            (DOOR - 8, 150 + (height - 150) * 0.3),
            arrowstyle="-|>",
            mutation_scale=18,
            lw=1.5,
            color="0.35",
        )
        axes.add_patch(arrow)
    axes.add_patch(FancyBboxPatch((DOOR + 28, 30), 360, 240, boxstyle="round,pad=0,rounding_size=12", fill=False, lw=2))
    axes.text(DOOR + 208, 288, "registry", ha="center", fontsize=15, weight="bold")
    axes.add_patch(Rectangle((DOOR, 92), 56, 116, facecolor="white", lw=2, ec="black"))
    axes.text(DOOR + 28, 150, "?", ha="center", va="center", fontsize=34, weight="bold")
    for number, (name, kind, bottom) in enumerate(SHELVES):
        _shelf(axes, number, name, kind, bottom)


def _person(axes: Axes, number: int, height: float) -> None:
    """Draw a head and shoulders."""
    colour, hatch = theme.colour(number), theme.hatch(number)
    axes.add_patch(FancyBboxPatch((32, height - 28), 40, 30, boxstyle="round,pad=0,rounding_size=12",
                                  facecolor=colour, hatch=hatch, lw=1.2, ec="black"))  # fmt: skip
    axes.add_patch(Circle((52, height + 16), 14, facecolor="white", lw=1.2, ec="black"))


def _shelf(axes: Axes, number: int, name: str, kind: str, bottom: float) -> None:
    """Draw one repository."""
    box = Rectangle((DOOR + 92, bottom), 270, 72, facecolor=theme.colour(number + 3), alpha=0.45, lw=1, ec="black",
                    ls="-" if kind == "public" else "--")  # fmt: skip
    axes.add_patch(box)
    axes.text(DOOR + 227, bottom + 46, name, ha="center", va="center", fontsize=14, weight="bold")
    axes.text(DOOR + 227, bottom + 22, kind, ha="center", va="center", fontsize=13)
