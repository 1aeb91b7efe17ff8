"""One state of an explorer, as data: what is drawn, what can be done with it, and what is said about it.

A scene has no behaviour. The same scene is drawn by a page (``explorer.js``), written as a still picture
(``still_picture.py``), and read by a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from simregistry.table import Table

Shape = Literal["box", "text", "line", "dot"]
# How a mark is drawn: as usual, faint, with a dashed border, highlighted, or marked as good or bad.
Look = Literal["", "dim", "ghost", "lit", "good", "bad"]


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing in the picture; lengths are in the picture's own units (pixels at full size).

    A box has its corner at ``x, y``; a line goes from there by ``width, height``; a dot has its centre there; a text
    begins there (``align`` "start"), is centred on it ("middle") or ends there ("end"). ``do`` is what happens when it
    is clicked. ``drag`` is what happens when it is dropped on a mark that has a ``drop``. ``says`` is how a screen
    reader names it; each mark that a hand can use needs one.
    """

    id: str
    shape: Shape
    x: float
    y: float
    width: float = 0
    height: float = 0
    label: str = ""
    colour: int | None = None
    look: str = ""
    says: str = ""
    do: str = ""
    drag: str = ""
    drop: str = ""
    # Other keys that do something while it has the focus, such as {"Delete": "remove"}.
    keys: Mapping[str, str] = field(default_factory=dict)
    align: Literal["start", "middle", "end"] = "middle"
    size: float = 13
    arrow: bool = False
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Control:
    """A button, a choice, a slider, a field to type in, or a player that presses its button by itself.

    ``value`` is what it shows now; its type is that of the options, or a number for a slider.
    """

    id: str
    kind: Literal["button", "choice", "slider", "field", "play"]
    label: str
    value: str | float = ""
    options: tuple[str, ...] = ()
    low: float = 0
    high: float = 1
    step: float = 1
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole state: the picture, the controls below it, a table, and three sentences.

    ``title`` names the picture. ``says`` is what changed last or what is to be seen; a screen reader reads it aloud.
    ``goal`` asks for something that only doing it answers, and ``reached`` says whether it is done.
    """

    title: str
    width: float
    height: float
    marks: tuple[Mark, ...]
    says: str
    controls: tuple[Control, ...] = ()
    goal: str = ""
    reached: bool = False
    # What happens at each mark with a ``drop`` that a pressed pointer comes over: a way is drawn like that.
    stroke: str = ""
    table: Table | None = None

    def mark(self, id: str) -> Mark:
        """Find a mark by its id; raises KeyError."""
        return {mark.id: mark for mark in self.marks}[id]

    def to_page(self) -> dict[str, Any]:
        """Write it as plain values for a page."""
        table = None if self.table is None else {"columns": self.table.columns, "rows": self.table.rows}
        plain = {
            name: getattr(self, name) for name in ("title", "width", "height", "says", "goal", "reached", "stroke")
        }
        marks, controls = [asdict(mark) for mark in self.marks], [asdict(control) for control in self.controls]
        return {**plain, "marks": marks, "controls": controls, "table": table}
