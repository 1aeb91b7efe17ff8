"""One answer means the same in a lesson, an exercise and a quiz; what cannot be read is told why, never what is right."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simregistry.teach import predict
from simregistry.teach.answers import Answer, FreeText, Number, OneOf, Order, SomeOf
from simregistry.teach.problem import Problem
from simregistry.teach.quizzes import Option, Question
from simregistry.teach.reveals import Reveal

LAYERS = ("base", "deps", "top")
SHARES = ("as many", "half of them", "hardly any")
DOORS = ("yes", "no, it never heard of it", "only the manifest")
Place = Callable[[object], Reveal]


def exercise(answer: Answer) -> Place:
    """An exercise with this right answer."""
    return Problem("What?", answer, (), (), "that is so").check


def quiz(right: set[str], options: tuple[str, ...], several: bool = False) -> Place:
    """A question of a quiz with these options."""
    made = tuple(Option(text, text in right, "that is so") for text in options)
    return Question("stored-once.q1", ("stored-once.bytes",), "What?", made, several).reveal


# Each question, asked in every place that can ask it.
BYTES = {
    "lesson": lambda answer: predict.number(answer, 1_500_000, why="that is so"),
    "exercise": exercise(Number(1_500_000, "bytes")),
}
MEGABYTES = {
    "lesson": lambda answer: predict.number(answer, 120, "MB", why="that is so"),
    "exercise": exercise(Number(120_000_000, "MB")),
}
PERCENT = {
    "lesson": lambda answer: predict.number(answer, 36, "percent", why="that is so"),
    "exercise": exercise(Number(36, "%")),
}
TAGS = {
    "lesson": lambda answer: predict.number(answer, 3, "tags", why="that is so"),
    "exercise": exercise(Number(3, "tags")),
}
MILLISECONDS = {
    "lesson": lambda answer: predict.number(answer, 250, "ms", why="that is so"),
    "exercise": exercise(Number(250, "ms")),
}
SHARE = {
    "lesson": lambda answer: predict.choice(answer, "half of them", SHARES, why="that is so"),
    "exercise": exercise(OneOf("half of them", SHARES)),
    "quiz": quiz({"half of them"}, SHARES),
}
DOOR = {
    "lesson": lambda answer: predict.choice(answer, DOORS[1], DOORS, why="that is so"),
    "exercise": exercise(OneOf(DOORS[1], DOORS)),
    "quiz": quiz({DOORS[1]}, DOORS),
}
STATUS = {
    "lesson": lambda answer: predict.choice(answer, "201", ("200", "201", "202"), why="that is so"),
    "exercise": exercise(OneOf("201", ("200", "201", "202"))),
    "quiz": quiz({"201"}, ("200", "201", "202")),
}
SENT = {
    "lesson": lambda answer: predict.items(answer, {"base", "top"}, of=LAYERS, why="that is so"),
    "exercise": exercise(SomeOf(frozenset({"base", "top"}), LAYERS)),
    "quiz": quiz({"base", "top"}, LAYERS, several=True),
}
NOTHING = {
    "lesson": lambda answer: predict.items(answer, set(), of=LAYERS, why="that is so"),
    "exercise": exercise(SomeOf(frozenset(), LAYERS)),
}
STACK = {
    "lesson": lambda answer: predict.order(answer, LAYERS, why="that is so"),
    "exercise": exercise(Order(LAYERS)),
}

# The question, what is answered, and whether that is right; None where it cannot be read.
ROWS: list[tuple[dict[str, Place], object, bool | None]] = [
    *((BYTES, answer, True) for answer in (
        1_500_000, 1.5e6, "1500000", "1,500,000", " 1_500_000 bytes ", "1 500 000 B", "1\u202f500\u202f000", "1.5 MB",
        "1.5mb", "1500 kB", "1.5e6", "about 1.5 MB", "1.5 megabytes", Decimal("1.5e6"), np.int64(1_500_000),
        np.float64(1.5e6), np.array(1_500_000),
    )),
    *((BYTES, answer, False) for answer in (1.5, "1.5", "400 kB", "1.5 MiB", "−5", 0, "1,500", 10**17)),
    *((BYTES, answer, None) for answer in (
        True, False, np.True_, "36%", "1.5 tags", "20 4", "1,5 MB", "1.500.000", "1,500,00", "0,36", "3-4", "3 to 4",
        "one million", "1.5 Mbit", float("nan"), float("inf"), "9" * 50, "²", 10**40, b"15", [1_500_000], {}, object(),
    )),
    *((MEGABYTES, answer, True) for answer in (120, "120", "120 MB", "0.12 GB", "120,000 kB", "120,000,000 bytes")),
    *((MEGABYTES, answer, False) for answer in (120_000_000, "120 kB", "120 bytes")),
    *((PERCENT, answer, True) for answer in (
        36, "36", "36%", "36 %", "36 percent", "36.0 per cent", 0.36, "0.36", ".36", np.float32(0.36), Fraction(9, 25),
    )),
    *((PERCENT, answer, False) for answer in ("0.36%", 1, 0.5, "64%")),
    *((PERCENT, answer, None) for answer in ("36 MB", "0,36", True)),
    *((TAGS, answer, True) for answer in (3, "3", "3 tags", "3 Tag", 3.0)),
    *((TAGS, answer, None) for answer in ("3 MB", "3%", "3 layers", "three")),
    *((MILLISECONDS, answer, True) for answer in (250, "250 ms", "0.25 s", "0.25 seconds")),
    *((SHARE, answer, True) for answer in (
        "half of them", "HALF OF THEM", "  half  of them ", "Half of them.", "'half of them'", ["half of them"],
        {"half of them"}, np.str_("half of them"),
    )),
    *((SHARE, answer, False) for answer in ("hardly any", "As Many\n")),
    *((SHARE, answer, None) for answer in (
        "hardy any", "half", "3", 3, True, "all", "as many, hardly any", ["as many", "hardly any"], [], {}, b"as many",
    )),
    *((DOOR, answer, True) for answer in (False, np.False_, "no", "No.", "false", DOORS[1], DOORS[1].upper())),
    *((DOOR, answer, False) for answer in (True, "yes", "Y", "true", "only the manifest")),
    *((DOOR, answer, None) for answer in ("maybe", 1, "only")),
    *((STATUS, answer, True) for answer in ("201", 201, np.int64(201), " 201 ")),
    *((STATUS, answer, None) for answer in ("404", 404, 1, True)),
    *((SENT, answer, True) for answer in (
        {"base", "top"}, ["top", "base"], ("base", "top"), frozenset({"base", "top"}), np.array(["base", "top"]),
        "base, top", "base and top", "Base, and top", "top & base", "base; top", "base\ntop", "base top", "BASE,TOP ",
        {"Base", " top "}, {"base, top"}, {"base": 1, "top": 2}.keys(), ["base", "top", "base"],
    )),
    *((SENT, answer, False) for answer in ("base", {"base"}, "base, deps, top", LAYERS)),
    *((SENT, answer, None) for answer in (
        "base, tpo", {"base", "code"}, ["base", 7], "base or top", "3", 3, True, {"base": 1}, {}, b"base", object(),
    )),
    *((NOTHING, answer, True) for answer in (set(), [], (), "none", "Nothing", "none of them")),
    *((STACK, answer, True) for answer in (
        ["base", "deps", "top"], LAYERS, "base, deps, top", "base -> deps -> top", "base→deps→top", "base > deps > top",
        "base, then deps, then top", "Base, Deps and Top", "base\ndeps\ntop", np.array(LAYERS),
    )),
    *((STACK, answer, False) for answer in (["top", "deps", "base"], "base, top", ["base"], "base, base, top")),
    *((STACK, answer, None) for answer in (set(LAYERS), "base, dpes, top", ["base", 1, "top"], {"base": 1}, 7, True)),
]  # fmt: skip
OPEN = (..., None, "", "  ", "...", " ... ")
EVERYWHERE = (BYTES, PERCENT, SHARE, DOOR, SENT, STACK)


def name_of(value: object) -> str:
    """A row's name in the list of tests."""
    if isinstance(value, dict) and "lesson" in value:
        return "+".join(value)
    # The name must be the same in each process: a set prints in any order, and a bare object with its address.
    if isinstance(value, set | frozenset):
        return f"{type(value).__name__} {sorted(value, key=repr)}"[:30]
    return "object" if type(value) is object else repr(value)[:30]


