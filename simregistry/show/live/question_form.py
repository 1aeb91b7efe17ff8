"""A question with native form controls: something to click, type or put in order, how sure one is, and a button.

Python keeps the question, never the right answer: what a browser is sent can be read there. What was answered goes to
a callback, which says what is shown below the form, and whether the form is done with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import traitlets

from simregistry.show.live.live_view import HERE, LiveView


@dataclass(frozen=True, slots=True)
class FormReply:
    """What a form says after an answer; ``done`` closes it."""

    status: str
    done: bool = False


# Takes the answer as the form gives it, and how sure the learner is; None as an answer is Skip.
Heard = Callable[[Any, str], FormReply]


class QuestionForm(LiveView):
    """A form; its ``question`` has ``kind``, ``text``, and what the kind needs: options, unit, columns and rows.

    ``sureness`` are the words to choose from for how sure one is; none, and the form does not ask.
    """

    _esm = HERE / "question.js"
    _css = HERE / "question.css"
    question = traitlets.Dict().tag(sync=True)
    # Kept in Python too, so that two views of one question agree.
    draft = traitlets.Dict().tag(sync=True)
    done = traitlets.Bool(False).tag(sync=True)
    status = traitlets.Unicode("").tag(sync=True)

    def __init__(self, question: Mapping[str, Any], heard: Heard, *, status: str = "", done: bool = False) -> None:
        super().__init__(question=dict(question), draft={"answer": None, "sure": ""}, status=status, done=done)
        self._heard = heard
        self.on_msg(self._receive)

    def _receive(self, _widget: Any, content: Any, _buffers: Any) -> None:
        # Messages come from the page, and a page can send anything.
        waiting = self.question.get("kind") == "wait"
        if waiting or self.done or not isinstance(content, dict) or content.get("do") not in ("commit", "skip"):
            return
        if content["do"] == "skip":
            self.answer(None)
            return
        answer = content.get("answer")
        self.answer("" if answer is None else answer, str(content.get("sure") or ""))

    def ask_now(self, question: Mapping[str, Any]) -> None:
        """Ask a question that had to wait: a form whose ``kind`` is "wait" shows its text alone until then."""
        self.question = dict(question)

    def answer(self, answer: Any, sure: str = "") -> None:
        """Take an answer, as from the form itself."""
        reply = self._heard(answer, sure)
        self.status, self.done = reply.status, reply.done

    def sentence(self) -> str:
        """Say the question, and that the cell has to be run."""
        return f"{self.question['text']} {self.status or 'Run this cell to answer.'}"

    def twin(self) -> str:
        """Write the question with its options."""
        return question_html(self.question, self.status or "Run this cell to answer.")


def question_html(question: Mapping[str, Any], status: str) -> str:
    """Write a question as plain HTML: the text, the options or rows, and one line below."""
    parts = [f"<p><strong>{escape(str(question['text']))}</strong></p>"]
    if question.get("rows"):
        head = "".join(f"<th scope='col'>{escape(str(column))}</th>" for column in question.get("columns", ()))
        rows = ("".join(f"<td>{escape(str(cell))}</td>" for cell in row) for row in question["rows"])
        parts.append(f"<table><tr>{head}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>")
    elif question.get("options"):
        parts.append("<ul>" + "".join(f"<li>{escape(str(option))}</li>" for option in question["options"]) + "</ul>")
    parts.append(f"<p><em>{escape(status)}</em></p>")
    return "".join(parts)
