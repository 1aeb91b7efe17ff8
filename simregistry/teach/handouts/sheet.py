"""An exercise notebook's source: Markdown, and a line for each exercise.

The line reads ``::: exercise stored-once.stored-bytes points=2``, with ``seed=7`` where another problem is wanted than
that of the whole sheet. All else is prose and goes into every hand-out as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from simregistry.errors import InvalidValue
from simregistry.teach.course import Lesson, lessons
from simregistry.teach.exercises import all_exercises
from simregistry.teach.problem import Attempt, Problem

DIRECTIVE = re.compile(r"(?m)^:::[ \t]*(.*)$")
LONGEST_SOURCE = 200_000


@dataclass(frozen=True)
class SheetTask:
    """One exercise on a sheet: its place, its seed, and what it is worth (points)."""

    number: int
    exercise: str
    seed: int
    points: int

    @cached_property
    def problem(self) -> Problem:
        """Draw the problem once: a student's copy, a key and a worksheet all ask for it."""
        return all_exercises.find_exercise(self.exercise).problem(self.seed)

    @property
    def attempt(self) -> Attempt:
        """Put the problem into nobody's hands yet: each attempt counts its own hints and tries."""
        return Attempt(all_exercises.find_exercise(self.exercise), self.seed, self.problem)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A source that was read: prose and tasks in order."""

    name: str
    parts: tuple[str | SheetTask, ...]

    @property
    def tasks(self) -> tuple[SheetTask, ...]:
        """The tasks alone."""
        return tuple(part for part in self.parts if isinstance(part, SheetTask))

    @property
    def lesson(self) -> Lesson | None:
        """The lesson that it practises, which is the one of its name; none for a sheet of a teacher's own."""
        return next((lesson for lesson in lessons() if lesson.id == self.name), None)

    @property
    def file(self) -> str:
        """The name that its hand-outs begin with: that of the lesson's notebook, or its own."""
        return self.lesson.notebook if self.lesson else self.name

    @property
    def title(self) -> str:
        """The first heading."""
        first = self.parts[0] if self.parts and isinstance(self.parts[0], str) else ""
        return first.splitlines()[0].removeprefix("# ").strip() if first.startswith("# ") else self.name


def read_sheet(name: str, text: str, seed: int = 1) -> Sheet:
    """Read a source for a seed, or raise InvalidValue naming the line that is wrong."""
    if len(text) > LONGEST_SOURCE:
        raise InvalidValue("exercise sheet", name, f"has {len(text):,} characters; at most {LONGEST_SOURCE:,} are read")
    if not text.startswith("# "):
        raise InvalidValue("exercise sheet", name, "begins with a title: # and a few words")
    pieces = DIRECTIVE.split(text)
    parts: list[str | SheetTask] = []
    for number, piece in enumerate(pieces):
        if number % 2:
            parts.append(_task(name, piece, 1 + sum(isinstance(part, SheetTask) for part in parts), seed))
        elif piece.strip():
            parts.append(piece.strip())
    tasks = [part.exercise for part in parts if isinstance(part, SheetTask)]
    if len(set(tasks)) < len(tasks):
        raise InvalidValue("exercise sheet", name, "asks for one exercise twice; give each once")
    return Sheet(name, tuple(parts))


def _task(name: str, said: str, number: int, seed: int) -> SheetTask:
    words = said.split()
    options = dict(word.partition("=")[::2] for word in words[2:])
    known = set(options) <= {"points", "seed"} and all(
        value.isascii() and value.isdigit() for value in options.values()
    )
    if words[:1] != ["exercise"] or len(words) < 2 or not known:
        rule = "write ::: exercise ID, and after it points=2 or seed=7 where they are wanted"
        raise InvalidValue("exercise sheet", f"{name}: ::: {said}", rule)
    all_exercises.find_exercise(words[1])
    return SheetTask(number, words[1], int(options.get("seed", seed)), int(options.get("points", 2)))


def read_folder(folder: Path, seed: int = 1) -> tuple[Sheet, ...]:
    """Read all sources of a folder: the lessons' own in the order of the course, then the others by name."""
    paths = sorted(folder.glob("*.md"))
    if not paths:
        raise InvalidValue("folder", folder.name, "has no exercise sheets, such as stored-once.md")
    sheets = (read_sheet(path.stem, path.read_text("utf-8"), seed) for path in paths)
    return tuple(sorted(sheets, key=lambda sheet: (sheet.lesson is None, sheet.file)))
