"""A quiz as a panel: one form a question, a button, and an explanation below it.

All of it is reached with the Tab key and worked with Space and Enter, and no key reaches the notebook. What is right is
written in words, never by colour alone. Python keeps the answers: the page is sent the questions alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import ipywidgets

from simregistry.show.live.question_form import FormReply, QuestionForm, question_html
from simregistry.show.static_twin import TwinBox

RUN = "Run this cell to answer."


@dataclass(frozen=True, slots=True)
class Card:
    """A question as it is shown: its text and options as plain text, and whether several may be chosen."""

    text: str
    options: tuple[str, ...]
    several: bool = False


def quiz_panel(cards: Sequence[Card], check: Callable[[int, tuple[int, ...]], str], total: Callable[[], str]) -> Any:
    """Make a panel of questions.

    ``check`` takes a question's number, 1 for the first, and the places of the options that are chosen, 0 for the
    first; it returns the explanation as plain text. ``total`` says how many are right so far.
    """
    standing = ipywidgets.HTML(_announced(total()))
    forms = []
    for number, card in enumerate(cards, 1):

        def explain(answer: object, _sure: str, number: int = number, card: Card = card) -> FormReply:
            reply = FormReply(check(number, _places(card.options, answer)))
            standing.value = _announced(total())
            return reply

        forms.append(QuestionForm(_question(number, card), explain))
    twin = "".join(question_html(_question(number, card), RUN) for number, card in enumerate(cards, 1))
    return TwinBox([*forms, standing], f"A quiz of {len(cards)} questions. {RUN}", twin)


def _question(number: int, card: Card) -> dict[str, Any]:
    """Write a card as the form wants it; a quiz asks for no sureness and cannot be skipped."""
    several = " More than one may fit." if card.several else ""
    kind = "set" if card.several else "choice"
    text = f"Question {number}. {card.text}{several}"
    buttons = {"commit": f"Check question {number}", "skip": False, "none": False}
    return {"kind": kind, "text": text, "options": list(card.options), **buttons}


def _places(options: Sequence[str], answer: object) -> tuple[int, ...]:
    """Read the places of the options that a form names."""
    names = answer if isinstance(answer, list) else [answer]
    return tuple(place for place, option in enumerate(options) if option in names)


def _announced(text: str) -> str:
    """Mark what changes after a click, so that a screen reader reads it out."""
    return f"<div role='status'>{escape(text)}</div>"
