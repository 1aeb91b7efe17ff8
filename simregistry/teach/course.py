"""The course map: lessons with what they need, what a learner can do afterwards, and how long they take.

Minutes are not declared but counted, part by part, from what a learner does there: words to read, cells to run,
predictions to make. The rates are this project's own estimate, not a measurement.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from simregistry.errors import InvalidValue, SimRegistryError
from simregistry.table import Table

# Estimates: slow reading of a technical text; a cell is run and its answer read; a prediction is thought about.
WORDS_A_MINUTE, MINUTES_A_CELL, MINUTES_A_PREDICTION, MINUTES_FOR_THE_CHECK = 130, 0.3, 1.0, 4.0
# A second look at what is on the page; something written, repaired or arranged, with a try that fails.
MINUTES_A_LOOK, MINUTES_A_TURN = 0.5, 4.0
LEVELS = ("first steps", "core", "deep")
SELF_CHECK = "Check yourself"


@dataclass(frozen=True, slots=True)
class Objective:
    """Something that a learner can do afterwards."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson on the map. Its id is its topic, "push": what belongs to it is named so, as push.second-blobs."""

    id: str
    title: str
    notebook: str
    level: str
    needs: tuple[str, ...]
    objectives: tuple[Objective, ...]
    # The exercises to begin with, and the level that fits.
    practise: tuple[str, ...] = ()
    game: str = ""

    @property
    def file(self) -> str:
        """The name of its notebook's file."""
        return f"{self.notebook}.ipynb"

    @property
    def number(self) -> str:
        """Its place in the course, as its file's name begins: "05". Nothing else knows the number."""
        return self.notebook.partition("-")[0]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a lesson, under one heading, and the minutes it takes (an estimate)."""

    heading: str
    minutes: float


@cache
def lessons() -> tuple[Lesson, ...]:
    """Give the lessons in the order of the course.

    >>> [lesson.id for lesson in lessons()][:3]
    ['start', 'names', 'layers']
    """
    read = tomllib.loads(files("simregistry.teach").joinpath("course.toml").read_text("utf-8"))
    return tuple(_lesson(table) for table in read["lesson"])


def _lesson(read: Mapping[str, Any]) -> Lesson:
    objectives = tuple(Objective(id, text) for id, text in read["objectives"].items())
    return Lesson(
        read["id"],
        read["title"],
        read["notebook"],
        read["level"],
        tuple(read["needs"]),
        objectives,
        tuple(read["practise"]),
        read["game"],
    )


def lesson(name: str) -> Lesson:
    """Find a lesson by its id or by its number; raises InvalidValue naming the lessons.

    >>> lesson("push").file, lesson("05").id
    ('05-push.ipynb', 'push')
    """
    by_name = {name: lesson for lesson in lessons() for name in (lesson.number, lesson.id)}
    if name not in by_name:
        listed = ", ".join(lesson.id for lesson in lessons())
        raise InvalidValue("lesson", name, f"there is no such lesson; there is {listed}")
    return by_name[name]


def topic_of(id: str) -> str:
    """Read the lesson's id out of what belongs to it.

    >>> topic_of("stored-once.own-bytes")
    'stored-once'
    """
    return id.partition(".")[0]


def objectives() -> dict[str, str]:
    """Give all objectives by their ids."""
    return {objective.id: objective.text for lesson in lessons() for objective in lesson.objectives}


def read_notebook(path: Path) -> Mapping[str, Any]:
    """Read a notebook's JSON; raises SimRegistryError for what is none."""
    try:
        notebook = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SimRegistryError(f"{path.name} cannot be read as a notebook: {error}") from None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise SimRegistryError(f"{path.name} isn't a notebook: it has no list of cells")
    return notebook


def parts(notebook: Mapping[str, Any]) -> tuple[Part, ...]:
    """Take a lesson apart at its headings, and count what each part takes."""
    so_far: list[Part] = [Part("", 0.0)]
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        for piece in re.split(r"(?m)^(?=## )", source) if cell["cell_type"] == "markdown" else [source]:
            if piece.startswith("## "):
                heading = piece.splitlines()[0].removeprefix("## ").strip()
                so_far.append(Part(heading, MINUTES_FOR_THE_CHECK if heading == SELF_CHECK else 0.0))
            last = so_far[-1]
            # The self-check's answers are folded; its time is that of thinking, not of reading.
            if last.heading != SELF_CHECK:
                so_far[-1] = Part(last.heading, last.minutes + _minutes(cell["cell_type"], piece))
    return tuple(Part(part.heading, round(part.minutes, 1)) for part in so_far)


def _minutes(kind: str, source: str) -> float:
    if kind != "code":
        # The address behind a link is not read.
        return len(re.findall(r"\w+", re.sub(r"\]\([^)\s]*\)", "]", source))) / WORDS_A_MINUTE
    calls = ((r"^ask\(|= \.\.\.", MINUTES_A_PREDICTION), (r"^look\(", MINUTES_A_LOOK), (r"your_turn\(", MINUTES_A_TURN))
    return MINUTES_A_CELL + sum(minutes for call, minutes in calls if re.search(call, source, re.M))


def minutes(notebook: Mapping[str, Any]) -> int:
    """Add up a lesson's parts, to the nearest five minutes."""
    return max(5, 5 * round(sum(part.minutes for part in parts(notebook)) / 5))


def title_question(notebook: Mapping[str, Any]) -> str:
    """Give the question that a lesson is titled with."""
    first = "".join(notebook["cells"][0]["source"]) if notebook["cells"] else ""
    return first.splitlines()[0].removeprefix("# ").strip() if first.startswith("# ") else ""


def lessons_table(chosen: Sequence[Lesson], folder: Path) -> Table:
    """Show the lessons, a line each."""
    rows = []
    for lesson in chosen:
        notebook = read_notebook(folder / lesson.file)
        needs = ", ".join(lesson.needs)
        rows.append(
            (lesson.number, lesson.id, lesson.title, lesson.level, minutes(notebook), needs, len(lesson.objectives))
        )
    return Table(("no.", "lesson", "title", "level", "minutes", "needs", "objectives"), tuple(rows))
