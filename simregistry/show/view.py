"""A view: one result as a sentence, a table and a figure, all from the same numbers.

The sentence is the output's ``text/plain`` and the picture's alternative text. So nbval compares it, a screen reader
reads it aloud, and a terminal prints it.
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
    """A sentence, a table, and how to draw them; sizes are inches."""

    sentence: str
    table: Table
    draw: Callable[[Figure], None] = field(compare=False)
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
        """Return the picture as HTML with its sentence as alternative text, for a widget that shows HTML."""
        data = base64.b64encode(self.png()).decode()
        return f'<img alt="{escape(self.sentence)}" src="data:image/png;base64,{data}" style="max-width:100%">'

    def __repr__(self) -> str:
        return self.sentence

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, str], dict[str, Any]]:
        data = {"text/plain": self.sentence, "image/png": base64.b64encode(self.png()).decode()}
        return data, {"image/png": {"alt": self.sentence}}
