"""Every exercise, on 200 seeds: what is right passes however it is written, and each wrong belief is answered."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from one_test import check_all

from simregistry.errors import InvalidValue
from simregistry.teach.answers import UNITS, FreeText, Number, OneOf, Order, SomeOf
from simregistry.teach.exercises.all_exercises import EXERCISES, attempt_exercise
from simregistry.teach.problem import KINDS, SEEDS_TESTED, Attempt, Exercise, Problem

# Thirty in `make test`, the others in `make test-long`; more for a night: EXERCISE_SEEDS=2000.
FIRST_SEEDS = range(30)
OTHER_SEEDS = range(30, int(os.environ.get("EXERCISE_SEEDS", SEEDS_TESTED)))
each_exercise = pytest.mark.parametrize("one", EXERCISES.values(), ids=list(EXERCISES))


class Nameless:
    """An object that cannot even be shown."""

    def __repr__(self) -> str:
        raise RuntimeError


NONSENSE = (
    None, ..., "", "   ", object(), Nameless(), b"bytes", -1.5, float("nan"), float("inf"), 10**40, True, [None], [[]], {}, {1: 2},
    {"a": object()}, "x" * 100_000, ["x" * 1000] * 5000, list(range(10_000)), "\x00", "9" * 50, "🦑", lambda: 1, Exercise,
)  # fmt: skip


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


def what_is_right_passes_however_it_is_written(problem: Problem):
    """The solution, its other spellings, and the other answers that the exercise names."""
    for given in (problem.answer.right, *spellings(problem.answer), *problem.also_right):
        if isinstance(problem.answer, Number) and given is problem.answer.right:
            given = Decimal(given) / problem.answer.scale
        reveal = problem.check(given)
        assert reveal.right is True and reveal.score == 1, (given, reveal)


def each_wrong_belief_is_answered_with_its_own_message(problem: Problem):
    """No belief passes, none is taken for another, and none is told the answer without being told why."""
    assert len(problem.misconceptions) >= 2
    messages = [each.message for each in problem.misconceptions]
    assert len(set(messages)) == len(messages)
    for each in problem.misconceptions:
        reveal = problem.check(each.answer)
        assert reveal.right is False and reveal.score < 1, each.belief
        told = [message for message in messages if message in reveal.sentence]
        assert told == [each.message], (each.belief, reveal)


def an_empty_stub_and_nonsense_are_answered_kindly(problem: Problem):
    """Nothing that a learner hands in raises, and all of it is told what is wanted."""
    assert problem.check(...).right is None
    for nonsense in NONSENSE:
        reveal = problem.check(nonsense)
        assert reveal.right is not True
        assert len(str(reveal)) < 2000
        if reveal.right is None:
            assert problem.answer.wanted in reveal.sentence


def the_same_seed_gives_the_same_problem_and_others_differ(one: Exercise, problems: dict[int, Problem]):
    """Two learners with one seed have one problem; thirty seeds give at least three."""
    assert str(Attempt(one, 7, one.problem(7))) == str(Attempt(one, 7, problems[7]))
    shown = {str(Attempt(one, seed, problem)).replace(f"seed {seed}", "") for seed, problem in problems.items()}
    assert len(shown) >= 3


def hints_come_in_steps_and_the_solution_after_an_attempt(mine: Attempt):
    """Two hints at least, each another one; the solution is told once something was tried, and not before."""
    assert len(mine.problem.hints) >= 2
    told = [mine.hint().sentence for _ in range(len(mine.problem.hints) + 1)]
    assert len(set(told)) == len(mine.problem.hints) and told[-1] == told[-2]
    shown = mine.problem.answer.shown(mine.problem.answer.right)
    assert shown not in mine.solution().sentence
    mine.check(...)
    assert shown not in mine.solution().sentence
    mine.check(mine.problem.misconceptions[0].answer)
    assert shown in mine.solution().sentence and mine.problem.why in mine.solution().sentence


def a_problem_shows_as_text_and_as_html(mine: Attempt):
    """What is asked, what is given and what kind of answer is wanted stand in both."""
    assert mine.problem.answer.wanted in str(mine)
    assert "<script" not in mine._repr_html_() and mine.exercise.id in mine._repr_html_()
    assert mine.exercise.kind in KINDS and mine.exercise.objectives


def on_each_seed(problems: dict[int, Problem]) -> dict[str, tuple[object, ...]]:
    """The checks that every seed's problem has to pass, by the check and the seed."""
    checks = (what_is_right_passes_however_it_is_written, each_wrong_belief_is_answered_with_its_own_message)
    return {
        f"seed {seed}, {check.__name__}": (check, problem) for seed, problem in problems.items() for check in checks
    }


