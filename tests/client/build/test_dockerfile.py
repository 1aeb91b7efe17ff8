"""Dockerfiles: what the parser takes, and what it says about the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simregistry.client.build.dockerfile import parse_dockerfile
from simregistry.errors import InvalidValue


def said(text: str) -> list[str]:
    """The instructions of the last stage, as they are understood."""
    return [str(one) for one in parse_dockerfile(text).stages[-1].instructions]


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
    run, copy, cmd = parse_dockerfile(text).stages[0].instructions
    assert [h.content for h in run.heredocs] == ["a\nb\n"]
    assert [(h.name, h.content, h.quoted) for h in copy.heredocs] == [("one", "1\n", False), ("two", "2\n", True)]
    assert cmd.keyword == "CMD"


@pytest.mark.parametrize("command", ['echo "<<EOF"', "cat <<< word", "echo $((1<<n))", "cat<<EOF", '["cat", "<<EOF"]'])
def test_what_only_looks_like_a_heredoc_is_none(command):
    """A heredoc is a word of its own, outside of quotes."""
    assert said(f"FROM scratch\nRUN {command}\nCMD x\n") == [f"RUN {command}", "CMD x"]


def test_an_onbuild_keeps_its_heredoc_for_the_child():
    """Its lines are no instructions; tabs are stripped when the child reads it."""
    text = "FROM scratch\nONBUILD COPY <<-one <<two /x/\n\t1\n\tone\n2\ntwo\nONBUILD USER me\n"
    copy, user = parse_dockerfile(text).stages[0].instructions
    assert [(heredoc.name, heredoc.content) for heredoc in copy.heredocs] == [("one", "\t1\n"), ("two", "2\n")]
    assert str(user) == "ONBUILD USER me"


def test_half_a_character_of_json_is_the_sign_for_what_cannot_be_read():
    """As Go reads it; Python's json would hand on what no file can hold."""
    (cmd,) = parse_dockerfile('FROM scratch\nCMD ["a\\udc00", "\\ud83d\\ude00"]\n').stages[0].instructions
    assert cmd.json_form == ("a\ufffd", "\U0001f600")


def test_a_directive_comes_first_or_is_a_comment():
    """After a comment, even one that looks like a directive, nothing is a directive any more."""
    assert said("# syntax=docker/dockerfile:1\n# escape=`\nFROM scratch\nRUN a `\n b\n") == ["RUN a  b"]
    assert said("# anything=else\n# escape=`\nFROM scratch\nRUN a \\\n b\n") == ["RUN a  b"]


def test_several_mounts_of_a_run_are_all_kept():
    """The one flag that may come again."""
    line = "RUN --mount=type=cache,target=/a --mount=type=cache,target=/b make"
    assert said(f"FROM scratch\n{line}\n") == [line]


def test_lines_end_at_newlines_alone():
    """Windows' line ends go; a heredoc keeps them, as in BuildKit, with its form feeds and Unicode separators."""
    (copy,) = parse_dockerfile("FROM scratch\r\nCOPY <<EOF /x\r\na\u2028b\x0cc\r\nEOF\r\n").stages[0].instructions
    assert (copy.args, copy.heredocs[0].content) == ("<<EOF /x", "a\u2028b\x0cc\r\n")


def test_stages_have_their_names_and_flags():
    """FROM --platform=… image AS name; COPY --from."""
    text = "ARG V=1\nFROM --platform=linux/arm64 golang:$V AS Build\nRUN make\nFROM scratch\nCOPY --from=build /x /\n"
    file = parse_dockerfile(text)
    assert [(s.base, s.name, s.platform) for s in file.stages] == [
        ("golang:$V", "build", "linux/arm64"),
        ("scratch", "", ""),
    ]
    assert file.stages[1].instructions[0].flags == {"from": "build"}
    assert [str(one) for one in file.global_args] == ["ARG V=1"]


def test_the_exec_form_is_json_and_the_shell_form_is_not():
    """A list of texts, or a line for the shell."""
    exec_, shell, broken = parse_dockerfile('FROM scratch\nCMD ["a", "b c"]\nCMD a b\nCMD [a]\n').stages[0].instructions
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
        ("# escape=`\n# check=skip=all\n# Escape=`\nFROM a\n", "only one escape directive"),
        ("FROM a\nCOPY --form=b x y\n", "line 2: --form means nothing here; COPY takes --from"),
        ("FROM a\nCOPY --from=b --from=c x y\n", "--from is given twice"),
        ("FROM a AS 1st\n", "isn't a stage name"),
        ("FROM a\nENV --link a b\n", "line 2: --link means nothing here; ENV takes no flag"),
        ('FROM a\nENTRYPOINT ["serve", 80]\n', "the words of the exec form are strings"),
        ("FROM a\n\nUSER \udfff\n", "line 3: has half a character"),
    ],
)
def test_a_mistake_is_named_with_its_line(text, rule):
    """What is wrong, where, and what to do."""
    with pytest.raises(InvalidValue) as refusal:
        parse_dockerfile(text)
    assert rule in refusal.value.rule


@given(st.text(st.sampled_from("FROM RUNCOPYab\\\n#<'\"[]=$ \t"), max_size=80))
def test_any_text_is_a_dockerfile_or_an_invalid_value(text):
    """Never another error."""
    try:
        parse_dockerfile(text)
    except InvalidValue:
        pass
