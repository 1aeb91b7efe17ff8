"""The turn of the lesson on building: a Dockerfile is built and pushed twice, and the second push is measured."""

from __future__ import annotations

import pytest

from simregistry.teach.turns import build_turns
from simregistry.teach.turns.all_turns import find_turn

FROM = "FROM registry.example/base:1\n"
LISTED, PRICES, CODE = "COPY package.json /app/\n", "COPY prices.csv /app/\n", "COPY server.js /app/\n"
INSTALL, INDEX = "RUN npm install\n", "RUN make-index\n"
RIGHT = {
    "each command after its file": FROM + LISTED + INSTALL + PRICES + INDEX + CODE,
    "the other command first": FROM + PRICES + INDEX + LISTED + INSTALL + CODE,
    "both files, both commands in one step": f"{FROM}COPY package.json prices.csv /app/\nRUN npm install && make-index\n{CODE}",
    "a list of lines": [line.strip() for line in (FROM, LISTED, INSTALL, PRICES, INDEX, CODE)],
    "a working directory and a command": f"{FROM}WORKDIR /app\nCOPY package.json .\n{INSTALL}COPY prices.csv .\n{INDEX}COPY server.js .\nCMD node server.js\n",
    "stages": (
        f"{FROM[:-1]} AS one\n{LISTED}{INSTALL}{FROM[:-1]} AS two\n{PRICES}{INDEX}{FROM}"
        "COPY --from=one /usr/lib/node_modules /usr/lib/node_modules\nCOPY --from=two /var/index /var/index\n"
        f"{LISTED}{PRICES}{CODE}"
    ),
}  # fmt: skip
WRONG = {
    "the given one, as it was": (build_turns.GIVEN, "RUN npm install and RUN make-index run again in version 2", 0.25),
    "the code first": (FROM + CODE + LISTED + INSTALL + PRICES + INDEX, "RUN npm install and RUN make-index run again", 0.25),
    "one command kept": (f"{FROM}{LISTED}{INSTALL}COPY . /app/\n{INDEX}", "RUN make-index runs again in version 2", 0.25),
    "the code together with the rest": (f"{FROM}{LISTED}{INSTALL}{PRICES}{INDEX}COPY . /app/\n", "COPY . /app/ makes a large layer", 0.5),
    "no prices": (FROM + LISTED + INSTALL + CODE, "has no /app/prices.csv", 0.0),
    "no index": (FROM + LISTED + INSTALL + PRICES + CODE, "has no /var/index", 0.0),
    "a command before its file": (FROM + INSTALL + LISTED + PRICES + INDEX + CODE, "npm finds no /app/package.json", 0.0),
    "a command that is not there": (f"{FROM}{LISTED}RUN yarn install\n", "has the commands npm install, make-index, rm PATH", 0.0),
    "a base that nobody has": ("FROM node:24\nCOPY . /app/\n", "no registry answers at docker.io", 0.0),
    "no Dockerfile": ("copy the code last", "The simulator refuses it", 0.0),
}  # fmt: skip


@pytest.mark.parametrize("dockerfile", RIGHT.values(), ids=RIGHT)
def test_a_dockerfile_that_keeps_both_commands_in_the_cache_is_right(dockerfile):
    """However it is done; the second push is small, and every step of the second build is listed with its reason."""
    reveal = find_turn("build.quick-push").check(dockerfile)
    assert reveal.right and reveal.score == 1
    sent = int(reveal.sentence.split(" sends ")[1].split(" ")[0].replace(",", ""))
    assert 10_240 < sent < build_turns.LIMIT
    assert reveal.details[-1].endswith("files changed: app/server.js, 10,240 bytes")
    assert any(line.startswith("RUN ") and ": hit, " in line for line in reveal.details)


@pytest.mark.parametrize(("dockerfile", "why", "score"), WRONG.values(), ids=WRONG)
def test_a_dockerfile_that_does_not_do_it_gets_its_reason(dockerfile, why, score):
    """Each wrong one is told what is wrong with it, and none of them how it is done."""
    reveal = find_turn("build.quick-push").check(dockerfile)
    assert reveal.right is False and why in reveal.sentence and reveal.score == score
    assert build_turns.ONE_WAY not in str(reveal)


def test_what_a_command_leaves_when_it_runs_again_is_sent_again():
    """The packages are the same and still travel: 69,000 bytes more than the limit allows."""
    reveal = find_turn("build.quick-push").check(build_turns.GIVEN)
    sent = int(reveal.sentence.split(" sends ")[1].split(" ")[0].replace(",", ""))
    assert sent > 69_000 + 30_000 + 20_000


@pytest.mark.parametrize("nonsense", [7, {"RUN": 1}, "", "  ", b"FROM scratch", [1, 2], ["FROM"] * 2000, object()])
def test_what_is_no_dockerfile_is_kindly_refused(nonsense):
    """It is no try, and the sentence says how to write one."""
    turn = find_turn("build.quick-push")
    reveal = turn.check(nonsense)
    assert reveal.right is None and turn.tries == 0
    assert "Dockerfile" in reveal.sentence or "Nothing to try yet" in reveal.sentence


def test_its_solution_works_and_waits_for_a_try():
    """Three hints, and an answer that is right as it is printed; each try begins anew."""
    turn = find_turn("build.quick-push")
    assert turn.solution().right is None and "Try something first" in turn.solution().sentence
    assert turn.check(FROM).right is False
    assert turn.answer in turn.solution().sentence and len(turn.all_hints) == 3
    assert turn.check(turn.answer).right
    assert turn.check(build_turns.GIVEN).right is False
