"""The picture of "Registries side by side": one request to eight registries, and what becomes of the image in each."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from simregistry.show import theme

NAMES = (
    "Docker Hub", "distribution 2.8", "distribution 3", "Amazon ECR", "Google", "Azure", "Artifactory", "Nexus",
)  # fmt: skip
# The left edges of the columns, and the lower edges of the two rows.
COLUMNS, ROWS = (218, 368, 518, 668), (166, 18)
WIDTH, HEIGHT = 142, 136


def draw(axes: Axes) -> None:
    """Draw the script with its request, and a box for each registry."""
    round_corners = "round,pad=0,rounding_size=10"
    axes.add_patch(FancyBboxPatch((10, 112), 138, 98, boxstyle=round_corners, facecolor="0.93", lw=1.5, ec="black"))
    axes.text(79, 186, "your script", ha="center", va="center", fontsize=14, weight="bold")
    axes.text(79, 146, "DELETE\nweb:v1", ha="center", va="center", fontsize=13, family="monospace")
    for height in (ROWS[0] + HEIGHT / 2, ROWS[1] + HEIGHT / 2):
        axes.add_patch(
            FancyArrowPatch((152, 161), (212, height), arrowstyle="-|>", mutation_scale=20, lw=1.8, color="0.35")
        )
    for number, name in enumerate(NAMES):
        _registry(axes, number, name, COLUMNS[number % 4], ROWS[number // 4])


def _registry(axes: Axes, number: int, name: str, left: float, bottom: float) -> None:
    """Draw one registry with an image, the tag that is deleted, and the tag that nobody spoke of."""
    axes.add_patch(FancyBboxPatch((left, bottom), WIDTH, HEIGHT, boxstyle="round,pad=0,rounding_size=8", fill=False,
                                  lw=1.8))  # fmt: skip
    axes.text(left + WIDTH / 2, bottom + HEIGHT - 17, name, ha="center", va="center", fontsize=11, weight="bold")
    axes.text(left + 34, bottom + 92, "v1", ha="center", va="center", fontsize=12, color="0.45")
    axes.plot([left + 21, left + 47], [bottom + 92, bottom + 92], color=theme.colour(5), lw=2)
    axes.text(left + 96, bottom + 92, "stable ?", ha="center", va="center", fontsize=12)
    axes.add_patch(Rectangle((left + 16, bottom + 14), WIDTH - 32, 46, facecolor=theme.colour(0), alpha=0.35, lw=1,
                             ec="black", ls="--"))  # fmt: skip
    axes.text(left + WIDTH / 2, bottom + 37, "image ?", ha="center", va="center", fontsize=13)
    for start in (34, 96):
        axes.add_patch(FancyArrowPatch((left + start, bottom + 83), (left + WIDTH / 2, bottom + 61), arrowstyle="-|>",
                                       mutation_scale=11, lw=1.1, color="0.35"))  # fmt: skip
