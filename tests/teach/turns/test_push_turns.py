"""The turn of the lesson on pushing: the messages are really sent, in the order that was written."""

from __future__ import annotations

import pytest

from simregistry.teach.turns.all_turns import find_turn
from simregistry.teach.turns.push_turns import BEGIN, CLOSE, MANIFEST, MESSAGES, ONE_WAY, PING

KEY = "push.order"
CONFIG_FIRST = [PING, BEGIN["config"], CLOSE["config"], BEGIN["layer"], CLOSE["layer"], MANIFEST]
BOTH_OPEN = [*BEGIN.values(), *CLOSE.values(), PING, MANIFEST]
WRONG = {
    "the manifest first": ([MANIFEST, *ONE_WAY[:-1]], "404 MANIFEST_BLOB_UNKNOWN"),
    "no config yet": ([*ONE_WAY[:3], MANIFEST, *ONE_WAY[3:5]], "404 MANIFEST_BLOB_UNKNOWN"),
    "bytes before the upload": ([PING, CLOSE["layer"], BEGIN["layer"], *ONE_WAY[3:]], "404 BLOB_UPLOAD_UNKNOWN"),
}


@pytest.mark.parametrize("answer", [ONE_WAY, CONFIG_FIRST, BOTH_OPEN], ids=range(3))
def test_an_order_that_the_registry_takes_is_right(answer):
    """There is more than one: blobs may come in any order, and both uploads may be open at once."""
    reveal = find_turn(KEY).check(answer)
    assert reveal.right and len(reveal.details) == len(MESSAGES)


@pytest.mark.parametrize(("answer", "said"), WRONG.values(), ids=WRONG)
def test_the_first_refusal_is_shown_in_the_registrys_words(answer, said):
    """Nothing is sent after it."""
    reveal = find_turn(KEY).check(answer)
    assert reveal.right is False and said in reveal.sentence and reveal.score < 1
    assert len(reveal.details) < len(MESSAGES)


def test_a_list_that_is_too_short_names_what_is_missing():
    """It is a try, and nothing is sent."""
    reveal = find_turn(KEY).check([message for message in ONE_WAY if message != MANIFEST])
    assert reveal.right is False and f"Missing: {MANIFEST}." in reveal.sentence and reveal.details == ()


@pytest.mark.parametrize("nonsense", [7, "", ["PUT"], {"a": 1}, b"PUT", ["x"] * 2000], ids=range(6))
def test_what_is_no_order_is_kindly_refused(nonsense):
    """It is no try, and nothing is raised."""
    turn = find_turn(KEY)
    assert turn.check(nonsense).right is not True and turn.tries == 0
