"""A second name in an image layout: the index is really written and opened."""

from __future__ import annotations

import json

import pytest

from simregistry.teach.turns.all_turns import find_turn

TURN = find_turn("real.second-name")
INDEX = json.loads(TURN.answer)


def test_two_entries_with_one_digest_are_right():
    """As text, as a dictionary, and with the names in the other order."""
    swapped = {**INDEX, "manifests": INDEX["manifests"][::-1]}
    for answer in (TURN.answer, INDEX, json.dumps(swapped)):
        assert find_turn("real.second-name").check(answer).right is True


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda index: index["manifests"].pop(), "stable can't be opened"),
        (
            lambda index: index["manifests"][1].update(size=5),
            "the entry of stable says 5 bytes, and the manifest has 853",
        ),
        (lambda index: index["manifests"][1].update(digest="sha256:" + "0" * 64), "stable can't be opened"),
        (lambda index: index["manifests"][0].pop("annotations"), "v1 can't be opened"),
        (lambda index: index.pop("schemaVersion"), "the folder can't be opened"),
        (lambda index: index["manifests"][1].pop("digest"), "the folder can't be opened"),
    ],
)
def test_a_fault_gets_the_layouts_own_refusal(change, sentence):
    """The reason is the one that the code gives to anybody."""
    index = json.loads(TURN.answer)
    change(index)
    answer = find_turn("real.second-name").check(index)
    assert answer.right is False and sentence in answer.sentence


@pytest.mark.parametrize("nonsense", ["", "v1, stable", "{", "[]", 7, None, {}, ["v1"], "x" * 30_000])
def test_nonsense_is_kindly_refused(nonsense):
    """Nothing that a learner types raises anything."""
    assert find_turn("real.second-name").check(nonsense).right is not True
