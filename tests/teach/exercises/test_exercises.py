"""Every exercise, on 200 seeds: what is right passes however it is written, and each wrong belief is answered."""

from __future__ import annotations

import os
from decimal import Decimal

import pytest

from simregistry.errors import InvalidValue
from simregistry.teach.answers import UNITS, FreeText, Number, OneOf, Order, SomeOf
from simregistry.teach.exercises.all_exercises import EXERCISES, attempt_exercise
from simregistry.teach.problem import KINDS, SEEDS_TESTED, Attempt, Exercise

SEEDS = range(int(os.environ.get("EXERCISE_SEEDS", SEEDS_TESTED)))
each_exercise = pytest.mark.parametrize("one", EXERCISES.values(), ids=list(EXERCISES))


class Nameless:
    """An object that cannot even be shown."""

    def __repr__(self) -> str:
        raise RuntimeError


NONSENSE = (
    None, ..., "", "   ", object(), Nameless(), b"bytes", -1.5, float("nan"), float("inf"), 10**40, True, [None], [[]], {}, {1: 2},
    {"a": object()}, "x" * 100_000, ["x" * 1000] * 5000, list(range(10_000)), "\x00", "9" * 50, "🦑", lambda: 1, Exercise,
)  # fmt: skip


def attempt(one: Exercise, seed: int) -> Attempt:
    """A problem in a learner's hands."""
    return Attempt(one, seed, one.problem(seed))


def spellings(answer) -> list[object]:
    """Other ways to write the same right answer."""
    right = answer.right
    if isinstance(answer, Number):
        plain = Decimal(right) / answer.scale
        ways = [plain, str(plain), f" {plain} {answer.unit} "]
        if answer.unit.lower() in UNITS:
            ways += [f"{right} bytes", f"{right:,} B", f"{Decimal(right) / 1000} kB"]
        return ways
    if isinstance(answer, OneOf):
        return [right.upper(), f"  {right} "]
    if isinstance(answer, SomeOf):
        names = sorted(right)
        return [
            names,
            names[::-1],
            tuple(names),
            ", ".join(names) or "none",
            {name.upper() for name in names},
            names + names,
        ]
    if isinstance(answer, Order):
        return [list(right), " -> ".join(right), ", ".join(right), "→".join(right)]
    assert isinstance(answer, FreeText)
    return [f"\n{right}\n\n", right.splitlines(), tuple(right.splitlines())]


@each_exercise
def test_what_is_right_passes_however_it_is_written(one: Exercise):
    """The solution, its other spellings, and the other answers that the exercise names."""
    for seed in SEEDS:
        problem = one.problem(seed)
        for given in (problem.answer.right, *spellings(problem.answer), *problem.also_right):
            if isinstance(problem.answer, Number) and given is problem.answer.right:
                given = Decimal(given) / problem.answer.scale
            reveal = problem.check(given)
            assert reveal.right is True and reveal.score == 1, (seed, given, reveal)


@each_exercise
def test_each_wrong_belief_is_answered_with_its_own_message(one: Exercise):
    """No belief passes, none is taken for another, and none is told the answer without being told why."""
    for seed in SEEDS:
        problem = one.problem(seed)
        assert len(problem.misconceptions) >= 2
        messages = [each.message for each in problem.misconceptions]
        assert len(set(messages)) == len(messages)
        for each in problem.misconceptions:
            reveal = problem.check(each.answer)
            assert reveal.right is False and reveal.score < 1, (seed, each.belief)
            told = [message for message in messages if message in reveal.sentence]
            assert told == [each.message], (seed, each.belief, reveal)


@each_exercise
def test_an_empty_stub_and_nonsense_are_answered_kindly(one: Exercise):
    """Nothing that a learner hands in raises, and all of it is told what is wanted."""
    problem = one.problem(0)
    assert problem.check(...).right is None
    for nonsense in NONSENSE:
        reveal = problem.check(nonsense)
        assert reveal.right is not True
        assert len(str(reveal)) < 2000
        if reveal.right is None:
            assert problem.answer.wanted in reveal.sentence


@each_exercise
def test_the_same_seed_gives_the_same_problem_and_others_differ(one: Exercise):
    """Two learners with one seed have one problem; thirty seeds give at least three."""
    assert str(attempt(one, 7)) == str(attempt(one, 7))
    shown = {str(attempt(one, seed)).replace(f"seed {seed}", "") for seed in range(30)}
    assert len(shown) >= 3


@each_exercise
def test_hints_come_in_steps_and_the_solution_after_an_attempt(one: Exercise):
    """Two hints at least, each another one; the solution is told once something was tried, and not before."""
    mine = attempt(one, 3)
    assert len(mine.problem.hints) >= 2
    told = [mine.hint().sentence for _ in range(len(mine.problem.hints) + 1)]
    assert len(set(told)) == len(mine.problem.hints) and told[-1] == told[-2]
    shown = mine.problem.answer.shown(mine.problem.answer.right)
    assert shown not in mine.solution().sentence
    mine.check(...)
    assert shown not in mine.solution().sentence
    mine.check(mine.problem.misconceptions[0].answer)
    assert shown in mine.solution().sentence and mine.problem.why in mine.solution().sentence


@each_exercise
def test_a_problem_shows_as_text_and_as_html(one: Exercise):
    """What is asked, what is given and what kind of answer is wanted stand in both."""
    mine = attempt(one, 1)
    assert mine.problem.answer.wanted in str(mine)
    assert "<script" not in mine._repr_html_() and one.id in mine._repr_html_()
    assert one.kind in KINDS and one.objectives


def test_a_seed_is_a_whole_number():
    """Half a seed, a text or a negative one is refused with what to give instead."""
    for seed in (-1, 1.5, "1", None, True, 2**60):
        with pytest.raises(InvalidValue, match="whole number"):
            attempt_exercise("04-stored-bytes", seed)


def test_an_unknown_exercise_names_those_that_come_near():
    """A typing error is no dead end."""
    with pytest.raises(InvalidValue, match="04-stored-bytes"):
        attempt_exercise("04-store-bytes")


def test_a_wrong_number_is_not_told_the_right_one():
    """What differs is said; the answer is left to be found."""
    mine = attempt_exercise("04-stored-bytes", 5)
    right = mine.problem.answer.shown(mine.problem.answer.right)
    assert right not in str(mine.check(1)) and "too few" in str(mine.check(1))
