"""The turn of the lesson on pulling: a reference is pulled on two machines after its tag moved."""

from __future__ import annotations

import pytest

from simregistry.teach.turns.all_turns import find_turn

KEY = "pull.pin"
NAME = "registry.example/app"
# The digests by what they are: "index", "manifest, linux/amd64" and so on.
DIGESTS = dict(find_turn(KEY).given.rows)
WRONG = {
    "the tag": (f"{NAME}:stable", "the tag has moved, and your reference has moved with it"),
    "one platform's manifest": (f"{NAME}@{DIGESTS['manifest, linux/amd64']}", "the board got an image for another platform"),
    "the other's": (f"{NAME}@{DIGESTS['manifest, linux/arm64']}", "the laptop got an image for another platform"),
    "the image ID": (f"{NAME}@{DIGESTS['config, linux/amd64']}", "the laptop can't pull that"),
    "no tag at all": (NAME, "the laptop can't pull that"),
    "a digest that is cut off": (f"{NAME}@{DIGESTS['index'][:19]}", "the laptop can't pull that"),
}  # fmt: skip


@pytest.mark.parametrize("reference", [f"{NAME}@{DIGESTS['index']}", f" {NAME}:stable@{DIGESTS['index']}\n"])
def test_the_digest_of_the_index_is_right(reference):
    """With a tag beside it or without, each machine gets its own image of today."""
    reveal = find_turn(KEY).check(reference)
    assert reveal.right
    assert reveal.details == (
        "the laptop (linux/amd64): today's image for linux/amd64",
        "the board (linux/arm64): today's image for linux/arm64",
    )


@pytest.mark.parametrize(("reference", "why"), WRONG.values(), ids=WRONG)
def test_another_reference_gets_its_reason(reference, why):
    """A tag moves, a platform's digest serves one machine, and what is no manifest can't be pulled."""
    reveal = find_turn(KEY).check(reference)
    assert reveal.right is False and why in reveal.sentence and reveal.score < 1


def test_a_refusal_is_told_in_the_simulators_words():
    """The image ID is no manifest, and without a host the reference leads to Docker Hub."""
    turn = find_turn(KEY)
    assert "404 manifest unknown" in turn.check(f"{NAME}@{DIGESTS['config, linux/amd64']}").details[0]
    assert "no registry answers at docker.io" in turn.check(f"app@{DIGESTS['index']}").details[1]


@pytest.mark.parametrize("nonsense", [7, {}, "", b"app", "one\ntwo", "x" * 30_000, ["app", 1]])
def test_what_is_no_reference_is_kindly_refused(nonsense):
    """It is no try, and the sentence says how to write one."""
    turn = find_turn(KEY)
    reveal = turn.check(nonsense)
    assert reveal.right is None and turn.tries == 0
    assert "one reference, such as" in reveal.sentence or "Nothing to try yet" in reveal.sentence


def test_its_solution_works_and_waits_for_a_try():
    """Three hints, and an answer that is right as it is printed."""
    turn = find_turn(KEY)
    assert "Try something first" in turn.solution().sentence
    turn.check(f"{NAME}:stable")
    assert "One way" in turn.solution().sentence and len(turn.all_hints) == 3
    assert turn.check(turn.answer).right