def on_one_seed(one: Exercise, problems: dict[int, Problem]) -> dict[str, tuple[object, ...]]:
    """The checks that look at the exercise as a whole, or need one of its problems."""
    whole = (
        (an_empty_stub_and_nonsense_are_answered_kindly, problems[0]),
        (the_same_seed_gives_the_same_problem_and_others_differ, one, problems),
        (hints_come_in_steps_and_the_solution_after_an_attempt, Attempt(one, 3, problems[3])),
        (a_problem_shows_as_text_and_as_html, Attempt(one, 1, problems[1])),
    )
    return {check.__name__: (check, *given) for check, *given in whole}


def run_check(check: Callable[..., None], *given: object) -> None:
    """Run one of the checks above on what it is for."""
    check(*given)


@each_exercise
def test_an_exercise_keeps_its_promises_on_thirty_seeds(one: Exercise):
    """Every problem is drawn once and passes every check; the message names each seed and check that fails."""
    problems = {seed: one.problem(seed) for seed in FIRST_SEEDS}
    check_all(run_check, on_each_seed(problems) | on_one_seed(one, problems))


@pytest.mark.long
@each_exercise
def test_an_exercise_keeps_its_promises_on_all_the_other_seeds(one: Exercise):
    """So that each is held on as many seeds as the course map says."""
    check_all(run_check, on_each_seed({seed: one.problem(seed) for seed in OTHER_SEEDS}))


def test_a_check_that_fails_is_named_with_its_seed():
    """A problem whose second belief is told like its first, and whose hint is one, is found out."""
    one = EXERCISES["stored-once.stored-bytes"]
    problems = {seed: one.problem(seed) for seed in FIRST_SEEDS}
    first, second, *_ = problems[3].misconceptions
    problems[3] = replace(problems[3], misconceptions=(first, replace(second, message=first.message)), hints=("one",))
    problems[5] = replace(problems[5], also_right=(first.answer,))
    with pytest.raises(AssertionError) as failure:
        check_all(run_check, on_each_seed(problems) | on_one_seed(one, problems))
    named = [line.split(":")[0] for line in str(failure.value).splitlines() if "Error: " in line]
    assert named == [
        "seed 3, each_wrong_belief_is_answered_with_its_own_message",
        "seed 5, what_is_right_passes_however_it_is_written",
        "hints_come_in_steps_and_the_solution_after_an_attempt",
    ]


def test_a_seed_is_a_whole_number():
    """Half a seed, a text or a negative one is refused with what to give instead."""
    for seed in (-1, 1.5, "1", None, True, 2**60):
        with pytest.raises(InvalidValue, match="whole number"):
            attempt_exercise("stored-once.stored-bytes", seed)


def test_an_unknown_exercise_names_those_that_come_near():
    """A typing error is no dead end."""
    with pytest.raises(InvalidValue, match="stored-once.stored-bytes"):
        attempt_exercise("stored-once.store-bytes")


def test_a_wrong_number_is_not_told_the_right_one():
    """What differs is said; the answer is left to be found."""
    mine = attempt_exercise("stored-once.stored-bytes", 5)
    right = mine.problem.answer.shown(mine.problem.answer.right)
    assert right not in str(mine.check(1)) and "too few" in str(mine.check(1))
