"""Every order of the steps: counted right, found right, and the shortest losing one can be played again."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from math import factorial, prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simregistry.errors import InvalidValue
from simregistry.study.races.interleavings import Actor, GiveUp, Memory, Wait, explore, run_schedule
from simregistry.study.races.race_scene import every_promise_kept
from simregistry.study.races.races import RACES, race


@dataclass
class Tape:
    """A world that notes what is written to it."""

    letters: str = ""
    values: dict[str, int] = field(default_factory=dict)

    def copy(self) -> Tape:
        """One of its own."""
        return replace(self, values=dict(self.values))

    def key(self) -> Hashable:
        """All of it."""
        return self.letters, tuple(sorted(self.values.items()))


def writer(name: str, count: int) -> Actor:
    """An actor that writes its letter so many times."""

    def step(tape: Tape, memory: Memory) -> str:
        tape.letters += name
        return f"writes {name}"

    return Actor(name, (step,) * count)


def adder(name: str) -> Actor:
    """Reads a number, then writes it back, one larger: two of them lose an addition where their steps mix."""

    def read(tape: Tape, memory: Memory) -> str:
        memory["seen"] = tape.values.get("n", 0)
        return "reads"

    def write(tape: Tape, memory: Memory) -> str:
        tape.values["n"] = memory["seen"] + 1
        tape.values["writes"] = tape.values.get("writes", 0) + 1
        return "writes"

    return Actor(name, (read, write))


def lost_addition(tape: Tape) -> str:
    """Each write must have added one."""
    return "" if tape.values.get("n", 0) == tape.values.get("writes", 0) else "an addition is lost"


@pytest.mark.parametrize("most", [3, pytest.param(4, marks=pytest.mark.long)])
@given(data=st.data())
def test_the_schedules_are_all_the_orders_there_are(most, data):
    """The multinomial coefficient; on a tape that keeps the order no two states are the same."""
    counts = data.draw(st.lists(st.integers(0, most), min_size=1, max_size=3))
    actors = [writer(name, count) for name, count in zip("abc", counts, strict=False)]
    found = explore(Tape(), actors, lambda tape: "")
    orders = factorial(sum(counts)) // prod(map(factorial, counts))
    ends = {state.world.letters for state in found.states if not state.moves}
    assert found.schedules == orders == len(ends)
    assert (found.losing, found.shortest) == (0, ())


def test_two_adders_lose_in_four_of_six_orders():
    """By hand: only one after the other is right. The states are fewer than the steps of all orders."""
    found = explore(Tape(), [adder("one"), adder("two")], lost_addition)
    assert (found.schedules, found.losing) == (6, 4)
    assert [taken.actor for taken in found.shortest] == ["one", "two", "one", "two"] or len(found.shortest) == 4
    assert found.loss == "an addition is lost"
    assert len(found.states) < 6 * 4


def test_an_actor_that_waits_goes_on_when_it_can_and_one_that_gives_up_ends():
    """A lock mends the adders; whoever gives up takes no further step."""

    def lock(tape: Tape, memory: Memory) -> str:
        if tape.values.get("lock"):
            raise Wait
        tape.values["lock"] = 1
        return "locks"

    def unlock(tape: Tape, memory: Memory) -> str:
        tape.values["lock"] = 0
        return "unlocks"

    def refuse(tape: Tape, memory: Memory) -> str:
        raise GiveUp("no")

    locked = [Actor(a.name, (lock, *a.steps, unlock)) for a in (adder("one"), adder("two"))]
    found = explore(Tape(), locked, lost_addition)
    assert (found.schedules, found.losing, found.dead_ends) == (2, 0, 0)
    found = explore(Tape(), [Actor("quitter", (refuse, *adder("x").steps))], lost_addition)
    assert [step.did for _, step in [(0, found.states[0].moves[0][0])]] == ["gives up: no"]
    assert found.schedules == 1 and found.states[-1].world.values == {}


def test_two_that_wait_for_each_other_are_a_dead_end():
    """And it is counted, not taken for an end."""

    def wait_for_ever(tape: Tape, memory: Memory) -> str:
        raise Wait

    assert explore(Tape(), [Actor("a", (wait_for_ever,))], lambda tape: "").dead_ends == 1


def one_by_one(start, actors, invariant) -> tuple[int, int]:
    """Count schedules and losing ones the slow way: each by itself, without merging states."""
    found = explore(start, (), invariant)
    assert found.schedules == 1

    def run(world, at, memories, broken) -> tuple[int, int]:
        total = lost = moved = 0
        for who, actor in enumerate(actors):
            if at[who] == len(actor.steps):
                continue
            copy, memory, following = world.copy(), dict(memories[who]), at[who] + 1
            try:
                actor.steps[at[who]](copy, memory)
            except Wait:
                continue
            except GiveUp:
                following = len(actor.steps)
            after = (*memories[:who], memory, *memories[who + 1 :])
            places = (*at[:who], following, *at[who + 1 :])
            a, b = run(copy, places, after, broken or bool(invariant(copy)))
            total, lost, moved = total + a, lost + b, moved + 1
        return (total, lost) if moved else (1, int(broken))

    return run(start, (0,) * len(actors), ({},) * len(actors), bool(invariant(start)))


QUICK = [each for each in RACES if "marks" not in each.name and "two pushes" not in each.name]


@pytest.mark.parametrize("each", QUICK, ids=lambda each: each.name)
def test_merging_states_changes_no_count(each):
    """The counts are those of running every schedule by itself."""
    start, actors = each.cast()
    found = each.run()
    assert (found.schedules, found.losing) == one_by_one(start, actors, every_promise_kept)


@pytest.mark.parametrize("each", RACES, ids=lambda each: each.name)
def test_a_race_loses_where_it_is_said_to_and_its_mending_never_does(each):
    """By exhaustion; nobody waits for ever; and the shortest losing schedule, played again, loses at its last step."""
    found = each.run()
    assert bool(found.losing) is each.loses, found.sentence
    assert found.dead_ends == 0
    if each.loses:
        assert found.shortest[-1].broken and not any(taken.broken for taken in found.shortest[:-1])
        replayed = found.replay()
        assert [taken for taken, _ in replayed] == list(found.shortest)
        assert every_promise_kept(replayed[-1][1]) == found.loss and not any(
            every_promise_kept(scene) for _, scene in replayed[:-1]
        )


def test_an_unknown_race_says_which_there_are():
    """By name."""
    with pytest.raises(KeyError, match="read-only mode"):
        race("of snails")


# The four interleavings that the documentation of Cloudflare's registry works through, by its own numbers, and how each
# ends. The push: read, sign, check, look, put, unsign; the collector: sign, begin, read, list, look, delete, end, unsign.
DOCUMENTED = {
    "a collection began before the push looked": (
        "push push collector collector push push", "push", "gives up: a collector is at work",
    ),
    "the push is not done when the collector looks": (
        "push push push push collector collector push collector collector collector push", "collector",
        "gives up: somebody inserts",
    ),
    "the push was done after the collector had read": (
        "push push push push collector collector push collector collector push collector", "collector",
        "gives up: somebody inserts, or has inserted",
    ),
    "a collection deleted after the push had seen its blobs": (
        "collector collector collector collector collector push push push collector collector collector push", "push",
        "gives up: a collector is at work, or has been",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DOCUMENTED.values(), ids=DOCUMENTED)
def test_the_four_documented_interleavings_end_as_the_documentation_says(case):
    """Somebody gives up, and no image is lost."""
    order, who, ending = case
    start, actors = race("Cloudflare's marks").cast()
    done = run_schedule(start, actors, order.split(), every_promise_kept)
    given_up = [taken for taken in done if taken.did.startswith("gives up")]
    assert given_up and not any(taken.broken for taken in done)
    assert {taken.actor for taken in given_up} == {who}, [(t.actor, t.did) for t in done]
    assert given_up[0].did.startswith(ending)


def test_a_schedule_of_ones_own_is_checked():
    """A name that nobody has, and a step that would have to wait."""
    start, actors = race("read-only mode").cast()
    with pytest.raises(InvalidValue, match="push, collector"):
        run_schedule(start, actors, ["snail"], every_promise_kept)
    with pytest.raises(InvalidValue, match="wait at step 6"):
        run_schedule(start, actors, ["push"] * 5 + ["collector"], every_promise_kept)
