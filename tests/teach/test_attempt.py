"""Tries, hints and solutions are counted in one way: in exercises, levels, steps and quizzes alike."""

from __future__ import annotations

import pytest

from simregistry.teach.attempt import CountedAttempt, HintedAttempt
from simregistry.teach.build_your_own import solutions
from simregistry.teach.build_your_own.twelve_steps import unwatched
from simregistry.teach.exercises.all_exercises import attempt_exercise
from simregistry.teach.levels import LevelAttempt, find_level
from simregistry.teach.quizzes import lesson_quiz
from simregistry.teach.reveals import Reveal

# Each kind of practice: how it is taken, how it is tried, and the id under which a try is recorded.
EXERCISE = (
    lambda: attempt_exercise("stored-once.stored-bytes"),
    lambda mine: mine.check(1),
    "stored-once.stored-bytes",
)
LEVEL = (lambda: LevelAttempt(find_level("swap")), lambda mine: mine.check(), "swap")
STEP = (lambda: unwatched("digest"), lambda mine: mine.check(solutions.digest), "digest")
QUIZ = (lambda: lesson_quiz("stored-once"), lambda mine: mine.answer(1, "a"), "stored-once.q1")
hinted = pytest.mark.parametrize(("take", "attempt", "id"), [EXERCISE, LEVEL, STEP], ids=["exercise", "level", "step"])
every = pytest.mark.parametrize(
    ("take", "attempt", "id"), [EXERCISE, LEVEL, STEP, QUIZ], ids=["exercise", "level", "step", "quiz"]
)


@every
def test_a_try_is_counted_and_recorded_once(take, attempt, id):
    """With its id and its outcome."""
    mine, recorded = take(), []
    assert isinstance(mine, CountedAttempt)
    mine.on_try = lambda id, reveal: recorded.append((id, reveal.score))
    first, second = attempt(mine), attempt(mine)
    assert mine.tries == 2
    assert recorded == [(id, first.score), (id, second.score)]


@pytest.mark.parametrize(
    ("take", "attempt"),
    [
        (EXERCISE[0], lambda mine: mine.check("many")),
        (EXERCISE[0], lambda mine: mine.check()),
        (STEP[0], lambda mine: mine.check(7)),
        (QUIZ[0], lambda mine: mine.answer(1, "x")),
        (QUIZ[0], lambda mine: mine.answer(1)),
    ],
)
def test_what_cannot_be_read_is_no_try(take, attempt):
    """It is not counted, and nobody records it."""
    mine, recorded = take(), []
    mine.on_try = lambda id, reveal: recorded.append(id)
    assert attempt(mine).right is None
    assert (mine.tries, recorded) == (0, [])


@hinted
def test_hints_come_one_at_a_time_and_the_last_one_stays(take, attempt, id):
    """And a hint is no try."""
    mine = take()
    assert isinstance(mine, HintedAttempt)
    shown = [mine.hint().sentence for _ in range(len(mine.all_hints) + 1)]
    assert shown[:-1] == [
        f"Hint {number} of {len(mine.all_hints)}: {hint}" for number, hint in enumerate(mine.all_hints, 1)
    ]
    assert shown[-1] == shown[-2]
    assert (mine.hints, mine.tries) == (len(mine.all_hints), 0)


@hinted
def test_a_solution_waits_for_a_try(take, attempt, id):
    """Whether or not the try was right."""
    mine = take()
    waiting, solved = mine.solution(), mine.solved()
    assert waiting.sentence.startswith("Check ") and waiting != solved
    attempt(mine)
    assert mine.solution() == solved


def test_another_problem_is_recorded_by_the_same_hand():
    """Its hints and tries begin again."""
    mine, recorded = attempt_exercise("stored-once.stored-bytes"), []
    mine.on_try = lambda id, reveal: recorded.append(id)
    mine.hint()
    mine.check(1)
    other = mine.new(2)
    assert (other.hints, other.tries) == (0, 0)
    other.check(1)
    assert recorded == ["stored-once.stored-bytes"] * 2


def test_a_second_game_goes_on_from_the_same_state():
    """With the hints that were shown and the tries that were counted; then the two go their own ways."""
    mine = LevelAttempt(find_level("swap"))
    mine.hint()
    mine.check()
    other = mine.fork()
    assert (other.hints, other.tries, other.log) == (1, 1, mine.log)
    other.check()
    assert (mine.tries, other.tries) == (1, 2)


def test_a_report_is_a_reveal():
    """A step's findings are shown with the same mark and counted with the same score."""
    report = unwatched("digest").check(lambda content: "sha256:0")
    assert isinstance(report, Reveal) and report.right is False
    assert str(report).startswith("✗ digest: 0 of ") and "\n  ✗ " in str(report)
    assert report._repr_html_().startswith("<pre style='border-left:4px solid #D55E00")
