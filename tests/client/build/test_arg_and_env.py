"""ARG and ENV: one list of variables, in which the later line wins, as in BuildKit."""

from __future__ import annotations

import pytest

from simregistry.client.client import Client


def seen(lines: str, build_args: dict[str, str] | None = None) -> str:
    """The value of V at the end of a stage, which begins with a base that sets V to base."""
    laptop = Client()
    laptop.build("base:1", "FROM scratch\nENV V=base\n")
    laptop.build("app:v1", f"ARG G=global\nFROM base:1\n{lines}\nLABEL v=$V\n", build_args=build_args)
    return laptop.config("app:v1").runtime.labels["v"]


@pytest.mark.parametrize(
    ("lines", "without", "given"),
    [
        ("USER me", "base", "base"),
        ("ARG V", "base", "given"),
        ("ARG V=here", "here", "given"),
        ("ARG V=here\nARG V", "here", "given"),
        ("ARG V=here\nENV V=env", "env", "env"),
        ("ENV V=env\nARG V=here", "here", "given"),
        ("ARG V=here\nENV V=env\nARG V", "env", "given"),
        ("ARG V=one\nARG V=two", "two", "given"),
        ("ARG W=1 V=$W.$W", "1.1", "given"),
        ("ARG G\nARG V=$G", "global", "given"),
        ("ARG G=own\nARG G\nARG V=$G", "global", "given"),
    ],
)
def test_the_later_line_wins(lines, without, given):
    """An ARG over the base's ENV, an ENV over an ARG; an ARG without a value leaves what is there."""
    assert (seen(lines), seen(lines, {"V": "given"})) == (without, given)


def test_the_env_of_the_image_is_what_env_says():
    """An ARG over an ENV lasts for the build alone."""
    laptop = Client()
    laptop.build("app:v1", "FROM scratch\nENV V=env\nARG V=arg\nENV W=$V\n")
    assert laptop.config("app:v1").runtime.env == ("V=env", "W=arg")


def test_a_run_sees_the_value_that_an_argument_has_by_then():
    """In the order in which they were declared first, each once."""
    laptop = Client()
    laptop.build("app:v1", "FROM scratch AS one\nARG A=1 B\nENV A=2\nFROM one\nARG A\nARG B=3\nRUN make\n")
    assert laptop.config("app:v1").history[-1].created_by == "RUN |2 A=2 B=3 /bin/sh -c make # buildkit"


def test_a_step_of_the_cache_sets_its_variable_all_the_same():
    """The second build takes everything from the cache, and what follows sees the same values."""
    laptop = Client()
    text = "FROM scratch\nENV V=1\nARG V=2\nENV W=$V\nLABEL l=$V$W\n"
    reports = [laptop.build("app:v1", text) for _ in range(2)]
    assert all(step.cached for step in reports[1].steps[1:])
    assert laptop.config("app:v1").runtime.labels == {"l": "22"}
