"""Everything that is made of the sheets, in one folder; the same sheets and seed give the same files, byte for byte."""

from __future__ import annotations

from pathlib import Path

from simregistry.teach.handouts.notebook import assignment, dumps, key, student
from simregistry.teach.handouts.sheet import Sheet
from simregistry.teach.handouts.worksheet import answers, worksheet


def files(sheet: Sheet, seed: int) -> dict[str, str]:
    """Make the five hand-outs of a sheet, by where they belong.

    An assignment lies as nbgrader wants it: ``source/ASSIGNMENT/NOTEBOOK.ipynb`` under the course's folder.
    """
    return {
        f"students/{sheet.file}.ipynb": dumps(student(sheet)),
        f"keys/{sheet.file}.ipynb": dumps(key(sheet)),
        f"worksheets/{sheet.file}-seed-{seed}.html": worksheet(sheet, seed),
        f"worksheets/{sheet.file}-seed-{seed}-answers.html": answers(sheet, seed),
        f"nbgrader/source/{sheet.file}/{sheet.file}.ipynb": dumps(assignment(sheet)),
    }


def write_handouts(sheets: tuple[Sheet, ...], seed: int, folder: Path) -> tuple[Path, ...]:
    """Write all hand-outs; other files of the folder are left alone."""
    written = []
    for sheet in sheets:
        for name, text in files(sheet, seed).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8", newline="\n")
            written.append(path)
    return tuple(written)
