"""The glossary: each term in plain words, where the specifications speak of it, and the lesson that brings it."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from simregistry.errors import InvalidValue
from simregistry.table import Table
from simregistry.teach import course


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the field, or of this course."""

    term: str
    words: str
    place: str
    lesson: str

    def __str__(self) -> str:
        return f"{self.term}: {self.words} ({self.place}; lesson “{course.lesson(self.lesson).title}”)"

    __repr__ = __str__


@cache
def terms() -> tuple[Term, ...]:
    """Give all terms in the order of the alphabet."""
    read = tomllib.loads(files("simregistry.teach").joinpath("glossary.toml").read_text("utf-8"))
    return tuple(sorted((Term(**table) for table in read["term"]), key=lambda table: table.term.casefold()))


def terms_table(chosen: Sequence[Term] | None = None) -> Table:
    """Show terms, a line each."""
    rows = tuple((term.term, term.words, term.place, course.lesson(term.lesson).title) for term in chosen or terms())
    return Table(("term", "in plain words", "where it is defined", "lesson"), rows)


def glossary(term: str = "") -> Term | Table:
    """Look a term up, or show all; raises InvalidValue naming those that come near.

    >>> glossary("Diff ID").lesson
    'layers'
    """
    if not term:
        return terms_table()
    known = {entry.term.casefold(): entry for entry in terms()}
    wanted = " ".join(str(term)[:100].split()).casefold()
    for form in (wanted, wanted.removesuffix("s"), wanted.removesuffix("es")):
        if form in known:
            return known[form]
    near = get_close_matches(wanted, known, 3, 0.6)
    raise InvalidValue("term", term, f"is not in the glossary; there is {', '.join(near) or 'glossary() to see all'}")
