"""The `simregistry` command: what it finds, what it starts JupyterLab with, and how it answers a bad question."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simregistry import cli
from simregistry.cli import lab_command


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package as pip leaves it, with two lessons inside and none beside it; the learner is in an empty folder."""
    package, home = tmp_path / "site" / "simregistry", tmp_path / "home"
    (package / "_notebooks").mkdir(parents=True)
    home.mkdir()
    (package / "_notebooks" / lab_command.FIRST_LESSON).write_text(notebook("lesson 0"))
    (package / "_notebooks" / "01.ipynb").write_text(notebook("lesson 1"))
    monkeypatch.setattr(lab_command, "__file__", str(package / "cli" / "lab.py"))
    monkeypatch.chdir(home)
    return package


def notebook(source: str) -> str:
    """A lesson of one cell, which was run."""
    cell = {"cell_type": "code", "source": source, "outputs": [{"output_type": "stream"}], "execution_count": 1}
    return json.dumps({"cells": [cell], "metadata": {}})


def said_in(path: Path) -> tuple[str, list[object]]:
    """What the one cell of a lesson says, and what it shows."""
    cell = json.loads(path.read_text())["cells"][0]
    return cell["source"], cell["outputs"]


def lab_told(folder: Path, *arguments: str) -> list[str]:
    """What `simregistry lab …` tells JupyterLab, for lessons in this folder."""
    return lab_command.lab_arguments(cli.parser().parse_args(["lab", *arguments]), folder)


def test_the_version_is_the_packages(capsys):
    """`simregistry --version` names the release that is installed."""
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--version"])
    assert capsys.readouterr().out.startswith("simregistry 0.")


@pytest.mark.parametrize(
    "bad", [["lap"], [], ["lab", "--prot", "1"], ["lab", "--port", "x"], ["lab", "--port", "99999"]]
)
def test_what_is_not_understood_ends_with_status_2(bad, capsys):
    """A bad question gets status 2 and the usage, on stderr."""
    with pytest.raises(SystemExit, match="2"):
        cli.main(bad)
    told = capsys.readouterr()
    assert told.out == ""
    assert "usage: simregistry" in told.err


def test_an_unknown_command_names_the_known_ones(capsys):
    """Whoever mistypes a command is told which there are."""
    with pytest.raises(SystemExit):
        cli.main(["lap"])
    assert "lab" in capsys.readouterr().err


def test_in_a_checkout_the_learner_works_in_a_copy_beside_the_lessons(tmp_path, monkeypatch):
    """The lessons that the project stores are not touched by learning; git ignores the copy."""
    stored = tmp_path / "notebooks" / lab_command.FIRST_LESSON
    stored.parent.mkdir()
    stored.write_text(notebook("lesson 0"))
    monkeypatch.setattr(lab_command, "__file__", str(tmp_path / "simregistry" / "cli" / "lab.py"))
    assert lab_command.lessons_folder() == stored.parent
    folder = lab_command.learners_course()
    assert folder == tmp_path / "course"
    assert said_in(folder / stored.name) == ("lesson 0", [])
    assert stored.read_text() == notebook("lesson 0")
    assert "course/" in (Path(__file__).parents[2] / ".gitignore").read_text().splitlines()


def test_after_a_pip_install_the_lessons_are_copied_to_the_learner(installed):
    """Without a checkout the lessons in the package are copied into the folder the learner is in."""
    folder = lab_command.learners_course()
    assert folder == Path.cwd() / lab_command.AFTER_INSTALL
    assert said_in(folder / "01.ipynb") == ("lesson 1", [])


def test_a_learners_lesson_is_never_overwritten(installed, capsys):
    """What the learner wrote stays; a new version is put beside it, and a lesson that is new is added."""
    (lab_command.learners_course() / "01.ipynb").write_text(notebook("my answers"))
    (installed / "_notebooks" / "01.ipynb").write_text(notebook("lesson 1, better"))
    (installed / "_notebooks" / "02.ipynb").write_text(notebook("lesson 2"))
    folder = lab_command.learners_course()
    said = {name: said_in(folder / name)[0] for name in ("01.ipynb", "01.new.ipynb", "02.ipynb")}
    assert said == {"01.ipynb": "my answers", "01.new.ipynb": "lesson 1, better", "02.ipynb": "lesson 2"}
    assert "01.ipynb was changed by you and stays" in capsys.readouterr().out


def test_a_fresh_lesson_keeps_the_learners(installed, capsys):
    """`simregistry lab --fresh 01` begins a lesson again, and says where the old one is."""
    folder = lab_command.learners_course()
    (folder / "01.ipynb").write_text(notebook("my answers"))
    lab_command.learners_course(["01"])
    assert said_in(folder / "01.ipynb")[0] == "lesson 1" and said_in(folder / "01.yours.ipynb")[0] == "my answers"
    assert capsys.readouterr().out == "01.ipynb is as new; yours is now 01.yours.ipynb\n"


@pytest.mark.parametrize(("user", "told"), [(0, True), (1000, False)])
def test_jupyter_is_told_to_run_as_root_only_as_root(user, told, monkeypatch, tmp_path):
    """In a container one is root, and Jupyter would refuse; elsewhere its refusal is right."""
    monkeypatch.setattr(lab_command.os, "geteuid", lambda: user, raising=False)
    assert ("--allow-root" in lab_told(tmp_path)) is told


def test_jupyter_gets_the_lessons_and_what_was_asked_for(tmp_path):
    """JupyterLab is started on the lessons' folder and the first lesson, with the port and without a browser."""
    told = lab_told(tmp_path, "--no-browser", "--port", "9000")
    assert f"--ServerApp.root_dir={tmp_path}" in told
    assert {"--no-browser", "--port=9000"} <= set(told)
    assert lab_command.FIRST_LESSON in " ".join(told)
