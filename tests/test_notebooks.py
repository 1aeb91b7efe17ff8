"""What strict nbval does not see in a lesson: each guard reads one stored notebook and returns its complaints."""

from __future__ import annotations

import ast
import json
import re
import statistics
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from one_test import one_test_of

from simregistry.cli.save_hook import VIEW

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
LESSONS = sorted(FOLDER.glob("[0-9][0-9]-*.ipynb"))
PRACTICE = sorted({*FOLDER.rglob("*.ipynb")} - {*LESSONS, *FOLDER.rglob(".ipynb_checkpoints/*")})
Notebook = dict[str, Any]

# An unknown magic is no failure to nbval, and the rest of its cell is not run: only these may stand in a lesson.
MAGICS = ("%docker ", "%%docker", "%load_ext simregistry")
LONGEST_CELL, MEDIAN_CELL, LONGEST_LINE = 15, 3, 100
PARTS = {
    "what you will be able to do": re.compile(r"you will be able to", re.IGNORECASE),
    "the minutes it takes": re.compile(r"\d minutes"),
    "the words it brings": re.compile(r"^(#+ |\*\*).*\bwords\b", re.IGNORECASE | re.MULTILINE),
    "a summary": re.compile(r"^(#+ |\*\*)In short", re.MULTILINE),
    "questions whose answers fold": re.compile(r"<details>"),
}


def source(cell: dict[str, Any]) -> str:
    """A cell's text, which is stored as a string or as a list of lines."""
    return "".join(cell["source"])


def code_cells(notebook: Notebook) -> list[dict[str, Any]]:
    """The code cells that hold something."""
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code" and source(cell).strip()]


def prose(notebook: Notebook) -> list[str]:
    """The Markdown cells' texts, without the code blocks in them."""
    texts = [source(cell) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    return [re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL) for text in texts]


def outputs(notebook: Notebook) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each stored output with its cell."""
    return ((cell, output) for cell in code_cells(notebook) for output in cell["outputs"])


def tags(cell: dict[str, Any]) -> set[str]:
    """The cell's tags."""
    return set(cell["metadata"].get("tags", ()))


def python(cell: dict[str, Any]) -> str:
    """The cell's Python, without magics; "" for a cell that is all magic."""
    text = source(cell)
    return "" if text.startswith("%%") else re.sub(r"^[%!].*$", "", text, flags=re.MULTILINE)


def shown(cell: dict[str, Any]) -> str:
    """How a complaint names a cell: by its first line."""
    return repr(source(cell).strip().splitlines()[0])


def unexecuted(notebook: Notebook) -> list[str]:
    """A cell without a count is run by strict nbval and compared with nothing; counts that jump were not one run."""
    counts = [cell["execution_count"] for cell in code_cells(notebook)]
    return [] if counts == list(range(1, len(counts) + 1)) else [f"not one run from top to bottom: counts {counts}"]


def unplanned_errors(notebook: Notebook) -> list[str]:
    """An error is there exactly where a tag says that one is meant to be."""
    raised = [shown(cell) for cell, output in outputs(notebook) if output["output_type"] == "error"]
    planned = [shown(cell) for cell in code_cells(notebook) if "raises-exception" in tags(cell)]
    return [] if raised == planned else [f"errors at {raised}, planned at {planned}"]


def hidden_from_nbval(notebook: Notebook) -> list[str]:
    """No cell is kept from the comparison."""
    marked = re.compile(r"nbval[_-](skip|ignore)", re.IGNORECASE)
    return [shown(cell) for cell in code_cells(notebook) if marked.search(source(cell) + " ".join(tags(cell)))]


def foreign_magics(notebook: Notebook) -> list[str]:
    """Only the course's own magics, and no shell commands."""
    bodies = [source(cell) for cell in code_cells(notebook)]
    first = [text.splitlines() if not text.startswith("%%") else text.splitlines()[:1] for text in bodies]
    special = [line.strip() for text in first for line in text if re.match(r"\s*[%!]", line)]
    return [line for line in special if not f"{line} ".startswith(MAGICS)]


def trailing_semicolons(notebook: Notebook) -> list[str]:
    """nbval takes a cell's last value away when a semicolon ends it, and then finds that it is missing."""
    return [shown(cell) for cell in code_cells(notebook) if python(cell).rstrip().endswith(";")]


