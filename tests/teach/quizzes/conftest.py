"""What the truth tests share: how computed answers are held against a question's options."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from simregistry.teach.quizzes import lesson_quiz

Fits = Callable[[str, Mapping[str, bool]], None]


@pytest.fixture
def fits() -> Fits:
    """A check: each option begins as one of the computed lines does, and fits exactly where that line is so."""

    def check(id: str, computed: Mapping[str, bool]) -> None:
        question = next(each for each in lesson_quiz(id.partition(".")[0]).questions if each.id == id)
        meant = {
            option.text: [line for line in computed if option.text.startswith(line)] for option in question.options
        }
        assert all(len(lines) == 1 for lines in meant.values()), meant
        assert {option.text: option.right for option in question.options} == {
            text: computed[line] for text, (line,) in meant.items()
        }
        assert len(computed) == len(question.options)

    return check
