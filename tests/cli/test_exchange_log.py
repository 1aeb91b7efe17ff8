"""A lost line of the log never changes an answer."""

from __future__ import annotations

import io
import time

from simregistry.cli.exchange_log import MOST_WAITING, ExchangeLog, encodable, line_of
from simregistry.oci.messages import Exchange, Request, Response


def exchange(path: str = "/v2/app/tags/list") -> Exchange:
    """One question and its answer."""
    return Exchange(Request("GET", path, body=b"12"), Response(200, {}, b"abc"))


class Stuck(io.StringIO):
    """An output that nobody reads: each write waits for ever."""

    def write(self, text: str) -> int:
        """Wait."""
        time.sleep(60)
        return 0


class Closed(io.StringIO):
    """An output whose reader is gone."""

    def write(self, text: str) -> int:
        """Fail as a closed pipe does."""
        raise BrokenPipeError


def test_a_line_has_the_request_and_the_bytes_and_nothing_a_terminal_acts_on():
    """ESC, BEL and line ends are written out."""
    assert line_of(exchange()) == "GET /v2/app/tags/list 200 ↑2 ↓3"
    line = line_of(exchange("/v2/\x1b]0;owned\x07\nPUT /v2/prod"))
    assert line == "GET /v2/\\x1b]0;owned\\x07\\nPUT /v2/prod 200 ↑2 ↓3"


def test_what_an_encoding_lacks_is_written_as_an_escape():
    """A redirected Windows console has no arrows."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    assert encodable("↑2 ü", out) == "\\u21912 ü" and encodable("↑2", io.StringIO()) == "↑2"


def test_lines_are_written_in_order():
    """By the thread of the log."""
    out = io.StringIO()
    log = ExchangeLog(out)
    for number in range(3):
        log.note(exchange(f"/v2/{number}"))
    until = time.monotonic() + 5
    while out.getvalue().count("\n") < 3 and time.monotonic() < until:
        time.sleep(0.01)
    assert [line.split()[1] for line in out.getvalue().splitlines()] == ["/v2/0", "/v2/1", "/v2/2"]


def test_an_output_that_is_stuck_or_gone_delays_nobody_and_holds_little():
    """More lines than may wait are counted, and let go."""
    for out in (Stuck(), Closed()):
        log = ExchangeLog(out)
        begun = time.monotonic()
        for _ in range(MOST_WAITING + 500):
            log.note(exchange())
        assert time.monotonic() - begun < 20 and log.waiting.qsize() <= MOST_WAITING + 1
