"""The turn of the lesson on public and private: a token is really asked for, pushed with, and shown by a thief."""

from __future__ import annotations

import pytest

from simregistry.teach.turns.all_turns import find_turn

WEB, BASE = "repository:team/web:pull,push", "repository:team/base:pull"
RIGHT = {
    "two scopes": f"{WEB} {BASE}",
    "the other way round": f"{BASE} repository:team/web:push,pull",
    "a list": [WEB, BASE],
    "each line a scope": f"  {WEB}\n{BASE}\n",
    "what is not granted anyway": f"{WEB} {BASE} repository:other/app:pull",
}
WRONG = {
    "no right to mount": (WEB, "refuses to mount the base layer. For that it wants repository:team/web:pull,push repository:team/base:pull"),
    "push without pull": (f"repository:team/web:push {BASE}", "refuses to ask whether the layer is there"),
    "pull alone": (f"repository:team/web:pull {BASE}", "refuses to mount the base layer"),
    "a pattern is no name": (f"repository:team/*:pull,push {BASE}", "refuses to ask whether the layer is there"),
    "delete as well": (f"{WEB},delete {BASE}", "a thief with this token can delete team/web:v1"),
    "push to the base": (f"{WEB} {BASE},push", "a thief with this token can upload to team/base"),
    "the keys as well": (f"{WEB} {BASE} repository:team/keys:pull", "a thief with this token can read team/keys"),
    "a repository that is not there": (f"{WEB} {BASE} repository:team/other:pull", "it doesn't need pull in team/other"),
    "a comma for a space": (f"{WEB},{BASE}", "refuses to ask whether the layer is there"),
    "not a scope": ("please", "the token service answers 400: scope 'please': write kind:name:action,action"),
}  # fmt: skip


@pytest.mark.parametrize("answer", RIGHT.values(), ids=RIGHT)
def test_a_scope_for_this_push_alone_is_right(answer):
    """The push goes through, and the gate refuses whatever the thief tries."""
    reveal = find_turn("private.scope").check(answer)
    assert reveal.right and reveal.score == 1
    assert [line.rpartition(" ")[2] for line in reveal.details] == ["404", *["201"] * 4, *["401"] * 4]


@pytest.mark.parametrize(("answer", "says"), WRONG.values(), ids=WRONG)
def test_a_scope_that_is_too_small_or_too_large_gets_its_reason(answer, says):
    """What the gate refuses to the build server, or what it lets the thief do."""
    reveal = find_turn("private.scope").check(answer)
    assert reveal.right is False and reveal.score < 1
    assert says in reveal.sentence


@pytest.mark.parametrize(
    "nonsense", [7, {"repository": 1}, {WEB}, b"repository", "", "…", [1, 2], "x" * 30_000, object()]
)
def test_what_is_no_string_is_kindly_refused(nonsense):
    """It is no try, and the sentence says how to write one."""
    turn = find_turn("private.scope")
    reveal = turn.check(nonsense)
    assert reveal.right is None and turn.tries == 0
    assert 'such as "repository:team/web:pull"' in reveal.sentence or "Nothing to try yet" in reveal.sentence
    assert BASE not in reveal.sentence


def test_its_solution_works_and_waits_for_a_try():
    """Three hints, and an answer that is right as it is printed; one try leaves nothing behind for the next."""
    turn = find_turn("private.scope")
    assert "Try something first" in turn.solution().sentence
    assert turn.check(f"{WEB},delete {BASE},push,delete").right is False
    assert "One way" in turn.solution().sentence and len(turn.all_hints) == 3
    assert turn.check(turn.answer.strip('"')).right
