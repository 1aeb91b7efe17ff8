"""Every turn can be taken, refuses nonsense kindly, takes its own solution, and hides it until something was tried."""

import pytest

import simregistry
from simregistry.errors import InvalidValue
from simregistry.teach.turns.all_turns import find_turn, turn_topics, turns_of

KEYS = [f"{topic}.{name}" for topic in turn_topics() for name in turns_of(topic)]
NONSENSE = [
    ...,
    None,
    "",
    3,
    -1.5,
    True,
    [],
    {},
    {"a": 1},
    ["a", 3, None],
    "FROM",
    b"\xff",
    object(),
    "x" * 30_000,
    {1, 2},
]


def as_typed(answer: str) -> object:
    """What a learner's cell would hand in: the value of an expression, or a text that is none."""
    names = {name: getattr(simregistry, name) for name in simregistry.__all__}
    try:
        return eval(answer, names)
    except (SyntaxError, NameError):
        return answer


@pytest.mark.parametrize("key", KEYS)
def test_a_turn_is_taken_to_its_end(key):
    """Nonsense is refused without an error, hints come in steps, and the solution waits for a try and works."""
    turn = find_turn(key)
    assert turn.key == key and len(turn.task) > 40 and turn.why
    for nonsense in NONSENSE:
        assert turn.check(nonsense).right is not True, nonsense
    hints = [turn.hint().sentence for _ in range(len(turn.all_hints))]
    assert len(set(hints)) == len(hints) >= 2
    fresh = find_turn(key)
    assert fresh.answer not in str(fresh.solution())
    reveal = fresh.check(as_typed(fresh.answer))
    assert reveal.right is True, f"{key}: {reveal}"
    assert fresh.answer in str(fresh.solution())


def test_a_turn_that_there_is_not_names_those_there_are():
    """A slip in a key is answered with the keys of its topic, or the topics."""
    with pytest.raises(InvalidValue, match=r"push\.order"):
        find_turn("push.ordr")
    with pytest.raises(InvalidValue, match="push"):
        find_turn("nowhere.order")
