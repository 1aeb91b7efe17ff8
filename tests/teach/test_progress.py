"""Progress: a small file beside the notebooks, which never stands in the way."""

from __future__ import annotations

import json

import pytest

from simregistry.cli import main
from simregistry.errors import SimRegistryError
from simregistry.teach import exercise, progress, quiz
from simregistry.teach.progress import FILE, Done


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A folder of lessons, and a learner in its folder of exercises."""
    (tmp_path / "00-start-here.ipynb").write_text("{}")
    (tmp_path / "exercises").mkdir()
    monkeypatch.chdir(tmp_path / "exercises")
    return tmp_path


def test_each_try_is_noted_beside_the_lessons(course):
    """Wrong, then right: two tries, and the best of them."""
    mine = exercise("stored-once.stored-bytes", 3)
    mine.check(...)
    assert not (course / FILE).exists()
    mine.check(1)
    mine.check(mine.problem.answer.shown(mine.problem.answer.right))
    mine.check(2)
    assert progress.read_progress(course / FILE)["exercises"] == {"stored-once.stored-bytes": Done(3, 1.0)}
    assert list(json.loads((course / FILE).read_text())) == list(progress.KINDS)


def test_a_new_problem_of_the_same_kind_is_noted_too(course):
    """`new` keeps the desk's note-taking."""
    mine = exercise("stored-once.stored-bytes").new(9)
    mine.check(mine.problem.answer.shown(mine.problem.answer.right))
    assert progress.read_progress(course / FILE)["exercises"]["stored-once.stored-bytes"].best == 1


def test_the_command_counts_what_was_solved(course, capsys):
    """`simregistry progress FOLDER [--json]`."""
    progress.note_try("exercises", "stored-once.stored-bytes", 1.0)
    progress.note_try("exercises", "stored-once.own-bytes", 0.25)
    assert main(["progress", str(course)]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("04"))
    assert "1 of 6" in line
    assert main(["progress", str(course), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["exercises"]["stored-once.own-bytes"] == {"tries": 1, "best": 0.25}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "7", '{"exercises": 3}', '{"exercises": {"a": {}}}', '{"exercises": {"a": {"tries": 0, "best": 1}}}',
     '{"exercises": {"a": {"tries": 1, "best": 7}}}', '{"exercises": {"a": {"tries": true, "best": 1}}}', "[" * 100_000, "x" * 2_000_000],
)  # fmt: skip
def test_a_file_that_is_no_record_is_left_alone_and_named(course, capsys, text):
    """An exercise goes on, nothing is overwritten, and the command says what to do."""
    (course / FILE).write_text(text)
    assert exercise("stored-once.stored-bytes").check(1).right is False
    assert (course / FILE).read_text() == text
    with pytest.raises(SimRegistryError, match="move it away"):
        progress.read_progress(course / FILE)
    assert main(["progress", str(course)]) == 2
    assert FILE in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_loses_the_memory_alone(course, monkeypatch):
    """A read-only disk is no reason to fail a learner."""

    def refuse(*_: object) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr(progress, "_write", refuse)
    assert exercise("stored-once.stored-bytes").check(1).right is False


def test_whoever_only_checks_the_notebooks_leaves_no_trace(course, monkeypatch):
    """`make lessons` and `make test` run what learners run, and are no learners."""
    monkeypatch.setenv(progress.SWITCH, "off")
    exercise("stored-once.stored-bytes").check(1)
    assert not (course / FILE).exists()


def test_a_quiz_is_noted_question_by_question(course):
    """Wrong and then right is done."""
    mine = quiz("stored-once")
    mine.answer(1, "a")
    mine.answer(1, mine.questions[0].right)
    assert progress.read_progress(course / FILE)["questions"] == {"stored-once.q1": Done(2, 1.0)}