@pytest.mark.parametrize(("places", "answer", "right"), ROWS, ids=name_of)
def test_an_answer_means_the_same_in_every_place(places, answer, right):
    """Right, wrong, or not to be read; and the reason why it is so is not told before it can be read."""
    reveals = {place: ask(answer) for place, ask in places.items()}
    assert {place: reveal.right for place, reveal in reveals.items()} == dict.fromkeys(places, right), reveals
    for reveal in reveals.values():
        assert 0 <= reveal.score <= 1
        assert right is not None or ("that is so" not in str(reveal).lower() and "It is " not in str(reveal)), reveal


@pytest.mark.parametrize("answer", OPEN)
def test_an_open_answer_is_open_in_every_place(answer):
    """Nothing is scored, and nothing is said to be unreadable."""
    for places in EVERYWHERE:
        for ask in places.values():
            reveal = ask(answer)
            assert reveal.right is None
            assert reveal.sentence.startswith(("No prediction yet.", "No answer yet.")), reveal


@pytest.mark.parametrize(
    ("places", "answer", "sentence"),
    [
        (BYTES, "1,5 MB", "The comma in 1,5 is unclear. Write a point before a fraction (1.5), or no comma at all (15)."),
        (BYTES, "0,36", "The comma in 0,36 is unclear. Write a point before a fraction (0.36)."),
        (BYTES, "20 4", "The blank in 20 4 is unclear. Write one number without blanks."),
        (BYTES, "1.500.000", "The separators in 1.500.000 are unclear."),
        (BYTES, "36%", "The unit % does not fit here. Write the number in bytes."),
        (MEGABYTES, "120 s", "The unit s does not fit here. Write the number in MB."),
        (TAGS, "3 MB", "The unit MB does not fit here. Write the number in tags."),
        (BYTES, "3-4", "Write one number, not a range."),
        (BYTES, "three", "Write the number in digits."),
        (SHARE, "hardy any", "Did you mean 'hardly any'?"),
        (SHARE, "hardly", "Did you mean 'hardly any'?"),
        (SHARE, "3", "Write its words, not a number."),
        (SENT, {"base", "tpo", "deps"}, "There is no 'tpo' here. Did you mean 'top'?"),
        (SENT, "base, code", "There is no 'code' here."),
        (SENT, {"zero", "one", "base"}, "There is no 'one' here."),
        (SENT, {}, "Python reads these braces as a dictionary. Write a list, in square brackets."),
        (STACK, ["base", "dep", "top"], "There is no 'dep' here. Did you mean 'deps'?"),
        (STACK, set(LAYERS), "A set has no order. Write a list."),
    ],
    ids=name_of,
)  # fmt: skip
def test_what_cannot_be_read_is_told_why_and_how_to_write_it(places, answer, sentence):
    """The same sentence in each place, and beside it what is wanted."""
    for ask in places.values():
        reveal = ask(answer)
        assert sentence in reveal.sentence and not reveal.details
        assert any(word in reveal.sentence for word in ("Wanted: ", " is wanted, such as ", "Choose one of ")), reveal


