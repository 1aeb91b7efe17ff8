"""A quiz as a panel: radio buttons or boxes to tick, a button, and an explanation below it.

All of it is reached with the Tab key and worked with Space and Enter; what is right is written in words, never by
colour alone. An explanation is the value of an HTML widget, so it is stored with the notebook and can be tested.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import ipywidgets

WIDE = {"width": "auto", "max_width": "100%"}


@dataclass(frozen=True, slots=True)
class Card:
    """A question as it is shown: its text as HTML, its options as plain text, and whether several may be chosen."""

    html: str
    options: tuple[str, ...]
    several: bool = False


def quiz_panel(cards: Sequence[Card], check: Callable[[int, tuple[int, ...]], str], total: Callable[[], str]) -> Any:
    """Make a panel of questions.

    ``check`` takes a question's number, 1 for the first, and the places of the options that are chosen, 0 for the
    first; it returns the explanation as HTML. ``total`` says how many are right so far.
    """
    standing = ipywidgets.HTML(_announced(escape(total())))
    parts = []
    for number, card in enumerate(cards, 1):
        choosing, chosen = _several(card.options) if card.several else _one(card.options)
        button = ipywidgets.Button(description=f"Check question {number}", layout={"width": "auto"})
        explanation = ipywidgets.HTML("")

        def explain(_: object, number: int = number, chosen: Any = chosen, explanation: Any = explanation) -> None:
            explanation.value = _announced(check(number, chosen()))
            standing.value = _announced(escape(total()))

        button.on_click(explain)
        kind = " <i>More than one may fit.</i>" if card.several else ""
        asked = ipywidgets.HTML(f"<p><b>Question {number}.</b> {card.html}{kind}</p>")
        parts.append(ipywidgets.VBox([asked, choosing, button, explanation]))
    return ipywidgets.VBox([*parts, standing])


def _one(options: Sequence[str]) -> tuple[Any, Callable[[], tuple[int, ...]]]:
    """Make radio buttons, none of them chosen, and what reads them."""
    places = [(option, place) for place, option in enumerate(options)]
    buttons = ipywidgets.RadioButtons(options=places, value=None, layout=WIDE)
    return buttons, lambda: () if buttons.index is None else (buttons.index,)


def _several(options: Sequence[str]) -> tuple[Any, Callable[[], tuple[int, ...]]]:
    """Make boxes to tick, and what reads them."""
    boxes = [ipywidgets.Checkbox(description=option, indent=False, layout=WIDE) for option in options]
    return ipywidgets.VBox(boxes), lambda: tuple(place for place, box in enumerate(boxes) if box.value)


def _announced(html: str) -> str:
    """Mark what appears after a click, so that a screen reader reads it out."""
    return f"<div role='status'>{html}</div>"
