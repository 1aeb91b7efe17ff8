"""Flags: their quotes, their values, and where they end."""

from __future__ import annotations

import pytest

from simregistry.client.build.dockerfile import parse_dockerfile
from simregistry.client.build.instruction_flags import FlagFault, read_flags
from simregistry.client.client import Client


@pytest.mark.parametrize(
    ("keyword", "text", "flags", "rest"),
    [
        ("ADD", '--chown="7:8"  a b', {"chown": "7:8"}, "a b"),
        ("COPY", "--from='the base' --link=TRUE a b", {"from": "the base", "link": "TRUE"}, "a b"),
        ("COPY", r"--chown=a\ b\"c x", {"chown": 'a b"c'}, "x"),
        ("COPY", "--ch'own=x' a", {"chown": "x"}, "a"),
        ("CMD", "-- --flag", {}, "--flag"),
        ("RUN", "-x --mount=a", {}, "-x --mount=a"),
        ("HEALTHCHECK", '--interval="5s" CMD x', {"interval": "5s"}, "CMD x"),
        ("COPY", '--from="open to the end', {"from": "open to the end"}, ""),
    ],
)
def test_flags_lose_their_quotes(keyword, text, flags, rest):
    """As BuildKit reads them: quotes anywhere, the escape in both kinds of quotes, -- as the end."""
    assert read_flags(keyword, text) == (flags, rest)


def test_the_escape_of_the_file_is_the_escape_of_its_flags():
    """With a backtick, a backslash is a letter."""
    assert read_flags("COPY", r"--from=a\b` c d", "`") == ({"from": r"a\b c"}, "d")


@pytest.mark.parametrize(
    ("keyword", "text", "why"),
    [
        ("COPY", "--chmod a b", "--chmod needs a value; write --chmod=value"),
        ("COPY", "--link=maybe a b", "--link is true or false, not 'maybe'"),
        ("LABEL", "--a=b c=d", "LABEL takes no flag; put -- before"),
        ("RUN", "--network=host --network=none x", "given twice"),
    ],
)
def test_a_flag_that_makes_no_sense_is_refused(keyword, text, why):
    """Not passed over: the image would be another one."""
    with pytest.raises(FlagFault, match=why):
        read_flags(keyword, text)


def test_a_quoted_name_of_a_stage_is_that_stage():
    """In FROM's flags too."""
    text = 'FROM --platform="linux/amd64" scratch AS one\nRUN make\nFROM scratch\nCOPY --from="one" /out /\n'
    assert parse_dockerfile(text).stages[1].instructions[0].flags == {"from": "one"}
    laptop = Client()
    laptop.build("app:v1", text, effects={"make": {"out/x": "X"}})
    assert laptop.rootfs("app:v1")["x"].content == b"X"
