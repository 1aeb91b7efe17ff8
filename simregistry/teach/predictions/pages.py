"""What a question and its reveal look like: the same as text and as HTML, without a kernel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from simregistry.table import Table, cell
from simregistry.teach.predictions.outcome import Outcome, answer_sentence
from simregistry.teach.predictions.prediction import Prediction, Truth
from simregistry.teach.reveals import COLOURS


@dataclass(frozen=True, slots=True)
class Page:
    """A text and the same as HTML."""

    text: str
    html: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def asked_page(prediction: Prediction, status: str, table: Table | None) -> Page:
    """Show a question with its options or rows; ``status`` is what was committed."""
    last = status or f'Run this cell to answer, or type ask("{prediction.key}", …) with your answer.'
    rows = [list(map(cell, row)) for row in table.rows] if table else []
    listed = [", ".join(row) for row in rows] or list(prediction.shown_options)
    text = "\n".join([prediction.text, *(f"  {number}. {line}" for number, line in enumerate(listed, 1)), last])
    items = "".join(f"<li>{escape(option)}</li>" for option in prediction.shown_options)
    listing = table._repr_html_() if table else f"<ul>{items}</ul>" if items else ""
    return Page(text, f"<p><strong>{escape(prediction.text)}</strong></p>{listing}<p><em>{escape(last)}</em></p>")


def waiting_page(key: str) -> Page:
    """Say that nothing is revealed before the commitment, and how to commit or skip."""
    say = "Not revealed yet. Answer the question above and commit, or skip it."
    typed = f'You can also type ask("{key}", …) or skip("{key}") in a cell.'
    return Page(f"… {say}", f"<p>… {escape(say)} <small>{escape(typed)}</small></p>")


def revealed_page(outcome: Outcome, evidence: Sequence[object]) -> Page:
    """Show an outcome with the evidence below it."""
    items = "".join(f"<li>{escape(line)}</li>" for line in outcome.details)
    why = f"<p>{escape(outcome.why)}</p>" if outcome.why else ""
    bar = f"border-left:4px solid {COLOURS[outcome.right]};padding-left:0.7em"
    head = f"<div style='{bar}'><p>{escape(outcome.lines[0])}</p>{f'<ul>{items}</ul>' if items else ''}{why}</div>"
    below = [thing for thing in evidence if thing is not None]
    text = "\n\n".join(["\n".join(outcome.lines), *(str(thing) for thing in below)])
    return Page(text, head + "".join(evidence_html(thing) for thing in below))


def look_page(prediction: Prediction, truth: Truth, table: Table | None) -> Page:
    """Show a question about what was seen, with its answer."""
    why = prediction.why.format_map({"right": truth.right, **truth.facts}) if "{" in prediction.why else prediction.why
    answer = f"{answer_sentence(prediction, truth)} {why}"
    question = f"<p><strong>{escape(prediction.text)}</strong></p>"
    return Page(f"{prediction.text}\n{answer}", f"{question}<p>{escape(answer)}</p>")


def evidence_html(thing: Any) -> str:
    """Write a piece of evidence as HTML: a table or picture as itself, anything else as text."""
    if hasattr(thing, "_repr_html_"):
        return str(thing._repr_html_())
    if hasattr(thing, "html"):
        return str(thing.html())
    return f"<pre>{escape(str(thing))}</pre>"
