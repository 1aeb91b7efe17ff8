"""A place on the page that is filled later: empty of any answer until somebody fills it."""

from __future__ import annotations

import traitlets

from simregistry.show.live.live_view import HERE, LiveView


class FilledView(LiveView):
    """Shows some HTML, and other HTML once ``fill`` was called; the new HTML is sent only then."""

    _esm = HERE / "filled.js"
    html = traitlets.Unicode("").tag(sync=True)

    def __init__(self, html: str, sentence: str) -> None:
        super().__init__(html=html)
        self._sentence = sentence

    def fill(self, html: str, sentence: str) -> None:
        """Show something else from now on."""
        self._sentence = sentence
        self.html = html

    def sentence(self) -> str:
        """Say what is shown now."""
        return self._sentence

    def twin(self) -> str:
        """Write what is shown now."""
        return self.html
