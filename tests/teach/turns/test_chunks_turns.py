"""The turn of the lesson on chunks: two lines with cuts in them, checked by two cutters."""

from __future__ import annotations

import pytest

from simregistry.study import chunks
from simregistry.teach.turns.all_turns import find_turn
from simregistry.teach.turns.chunks_turns import AFTER, BEFORE, CUTTERS, after_spaces

KEY = "chunks.cuts"
FIXED, CONTENT = "a foxy| ran b|y the |old re|d barn", "a |foxy |ran |by |the |old |red |barn"
WRONG = {
    "the old cuts, moved along": ("a foxy |ran by| the o|ld red| barn", CONTENT, "doesn't know the old cuts"),
    "a cut before the space": (FIXED, "a| foxy| ran| by| the| old| red| barn", "begins with a space"),
    "the spaces left out": ("afoxyr|anbyth|eoldre|dbarn", CONTENT, "Keep every letter and every space"),
    "the string before the edit": (FIXED, "a |fox |ran |by |the |old |red |barn", "Keep every letter and every space"),
    "a cut missed": (FIXED, "a foxy |ran |by |the |old |red |barn", "piece 1 is 'a foxy '"),
    "a piece too short": ("a fox|y ran |by the| old r|ed bar|n", CONTENT, "It has 6 letters"),
    "an empty piece at the end": (FIXED + "|", CONTENT, "piece 6 is ''. It is too many"),
}


@pytest.mark.parametrize("lines", [(FIXED, CONTENT), (FIXED.split("|"), CONTENT.split("|"))], ids=["bars", "pieces"])
def test_the_right_cuts_are_taken_and_new_pieces_counted(lines):
    """All fixed pieces are new, and one of the others."""
    reveal = find_turn(KEY).check(dict(zip(("fixed", "content"), lines, strict=True)))
    assert reveal.right and reveal.details == ("fixed: 5 of 5 pieces are new", "content: 1 of 8 pieces are new")


@pytest.mark.parametrize(("fixed", "content", "why"), WRONG.values(), ids=WRONG)
def test_wrong_cuts_get_their_reason(fixed, content, why):
    """The line that is right is named as right, and the other says what is wrong."""
    reveal = find_turn(KEY).check({"fixed": fixed, "content": content})
    assert reveal.right is False and reveal.score == 0.5
    assert why in " ".join(reveal.details) and "right" in " ".join(reveal.details)


def test_two_wrong_lines_are_both_named():
    """Neither hides the other."""
    reveal = find_turn(KEY).check({"fixed": "a", "content": "b"})
    assert reveal.right is False and reveal.score == 0
    assert '"fixed" and "content" are not cut as the cutter does it' in reveal.sentence


@pytest.mark.parametrize(
    "nonsense",
    [7, FIXED, {"fixed": FIXED}, {"fixed": 3, "content": CONTENT}, {"fixed": [1], "content": CONTENT}, b"a|b"],
)
def test_what_is_no_pair_of_lines_is_kindly_refused(nonsense):
    """It is no try, and the sentence says how to write one."""
    turn = find_turn(KEY)
    reveal = turn.check(nonsense)
    assert reveal.right is None and turn.tries == 0 and "two strings with a bar at each cut" in reveal.sentence


def test_the_task_shows_the_cuts_before_and_not_those_after():
    """The task and its hints give neither line away."""
    turn = find_turn(KEY)
    shown = "\n".join([str(turn), *turn.all_hints])
    assert "a |fox |ran" in shown and FIXED not in shown and CONTENT not in shown
    assert BEFORE.replace(b"fox", b"foxy") == AFTER


@pytest.mark.parametrize("data", [b"", b" ", b"a", b"a b", b"a b ", b"  a"])
def test_the_cutters_lose_no_byte(data):
    """Also where the data end in a space, or are none."""
    for cutter in CUTTERS.values():
        assert b"".join(chunks(data, cutter)) == data
    assert all(chunks(data, after_spaces))
