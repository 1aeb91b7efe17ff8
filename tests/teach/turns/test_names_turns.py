"""The turn of the lesson on names: a moved tag is really set back, and every slip is met in the tool's words."""

from __future__ import annotations

import pytest

from simregistry.teach.turns.all_turns import find_turn
from simregistry.teach.turns.names_turns import STABLE, back_to_yesterday, moved_tag

PULL, TAG, PUSH = back_to_yesterday().answer.splitlines()
GOOD = PULL.rpartition(" ")[2]

ACCEPTED = [
    [PULL, TAG, PUSH],
    "\n\n".join([PULL, TAG, PUSH]),
    [PULL, TAG, "DESK:docker images", PUSH],
    [PULL, TAG.replace("stable", "kept"), f"desk: docker tag {STABLE.replace('stable', 'kept')} {STABLE}", PUSH],
]

REFUSED = [
    ([PULL], "every command worked, but web:stable names still the broken image"),
    ([f"desk: docker pull {STABLE}", PUSH], "every command worked, but web:stable names still the broken image"),
    ([TAG, PUSH], "command 1 of 2 is refused. Error response from daemon: no local image"),
    ([PULL, PUSH], "command 2 of 2 is refused. Error response from daemon: no local image registry.example/web:stable"),
    ([PULL.removesuffix(GOOD[-1]), TAG, PUSH], "sha256 needs exactly 64 lower-case hexadecimal digits"),
    (["desk: docker pull registry.example/web:yesterday"], "no tag yesterday in web; it has stable"),
    (["laptop: docker images"], "Write a machine (desk), a colon and a docker command"),
    (["desk: docker build -t x ."], "The docker commands of this turn are pull, tag, push, images"),
]


@pytest.mark.parametrize("answer", ACCEPTED)
def test_commands_that_set_the_tag_back_are_accepted(answer):
    """Three commands, however they are written, and a detour by a name of one's own."""
    reveal = find_turn("names.back-to-yesterday").check(answer)
    assert reveal.right and reveal.score == 1


@pytest.mark.parametrize(("answer", "says"), REFUSED)
def test_a_slip_is_met_with_its_reason(answer, says):
    """What the machine or the registry says is shown."""
    reveal = find_turn("names.back-to-yesterday").check(answer)
    assert reveal.right is False and reveal.score < 1
    assert says in reveal.sentence


@pytest.mark.parametrize("answer", [0, None, ..., "", {"desk"}, [3], ["x"] * 40, object()])
def test_what_is_no_list_of_commands_is_no_try(answer):
    """Nonsense is told how to write it, and the solution still waits for a try."""
    turn = find_turn("names.back-to-yesterday")
    assert turn.check(answer).right is None
    assert turn.tries == 0 and PUSH not in turn.solution().sentence


def test_no_tag_names_the_good_image_and_the_task_gives_its_digest():
    """So the digest is the only way to it, and it can be copied."""
    registry, good = moved_tag()
    assert good.digest not in {image.digest for image in registry.images()}
    assert str(good) == GOOD and GOOD in str(find_turn("names.back-to-yesterday"))
    assert registry.manifest("web", str(good.digest)).digest == good.digest
