"""Words that begin a heredoc, as BuildKit's parser finds them."""

from __future__ import annotations

import pytest

from simregistry.client.build.heredoc_words import HeredocWord, heredoc_words
from simregistry.client.client import Client


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("tee << END", [HeredocWord("END")]),
        ("tee <<\t \tEND > /x", [HeredocWord("END")]),
        ("tee 3<< 'END'", [HeredocWord("END", quoted=True)]),
        ('tee <<-E"N"D', [HeredocWord("END", strips_tabs=True, quoted=True)]),
        ("tee <<'the end'", [HeredocWord("the end", quoted=True)]),
        (r"tee <<\END", [HeredocWord("END")]),
        ("tee <<$END <<E-N-D", [HeredocWord("$END"), HeredocWord("E-N-D")]),
        (r'tee <<"a\"b\n"', [HeredocWord(r'a"b\n', quoted=True)]),
        ("tee << one<<two", []),
        ("tee <<- END", []),
        ("tee <<", []),
        ("tee <<''", []),
        ("tee <<<END <<< END", []),
        ("it's <<END", []),
        ('say "<<END" $((1<<n))', []),
    ],
)
def test_the_heredocs_of_a_line_are_those_that_buildkit_finds(line, words):
    """A space is fine after <<, though not after <<-; a line with an open quote has none."""
    assert heredoc_words(f"RUN {line}") == words


def test_a_run_with_a_space_in_its_heredoc_is_its_script():
    """Its lines are no instructions, and as a word alone they are the whole command."""
    laptop = Client()
    text = "FROM scratch\nRUN << one\nsleep 1\none\nRUN sh << two > /x\nsleep 2\ntwo\n"
    report = laptop.build("app:v1", text, effects={"sleep 1": {"a": 1}, "sleep 2": {"b": 1}})
    assert sorted(path for path, entry in laptop.rootfs("app:v1").items() if entry.kind == "file") == ["a", "b"]
    assert not any(step.assumed for step in report.steps)
    assert laptop.config("app:v1").history[0].created_by == "RUN /bin/sh -c sleep 1\n # buildkit"


def test_the_child_of_an_onbuild_gets_the_heredoc():
    """The trigger in the config has its lines, and another text is another step."""
    laptop = Client()
    for number in (1, 2):
        text = f"FROM scratch\nONBUILD COPY <<-end /note\n\tnumber {number}\n\tend\n"
        laptop.build("base:1", text)
        assert laptop.config("base:1").runtime.on_build == (f"COPY <<-end /note\n\tnumber {number}\nend",)
        laptop.build("child:1", "FROM base:1\n")
        assert laptop.rootfs("child:1")["note"].content == f"number {number}\n".encode()