def headings(notebook: Notebook) -> list[str]:
    """One title, in the first cell; below it no level is skipped."""
    levels = [len(mark) for text in prose(notebook) for mark in re.findall(r"^(#+) ", text, flags=re.MULTILINE)]
    first = notebook["cells"][0]
    complaints = [] if first["cell_type"] == "markdown" and source(first).startswith("# ") else ["no title first"]
    complaints += [] if levels.count(1) == 1 else [f"{levels.count(1)} titles"]
    return complaints + [f"level {a} then {b}" for a, b in pairwise(levels) if b > a + 1]


def wordless_pictures(notebook: Notebook) -> list[str]:
    """Each picture is in HTML with an alternative text and a caption; bare pictures have neither that reaches anybody."""
    complaints = []
    for cell, output in outputs(notebook):
        if bare := [kind for kind in output.get("data", {}) if kind.startswith("image/")]:
            complaints.append(f"{shown(cell)}: a bare {bare[0]}")
        html = "".join(output.get("data", {}).get("text/html", ""))
        for picture, caption in re.findall(r"(<img[^>]*>)(?:<figcaption>([^<]*)</figcaption>)?", html):
            alt = re.search(r'alt="([^"]*)"', picture)
            if not alt or len(alt[1].split()) < 2 or len(caption.split()) < 4:
                complaints.append(f"{shown(cell)}: alternative text {alt and alt[1]!r}, caption {caption!r}")
    return complaints


def long_cells(notebook: Notebook) -> list[str]:
    """What takes more than fifteen lines belongs in the package; half of all cells have three or fewer."""
    lines = {shown(cell): len(source(cell).strip().splitlines()) for cell in code_cells(notebook)}
    middle = statistics.median(lines.values()) if lines else 0
    complaints = [f"{cell}: {count} lines" for cell, count in lines.items() if count > LONGEST_CELL]
    return complaints + ([f"the median cell has {middle} lines"] if middle > MEDIAN_CELL else [])


def wide_lines(notebook: Notebook) -> list[str]:
    """No line of code is wider than a cell on a small screen."""
    return [line for cell in code_cells(notebook) for line in source(cell).splitlines() if len(line) > LONGEST_LINE]


def definitions(notebook: Notebook) -> list[str]:
    """A lesson calls the package: it defines no function and no class."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    trees = [(cell, ast.parse(python(cell))) for cell in code_cells(notebook)]
    return [f"{shown(cell)}: {node.name}" for cell, tree in trees for node in ast.walk(tree) if isinstance(node, kinds)]


def cell_ids(notebook: Notebook) -> list[str]:
    """Each cell has an id, and no two have the same."""
    ids = [cell.get("id") for cell in notebook["cells"]]
    return [str(each) for each in sorted(set(map(str, ids))) if each == "None" or ids.count(each) > 1]


def missing_parts(notebook: Notebook) -> list[str]:
    """Each lesson has the same shape."""
    text = "\n".join(prose(notebook))
    return [part for part, pattern in PARTS.items() if not pattern.search(text)]


def kernel(notebook: Notebook) -> list[str]:
    """Any Python 3 opens the lesson, and the file does not change with the version that ran it last."""
    metadata = notebook["metadata"]
    name, language = metadata.get("kernelspec", {}).get("name"), metadata.get("language_info", {})
    return [f"kernel {name!r}, language {language}"] if name != "python3" or "version" in language else []


def widgets(notebook: Notebook) -> list[str]:
    """No live view is stored, whose kernel is gone, and no state of one; its static twin is."""
    complaints = [
        f"{shown(cell)}: a stored view" for cell, output in outputs(notebook) if VIEW in output.get("data", {})
    ]
    return complaints + (["stored widget state"] if "widgets" in notebook["metadata"] else [])


def machine_paths(notebook: Notebook) -> list[str]:
    """No output shows where on one machine it was made; an image's own `usr/lib/python3` is no such place."""
    places = re.compile(r"ipykernel_\d+|\.venv\b|lib/python3\.\d+/site-packages|/home/|/Users/|[A-Z]:\\\\")
    said = [
        json.dumps(
            output | {"data": {kind: text for kind, text in output.get("data", {}).items() if "image" not in kind}}
        )
        for _, output in outputs(notebook)
    ]
    return [text[max(0, found.start() - 40) : found.end() + 40] for text in said for found in places.finditer(text)]


Guard = Callable[[Notebook], list[str]]
GUARDS: list[Guard] = [
    unexecuted,
    unplanned_errors,
    hidden_from_nbval,
    foreign_magics,
    trailing_semicolons,
    headings,
    wordless_pictures,
    long_cells,
    wide_lines,
    definitions,
    cell_ids,
    missing_parts,
    kernel,
    widgets,
    machine_paths,
]


