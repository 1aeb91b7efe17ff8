"""The base of every live view: a widget in three forms at once.

1. ``text/plain`` is one sentence: a terminal prints it, and the comparison of stored outputs reads it.
2. ``text/html`` is a static twin: what a page shows that no kernel runs. No script, style or SVG is in it, since
   JupyterLab takes those out of a notebook that it does not trust.
3. The widget itself, which only a running kernel can draw. It is never stored (``cli.save_hook``): a stored view
   whose kernel is gone reads "Error displaying widget".
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget

HERE = Path(__file__).parent
VIEW = "application/vnd.jupyter.widget-view+json"


class LiveView(anywidget.AnyWidget):
    """A widget that knows its own sentence and its static twin."""

    def sentence(self) -> str:
        """Say in one sentence what is to be seen now."""
        raise NotImplementedError

    def twin(self) -> str:
        """Write the static copy as HTML: paragraphs, lists, tables and ``<img alt>`` alone."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.sentence()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        return {"text/plain": self.sentence(), "text/html": self.twin(), VIEW: (data or {})[VIEW]}, {}
