"""The round trip through nbgrader, in an environment of its own: generate, submit, autograde, read the points."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from simregistry.teach.handouts.notebook import assignment, dumps, right_code
from simregistry.teach.handouts.sheet import read_folder

ROOT = Path(__file__).resolve().parents[3]
# `make test` builds it: nbgrader puts panels of its own into JupyterLab, which learners should not meet.
NBGRADER = Path(os.environ.get("NBGRADER", ROOT / ".venv-nbgrader" / "bin" / "nbgrader"))


@pytest.fixture(scope="module")
def nbgrader() -> Path:
    """The program; in CI it must be there."""
    if not NBGRADER.exists():
        if os.environ.get("CI"):
            pytest.fail(f"nbgrader is missing at {NBGRADER}; `make test` builds it")
        pytest.skip("nbgrader is not there; `make test` builds it")
    return NBGRADER


def run(program: Path, course: Path, *arguments: str) -> str:
    """Run nbgrader in a course's folder, with no configuration, and give what it says."""
    # Its own kernel comes first, and no settings of whoever runs the tests.
    home = course / "home"
    home.mkdir(exist_ok=True)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    away = {
        name: str(home / name)
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "PYTEST", "COV"))}
    done = subprocess.run(
        [program, *arguments], cwd=course, env={**kept, **away, "PATH": path, "HOME": str(home)},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def answered(released: str, answers: dict[int, str]) -> str:
    """A student's notebook: the released one, with some answers written in."""
    notebook = json.loads(released)
    solutions = [each for each in notebook["cells"] if each["metadata"].get("nbgrader", {}).get("solution")]
    for number, cell in enumerate(solutions, 1):
        assert "NotImplementedError" in "".join(cell["source"]) and "BEGIN SOLUTION" not in "".join(cell["source"])
        if number in answers:
            cell["source"] = f"my_answer_{number} = {answers[number]}"
    return json.dumps(notebook)


def test_right_empty_and_wrong_submissions_get_full_no_and_partial_points(nbgrader: Path, tmp_path: Path):
    """The source notebook is taken with no configuration, and the points are those of the sheet."""
    sheet = next(
        each for each in read_folder(ROOT / "notebooks" / "exercises" / "sources") if each.name == "stored-once"
    )
    source = tmp_path / "source" / sheet.file / f"{sheet.file}.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text(dumps(assignment(sheet)))
    run(nbgrader, tmp_path, "generate_assignment", sheet.file, "--create")
    released = (tmp_path / "release" / sheet.file / source.name).read_text()
    right = {task.number: right_code(task.attempt) for task in sheet.tasks}
    wrong = {task.number: repr(task.attempt.problem.misconceptions[0].answer) for task in sheet.tasks}
    half = {**wrong, 1: right[1]}
    for student, answers in (("right", right), ("empty", {}), ("wrong", half)):
        handed_in = tmp_path / "submitted" / student / sheet.file / source.name
        handed_in.parent.mkdir(parents=True)
        handed_in.write_text(answered(released, answers))
    run(nbgrader, tmp_path, "autograde", sheet.file, "--create")
    run(nbgrader, tmp_path, "export")
    with (tmp_path / "grades.csv").open() as file:
        grades = {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in csv.DictReader(file)}
    total = sum(task.points for task in sheet.tasks)
    expected = sum(task.attempt.points(_value(half[task.number]), task.points) for task in sheet.tasks)
    assert grades["right"] == (total, total)
    assert grades["empty"] == (0, total)
    assert grades["wrong"] == (pytest.approx(expected), total)
    assert sheet.tasks[0].points <= expected < total
    shutil.rmtree(tmp_path / "home")


def _value(code: str) -> object:
    return eval(code, {"frozenset": frozenset})
