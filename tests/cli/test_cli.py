"""The `simregistry` command: what it finds, what it starts JupyterLab with, and how it answers a bad question."""

from __future__ import annotations

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
    (package / "_notebooks" / lab_command.FIRST_LESSON).write_text("lesson 0")
    (package / "_notebooks" / "01.ipynb").write_text("lesson 1")
    monkeypatch.setattr(lab_command, "__file__", str(package / "cli" / "lab.py"))
    monkeypatch.chdir(home)
    return package


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


def test_a_checkout_is_worked_on_in_place(tmp_path, monkeypatch):
    """Beside a checkout's package stand its lessons, and they are opened where they are."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / lab_command.FIRST_LESSON).write_text("lesson 0")
    monkeypatch.setattr(lab_command, "__file__", str(tmp_path / "simregistry" / "cli" / "lab.py"))
    assert lab_command.lessons_folder() == tmp_path / "notebooks"


def test_after_a_pip_install_the_lessons_are_copied_to_the_learner(installed):
    """Without a checkout the lessons in the package are copied into the folder the learner is in."""
    folder = lab_command.lessons_folder()
    assert folder == Path.cwd() / lab_command.COPIED_TO
    assert (folder / "01.ipynb").read_text() == "lesson 1"


def test_a_copied_lesson_is_never_overwritten(installed):
    """What the learner wrote stays, and a lesson that is new in the package is added."""
    (lab_command.lessons_folder() / "01.ipynb").write_text("my answers")
    (installed / "_notebooks" / "02.ipynb").write_text("lesson 2")
    folder = lab_command.lessons_folder()
    assert [(folder / name).read_text() for name in ("01.ipynb", "02.ipynb")] == ["my answers", "lesson 2"]


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
