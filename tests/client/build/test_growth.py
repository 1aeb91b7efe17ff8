"""Short Dockerfiles that grow, and numbers of thousands of digits: each is a refusal that says what is too much."""

from __future__ import annotations

import pytest

from simregistry.client.client import Client
from simregistry.errors import InvalidValue

# A variable of 80,000 characters from thirteen short lines.
BIG = "FROM scratch\nENV A=aaaaaaaaaa\n" + "ENV A=$A$A\n" * 13
DIGITS = "8" * 6000
GROWING = {
    "a variable doubles": ("FROM scratch\nENV V=12345678\n" + "ENV V=${V}${V}\n" * 60, "grows to more than 131,072"),
    "an argument doubles": ("FROM scratch\nARG V=12345678\n" + "ARG V=$V$V\n" * 60, "grows to more than 131,072"),
    "before the first FROM": ("ARG V=12345678\n" + "ARG V=$V$V\n" * 60 + "FROM $V\n", "grows to more than 131,072"),
    "in one line": (BIG + "LABEL " + " ".join(f"l{n}=$A" for n in range(9000)), "grows to more than 4,194,304"),
    "many variables": (BIG + "".join(f"ENV N{n}=$A\n" for n in range(9000)), "Linux starts no command"),
    "the history": (BIG + "LABEL l=$A\n" * 9000, "the history has more than"),
    "sources": (BIG + "COPY " + "$A " * 9000 + "/\n", "grows to more than 4,194,304"),
    "a heredoc": (BIG + "COPY <<end /x\n" + "$A" * 9000 + "\nend\n", "the heredoc grows to more than 16,777,216"),
    "a default in a default": ("FROM scratch\nUSER " + "${u:-" * 500 + "me" + "}" * 500, "deeper than 64 levels"),
}
NUMBERS = {
    f"HEALTHCHECK --timeout={DIGITS}s CMD x": "takes a time, such as",
    "HEALTHCHECK --timeout=9999999h CMD x": "at most 292 years",
    f"HEALTHCHECK --retries={DIGITS} CMD x": "a number from 0 to 2,147,483,647",
    "HEALTHCHECK --retries=-1 CMD x": "a number from 0 to",
    f"COPY --chown=1:{DIGITS} a /": "the image's /etc/group has no '888",
    f"ADD --chown={DIGITS} a /": "the image's /etc/passwd has no '888",
    "COPY --chown=٣ a /": "the image's /etc/passwd has no '٣'",
    f"COPY --chmod={DIGITS} a /": "takes an octal mode",
    f"EXPOSE {DIGITS}": "isn't a port",
}


@pytest.mark.parametrize(("text", "why"), GROWING.values(), ids=GROWING)
def test_a_text_that_grows_is_refused_with_its_bound(text, why):
    """Before it is as large as the memory, and with the number of its line."""
    with pytest.raises(InvalidValue) as refusal:
        Client().build("app:v1", text, {"a": ""})
    assert why in refusal.value.rule and refusal.value.rule.startswith("line ")
    assert len(str(refusal.value)) < 500


@pytest.mark.parametrize(("line", "why"), NUMBERS.items())
def test_a_number_that_nothing_holds_is_refused(line, why):
    """Python would raise errors of its own for some of them."""
    with pytest.raises(InvalidValue) as refusal:
        Client().build("app:v1", f"FROM scratch\n{line}\n", {"a": ""})
    assert why in refusal.value.rule


def test_large_and_real_is_fine():
    """A PATH that grows line by line, and 30 kB in one variable."""
    laptop = Client()
    text = "FROM scratch\nENV P=/bin\n" + "ENV P=$P:/opt/tool/bin\n" * 200 + f"ENV BIG={'x' * 30_000}\n"
    laptop.build("app:v1", text + "HEALTHCHECK --interval=1h1m1.5s --retries=3 CMD x\n")
    runtime = laptop.config("app:v1").runtime
    assert [len(text) for text in runtime.env] == [2 + 4 + 200 * 14, 30_004]
    assert runtime.healthcheck["Interval"] == 3_661_500_000_000


@pytest.mark.parametrize(
    "options",
    [{"build_args": {"V": "\udfff"}}, {"build_args": {"V": "v" * 200_000}}, {"effects": {"go": {"a": "\ud800"}}}],
)
def test_what_the_caller_gives_is_checked_too(options):
    """Half a character, and an argument that no command can take."""
    with pytest.raises(InvalidValue):
        Client().build("app:v1", "FROM scratch\nARG V\nENV W=$V\nRUN go\n", **options)
