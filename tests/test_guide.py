"""The guide for teachers: its code runs, its plans add up, and what it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simregistry.teach import course
from simregistry.teach.course_map import course_map, questions
from simregistry.teach.levels import find_level

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "notebooks" / "for-teachers.md").read_text("utf-8")
MINUTES = {each.lesson.notebook: each.minutes for each in course_map(ROOT / "notebooks").lessons}
BLOCKS = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)


def section(title: str) -> str:
    """The text under a heading, up to the next one of any level."""
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", GUIDE, re.DOTALL | re.MULTILINE)
    assert found, title
    return found[1]


def rows(title: str) -> list[list[str]]:
    """The rows of a section's table, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.mark.parametrize("block", BLOCKS)
def test_every_line_of_code_runs(block):
    """Each block by itself, in an empty room; its assertions hold."""
    exec(block, {})


def test_every_lesson_has_its_section_with_code_and_a_question():
    """What goes wrong, what to leave out, and what to end on."""
    for each in course.lessons():
        text = section(each.title)
        assert all(
            mark in text for mark in ("**Goes wrong:**", "**They ask:**", "**Leave out:**", "**End on:**", "```python")
        )


@pytest.mark.parametrize(("title", "total"), [("One hour", 60), ("One day", 360)])
def test_a_plans_minutes_add_up(title, total):
    """And a lesson that is done whole has the minutes that were counted for it."""
    plan = rows(title)
    assert sum(int(minutes) for minutes, _ in plan) == total
    for minutes, what in plan:
        if found := re.fullmatch(r"\[[^\]]*\]\((.*)\.ipynb\)(?:, each .*)?", what):
            assert int(minutes) == MINUTES[found[1]]


@pytest.mark.parametrize("title", ["One day", "Six weeks"])
def test_a_plan_keeps_the_order_that_the_lessons_need(title):
    """No lesson comes before one that it needs."""
    told = " ".join(cell for row in rows(title) for cell in (row[2:3] if title == "Six weeks" else row[1:2]))
    by_file = {each.file: each.id for each in course.lessons()}
    order = [by_file[file] for file in re.findall(r"\[[^\]]*\]\(([^)]*)\)", told)]
    for place, id in enumerate(order):
        assert set(course.lesson(id).needs) <= set(order[:place])
    assert title == "One day" or order == [each.id for each in course.lessons()]


def test_the_levels_and_files_that_it_names_are_there():
    """A name that is wrong on the day costs a class five minutes."""
    for name in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", section("Six weeks") + section("One hour")):
        assert find_level(name).id == name
    for name in ("notebooks/levels.ipynb", "environment.yml", "requirements.lock", "Makefile"):
        assert (ROOT / name).exists()


def test_it_counts_the_questions_of_the_quizzes():
    """The table at the top says how many there are."""
    assert f"{len(questions())} questions" in section("What there is")
