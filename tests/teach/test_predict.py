"""Predictions: read, scored, and shown what differs; nothing a learner types stops the notebook."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simregistry.teach import predict

LAYERS = ["base", "deps", "code"]


@pytest.mark.parametrize("guess", [1058, 1058.0, "1058", "1,058 bytes", " 1_058 ", "1058.0"])
def test_a_right_number_is_right_however_it_is_written(guess):
    """With separators and a unit, or without."""
    assert predict.number(guess, 1058).right


def test_a_wrong_number_is_told_by_how_much():
    """Too many, too few, and near enough where that is allowed."""
    assert str(predict.number(2000, 1058)) == "✗ You said 2,000 bytes; it is 1,058: 942 too many."
    assert "58 too few" in str(predict.number(1000, 1058))
    assert predict.number(1000, 1058, tolerance=0.1).right
    assert 0 < predict.number(1000, 1058).score < 1


@pytest.mark.parametrize("guess", [..., None, "", "..."])
def test_an_open_prediction_goes_on(guess):
    """It is neither right nor wrong, and the result is told."""
    for reveal in (
        predict.number(guess, 7, why="because"),
        predict.choice(guess, "a", ["a", "b"]),
        predict.items(guess, {"base"}, of=LAYERS),
        predict.order(guess, LAYERS),
    ):
        assert reveal.right is None
        assert reveal.sentence.startswith("No prediction yet. It is")


def test_a_choice_tells_why_the_wrong_one_is_tempting():
    """Its own message for each."""
    because = {"the newest": "latest is a name like any other"}
    reveal = predict.choice("The newest", "the tag named latest", ["the newest", "the tag named latest"], because)
    assert str(reveal) == "✗ You said the newest; it is the tag named latest. Latest is a name like any other."
    assert predict.choice("THE TAG NAMED LATEST", "the tag named latest", ["the tag named latest"]).right
    assert predict.choice("c", "a", ["a", "b"]).sentence.startswith("Choose one of a, b; 'c' isn't one of them")


def test_items_are_scored_one_by_one():
    """Missed, and wrongly named."""
    reveal = predict.items({"base", "code"}, {"code", "deps"}, of=LAYERS)
    assert reveal.details == ("base: you named it, but it is not one of them", "deps: missed")
    assert reveal.right is False
    assert predict.items(["code"], {"code"}, of=LAYERS).right
    assert predict.items("code", {"code"}, of=LAYERS).right
    assert predict.items(set(), set(), of=LAYERS).right


def test_a_name_that_is_not_there_is_named_and_the_result_is_not():
    """A slip costs nothing: the set is not scored, and can be written again."""
    reveal = predict.items({"base", "code", "tail"}, {"code", "deps"}, of=LAYERS, why="only these two changed")
    assert reveal.right is None and reveal.details == ()
    assert "There is no 'tail' here." in reveal.sentence
    assert "deps: missed" not in str(reveal) and "changed" not in str(reveal)


def test_an_order_is_scored_place_by_place():
    """And by its length."""
    reveal = predict.order(["deps", "base"], LAYERS)
    assert reveal.details == (
        "place 1: you said deps, it is base", "place 2: you said base, it is deps", "you named 2, there are 3",
    )  # fmt: skip
    assert predict.order(LAYERS, LAYERS).score == 1.0


NONSENSE = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=50), st.binary(max_size=9),
    st.lists(st.integers(), max_size=3), st.dictionaries(st.text(max_size=3), st.integers(), max_size=2), st.complex_numbers(),
)  # fmt: skip


@given(NONSENSE)
def test_nonsense_gets_a_sentence(guess):
    """Never an error, and always a score between 0 and 1."""
    for reveal in (
        predict.number(guess, 1058),
        predict.choice(guess, "a", ["a", "b"]),
        predict.items(guess, {"base"}, of=LAYERS),
        predict.order(guess, LAYERS),
    ):
        assert 0 <= reveal.score <= 1 and not math.isnan(reveal.score)
        assert len(str(reveal)) < 4000
        assert reveal._repr_html_().startswith("<div")
