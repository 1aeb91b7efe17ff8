"""Notebooks from a sheet: the student's copy, the teacher's key, and the assignment for nbgrader.

A notebook is a JSON document (nbformat 4.5); it is written here as one, with ids and order fixed, so that the same
sheet gives the same bytes. The assignment carries nbgrader's cell metadata, schema 3 (nbgrader documentation,
"Metadata"), and is a source notebook as ``nbgrader generate_assignment`` takes it.
"""

from __future__ import annotations

import json
from typing import Any

from simregistry.teach.answers import Number
from simregistry.teach.handouts.sheet import Sheet, SheetTask
from simregistry.teach.problem import Attempt

Cell = dict[str, Any]
Notebook = dict[str, Any]

HOW = """\
Run a cell with *Shift-Enter*. Write your answer in place of `...`, run the cell, and run the one below it.

Each answer is checked at once. You read what differs, but not the right answer. `task_1.hint()` gives one hint at a
time. After a try, `task_1.solution()` tells the answer. `task_1.new(2)` gives another problem of the same kind. You can
write any other number in place of the 2."""
GRADED = """\
Write your answer in the cell that asks for it, and run the cell. Don't change the names, and don't delete cells,
because the grader looks for them. If a problem asks for several things, write a set, a list or a string with
commas."""
QUIZ = """\
## The quiz

Press *Tab* to go on, *Space* to choose, and *Enter* to check. Each option is explained, right or wrong. In a terminal
the same questions are plain text, and `quiz(...).answer(1, "b")` answers the first one."""
SETUP = "from simregistry.teach import exercise"


def student(sheet: Sheet) -> Notebook:
    """Make the copy to work in."""
    cells = _opening(sheet, HOW)
    for part in sheet.parts[1:]:
        if isinstance(part, str):
            cells.append(_markdown(part))
            continue
        cells += _task(part)
        cells.append(_code(f"{_answer(part)} = ..."))
        cells.append(_code(f"task_{part.number}.check({_answer(part)})"))
    if sheet.lesson:
        cells += [_markdown(QUIZ), _code(f'from simregistry.teach import quiz\n\nquiz("{sheet.lesson.id}")')]
    return _notebook(sheet, cells)


def key(sheet: Sheet) -> Notebook:
    """Make the copy with the answers, the reason for each, and what wrong answers show."""
    cells = _opening(sheet, "**The key.** The simulator computed each answer for this seed.")
    for part in sheet.parts[1:]:
        if isinstance(part, str):
            cells.append(_markdown(part))
            continue
        cells += _task(part)
        cells.append(_code(f"{_answer(part)} = {right_code(part.attempt)}"))
        cells.append(_code(f"task_{part.number}.check({_answer(part)})"))
        cells.append(_markdown(_notes(part)))
    return _notebook(sheet, cells)


def assignment(sheet: Sheet) -> Notebook:
    """Make nbgrader's source notebook; a grading cell's last value is the points, so that part is worth part."""
    cells = _opening(sheet, GRADED)
    for part in sheet.parts[1:]:
        if isinstance(part, str):
            cells.append(_markdown(part))
            continue
        cells += _task(part)
        answer, points = _answer(part), f"points-{_grade_id(part)}"
        solution = f"### BEGIN SOLUTION\n{answer} = {right_code(part.attempt)}\n### END SOLUTION"
        cells.append(_code(solution, nbgrader=_graded(f"answer-{_grade_id(part)}", solution=True)))
        check = f"task_{part.number}.points({answer}, {part.points})"
        cells.append(_code(check, nbgrader={**_graded(points, grade=True, locked=True), "points": part.points}))
    return _notebook(sheet, cells)


def dumps(notebook: Notebook) -> str:
    """Write a notebook as text, always the same way."""
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def right_code(attempt: Attempt) -> str:
    """Write the right answer as a learner would type it in Python."""
    answer = attempt.problem.answer
    if isinstance(answer, Number):
        return repr(answer.shown(answer.right))
    if isinstance(answer.right, frozenset):
        return repr(sorted(answer.right))
    if isinstance(answer.right, str) and "\n" in answer.right and '"""' not in answer.right:
        lines = answer.right.replace("\\", "\\\\")
        return f'"""\n{lines}\n"""'
    return repr(list(answer.right) if isinstance(answer.right, tuple) else answer.right)


def _notes(task: SheetTask) -> str:
    problem = task.attempt.problem
    beliefs = [
        f"- *{misconception.belief}*: {problem.answer.shown(problem.answer.read(misconception.answer))!r}"
        for misconception in problem.misconceptions
    ]
    return f"**Why.** {problem.why}\n\nWrong answers, and the belief behind each:\n\n" + "\n".join(beliefs)


def _grade_id(task: SheetTask) -> str:
    # nbgrader takes letters, digits, "-" and "_" in an id, and no dot.
    return task.exercise.replace(".", "-")


def _answer(task: SheetTask) -> str:
    return f"my_answer_{task.number}"


def _opening(sheet: Sheet, how: str) -> list[Cell]:
    first = sheet.parts[0]
    assert isinstance(first, str), "read_sheet sees to a title"
    return [_markdown(f"{first}\n\n{how}"), _code(SETUP)]


def _task(task: SheetTask) -> list[Cell]:
    title = task.attempt.exercise.title
    return [
        _markdown(f"## {task.number}. {title}"),
        _code(f'task_{task.number} = exercise("{task.exercise}", seed={task.seed})\ntask_{task.number}'),
    ]


def _graded(id: str, *, solution: bool = False, grade: bool = False, locked: bool = False) -> dict[str, Any]:
    return {"schema_version": 3, "grade_id": id, "grade": grade, "solution": solution, "locked": locked, "task": False}


def _markdown(text: str) -> Cell:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _code(text: str, **metadata: Any) -> Cell:
    return {"cell_type": "code", "execution_count": None, "metadata": metadata, "outputs": [], "source": text}


def _notebook(sheet: Sheet, cells: list[Cell]) -> Notebook:
    for number, cell in enumerate(cells):
        cell["id"] = f"{sheet.name}-{number:03}"
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
