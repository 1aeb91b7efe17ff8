"""What is made of the exercise sheets: student copies, keys, worksheets, assignments."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path

import nbformat
import pytest

from simregistry.cli import main
from simregistry.errors import InvalidValue
from simregistry.teach import course
from simregistry.teach.exercises import all_exercises
from simregistry.teach.handouts.notebook import assignment, dumps, key, right_code, student
from simregistry.teach.handouts.sheet import read_folder, read_sheet
from simregistry.teach.handouts.worksheet import answers, worksheet
from simregistry.teach.handouts.writing import write_handouts

FOLDER = Path(__file__).resolve().parents[3] / "notebooks" / "exercises"
SHEETS = read_folder(FOLDER / "sources")
each_sheet = pytest.mark.parametrize("sheet", SHEETS, ids=[sheet.name for sheet in SHEETS])


def test_every_lesson_has_a_sheet_and_every_exercise_is_on_its_lessons_sheet():
    """No exercise is left out, none is on two sheets, none on another lesson's."""
    assert [sheet.name for sheet in SHEETS] == [lesson.id for lesson in course.lessons()]
    assert sorted(task.exercise for sheet in SHEETS for task in sheet.tasks) == sorted(all_exercises.EXERCISES)
    assert all(task.exercise.partition(".")[0] == sheet.name for sheet in SHEETS for task in sheet.tasks)


@each_sheet
def test_the_stored_student_copy_is_what_the_sheet_gives(sheet):
    """A change to a sheet is followed by `make lessons`, or this fails."""
    stored = json.loads((FOLDER / f"{sheet.file}.ipynb").read_text("utf-8"))["cells"]
    made = student(sheet)["cells"]
    assert [(cell["id"], "".join(cell["source"])) for cell in stored] == [(cell["id"], cell["source"]) for cell in made]
    counts = [cell["execution_count"] for cell in stored if cell["cell_type"] == "code"]
    assert counts == list(range(1, len(counts) + 1))
    said = [output for cell in stored if cell["cell_type"] == "code" for output in cell["outputs"]]
    assert said and all(output["output_type"] != "error" for output in said)


@each_sheet
def test_the_student_copy_tells_no_answer(sheet):
    """Neither the right answer nor its reason stands in the copy."""
    copy = dumps(student(sheet))
    for task in sheet.tasks:
        assert task.attempt.problem.why not in copy
        assert f"my_answer_{task.number} = {right_code(task.attempt)}" not in copy


@each_sheet
def test_the_answers_of_the_key_are_right(sheet):
    """Each answer of the key, run as it stands, is taken by the exercise."""
    cells = [cell["source"] for cell in key(sheet)["cells"] if cell["cell_type"] == "code"]
    names: dict[str, object] = {}
    for source in cells[1:]:
        if source.startswith("my_answer"):
            exec(source, names)
    for task in sheet.tasks:
        assert task.attempt.check(names[f"my_answer_{task.number}"]).right is True


@each_sheet
def test_all_notebooks_are_valid_and_every_grading_id_is_unique(sheet):
    """nbformat takes all three; nbgrader's metadata has exactly the keys of its schema 3."""
    for made in (student(sheet), key(sheet), assignment(sheet)):
        nbformat.validate(nbformat.reads(dumps(made), as_version=4))
    marked = [cell["metadata"]["nbgrader"] for cell in assignment(sheet)["cells"] if "nbgrader" in cell["metadata"]]
    ids = [mark["grade_id"] for mark in marked]
    assert len(set(ids)) == len(ids) == 2 * len(sheet.tasks)
    needed = {"schema_version", "grade_id", "grade", "solution", "locked", "task"}
    assert all(set(mark) == needed | ({"points"} if mark["grade"] else set()) for mark in marked)
    assert sum(mark.get("points", 0) for mark in marked) == sum(task.points for task in sheet.tasks)


@each_sheet
def test_a_worksheet_asks_everything_and_tells_nothing(sheet):
    """The problems stand on the one, the answers on the other, and neither loads anything from elsewhere."""
    asked, told = worksheet(sheet, 1), answers(sheet, 1)
    assert not re.search(r"(src|href)\s*=|<script|<img|@import|url\(", asked + told)
    for task in sheet.tasks:
        assert f"{task.number}. " in asked and escape(task.attempt.exercise.title) in asked
    reasons = re.findall(r"<p>([^<]*)</p><ul>", told)
    assert len(reasons) == len(sheet.tasks) and not any(reason in asked for reason in reasons)


def test_another_seed_gives_another_sheet_and_the_same_seed_the_same_bytes(tmp_path):
    """A class can have a seed for each student, and a teacher the key to each."""
    one, again, other = (tmp_path / name for name in ("one", "again", "other"))
    folder = FOLDER / "sources"
    for seed, target in ((1, one), (1, again), (2, other)):
        write_handouts(read_folder(folder, seed), seed, target)
    files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    assert all((one / file).read_bytes() == (again / file).read_bytes() for file in files)
    assert len(files) == 5 * len(SHEETS)
    for sheet in SHEETS:
        first, second = ((place / "students" / f"{sheet.file}.ipynb").read_text() for place in (one, other))
        assert first != second


def test_the_command_says_what_it_wrote(tmp_path, capsys):
    """`simregistry handouts --seed 3 --out DIR`."""
    assert main(["handouts", "--seed", "3", "--out", str(tmp_path / "out")]) == 0
    assert f"{5 * len(SHEETS)} files" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["handouts", "--seed", "minus one"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no title", "begins with a title"),
        ("# T\n::: exercise", "write ::: exercise ID"),
        ("# T\n::: something stored-once.stored-bytes", "write ::: exercise ID"),
        ("# T\n::: exercise stored-once.stored-bytes points=many", "write ::: exercise ID"),
        ("# T\n::: exercise stored-once.stored-bytes colour=3", "write ::: exercise ID"),
        ("# T\n::: exercise stored-once.nothing", "doesn't exist; there is"),
        (
            "# T\n::: exercise stored-once.stored-bytes\n::: exercise stored-once.stored-bytes",
            "asks for one exercise twice",
        ),
        ("# T\n::: exercise stored-once.stored-bytes seed=99999999999999999999", "whole number"),
        ("# T\n" + "x" * 300_000, "at most"),
    ],
)
def test_a_sheet_that_cannot_be_read_says_what_to_write(text, said):
    """A teacher's typing error names its line and the way out."""
    with pytest.raises(InvalidValue, match=said):
        sheet = read_sheet("mine", text)
        assert [task.attempt for task in sheet.tasks]
