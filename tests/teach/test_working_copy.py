"""The learner's copy: no outputs in it, nothing of theirs lost, and new versions beside what they edited."""

import json

import pytest

from simregistry.errors import InvalidValue, SimRegistryError
from simregistry.teach.working_copy import VERSIONS, fresh_lesson, refresh


def notebook(*sources: str, outputs: object = ()) -> str:
    """A notebook of code cells that were run."""
    cells = [
        {
            "cell_type": "code",
            "source": source,
            "outputs": list(outputs),
            "execution_count": 3,
            "metadata": {},
            "id": str(n),
        }
        for n, source in enumerate(sources)
    ]
    return json.dumps({"cells": cells, "metadata": {"widgets": {"state": 1}}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def folders(tmp_path):
    """A course of one lesson, one sheet below it and a page, and where the copy goes."""
    source = tmp_path / "notebooks"
    (source / "exercises").mkdir(parents=True)
    (source / "05-push.ipynb").write_text(notebook("a = 1", outputs=[{"output_type": "stream", "text": "the answer"}]))
    (source / "exercises" / "05-push.ipynb").write_text(notebook("b = 1"))
    (source / "for-teachers.md").write_text("# For teachers\n")
    return source, tmp_path / "course"


def sources(path) -> list[str]:
    """What is in the cells."""
    return ["".join(cell["source"]) for cell in json.loads(path.read_text())["cells"]]


def test_a_new_copy_has_every_page_and_nothing_that_was_run(folders):
    """No output, no count, no widget state: nothing is seen before it is run."""
    source, course = folders
    refreshed = refresh(source, course)
    assert [one.what for one in refreshed] == ["new"] * 3
    copy = json.loads((course / "05-push.ipynb").read_text())
    assert "widgets" not in copy["metadata"]
    assert [(cell["outputs"], cell["execution_count"]) for cell in copy["cells"]] == [([], None)]
    assert (course / "exercises" / "05-push.ipynb").exists() and (
        course / "for-teachers.md"
    ).read_text() == "# For teachers\n"
    # What the project stores is as it was.
    assert "the answer" in (source / "05-push.ipynb").read_text()


def test_a_lesson_that_was_only_run_gets_its_new_version(folders):
    """Running and saving is no edit; an empty cell at the end is none either."""
    source, course = folders
    refresh(source, course)
    (course / "05-push.ipynb").write_text(notebook("a = 1", "", outputs=[{"output_type": "stream", "text": "1"}]))
    assert [one.what for one in refresh(source, course)] == ["as it was"] * 3
    assert json.loads((course / "05-push.ipynb").read_text())["cells"][0]["outputs"]
    (source / "05-push.ipynb").write_text(notebook("a = 2"))
    replaced = refresh(source, course)
    assert [one.what for one in replaced] == ["replaced", "as it was", "as it was"]
    assert replaced[0].line == "05-push.ipynb has a new version"
    assert sources(course / "05-push.ipynb") == ["a = 2"]


def test_an_edited_lesson_stays_and_the_new_one_is_put_beside_it(folders):
    """Nothing that a learner wrote is lost, however often the course is opened."""
    source, course = folders
    refresh(source, course)
    (course / "05-push.ipynb").write_text(notebook("a = 1", "my own"))
    assert refresh(source, course)[0].what == "as it was"
    (source / "05-push.ipynb").write_text(notebook("a = 2"))
    for _ in range(2):
        refresh(source, course)
    assert sources(course / "05-push.ipynb") == ["a = 1", "my own"]
    assert sources(course / "05-push.new.ipynb") == ["a = 2"]


def test_the_line_names_both(folders):
    """Whoever opens the course reads where the new version is."""
    source, course = folders
    refresh(source, course)
    (course / "05-push.ipynb").write_text(notebook("mine"))
    (source / "05-push.ipynb").write_text(notebook("a = 2"))
    line = refresh(source, course)[0].line
    assert line == "05-push.ipynb was changed by you and stays. Its new version is beside it: 05-push.new.ipynb"


def test_a_copy_without_its_list_of_versions_loses_nothing(folders):
    """Without the list every page counts as the learner's own."""
    source, course = folders
    refresh(source, course)
    for text in (None, "{", "[]"):
        if text is None:
            (course / VERSIONS).unlink()
        else:
            (course / VERSIONS).write_text(text)
        (source / "05-push.ipynb").write_text(notebook(f"a = {text!r}"))
        refresh(source, course)
        assert sources(course / "05-push.ipynb") == ["a = 1"]


def test_a_fresh_lesson_keeps_the_old_one(folders):
    """--fresh 05 gives the lesson anew; what was there has another name, each time."""
    source, course = folders
    refresh(source, course)
    (course / "05-push.ipynb").write_text(notebook("mine"))
    assert fresh_lesson(source, course, "05").beside == course / "05-push.yours.ipynb"
    assert fresh_lesson(source, course, "05-push").beside == course / "05-push.yours-2.ipynb"
    assert sources(course / "05-push.ipynb") == ["a = 1"] and sources(course / "05-push.yours.ipynb") == ["mine"]
    for beginning in ("06", ""):
        with pytest.raises(InvalidValue, match="05-push"):
            fresh_lesson(source, course, beginning)


def test_a_file_that_is_no_notebook_is_named(folders):
    """A broken lesson is a fault of the course, and is said to be one."""
    source, course = folders
    for text in ("{", '{"cells": 1}'):
        (source / "05-push.ipynb").write_text(text)
        with pytest.raises(SimRegistryError, match=r"05-push\.ipynb"):
            refresh(source, course)
