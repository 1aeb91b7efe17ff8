"""The quizzes: their questions are sound, their answers are read kindly, and the panel is worked by keyboard."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path

import nbformat
import pytest
from one_test import one_test_of

from simregistry.errors import InvalidValue
from simregistry.teach import course
from simregistry.teach.quizzes import LESSONS, Option, Question, lesson_quiz
from simregistry.teach.quizzes.question import LETTERS

FOLDER = Path(__file__).resolve().parents[3] / "notebooks"
QUESTIONS = [question for lesson in LESSONS for question in lesson_quiz(lesson).questions]
NONSENSE = (
    None,
    ...,
    "",
    "  ",
    7,
    -1.5,
    True,
    b"a",
    object(),
    [],
    [None],
    {"a": 1},
    "x" * 100_000,
    ["a"] * 1000,
    "e",
    "ab" * 9,
    "\x00",
)
each_question = one_test_of({one.id: (one,) for one in QUESTIONS})


def test_there_are_enough_for_every_lesson_and_every_objective():
    """Sixty at least, and no objective that nobody is asked about."""
    assert len(QUESTIONS) >= 60 and len({one.id for one in QUESTIONS}) == len(QUESTIONS)
    assert list(LESSONS) == [lesson.id for lesson in course.lessons()]
    assert {id for one in QUESTIONS for id in one.objectives} == set(course.objectives())


def test_the_right_one_is_not_given_away_by_its_place_or_its_length():
    """Of three places each has its share, and the longest option is right no more often than chance would have it."""
    single = [one for one in QUESTIONS if not one.several]
    places = Counter(LETTERS.index(one.right) for one in single)
    assert max(places.values()) <= 0.45 * len(single)
    longest = sum(
        len(one.options[LETTERS.index(one.right)].text) == max(len(o.text) for o in one.options) for one in single
    )
    assert longest <= 0.4 * len(single)
    assert len(QUESTIONS) - len(single) >= 10


@each_question
def test_every_option_says_why_and_each_answer_is_told_so(one: Question):
    """What is chosen is explained; a right answer explains the others as well."""
    assert one.reveal(one.right).right is True
    for letter, option in zip(LETTERS, one.options, strict=False):
        assert len(option.why) > 20
        told = str(one.reveal(letter))
        assert option.why[1:40] in told
        assert one.reveal(letter).right is (letter == one.right)
        if not one.several:
            assert one.reveal(option.text).right is option.right
    assert one.reveal(one.right.upper()).right is True


@cache
def text_of(lesson: str) -> str:
    """All that a lesson says."""
    return json.dumps(nbformat.read(FOLDER / course.lesson(lesson).file, 4).cells)


@each_question
def test_no_question_is_one_of_the_lessons_own(one: Question):
    """The self-check at a lesson's end is another set."""
    assert one.text.strip() not in text_of(one.lesson)


def test_nonsense_is_answered_kindly():
    """Nothing that is handed in raises, and all of it is told what is wanted."""
    for one in (lesson_quiz("stored-once").questions[0], next(each for each in QUESTIONS if each.several)):
        for given in NONSENSE:
            told = one.reveal(given)
            assert told.right is not True and len(str(told)) < 2000


def test_the_score_counts_the_last_answer_to_each_question():
    """Wrong first and right then is right."""
    mine = lesson_quiz("stored-once")
    assert str(mine.score()) == f"0 of {len(mine.questions)} right, 0 not yet, {len(mine.questions)} open"
    mine.answer(1, "a")
    assert mine.score().right == 0 and mine.score().answered == 1
    mine.answer(1, mine.questions[0].right)
    assert mine.score().right == mine.score().answered == 1


