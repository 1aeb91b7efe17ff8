"""Read an answer to a prediction, however it was given: by a form, or typed in a cell.

What cannot be read is told so, with how to write it, and never with what is right.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from simregistry.table import Table, cell
from simregistry.teach.answers import Answer, FreeText, Number, OneOf, Order, SomeOf
from simregistry.teach.predictions.prediction import Prediction
from simregistry.teach.unread import Unread, is_open


def read_answer(prediction: Prediction, answer: object, table: Table | None = None) -> object | Unread:
    """Read an answer into a plain value: a number, an option, a frozen set, a tuple, words, or a row's number.

    What cannot be read comes back as an Unread whose sentence can be shown as it is.
    """
    if prediction.kind == "place":
        return _row(answer, table)
    reader = reader_of(prediction)
    if is_open(answer):
        return Unread(f"No answer yet. Wanted: {reader.wanted}.")
    value: object | Unread = reader.read(answer)
    if isinstance(value, Unread):
        return Unread(value.reveal(answer, reader.wanted).sentence)
    return value


def reader_of(prediction: Prediction) -> Answer:
    """Make the reader of a kind. Only its reading is used: what it holds as right is not."""
    if prediction.kind == "number":
        return Number(0, prediction.unit)
    if prediction.kind == "choice":
        return OneOf(prediction.options[0], prediction.options)
    if prediction.kind == "set":
        return SomeOf(frozenset(), prediction.options)
    if prediction.kind == "order":
        return Order(prediction.shown_options)
    return FreeText("", lambda text: "", "a word or two")


def _row(answer: object, table: Table | None) -> object | Unread:
    """Read the number of a row, or what its first cell says."""
    rows = [list(map(cell, row)) for row in table.rows] if table else []
    text = "" if is_open(answer) else str(answer).strip().casefold().removeprefix("row ")
    if text.isdecimal() and 1 <= int(text) <= len(rows):
        return int(text)
    starts = [number for number, row in enumerate(rows, 1) if row and row[0].casefold() == text]
    if len(starts) == 1:
        return starts[0]
    return Unread(f"Choose one of the {len(rows)} rows by its number, 1 to {len(rows)}.")


def as_json(prediction: Prediction, value: object) -> Any:
    """Turn an answer that was read into plain JSON: a set in the order of its options, a number as a number."""
    if isinstance(value, frozenset):
        return [option for option in prediction.options if option in value]
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return list(value) if isinstance(value, tuple) else value


def from_json(prediction: Prediction, answer: Any) -> object | None:
    """Turn it back into the value that was read; None was skipped."""
    if prediction.kind == "set" and isinstance(answer, list):
        return frozenset(answer)
    if prediction.kind == "number" and isinstance(answer, int | float):
        return Decimal(str(answer))
    return tuple(answer) if isinstance(answer, list) else answer
