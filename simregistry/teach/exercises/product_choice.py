"""Public and private, the registries that people use: where they part, and which one fits."""

from __future__ import annotations

import random
from functools import cache

from simregistry.study.products.choose import NEEDS, Need, choose
from simregistry.study.products.compare import Comparison, compare_products
from simregistry.table import Table
from simregistry.teach.answers import SomeOf
from simregistry.teach.problem import Exercise, Misconception, Problem, beliefs


@cache
def scenario(name: str) -> Comparison:
    """Play a scenario on all products, once."""
    return compare_products(name)


ASKED = (
    (
        "delete-one-tag",
        "other_tag_pullable",
        False,
        (
            "One image has two tags; one is deleted by the ordinary way. "
            "In which registries is the other tag gone as well?"
        ),
    ),
    (
        "shared-base",
        "dedup_scope",
        "repository",
        "Which registries keep a base image once for each repository, as far as their documentation says?",
    ),
    (
        "overwrite-tag",
        "first_pullable_by_digest",
        False,
        "A tag is pushed three times. In which registries is the first image gone at once?",
    ),
    (
        "delete-untagged-index",
        "index_pullable",
        False,
        (
            "Untagged manifests are cleaned up as each product offers. "
            "In which registries is a tagged index of untagged manifests broken by that?"
        ),
    ),
    ("delete-one-tag", "status", 202, "Which registries answer 202 to the deletion of a tag by its name?"),
)


def which_registries(dice: random.Random) -> Problem:
    """Ask which products do something, of a few."""
    name, fact, value, text = dice.choice(ASKED)
    outcomes = {outcome.product.title: outcome.facts[fact] for outcome in scenario(name).outcomes}
    known = [title for title, fact_there in outcomes.items() if fact_there is not None]
    chosen = dice.sample(known, min(4, len(known)))
    right = frozenset(title for title in chosen if outcomes[title] == value)
    shown = tuple((title, "see the lesson “Public and private”, the table of " + name) for title in chosen)
    return Problem(
        text=f"{text} Choose among these.",
        answer=SomeOf(right, tuple(chosen)),
        misconceptions=_beliefs_on_which_registries(chosen, right, name),
        hints=(
            f"In a cell: from simregistry.study.products.compare import compare; compare({name!r})",
            "Read the column of what happens, row by row.",
        ),
        why=(
            "; ".join(f"{title}: {'yes' if title in right else 'no'}" for title in chosen)
            + ". As each one's documentation describes it."
        ),
        given=Table(("registry", "where it says so"), shown),
    )


def _beliefs_on_which_registries(chosen: list[str], right: frozenset[str], name: str) -> tuple[Misconception, ...]:
    rest = frozenset(chosen) - right
    return beliefs(
        ("all registries do alike", frozenset(chosen),
         f"They differ here: simregistry compare {name} shows each with its source."),
        ("no registry would do that", frozenset(), f"At least one does: simregistry compare {name} shows it."),
        ("it is the other way round", rest, "Those do not; it is the others that do."),
        unless=right,
    )  # fmt: skip


def which_fits(dice: random.Random) -> Problem:
    """Ask which products fit two needs."""
    needs = dice.sample(NEEDS, 2)
    choice = choose(*(need.name for need in needs))
    words = {verdict.product.title: verdict.word for verdict in choice.verdicts}
    chosen = dice.sample(list(words), 5)
    right = frozenset(title for title in chosen if words[title] == "fits")
    rows = []
    for title in chosen:
        verdict = next(candidate for candidate in choice.verdicts if candidate.product.title == title)
        rows.append((title, *(verdict.product.claim(need.field).shown for need in needs)))
    return Problem(
        text=(
            f"Two needs: {needs[0].question} and: {needs[1].question} Which of these registries surely fit both, "
            "going by the two claims?"
        ),
        answer=SomeOf(right, tuple(chosen)),
        misconceptions=_beliefs_on_which_fits(chosen, words, needs, right),
        hints=("Read each row's two claims against the two questions.", "Unknown is not yes."),
        why=f"{len(right)} of {len(chosen)} fit both.",
        given=Table(("registry", needs[0].field.replace("_", " "), needs[1].field.replace("_", " ")), tuple(rows)),
    )


def _beliefs_on_which_fits(
    chosen: list[str], words: dict[str, str], needs: list[Need], right: frozenset[str]
) -> tuple[Misconception, ...]:
    perhaps = frozenset(title for title in chosen if words[title] == "perhaps")
    words_for_first = {verdict.product.title: verdict.word for verdict in choose(needs[0].name).verdicts}
    first = frozenset(title for title in chosen if words_for_first[title] == "fits")
    return beliefs(
        ("what nobody says will be fine", right | perhaps,
         "Where a product says nothing, nothing is known: that is perhaps, not surely."),
        ("the first need decides", first, "Both have to hold."),
        ("every product can do everything somehow", frozenset(chosen), "Read the two claims of each row."),
        ("no product fits two needs", frozenset(), "Read the rows: in some of them both claims fit."),
        unless=right,
    )  # fmt: skip


EXERCISES = (
    Exercise("products.which-registries", "find", "Which of them does it?", ("products.compare",), which_registries),
    Exercise("products.which-fits", "explain", "Which one fits?", ("products.choose",), which_fits),
)
