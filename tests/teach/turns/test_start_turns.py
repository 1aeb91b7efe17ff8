"""The turn of the first lesson: three commands are really carried out, and every slip is met in the tool's words."""

from __future__ import annotations

import pytest

from simregistry.teach.turns.all_turns import find_turn
from simregistry.teach.turns.start_turns import ONE_WAY

BUILD, PUSH, PULL = ONE_WAY

ACCEPTED = [
    list(ONE_WAY),
    "\n".join(ONE_WAY),
    f"  {BUILD}\n\n{PUSH}\n{PULL}\nserver: docker images",
    [line.replace("laptop:", "LAPTOP :").replace("server:", "Server:") for line in ONE_WAY],
    [BUILD.replace("-t", "--tag"), PUSH, PULL],
    [BUILD.replace("web:v5", "web:draft"), PUSH.replace("push", "tag").replace("web:v5", "web:draft")
     + " registry.example/web:v5", PUSH, PULL],
]  # fmt: skip

REFUSED = [
    ([PUSH, BUILD, PULL], "command 1 of 3 is refused. Error response from daemon: no local image"),
    ([BUILD, PULL, PUSH], "command 2 of 3 is refused. Error response from daemon: GET /v2/web/manifests/v5: 404"),
    ([BUILD, PUSH], "every command worked, but the server has no image registry.example/web:v5"),
    ([BUILD.replace("laptop", "server"), PULL], "failed to read dockerfile: no such file on the server"),
    ([BUILD.removesuffix(" ."), PUSH, PULL], "the following arguments are required: PATH"),
    ([line.replace("registry.example/", "") for line in ONE_WAY], "no registry answers at docker.io"),
    ([BUILD, "laptop: docker run web:v5"], "The docker commands of this turn are build, push, pull, tag, images"),
    ([line.partition(": ")[2] for line in ONE_WAY], "Write a machine (laptop or server), a colon and a docker command"),
    (["phone: docker images"], "Write a machine (laptop or server)"),
]


@pytest.mark.parametrize("answer", ACCEPTED)
def test_commands_that_bring_the_image_to_the_server_are_accepted(answer):
    """A list or a string, spaces and capitals, and a detour by another name."""
    reveal = find_turn("start.to-the-server").check(answer)
    assert reveal.right and reveal.score == 1 and 'VERSION = "v5"' in reveal.sentence


@pytest.mark.parametrize(("answer", "says"), REFUSED)
def test_a_slip_is_refused_with_its_reason(answer, says):
    """What the machines say is shown, and how far the image came."""
    reveal = find_turn("start.to-the-server").check(answer)
    assert reveal.right is False and reveal.score < 1
    assert says in reveal.sentence


@pytest.mark.parametrize("answer", [7, None, ..., "", "…", {"a"}, [1, 2, 3], [["x"]], "laptop\n" * 30, object()])
def test_what_is_no_list_of_commands_is_no_try(answer):
    """Nonsense is told how to write it, and the solution still waits for a try."""
    turn = find_turn("start.to-the-server")
    reveal = turn.check(answer)
    assert reveal.right is None and BUILD not in reveal.sentence
    assert turn.tries == 0 and "Try something first" in turn.solution().sentence


def test_the_solution_is_what_it_says_and_each_try_begins_anew():
    """The answer that is shown works, and what one try left behind does not help the next."""
    turn = find_turn("start.to-the-server")
    turn.check([BUILD, PUSH])
    assert turn.check([PULL]).right is False
    assert turn.check(turn.answer).right and turn.answer in turn.solution().sentence
    assert len(turn.all_hints) == 3 and str(turn.hint()).startswith("… Hint 1 of 3")
