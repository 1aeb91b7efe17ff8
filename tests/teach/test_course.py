"""The course map: lessons, prerequisites, objectives, minutes, and what ties them together."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from simregistry.cli import main
from simregistry.errors import InvalidValue, SimRegistryError
from simregistry.teach import course
from simregistry.teach.course_map import course_map, steps_json
from simregistry.teach.exercises import all_exercises
from simregistry.teach.problem import KINDS

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "notebooks"
MAP = course_map(FOLDER)
each_lesson = pytest.mark.parametrize("one", MAP.lessons, ids=[each.lesson.id for each in MAP.lessons])


def text_of(one) -> str:
    """A lesson's Markdown."""
    cells = course.read_notebook(FOLDER / one.lesson.file)["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def test_every_numbered_lesson_is_on_the_map_and_no_other():
    """The map and the folder agree."""
    assert [each.lesson.file for each in MAP.lessons] == sorted(path.name for path in FOLDER.glob("[0-9][0-9]-*.ipynb"))


@each_lesson
def test_a_lesson_says_its_objectives_as_the_map_does(one):
    """Word by word: what a lesson promises is what exercises and questions are tied to."""
    promised = re.search(r"You will be able to\n\n((?:- .*(?:\n(?!\n).*)*\n?)+)", text_of(one))
    said = [re.sub(r"\s+", " ", line).strip(" ,.") for line in re.split(r"(?m)^- ", promised[1]) if line.strip()]
    assert [line.replace("**", "") for line in said] == [objective.text for objective in one.lesson.objectives]


@each_lesson
def test_a_lesson_says_the_minutes_that_its_parts_add_up_to(one):
    """No number that nobody counted (an unchecked one rots)."""
    assert re.search(r"\*\*Time:\*\* (\d+) minutes", text_of(one))[1] == str(one.minutes)
    assert abs(sum(part.minutes for part in one.parts) - one.minutes) <= 2.6
    assert all(part.minutes > 0 for part in one.parts)


@each_lesson
def test_a_lesson_needs_only_lessons_before_it_and_says_which(one):
    """The order of the course is a way that can be walked; what a lesson asks for is on the map."""
    ids = [each.lesson.id for each in MAP.lessons]
    assert set(one.lesson.needs) <= set(ids[: ids.index(one.lesson.id)])
    needs = re.search(r"\*\*You need\*\* (.*)", text_of(one))[1]
    assert re.findall(r"\[([^\]]*)\]\(([^)]*)\)", needs) == [
        (needed.title, needed.file) for needed in map(course.lesson, one.lesson.needs)
    ]
    assert one.lesson.level in course.LEVELS


def test_the_readme_has_the_maps_titles_and_minutes():
    """The first page tells the same."""
    readme = (ROOT / "README.md").read_text("utf-8")
    for one in MAP.lessons:
        row = re.search(
            rf"\| \[{one.lesson.number} ([^\]]*)\]\(notebooks/{one.lesson.notebook}.ipynb\) \|[^|]*\| (\d+) \|", readme
        )
        assert row and (row[1], int(row[2])) == (one.lesson.title, one.minutes)


def test_every_objective_has_an_exercise_and_every_exercise_an_objective_of_its_lesson():
    """Nothing is promised that is not practised, and nothing practised that was not promised."""
    practised = {id for each in all_exercises.EXERCISES.values() for id in each.objectives}
    assert practised == set(course.objectives())
    assert all(
        course.topic_of(id) == each.lesson for each in all_exercises.EXERCISES.values() for id in each.objectives
    )


def test_there_are_at_least_forty_exercises_of_all_kinds():
    """Predict, construct, find and explain; `implement` is the way of twelve steps."""
    assert len(all_exercises.EXERCISES) >= 40
    kinds = [each.kind for each in all_exercises.EXERCISES.values()]
    kinds += [each["kind"] for each in steps_json()]
    assert all(kinds.count(kind) >= 12 for kind in KINDS)
    assert {id for each in steps_json() for id in each["objectives"]} <= set(course.objectives())


def test_the_command_prints_the_map_for_people_and_for_programs(capsys):
    """`simregistry course [--json]`."""
    assert main(["course"]) == 0
    assert "09   products" in capsys.readouterr().out
    assert main(["course", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert {"id", "title", "minutes", "objectives"} <= set(said["lessons"][0])
    wanted = {"id", "lesson", "kind", "objectives", "misconceptions", "seeds_tested"}
    assert all(wanted <= set(each) for each in said["exercises"])
    assert len(said["levels"]) >= 12 and all({"id", "par"} <= set(each) for each in said["levels"])
    assert len(said["questions"]) >= 60 and all({"id", "lesson"} <= set(each) for each in said["questions"])


def test_a_lesson_that_is_none_is_named(tmp_path):
    """Bad names and broken files say what is wrong with them."""
    with pytest.raises(InvalidValue, match="there is no such lesson; there is start, names"):
        course.lesson("99")
    (tmp_path / "broken.ipynb").write_text("{")
    with pytest.raises(SimRegistryError, match=r"broken\.ipynb cannot be read"):
        course.read_notebook(tmp_path / "broken.ipynb")
