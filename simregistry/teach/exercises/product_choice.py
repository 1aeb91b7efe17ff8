"""Registries side by side: in what the products differ, and which one fits."""

from __future__ import annotations

import random
from functools import cache

from simregistry.study.products.choose import NEEDS, Need, choose
from simregistry.study.products.compare import Comparison, compare_products
from simregistry.table import Table
from simregistry.teach.answers import SomeOf
from simregistry.teach.exercises import product_requests
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
            "An image has two tags. One of them is deleted in the ordinary way. "
            "In which registries is the other tag gone as well?"
        ),
    ),
    (
        "shared-base",
        "dedup_scope",
        "repository",
        "In which registries does each repository store a base by itself, as far as the sources say?",
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
            "Somebody deletes all untagged manifests, in the way that the product offers. "
            "In which registries does that break a tagged index?"
        ),
    ),
    ("delete-one-tag", "status", 202, "A request deletes a tag by its name. Which registries answer it with 202?"),
)


def which_registries(dice: random.Random) -> Problem:
    """Ask which products do something, of a few."""
    name, fact, value, text = dice.choice(ASKED)
    outcomes = {outcome.product.title: outcome.facts[fact] for outcome in scenario(name).outcomes}
    known = [title for title, fact_there in outcomes.items() if fact_there is not None]
    chosen = dice.sample(known, min(4, len(known)))
    right = frozenset(title for title in chosen if outcomes[title] == value)
    shown = tuple((title, "the lesson “Registries side by side”, scenario " + name) for title in chosen)
    return Problem(
        text=f"{text} Choose among the registries in the table.",
        answer=SomeOf(right, tuple(chosen)),
        misconceptions=_beliefs_on_which_registries(chosen, right, name),
        hints=(
            f"In a cell, write: from simregistry.study import compare_products; compare_products({name!r})",
            'Read the column "what happens", row by row.',
        ),
        why=(
            "; ".join(f"{title}: {'yes' if title in right else 'no'}" for title in chosen)
            + ". This is what their descriptions in this course say."
        ),
        given=Table(("registry", "where it says so"), shown),
    )


def _beliefs_on_which_registries(chosen: list[str], right: frozenset[str], name: str) -> tuple[Misconception, ...]:
    rest = frozenset(chosen) - right
    return beliefs(
        ("all registries do alike", frozenset(chosen),
         f"They differ here. In a terminal, simregistry compare {name} shows each with its source."),
        ("no registry would do that", frozenset(),
         f"At least one does. In a terminal, simregistry compare {name} shows it."),
        ("it is the other way round", rest, "You named those that don't do it. The others do."),
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
            f"Somebody has two needs. The first is {needs[0].name} ({needs[0].question}). The second is "
            f"{needs[1].name} ({needs[1].question}). Which of the registries in the table are sure to fit both?"
        ),
        answer=SomeOf(right, tuple(chosen)),
        misconceptions=_beliefs_on_which_fits(chosen, words, needs, right),
        hints=(
            "Each column is about one of the needs. Go through the rows one by one.",
            "Where a cell says unknown, the product isn't sure to fit.",
        ),
        why=f"{len(right)} of {len(chosen)} are sure to fit both.",
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
         "Unknown means that no source says it. Such a product fits perhaps, and not for sure."),
        ("the first need decides", first, "Both needs count. Look at the second column, too."),
        ("every product can do everything somehow", frozenset(chosen),
         "Read the two cells of each row. Some of them speak against the product."),
        ("no product fits two needs", frozenset(), "Read the rows again. In some of them both cells fit."),
        unless=right,
    )  # fmt: skip


EXERCISES = (
    Exercise("products.which-registries", "find", "Which of them does it?", ("products.compare",), which_registries),
    Exercise("products.which-fits", "explain", "Which one fits?", ("products.choose",), which_fits),
    *product_requests.EXERCISES,
)
