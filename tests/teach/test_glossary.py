"""The glossary: every word that a lesson brings is in it, with its place and its lesson."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from one_test import one_test_of

from simregistry.errors import InvalidValue
from simregistry.teach import course
from simregistry.teach.terms import glossary, terms

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"


def prose(lesson: course.Lesson) -> str:
    """A lesson's Markdown."""
    cells = course.read_notebook(FOLDER / lesson.file)["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


@one_test_of({lesson.id: (lesson,) for lesson in course.lessons()})
def test_every_word_that_a_lesson_brings_is_in_the_glossary(lesson):
    """The rows of its table, "Words you meet here"."""
    table = re.search(r"\| word \| in one line \|\n\| --- \| --- \|\n((?:\|.*\n?)+)", prose(lesson))
    words = [row.split("|")[1].strip().replace("`", "") for row in table[1].splitlines()]
    for word in (part for each in words for part in each.split(", ")):
        assert course.lesson(glossary(word).lesson).number <= lesson.number


@one_test_of({term.term: (term,) for term in terms()})
def test_a_term_stands_in_the_lesson_that_brings_it(term):
    """And says in a sentence what it is, and where it is defined."""
    text = re.sub(r"[*`]", "", prose(course.lesson(term.lesson))).casefold()
    assert term.term.casefold() in text
    assert term.words.endswith(".") and len(term.words.split()) >= 5 and len(term.place) > 5


def test_there_are_enough_and_none_twice():
    """Sixty at least."""
    names = [term.term.casefold() for term in terms()]
    assert len(names) >= 60 and len(set(names)) == len(names)


def test_a_term_is_found_however_it_is_written():
    """Another case, more spaces, a plural; and a typing error is told what comes near."""
    assert glossary("  diff   id ") == glossary("Diff ID") and glossary("layers").term == "layer"
    assert len(glossary().rows) == len(terms())
    with pytest.raises(InvalidValue, match="digest"):
        glossary("digset")
    with pytest.raises(InvalidValue, match="to see all"):
        glossary("zzzzzz")
