"""Words: quotes, escapes and variables, as in the Dockerfile reference's "Environment replacement"."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simregistry.client.build.shell_words import split, substitute, word
from simregistry.errors import InvalidValue

VARIABLES = {"a": "1", "two": "x y", "empty": "", "big": "b" * 100}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$a-${a}-$b", "1-1-"), ("${b:-none}", "none"), ("${a:+yes}${b:+no}", "yes"), (r"\$a", "$a"),
        ("${b:-$a}", "1"), ("${b:-${c:-deep}}", "deep"), ("100%", "100%"), ("$", "$"), ("a$", "a$"),
        ("${empty:-none}|${empty-none}|${b-none}", "none||none"), ("${empty+set}|${b+set}", "set|"),
        ("$a_b", ""), ("${a}_b", "1_b"), ("${a:?gone}", "1"),
    ],
)  # fmt: skip
def test_variables_are_put_in(text, expected):
    """The forms that the Dockerfile reference lists, in a word and in a heredoc alike."""
    assert word(text, VARIABLES) == substitute(text, VARIABLES) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'$a'", "$a"), ('"$a"', "1"), ('"$two"', "x y"), ("$two", "x y"), (r'"a\"b"', 'a"b'), (r'"\n"', r"\n"),
        (r"\n", "n"), (r"'\n'", r"\n"), ("a'b'\"c\"", "abc"), ("''", ""),
    ],
)  # fmt: skip
def test_a_word_loses_its_quotes_and_escapes(text, expected):
    """Single quotes keep all as it is, double quotes put variables in."""
    assert word(text, VARIABLES) == expected


def test_a_heredoc_keeps_its_quotes_and_loses_its_escapes():
    """It is read as a word of BuildKit's lexer is, only without the quotes."""
    assert substitute("'$a' \"$a\" \\n \\$a", VARIABLES) == "'1' \"1\" n $a"
    assert substitute("one \\\\ two\\\nthree \\\\n", VARIABLES) == "one \\ two\nthree \\n"


def test_a_name_has_letters_of_every_language_and_a_last_escape_goes():
    """Two more ways of BuildKit's lexer."""
    assert word("$größe-$a", {"größe": "L", "gr": "no", "a": "1"}) == "L-1"
    assert (word("end\\", {}), word("end`", {}, "`")) == ("end", "end")


def test_words_are_cut_before_variables_are_put_in():
    """So a value with a space in it stays in its word."""
    assert split(r'a=$two b="c d" e=f\ g') == ["a=$two", 'b="c d"', r"e=f\ g"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [("'a", "never closed"), ('"a', "never closed"), ("${a", "without a }"), ("${}", "without a name"),
     ("${a/1/2}", "may use only"), ("${b:?give it}", "give it"), ("${b+" * 65 + "}" * 65, "deeper than 64 levels"),
     ("$big" * 200_000, "grows to more than")],
)  # fmt: skip
def test_a_broken_word_is_refused(text, rule):
    """With what is wrong."""
    with pytest.raises(InvalidValue) as refusal:
        word(text, VARIABLES)
    assert rule in refusal.value.rule


@given(st.text(st.sampled_from("ab$ {}:-+?'\"\\"), max_size=30))
def test_any_text_is_a_word_or_an_invalid_value(text):
    """Never another error, and the same for a heredoc."""
    for read in (word, substitute):
        try:
            assert isinstance(read(text, VARIABLES), str)
        except InvalidValue:
            pass
