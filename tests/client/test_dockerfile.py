"""Dockerfiles: what the parser takes, and what it says about the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simregistry.client.dockerfile import parse, substitute
from simregistry.errors import InvalidValue


def said(text: str) -> list[str]:
    """The instructions of the last stage, as they are understood."""
    return [str(one) for one in parse(text).stages[-1].instructions]


def test_continued_lines_and_comments_between_them_are_one_instruction():
    """As Docker joins them: comments and empty lines in the middle are left out."""
    text = "FROM scratch\nRUN apt-get update \\\n  # why\n\n  && apt-get install -y git\n"
    assert said(text) == ["RUN apt-get update   && apt-get install -y git"]


def test_the_escape_directive_changes_the_continuation():
    """For paths with backslashes."""
    assert said("# escape=`\nFROM scratch\nRUN dir C:\\ `\n && more\n") == ["RUN dir C:\\  && more"]


def test_heredocs_are_taken_whole():
    """Of RUN and COPY, several on a line, tabs stripped by <<-, quoted ones marked."""
    text = "FROM scratch\nRUN <<EOF\na\nb\nEOF\nCOPY <<one <<-'two' /x/\n1\none\n\t2\n\ttwo\nCMD x\n"
    run, copy, cmd = parse(text).stages[0].instructions
    assert [h.content for h in run.heredocs] == ["a\nb\n"]
    assert [(h.name, h.content, h.quoted) for h in copy.heredocs] == [("one", "1\n", False), ("two", "2\n", True)]
    assert cmd.keyword == "CMD"


def test_stages_have_their_names_and_flags():
    """FROM --platform=… image AS name; COPY --from."""
    text = "ARG V=1\nFROM --platform=linux/arm64 golang:$V AS Build\nRUN make\nFROM scratch\nCOPY --from=build /x /\n"
    file = parse(text)
    assert [(s.base, s.name, s.platform) for s in file.stages] == [
        ("golang:$V", "build", "linux/arm64"),
        ("scratch", "", ""),
    ]
    assert file.stages[1].instructions[0].flags == {"from": "build"}
    assert [str(one) for one in file.global_args] == ["ARG V=1"]


def test_the_exec_form_is_json_and_the_shell_form_is_not():
    """A list of texts, or a line for the shell."""
    exec_, shell, broken = parse('FROM scratch\nCMD ["a", "b c"]\nCMD a b\nCMD [a]\n').stages[0].instructions
    assert (exec_.json_form, shell.json_form, broken.json_form) == (("a", "b c"), None, None)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "begin with FROM"),
        ("# only a comment\n", "begin with FROM"),
        ("RUN x\nFROM a\n", "line 1: the first instruction must be FROM"),
        ("ARG a\n", "has no FROM"),
        ("FROM a\nCOPPY x y\n", "did you mean COPY"),
        ("FROM a\nRUN\n", "line 2: RUN needs an argument"),
        ("FROM a b c d\n", "write FROM image, or FROM image AS name"),
        ("FROM a\nRUN <<EOF\nx\n", "no line EOF to end it"),
        ("# escape=x\nFROM a\n", "escape must be"),
    ],
)
def test_a_mistake_is_named_with_its_line(text, rule):
    """What is wrong, where, and what to do."""
    with pytest.raises(InvalidValue) as refusal:
        parse(text)
    assert rule in refusal.value.rule


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$a-${a}-$b", "1-1-"), ("${b:-none}", "none"), ("${a:+yes}${b:+no}", "yes"), (r"\$a", "$a"),
        ("${b:-$a}", "1"), ("100%", "100%"), (r"C:\new", r"C:\new"),
    ],
)  # fmt: skip
def test_variables_are_put_in(text, expected):
    """The forms that the Dockerfile reference lists."""
    assert substitute(text, {"a": "1"}) == expected


@given(st.text(st.sampled_from("FROM RUNCOPYab\\\n#<'\"[]=$ \t"), max_size=80))
def test_any_text_is_a_dockerfile_or_an_invalid_value(text):
    """Never another error."""
    try:
        parse(text)
    except InvalidValue:
        pass
