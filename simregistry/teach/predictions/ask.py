"""Ask before a cell runs, reveal after it: the learner commits first, then sees what is so, what differs, and why.

1. Nothing shown before the commitment holds the answer: not the page, not what is sent to it, not a stored output.
2. The first commitment wins, also in a kernel that was started again.
3. A reveal that runs first (Run All does that) says how to commit, and fills itself when the learner commits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simregistry.table import Table, cell
from simregistry.teach.predictions.all_predictions import find_prediction, truth_of
from simregistry.teach.predictions.answer_reading import as_json, from_json, read_answer
from simregistry.teach.predictions.commitments import COMMITMENTS
from simregistry.teach.predictions.outcome import outcome_of, shown_answer
from simregistry.teach.predictions.pages import Page, asked_page, look_page, revealed_page, waiting_page
from simregistry.teach.predictions.prediction import Prediction
from simregistry.teach.progress import Committed
from simregistry.teach.unread import Unread

SURENESS = ("a guess", "fairly sure", "sure")
HOW = "Choose an answer and how sure you are, then commit. Or skip."


@dataclass(frozen=True, slots=True)
class Said:
    """One line that answers a typed commitment."""

    sentence: str

    def __repr__(self) -> str:
        return self.sentence


def ask(key: str, answer: object = ..., sure: str = "", *, table: Table | None = None) -> Any:
    """Ask a question: a form to click or type in, or, with ``answer`` typed in the cell, the commitment itself.

    ``table`` is what a question about a place is about: its rows are what one chooses from. Raises InvalidValue for a
    key that there is not; nothing that a learner answers raises anything.
    """
    prediction = find_prediction(key)
    if answer is not ...:
        return Said(_commit(prediction, answer, sure or SURENESS[1], table)[0])
    committed = COMMITMENTS.find(key)
    status = _status(prediction, committed) if committed else ""

    def heard(given: object, how_sure: str) -> tuple[str, bool]:
        if given is None and not how_sure:
            return _commit(prediction, None, "", table)
        if how_sure not in SURENESS:
            return HOW, False
        return _commit(prediction, given, how_sure, table)

    page = asked_page(prediction, status, table)
    return _form(prediction, page, heard, table, status=status, done=committed is not None, sureness=SURENESS)


def skip(key: str) -> Said:
    """Skip a question: its reveal then shows what is so."""
    return Said(_commit(find_prediction(key), None, "", None)[0])


def reveal(key: str, *results: object, evidence: object = ()) -> Any:
    """Show what is so, computed from ``results``, beside what was committed to; ``evidence`` is shown below it.

    Before the commitment it shows neither, and fills itself when the learner commits.
    """
    prediction = find_prediction(key)
    truth = truth_of(prediction, *results)
    shown = evidence if isinstance(evidence, list | tuple) else (evidence,)

    def page() -> Page:
        committed = COMMITMENTS.find(key)
        if committed is None:
            return waiting_page(key)
        outcome = outcome_of(prediction, truth, from_json(prediction, committed.answer))
        COMMITMENTS.note_right(key, outcome.right)
        return revealed_page(outcome, shown)

    return _filled(key, page)


def look(key: str, *results: object, table: Table | None = None) -> Any:
    """Ask what was seen in what was just revealed, and answer at once; a wrong answer may be mended.

    The question is not asked before the prediction that it looks back at was answered (``after`` in its file).
    """
    prediction = find_prediction(key)
    truth = truth_of(prediction, *results)

    def heard(given: object, _sure: str) -> tuple[str, bool]:
        read = read_answer(prediction, given, table)
        if isinstance(read, Unread):
            return read.sentence, False
        outcome = outcome_of(prediction, truth, read)
        # The first look counts, as the first commitment does.
        COMMITMENTS.commit(key, Committed(as_json(prediction, read), "", outcome.right))
        if outcome.right:
            return f"✓ Yes: {shown_answer(prediction, read)}. {outcome.why}", True
        return " ".join(["✗ Look again.", *(outcome.details if prediction.kind != "order" else ())]), False

    done = COMMITMENTS.find(key)
    if done is not None and (done.answer is None or done.right):
        return look_page(prediction, truth, table)
    if prediction.after and COMMITMENTS.find(prediction.after) is None:
        return _waiting_form(prediction, heard, table)
    return _form(prediction, asked_page(prediction, "", table), heard, table, commit="Check", skip=False)


def _waiting_form(prediction: Prediction, heard: Callable[[object, str], tuple[str, bool]], table: Table | None) -> Any:
    """Make a form that shows nothing of its question before the prediction that it looks back at was answered."""
    wait = waiting_page(prediction.after)
    form = _form(prediction, wait, heard, table, commit="Check", skip=False)
    if isinstance(form, Page):
        return wait
    question = dict(form.question)
    form.question = {"kind": "wait", "text": wait.text}
    COMMITMENTS.wait(prediction.after, lambda: form.ask_now(question))
    return form


def _commit(prediction: Prediction, given: object, sure: str, table: Table | None) -> tuple[str, bool]:
    """Read and keep an answer (None: skip); the sentence to show, and whether the form is done with."""
    if given is None:
        kept = COMMITMENTS.commit(prediction.key, Committed(None))
        return _status(prediction, kept), True
    read = read_answer(prediction, given, table)
    if isinstance(read, Unread):
        return read.sentence, False
    kept = COMMITMENTS.commit(prediction.key, Committed(as_json(prediction, read), sure))
    return _status(prediction, kept), True


def _status(prediction: Prediction, committed: Committed) -> str:
    if committed.answer is None:
        return "Skipped. The reveal below shows what is so."
    answer = shown_answer(prediction, from_json(prediction, committed.answer))
    sure = f" ({committed.sure})" if committed.sure else ""
    return f"Committed: {answer}{sure}. Now run the cells below."


def _form(
    prediction: Prediction,
    page: Page,
    heard: Callable[[object, str], tuple[str, bool]],
    table: Table | None,
    *,
    status: str = "",
    done: bool = False,
    sureness: tuple[str, ...] = (),
    commit: str = "Commit",
    skip: bool = True,
) -> Any:
    """Make a live form where live views can be made, else its static page: typing ``ask(key, answer)`` works there."""
    try:
        from simregistry.show.live.question_form import FormReply, QuestionForm
    except ImportError:
        return page
    question: dict[str, Any] = {
        "kind": prediction.kind,
        "text": prediction.text,
        "options": list(prediction.shown_options),
        "unit": prediction.unit,
        "sureness": list(sureness),
        "commit": commit,
        "skip": skip,
    }
    if table is not None:
        question |= {"columns": list(table.columns), "rows": [list(map(cell, row)) for row in table.rows]}
    return QuestionForm(question, lambda given, sure: FormReply(*heard(given, sure)), status=status, done=done)


def _filled(key: str, page: Callable[[], Page]) -> Any:
    now = page()
    if COMMITMENTS.find(key) is not None:
        return now
    try:
        from simregistry.show.live.filled_view import FilledView
    except ImportError:
        return now
    view = FilledView(now.html, now.text)

    def fill() -> None:
        later = page()
        view.fill(later.html, later.text)

    COMMITMENTS.wait(key, fill)
    return view
