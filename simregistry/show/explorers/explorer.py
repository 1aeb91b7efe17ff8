"""The base of every explorer: a scene that Python computes, and what a hand does with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import traitlets

from simregistry.errors import SimRegistryError
from simregistry.show.explorers.scene import Scene
from simregistry.show.explorers.still_picture import still_figure
from simregistry.show.live.live_view import HERE, LiveView

LONGEST = 4_000
SOURCES = HERE.parent / "explorers"


@dataclass(frozen=True, slots=True)
class Hand:
    """What a hand did: the action, the mark or control it was done with, where it was dropped, and a value."""

    do: str
    id: str = ""
    on: str = ""
    value: str | float = ""


class Explorer(LiveView):
    """A picture to handle. A subclass keeps a model, changes it in ``act``, and shows it in ``draw``.

    ``draw`` returns the scene of the model as it is now; it changes nothing. ``act`` takes what a hand did; an error
    of the simulator is shown as what it says. Tests do what a hand does by ``hand("flip", "byte-3")``.
    """

    _esm = SOURCES / "explorer.js"
    _css = SOURCES / "explorer.css"
    scene = traitlets.Dict().tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        self.refused = ""
        self.show_scene()
        self.on_msg(self._receive)

    def draw(self) -> Scene:
        """Return the scene of the model as it is now."""
        raise NotImplementedError

    def act(self, hand: Hand) -> None:
        """Change the model by what a hand did; what is not known here is passed over."""
        raise NotImplementedError

    def hand(self, do: str, id: str = "", on: str = "", value: str | float = "") -> Scene:
        """Do what a hand does, and return the scene after it."""
        self.refused = ""
        try:
            self.act(Hand(do, id, on, value))
        except SimRegistryError as refusal:
            self.refused = str(refusal)
        return self.show_scene()

    def show_scene(self) -> Scene:
        """Send the scene to the page, if there is one."""
        scene = self.draw()
        page = scene.to_page()
        if self.refused:
            page["says"] = f"{self.refused} {scene.says}"
        self.scene = page
        return scene

    def _receive(self, _widget: Any, content: Any, _buffers: Any) -> None:
        # A page can send anything: only short strings and plain numbers get further.
        if not isinstance(content, Mapping):
            return
        do, id, on = (content.get(name) or "" for name in ("do", "id", "on"))
        value = content.get("value")
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            value = ""
        if all(isinstance(part, str) and len(part) <= LONGEST for part in (do, id, on, str(value))):
            self.hand(do, id, on, value)

    def sentence(self) -> str:
        """Say what is to be seen, and that the cell has to be run."""
        scene = self.draw()
        return " ".join(
            part for part in (f"{scene.title}.", scene.says, scene.goal, "Run this cell to use it.") if part
        )

    def twin(self) -> str:
        """Write the first frame as it stands: picture, caption, table, and what to do."""
        scene = self.draw()
        table = scene.table._repr_html_() if scene.table is not None else ""
        goal = f"<p><strong>{escape(scene.goal)}</strong></p>" if scene.goal else ""
        return f"{still_figure(scene)}{goal}{table}<p><em>Run this cell to use it.</em></p>"
