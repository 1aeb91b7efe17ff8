"""One look for all figures: Okabe–Ito colours, always with a shape or a hatch, large enough for a projector."""

from __future__ import annotations

from typing import Any

# Okabe and Ito, "Color Universal Design" (2008): people who see colours differently can tell these apart.
ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, RED, PURPLE, BLACK = "#0072B2", "#D55E00", "#CC79A7", "#000000"
GREY, LIGHT, INK = "#8A8A8A", "#F2F2F2", "#222222"
CYCLE = (SKY, ORANGE, GREEN, PURPLE, YELLOW, BLUE, RED)
HATCHES = ("", "///", "...", "xxx", "\\\\\\", "---", "+++")

WIDTH = 10.0  # inches; at 100 dots an inch a figure is 1,000 pixels wide
DPI = 100

RC: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 12,
    "axes.titlesize": 14,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "hatch.linewidth": 0.6,
    "figure.facecolor": "white",
    "text.color": INK,
    "axes.labelcolor": INK,
    # A path may have a dollar sign in it, which would begin a formula.
    "text.parse_math": False,
}


def colour(number: int) -> str:
    """Return the colour of the n-th thing."""
    return CYCLE[number % len(CYCLE)]


def hatch(number: int) -> str:
    """Return the hatch of the n-th thing, so that a reader can do without colour."""
    return HATCHES[(number // len(CYCLE) + number) % len(HATCHES)]
