"""No cell above a reveal holds its answer: not a heading, not an introduction, not code, not an output.

What is right is read off the stored outputs of the reference run, in which every prediction was skipped.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simregistry.teach.predictions.all_predictions import find_prediction
from simregistry.teach.predictions.prediction import Prediction

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
LESSONS = [path for path in sorted(FOLDER.glob("[0-9]*.ipynb")) if "ask(" in path.read_text("utf-8")]
CALL = re.compile(r'^(?P<what>ask|reveal|look)\(\s*"(?P<key>[^"]+)"', re.M)
TRUTH = {
    "reveal": re.compile(r"You skipped this one\. The answer is (.+?)\.(?:\n|$)"),
    "look": re.compile(r"^The answer is (.+?)\. ", re.M),
}

Notebook = dict[str, Any]


def source_of(cell: dict[str, Any]) -> str:
    """A cell's source as one string."""
    return "".join(cell["source"])


def output_of(cell: dict[str, Any]) -> str:
    """A cell's stored text."""
    outputs = cell.get("outputs", ())
    return "\n".join("".join(out.get("data", {}).get("text/plain", out.get("text", ""))) for out in outputs)


def plain(text: str) -> str:
    """A text without marks and case, so that `**mounted**` is found as well."""
    bare = re.sub(r"[*_`“”\"'\[\]{}()]", " ", text).casefold()
    return re.sub(r"\s+([,.])", r"\1", " ".join(bare.split()))


def calls(notebook: Notebook) -> Iterator[tuple[int, str, Prediction]]:
    """Each ask, reveal and look, with the number of its cell."""
    for number, cell in enumerate(notebook["cells"]):
        for call in CALL.finditer(source_of(cell)) if cell["cell_type"] == "code" else ():
            yield number, call["what"], find_prediction(call["key"])


def signs(prediction: Prediction, truth: str) -> Iterator[tuple[str, bool]]:
    """What would give an answer away, and whether it is looked for in the whole lesson or in its section alone."""
    if prediction.kind == "number":
        digits = re.sub(r"[^\d.]", "", truth.split(" ")[0])
        # "2" alone is in every lesson; "2 requests" is the answer.
        forms = {truth, truth.replace(",", "")} | ({truth.split(" ")[0], digits} if len(digits) >= 3 else set())
        for form in forms:
            yield form, len(digits) >= 3
    elif prediction.kind in ("set", "order"):
        yield truth, True
        yield truth.replace(" → ", ", ").replace(" and ", ", "), True
    elif prediction.kind in ("choice", "words"):
        yield truth, len(truth.split()) > 2
    says = [prediction.why, *prediction.reasons.values(), prediction.too_many, prediction.too_few]
    says += [wrong.says for wrong in prediction.wrong_numbers]
    for sentence in (sentence for text in says for sentence in re.split(r"(?<=[.!?])\s", text)):
        if "{" not in sentence and len(sentence.split()) > 4:
            yield sentence, True


def section_start(notebook: Notebook, number: int) -> int:
    """The cell with the heading of the section that a cell is in."""
    headed = [n for n, cell in enumerate(notebook["cells"][: number + 1]) if cell["cell_type"] == "markdown"
              and re.search(r"^#", source_of(cell), re.M)]  # fmt: skip
    return headed[-1] if headed else 0


def given_away(notebook: Notebook) -> list[str]:
    """Each answer that stands above its reveal, with the sign and the cell."""
    faults = []
    for number, what, prediction in calls(notebook):
        if what == "ask":
            continue
        match = TRUTH[what].search(output_of(notebook["cells"][number]))
        if match is None:
            faults.append(f"cell {number}: the stored output of {what}({prediction.key!r}) holds no answer")
            continue
        for sign, everywhere in signs(prediction, match[1]):
            start = 0 if everywhere and what == "reveal" else section_start(notebook, number)
            wanted = re.compile(rf"(?<![\w.,]){re.escape(plain(sign))}(?![\w]|[.,]\d)")
            for above in range(start, number):
                cell = notebook["cells"][above]
                if wanted.search(plain(source_of(cell))):
                    faults.append(f"{prediction.key}: cell {above} has {sign!r}")
    return faults


def shown_between(notebook: Notebook) -> list[str]:
    """Cells between a question and its reveal that show something: only one that fails on purpose may."""
    asked: dict[str, int] = {}
    faults = []
    for number, what, prediction in calls(notebook):
        if what == "ask":
            asked[prediction.key] = number
        elif what == "reveal":
            if prediction.key not in asked:
                faults.append(f"{prediction.key} is revealed and was not asked")
            between = notebook["cells"][asked.get(prediction.key, number) + 1 : number]
            faults += [
                f"{prediction.key}: {source_of(cell)[:60]!r} shows something before the reveal"
                for cell in between
                if cell.get("outputs")
                and "raises-exception" not in cell["metadata"].get("tags", ())
                and not CALL.search(source_of(cell))
            ]
            asked.pop(prediction.key, None)
    return faults + [f"{key} is asked and never revealed" for key in asked]


def too_few(notebook: Notebook) -> list[str]:
    """A lesson looks again at least twice, has a turn, and ends by looking back."""
    code = "\n".join(source_of(cell) for cell in notebook["cells"] if cell["cell_type"] == "code")
    counts = {"look(": 2, "your_turn(": 1, "lesson_end(": 1, "reveal(": 3}
    faults = [
        f"{code.count(call)} times {call}…), at least {least} wanted"
        for call, least in counts.items()
        if code.count(call) < least
    ]
    return faults + (["predict is still used"] if re.search(r"\bpredict\.", code) else [])


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_asks_first(path):
    """Nothing gives an answer away, nothing is shown between question and reveal, and the learner does something."""
    notebook = json.loads(path.read_text("utf-8"))
    assert given_away(notebook) + shown_between(notebook) + too_few(notebook) == []


def test_planted_answers_are_found():
    """A heading, an introduction, a cell of code and a shown output that give an answer away are each named."""
    notebook = json.loads((FOLDER / "05-push.ipynb").read_text("utf-8"))
    number = next(
        n for n, what, prediction in calls(notebook) if (what, prediction.key) == ("reveal", "push.second-blobs")
    )
    plants = {
        "heading": {"cell_type": "markdown", "source": ["## Only code, config, manifest travel"], "metadata": {}},
        "introduction": {
            "cell_type": "markdown",
            "source": ["A changed file makes a new layer with a new digest."],
            "metadata": {},
        },
        "code": {
            "cell_type": "code",
            "source": ['right = ["code", "config", "manifest"]'],
            "metadata": {},
            "outputs": [],
        },
    }
    for name, cell in plants.items():
        planted = copy.deepcopy(notebook)
        planted["cells"].insert(1, cell)
        assert any("push.second-blobs: cell 1 " in fault for fault in given_away(planted)), name
    planted = copy.deepcopy(notebook)
    planted["cells"].insert(number, {"cell_type": "code", "source": ["second"], "metadata": {},
                                     "outputs": [{"output_type": "stream", "text": "12,217 bytes sent"}]})  # fmt: skip
    assert any("shows something before the reveal" in fault for fault in shown_between(planted))
    planted["cells"] = [cell for cell in planted["cells"] if "look(" not in source_of(cell)]
    assert "0 times look(…), at least 2 wanted" in too_few(planted)
