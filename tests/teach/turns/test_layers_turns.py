"""The turn of the lesson on layers: a Dockerfile is really built, searched and measured."""

from __future__ import annotations

import pytest

from simregistry.teach.turns.all_turns import find_turn

FROM = "FROM registry.example/base:1\n"
FETCH, MAKE, REMOVE = "fetch /tmp/big.tar", "make-tool", "rm /tmp/big.tar"
RIGHT = {
    "one step": f"{FROM}RUN {FETCH} && {MAKE} && {REMOVE}",
    "a list of lines": [FROM.strip(), f"RUN {FETCH} && {MAKE} && {REMOVE}"],
    "two stages": f"{FROM[:-1]} AS shop\nRUN {FETCH}\nRUN {MAKE}\n{FROM}COPY --from=shop /usr/bin/tool /usr/bin/tool",
}
WRONG = {
    "the rm comes in a later step": (f"{FROM}RUN {FETCH} && {MAKE}\nRUN {REMOVE}", "layer 2 of your image has /tmp/big.tar in it"),
    "the given one, as it was": (f"{FROM}RUN {FETCH}\nRUN {MAKE}\nRUN {REMOVE}", "layer 2 of your image has /tmp/big.tar in it"),
    "no rm at all": (f"{FROM}RUN {FETCH} && {MAKE}", "still has /tmp/big.tar"),
    "no tool": (FROM, "has no /usr/bin/tool"),
    "the archive goes too early": (f"{FROM}RUN {FETCH} && {REMOVE} && {MAKE}", "make-tool finds no /tmp/big.tar"),
    "a command that is not there": (f"{FROM}RUN wget /tmp/big.tar", "has the commands fetch /tmp/big.tar, make-tool, rm PATH"),
}  # fmt: skip


@pytest.mark.parametrize("dockerfile", RIGHT.values(), ids=RIGHT)
def test_a_dockerfile_that_leaves_no_trace_is_right(dockerfile):
    """However it is done, and it is measured beside the first Dockerfile."""
    reveal = find_turn("layers.no-trace").check(dockerfile)
    assert reveal.right
    assert "Your layers have 40,960 bytes. Those of the first Dockerfile have 256,000." in reveal.sentence
    assert reveal.details[-1] == "layer 2: /usr/bin/tool, 30,720 bytes"


@pytest.mark.parametrize(("dockerfile", "why"), WRONG.values(), ids=WRONG)
def test_a_dockerfile_that_does_not_do_it_gets_its_reason(dockerfile, why):
    """Each wrong one is told what is wrong with it."""
    reveal = find_turn("layers.no-trace").check(dockerfile)
    assert reveal.right is False and why in reveal.sentence


@pytest.mark.parametrize("nonsense", [7, {"RUN": 1}, "", "  ", b"FROM scratch", [1, 2], ["FROM"] * 2000])
def test_what_is_no_dockerfile_is_kindly_refused(nonsense):
    """It is no try, and the sentence says how to write one."""
    turn = find_turn("layers.no-trace")
    reveal = turn.check(nonsense)
    assert reveal.right is None and turn.tries == 0
    assert "Dockerfile" in reveal.sentence or "Nothing to try yet" in reveal.sentence


def test_a_text_that_is_no_dockerfile_is_refused_by_the_builder():
    """The builder's own words say what to write."""
    reveal = find_turn("layers.no-trace").check("please delete it")
    assert reveal.right is False and "The simulator refuses it" in reveal.sentence


def test_its_solution_works_and_waits_for_a_try():
    """Three hints, and an answer that is right as it is printed."""
    turn = find_turn("layers.no-trace")
    assert turn.solution().right is None and "Try something first" in turn.solution().sentence
    turn.check(FROM)
    assert "One way" in turn.solution().sentence and len(turn.all_hints) == 3
    assert turn.check(turn.answer).right