@pytest.mark.parametrize("number", [0, 99, True, "1", None, 1.0])
def test_a_question_that_is_none_is_said_to_be_so(number):
    """A number from one to the last; an id that comes near."""
    with pytest.raises(InvalidValue, match="whole number"):
        lesson_quiz("stored-once").answer(number, "a")
    with pytest.raises(InvalidValue, match="there is stored-once.q"):
        lesson_quiz("stored-once").check("stored-once.q0", "a")
    with pytest.raises(InvalidValue, match="there is no such lesson"):
        lesson_quiz("99")


def test_the_panel_explains_every_answer_in_words():
    """One form a question: no answer yet, a wrong one with its reason, the right one; the page holds no answer."""
    mine = lesson_quiz("stored-once")
    panel = mine.panel()
    *forms, standing = panel.children
    assert len(forms) == len(mine.questions)
    for number, (form, question) in enumerate(zip(forms, mine.questions, strict=True), 1):
        assert form.question["commit"] == f"Check question {number}"
        sent = str(form.get_state())
        assert all(option.why[:40] not in sent for option in question.options)
        form.answer("")
        assert "No answer yet" in form.status
        wrong = next(place for place, option in enumerate(question.options) if not option.right)
        form.answer(chosen(form, [wrong]))
        assert "✗" in form.status and "Not yet" in form.status
        form.answer(chosen(form, [LETTERS.index(letter) for letter in question.right]))
        assert "✓" in form.status and "Right" in form.status
    assert f"{len(mine.questions)} of {len(mine.questions)} right" in standing.value


def chosen(form, places):
    """What a page sends for some options: a list where several may fit, else the option alone."""
    options = [form.question["options"][place] for place in places]
    return options if form.question["kind"] == "set" else options[0]


def test_a_panel_that_no_kernel_runs_shows_its_questions():
    """The twin has every question with its options, and says that the cell has to be run."""
    bundle = lesson_quiz("stored-once")._repr_mimebundle_()
    for number, question in enumerate(lesson_quiz("stored-once").questions, 1):
        assert f"Question {number}. " in bundle["text/html"]
        assert len(question.options) == 4 or len(question.options) == 3
    assert bundle["text/html"].count("Run this cell to answer.") == len(lesson_quiz("stored-once").questions)
    assert "<input" not in bundle["text/html"] and "<script" not in bundle["text/html"]


def test_a_quiz_is_plain_text_as_well():
    """In a terminal and on paper: numbered questions, options with letters; nbval compares this text."""
    text = str(lesson_quiz("stored-once"))
    assert "1. " in text and "   a) " in text and "<" not in text
    assert lesson_quiz("stored-once")._repr_mimebundle_()["text/plain"] == text


def test_the_questions_come_in_jupyterquizs_format():
    """question, type, and answers with answer, correct and feedback, as its README describes them."""
    made = lesson_quiz("push").as_jupyterquiz()
    assert json.loads(json.dumps(made)) == made and len(made) == len(lesson_quiz("push").questions)
    for one in made:
        assert set(one) == {"question", "type", "answers"} and one["type"] in ("multiple_choice", "many_choice")
        assert all(set(each) == {"answer", "correct", "feedback"} for each in one["answers"])
        assert (sum(each["correct"] for each in one["answers"]) == 1) or one["type"] == "many_choice"


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"id": "4"}, "name it by its lesson"), ({"objectives": ()}, "name an objective"), ({"objectives": ("push.trace",)}, "of its lesson"), ({"text": " "}, "ask something"),
     ({"options": ()}, "options"), ({"options": (Option("a", True, "why"),) * 3}, "differ"), ({"options": tuple(Option(t, True, "w") for t in "abc")}, "another not")],
)  # fmt: skip
def test_a_question_that_is_unsound_is_refused(changes, said):
    """Whoever writes one is told what is wrong with it."""
    options = tuple(Option(text, text == "b", "because") for text in "abc")
    good = {"id": "stored-once.q1", "objectives": ("stored-once.bytes",), "text": "What?", "options": options}
    Question(**good)
    with pytest.raises(InvalidValue, match=said):
        Question(**{**good, **changes})
