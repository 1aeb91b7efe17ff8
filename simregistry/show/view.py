"""A view: one result as a sentence, a table and a figure, all from the same numbers.

The sentence is the output's ``text/plain``, and the caption below the picture. So nbval compares it, everybody reads
it, and a terminal prints it. The picture itself has a short alternative text. It goes out as HTML, because a notebook
passes no alternative text of a bare picture on to a screen reader.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from simregistry.show import theme
from simregistry.table import Table


@dataclass(frozen=True, slots=True, repr=False)
class View:
    """A sentence, a table, and how to draw them; ``alt`` names the kind of picture in a few words. Sizes are inches."""

    sentence: str
    table: Table
    draw: Callable[[Figure], None] = field(compare=False)
    alt: str
    height: float = 4.0
    width: float = theme.WIDTH

    def figure(self) -> Figure:
        """Draw the figure, without touching any global state of matplotlib."""
        with matplotlib.rc_context(theme.RC):
            figure = Figure(figsize=(self.width, self.height), dpi=theme.DPI, layout="constrained")
            FigureCanvasAgg(figure)
            self.draw(figure)
            # Subtle: matplotlib reads the settings for text when it lays it out, which is when it draws. So draw here,
            # while the settings are ours.
            figure.canvas.draw()
        return figure

    def png(self, dpi: int = theme.DPI) -> bytes:
        """Return the picture as PNG; ``dpi`` is dots an inch, with more of them for a printed poster."""
        stream = io.BytesIO()
        with matplotlib.rc_context(theme.RC):
            self.figure().savefig(stream, format="png", dpi=dpi, metadata={"Software": None})
        return stream.getvalue()

    def save(self, path: str | Path) -> None:
        """Write the picture to a file."""
        Path(path).write_bytes(self.png())

    def html(self) -> str:
        """Return the figure as HTML: the picture with its alternative text, and the sentence as its caption."""
        data = base64.b64encode(self.png()).decode()
        picture = f'<img alt="{escape(self.alt)}" src="data:image/png;base64,{data}" style="max-width:100%">'
        return f'<figure style="margin:0">{picture}<figcaption>{escape(self.sentence)}</figcaption></figure>'

    def __repr__(self) -> str:
        return self.sentence

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": self.sentence, "text/html": self.html()}