def test_a_unit_is_read_before_a_number_is_shown():
    """What the learner said comes back in the unit that is asked for."""
    assert str(predict.number("2 kB", 1058)) == "✗ You said 2,000 bytes; it is 1,058: 942 too many."
    assert str(predict.number(0.5, 36, "percent")) == "✗ You said 50 percent; it is 36: 14 too many."
    assert str(predict.number(4, 4.6, "times")) == "✗ You said 4 times; it is 4.6: 0.6 too few."


def test_a_name_may_hold_what_parts_names():
    """The longest name that fits is taken, so a comma, a blank or an "and" in a name does no harm."""
    names = ("a", "a and b", "b", "c, d", "layer 1", "layer 10")
    assert SomeOf(frozenset(), names).read("a and b, c, d and layer 10") == {"a and b", "c, d", "layer 10"}
    assert Order(names).read("b and a -> layer 1 -> c, d") == ("b", "a", "layer 1", "c, d")


def test_a_quiz_reads_letters_as_well():
    """Alone, together, apart, and with their brackets."""
    for answer in ("ac", "CA", "a, c", "a and c", "a) c)", ["c", "a"], {"a)", "c"}, "a) base, c) top", "a, top"):
        assert SENT["quiz"](answer).right is True, answer
    for answer in ("ab", "e", ["a", "b", "c", "d"]):
        assert SHARE["quiz"](answer).right is None, answer
    assert SHARE["quiz"]("b)").right is True


def test_free_text_is_lines():
    """A string or a list of lines; blanks at the ends and empty lines do not count."""
    kind = FreeText("FROM base\nRUN make", lambda text: "")
    for answer in ("FROM base\nRUN make", "\n  FROM base  \n\n RUN make\n", ["FROM base", "RUN make"], ("FROM base\n", "RUN make")):  # fmt: skip
        assert kind.read(answer) == "FROM base\nRUN make"
    for answer in (7, [1], b"FROM base", "x" * 100_000, [], {}):
        assert exercise(kind)(answer).right is None


NONSENSE = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.decimals(), st.fractions(), st.complex_numbers(),
        st.text(max_size=30), st.text("0123456789.,_' -+e%kMB", max_size=15), st.binary(max_size=9),
        st.sampled_from([object(), int, len, {1: 2}, range(3), np.array([[1, 2]]), np.array(None)]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner),
    max_leaves=5,
)  # fmt: skip


@given(NONSENSE)
def test_nonsense_gets_a_sentence_in_every_place(answer):
    """Never an error, and the same result in each place."""
    for places in EVERYWHERE:
        # One option of a quiz always fits, so an empty answer is none there; elsewhere nothing may be right.
        named_nothing = isinstance(answer, list | tuple) and not answer
        reveals = [ask(answer) for place, ask in places.items() if not (named_nothing and place == "quiz")]
        assert len({reveal.right for reveal in reveals}) == 1, reveals
        assert all(len(str(reveal)) < 4000 for reveal in reveals)


class Sly:
    """An object that raises whatever one asks of it."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(name)

    def __repr__(self) -> str:
        raise RuntimeError


def test_an_object_that_raises_is_answered_kindly():
    """Alone and in a list."""
    for places in EVERYWHERE:
        for ask in places.values():
            assert ask(Sly()).right is None
            assert ask([Sly()]).right is None
