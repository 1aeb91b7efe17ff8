"""A scene as a still picture: an SVG image on white, with a short alternative text and a caption.

It needs the standard library alone, so a page without a kernel and a browser without matplotlib can show it. The
picture is an ``<img>``: JupyterLab takes drawings that stand in an output's HTML out of a notebook it does not trust.
"""

from __future__ import annotations

import base64
from html import escape

from simregistry.show import theme
from simregistry.show.explorers.scene import Mark, Scene

FONT = "DejaVu Sans, Verdana, sans-serif"
LOOKS = {
    "": ("1", "", theme.INK, "1"),
    "dim": ("0.3", "", theme.INK, "1"),
    "ghost": ("0.35", "4 3", theme.GREY, "1.5"),
    "lit": ("1", "", theme.BLACK, "3.5"),
    "good": ("1", "", theme.GREEN, "4"),
    "bad": ("1", "6 3", theme.RED, "4"),
}
# The average letter of a sans-serif font is this part of its size wide: good enough to keep labels apart.
LETTER = 0.6


def text_width(text: str, size: float) -> float:
    """Estimate how wide a line of text is, in the picture's units.

    >>> text_width("base", 10)
    24.0
    """
    return round(len(text) * size * LETTER, 6)


def still_figure(scene: Scene) -> str:
    """Write a scene as a figure: picture, alternative text, caption."""
    data = base64.b64encode(still_svg(scene).encode()).decode()
    image = f'<img alt="{escape(scene.title)}" src="data:image/svg+xml;base64,{data}" style="max-width:100%">'
    return f'<figure style="margin:0">{image}<figcaption>{escape(scene.says)}</figcaption></figure>'


def still_svg(scene: Scene) -> str:
    """Write a scene as SVG with a white ground."""
    size = f'width="{scene.width:g}" height="{scene.height:g}" viewBox="0 0 {scene.width:g} {scene.height:g}"'
    ground = f'<rect width="{scene.width:g}" height="{scene.height:g}" fill="white"/>'
    head = (
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0 10 5 0 10z" fill="{theme.INK}"/></marker></defs>'
    )
    marks = "".join(_mark(mark) for mark in scene.marks)
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{FONT}">{head}{ground}{marks}</svg>'


def _mark(mark: Mark) -> str:
    opacity, dash, stroke, width = LOOKS[mark.look]
    fill = "white" if mark.colour is None else theme.colour(mark.colour)
    border = f'stroke="{stroke}" stroke-width="{width}"' + (f' stroke-dasharray="{dash}"' if dash else "")
    if mark.shape == "line":
        tip = ' marker-end="url(#tip)"' if mark.arrow else ""
        ends = f'x1="{mark.x:g}" y1="{mark.y:g}" x2="{mark.x + mark.width:g}" y2="{mark.y + mark.height:g}"'
        return f'<line {ends} {border} opacity="{opacity}"{tip}/>'
    parts = ""
    if mark.shape == "box":
        place = f'x="{mark.x:g}" y="{mark.y:g}" width="{mark.width:g}" height="{mark.height:g}" rx="4"'
        parts = f'<rect {place} fill="{fill}" {border} opacity="{opacity}"/>'
    elif mark.shape == "dot":
        place = f'cx="{mark.x:g}" cy="{mark.y:g}" r="{mark.width / 2:g}"'
        parts = f'<circle {place} fill="{fill}" {border} opacity="{opacity}"/>'
    return parts + (_label(mark) if mark.label else "")


def _label(mark: Mark) -> str:
    x, y = label_place(mark)
    weight = ' font-weight="bold"' if mark.bold else ""
    halo = 'paint-order="stroke" stroke="white" stroke-width="4" stroke-linejoin="round"'
    fill = theme.GREY if mark.look in ("dim", "ghost") and mark.shape == "text" else theme.INK
    style = (
        f'font-size="{mark.size:g}"{weight} text-anchor="{mark.align}" dominant-baseline="central" fill="{fill}" {halo}'
    )
    return f'<text x="{x:g}" y="{y:g}" {style}>{escape(mark.label)}</text>'


def label_place(mark: Mark) -> tuple[float, float]:
    """Find the point that a mark's label is aligned to."""
    if mark.shape != "box":
        return mark.x, mark.y
    edge = {"start": 8.0, "middle": mark.width / 2, "end": mark.width - 8.0}[mark.align]
    return mark.x + edge, mark.y + mark.height / 2
