"""A scene is data: a page gets plain values, and a still picture is an image with words."""

from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ElementTree

import pytest

from simregistry.errors import InvalidValue
from simregistry.show.explorers.explorer import Explorer, Hand
from simregistry.show.explorers.scene import Control, Mark, Scene
from simregistry.show.explorers.still_picture import still_svg
from simregistry.table import Table


class Counter(Explorer):
    """An explorer of one number."""

    def __init__(self) -> None:
        self.count = 0
        super().__init__()

    def act(self, hand: Hand) -> None:
        """Add, or refuse."""
        if hand.do == "add":
            self.count += int(hand.value or 1)
        if hand.do == "refuse":
            raise InvalidValue("step", 5, "take a smaller one")

    def draw(self) -> Scene:
        """One mark of each shape."""
        marks = (
            Mark("box", "box", 10, 10, 80, 30, f"count <{self.count}>", colour=1, do="add", says="one more"),
            Mark("dot", "dot", 150, 25, 20, look="ghost", colour=0),
            Mark("line", "line", 95, 25, 40, 0, arrow=True),
            Mark("name", "text", 10, 60, label="a & b", align="start"),
        )
        return Scene("A counter", 200, 80, marks, f"The count is {self.count}.", (Control("add", "button", "Add"),),
                     goal="Count to two.", reached=self.count == 2, table=Table(("count",), ((self.count,),)))  # fmt: skip


def test_the_page_gets_plain_values():
    """What a browser is sent can be written as JSON."""
    page = json.loads(json.dumps(Counter().scene))
    assert page["marks"][0]["label"] == "count <0>" and page["table"] == {"columns": ["count"], "rows": [[0]]}
    assert page["controls"][0]["id"] == "add" and page["goal"] == "Count to two." and page["reached"] is False


def test_a_hand_changes_the_model_and_the_scene():
    """By message, as from a page; the new scene is what is sent."""
    counter = Counter()
    counter._receive(None, {"do": "add", "id": "box", "value": 2}, [])
    assert counter.count == 2 and counter.scene["reached"] is True and counter.scene["says"] == "The count is 2."


@pytest.mark.parametrize(
    "message",
    [None, [], "add", {}, {"do": 5}, {"do": "add", "id": ["box"]}, {"do": "add", "on": "x" * 9_999}, {"do": "no such thing"},
     {"do": "add" * 3_000}],
)  # fmt: skip
def test_a_message_that_is_nonsense_changes_nothing(message):
    """A page can send anything."""
    counter = Counter()
    counter._receive(None, message, [])
    assert counter.count == 0


def test_a_refusal_of_the_simulator_is_said():
    """And gone with the next step."""
    counter = Counter()
    counter.hand("refuse")
    assert "take a smaller one" in counter.scene["says"]
    counter.hand("add")
    assert counter.scene["says"] == "The count is 1."


def test_the_twin_is_an_image_with_words_and_a_table():
    """No script, no style element, no drawing that JupyterLab would take out."""
    twin = Counter().twin()
    assert not re.search(r"<(svg|script|style)", twin)
    assert 'alt="A counter"' in twin and "<figcaption>The count is 0.</figcaption>" in twin and "<table" in twin
    data = re.search(r"base64,([^\"]+)", twin)[1]
    drawing = ElementTree.fromstring(base64.b64decode(data))
    assert "count <0>" in "".join(drawing.itertext()) and "a & b" in "".join(drawing.itertext())


def test_a_still_picture_is_the_same_text_each_time_and_has_a_white_ground():
    """Stored pictures are compared as text."""
    assert still_svg(Counter().draw()) == still_svg(Counter().draw())
    assert 'fill="white"/>' in still_svg(Counter().draw())


def test_the_sentence_says_the_first_state_and_the_goal():
    """A terminal prints it."""
    assert repr(Counter()) == "A counter. The count is 0. Count to two. Run this cell to use it."