def test_the_lessons_are_there():
    """The course begins with its first lesson; without this, an empty folder would pass all that follows."""
    assert "00-start-here.ipynb" in [path.name for path in LESSONS]


@cache
def read(path: Path) -> Notebook:
    """A stored notebook, read once for all guards."""
    return json.loads(path.read_text(encoding="utf-8"))


def guarded(paths: list[Path], *without: Guard) -> dict[str, tuple[Path, Guard]]:
    """Each notebook with each guard, but for some."""
    guards = [guard for guard in GUARDS if guard not in without]
    return {f"{path.stem}, {guard.__name__}": (path, guard) for path in paths for guard in guards}


# There the learner defines things: that is what it is for.
OWN = [path for path in PRACTICE if path.stem == "build-your-own"]
OTHERS = [path for path in PRACTICE if path not in OWN]


@one_test_of(guarded(OTHERS, missing_parts) | guarded(OWN, missing_parts, definitions, long_cells))
def test_a_notebook_to_practise_in_passes_its_guards(path, guard):
    """The exercises and the levels keep the rules as well, but for a lesson's shape."""
    assert guard(read(path)) == []


@one_test_of(guarded(LESSONS))
def test_a_lesson_passes_its_guards(path, guard):
    """Each lesson keeps each rule that strict nbval does not see."""
    assert guard(read(path)) == []


# The guards themselves: a small lesson that is right, and one fault for each guard.

TEXT = "# A title?\nYou will be able to count. 5 minutes.\n## Words\n## In short\n<details>why</details>\n"


def lesson(code: str = "1 + 1", text: str = TEXT, output: dict[str, Any] | None = None, **cell: Any) -> Notebook:
    """A right lesson of one Markdown and one code cell, with something changed."""
    stored = {"cell_type": "code", "id": "b", "source": code, "metadata": {}, "execution_count": 1} | cell
    prose = {"cell_type": "markdown", "id": "a", "source": text, "metadata": {}}
    return {
        "cells": [prose, stored | {"outputs": [] if output is None else [output]}],
        "metadata": {"kernelspec": {"name": "python3"}, "language_info": {"name": "python"}},
    }


def data(**kinds: str) -> dict[str, Any]:
    """A stored output that shows data."""
    return {"output_type": "display_data", "data": {kind.replace("_", "/"): value for kind, value in kinds.items()}}


FAULTS = [
    (unexecuted, lesson(execution_count=None)),
    (unexecuted, lesson(execution_count=7)),
    (unplanned_errors, lesson(output={"output_type": "error"})),
    (unplanned_errors, lesson(metadata={"tags": ["raises-exception"]})),
    (hidden_from_nbval, lesson("# NBVAL_IGNORE_OUTPUT\n1")),
    (hidden_from_nbval, lesson(metadata={"tags": ["nbval-skip"]})),
    (foreign_magics, lesson("%dokcer push")),
    (foreign_magics, lesson("%%time\n1")),
    (foreign_magics, lesson("!ls")),
    (trailing_semicolons, lesson("1 + 1;")),
    (headings, lesson(text="no title")),
    (headings, lesson(text=TEXT + "# Another\n")),
    (headings, lesson(text=TEXT + "#### Too deep\n")),
    (wordless_pictures, lesson(output=data(image_png="AAAA", text_plain="<Figure size 640x480 with 1 Axes>"))),
    (long_cells, lesson("1\n" * 16)),
    (wide_lines, lesson(f"'{'wide ' * 20}'")),
    (definitions, lesson("def helper(): ...")),
    (cell_ids, lesson(id="a")),
    (missing_parts, lesson(text="# A title\n")),
    (kernel, lesson() | {"metadata": {"kernelspec": {"name": "my-env"}}}),
    (widgets, lesson(output={"output_type": "display_data", "data": {VIEW: {"model_id": "m"}}})),
    (machine_paths, lesson(output=data(text_plain="/x/lib/python3.11/site-packages/y.py"))),
    (machine_paths, lesson(output=data(text_plain="/tmp/ipykernel_17/1.py"))),
]


@one_test_of({guard.__name__: (guard,) for guard in GUARDS})
def test_a_right_lesson_has_no_complaints(guard):
    """A lesson with all its parts, one run and the course's magic passes every guard."""
    assert guard(lesson("%docker images")) == []


@one_test_of({f"{guard.__name__}, fault {number}": (guard, faulty) for number, (guard, faulty) in enumerate(FAULTS, 1)})
def test_each_guard_finds_its_fault(guard, faulty):
    """A guard that never complains guards nothing."""
    assert guard(faulty)
