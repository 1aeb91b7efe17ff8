"""Plain widgets in a box that has a static twin: what is stored with a notebook, and shown where no kernel runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ipywidgets

from simregistry.show.live.live_view import VIEW


class TwinBox(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets is published without types
    """Widgets below each other; ``sentence`` and ``twin`` are what a terminal and a page without a kernel show."""

    def __init__(self, children: Sequence[Any], sentence: str, twin: str) -> None:
        super().__init__(list(children))
        self._sentence, self._twin = sentence, twin

    def __repr__(self) -> str:
        return self._sentence

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        bundle: Any = super()._repr_mimebundle_(**options)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        return {"text/plain": self._sentence, "text/html": self._twin, VIEW: (data or {})[VIEW]}
