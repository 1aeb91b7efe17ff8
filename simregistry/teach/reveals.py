"""What a learner sees after an answer, a check or a hint: one sentence, a mark, and what differs line by line."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import ClassVar

MARKS = {True: "✓", False: "✗", None: "…"}
# Okabe-Ito's green and vermilion, and a grey; the mark says the same without a colour.
COLOURS = {True: "#009E73", False: "#D55E00", None: "#8A8A8A"}


@dataclass(frozen=True, slots=True)
class Reveal:
    """The outcome of an answer: whether it is right, and how it differs.

    ``right`` is None where nothing was answered or the answer could not be read; ``score`` goes from 0 to 1.

    >>> print(Reveal("Not yet: one is missing.", False, 0.5, ("top: missed",)))
    ✗ Not yet: one is missing.
        top: missed
    """

    sentence: str
    right: bool | None
    score: float = 0.0
    details: tuple[str, ...] = ()

    indent: ClassVar[str] = "    "

    def __str__(self) -> str:
        lines = (f"{self.indent}{line}" for line in self.details)
        return "\n".join([f"{MARKS[self.right]} {self.sentence}", *lines])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        first, *more = str(self).split("\n")
        items = "".join(f"<li>{escape(line.strip())}</li>" for line in more)
        listed = f"<ul>{items}</ul>" if items else ""
        style = f"border-left:4px solid {COLOURS[self.right]};padding-left:0.7em"
        return f"<div style='{style}'><p>{escape(first)}</p>{listed}</div>"
