"""Every order in which some actors can take their steps: how many there are, which lose data, the shortest that does.

Theory: programs that run beside each other are tried, and now and then one order of their steps loses data; testing
seldom meets it. With few actors of few steps all orders can be run. States that are the same are visited once, so
that a million schedules cost a few hundred states; the count of schedules is then a sum over the ways through them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from simregistry.errors import InvalidValue
from simregistry.table import Table, TableReport

Memory = dict[str, Any]


class GiveUp(Exception):
    """An actor ends here: it was refused, or saw that it must not go on. The message is what it says."""


class Wait(Exception):
    """A step that cannot be taken now: somebody else has to do something first."""


class SharedState(Protocol):
    """What the actors share: it can be copied, and two that are the same have the same key."""

    def copy(self) -> Any:
        """Give one of its own."""

    def key(self) -> Hashable:
        """Give all that tells it from another."""


W = TypeVar("W", bound=SharedState)
Step = Callable[[W, Memory], str]
Invariant = Callable[[W], str]


@dataclass(frozen=True, slots=True)
class Actor:
    """A name, and the steps it takes one after the other; each does something to the world and says what."""

    name: str
    steps: tuple[Step[Any], ...]


@dataclass(frozen=True, slots=True)
class StepTaken:
    """One step of a schedule: who, what they did, and what is broken afterwards ("" for nothing)."""

    actor: str
    did: str
    broken: str = ""


@dataclass(slots=True)
class ReachedState:
    """One state that some schedule leads to, and the steps from it, as (taken, number of the next state)."""

    world: Any
    at: tuple[int, ...]
    memories: tuple[Memory, ...]
    depth: int
    broken: str = ""
    moves: list[tuple[StepTaken, int]] = field(default_factory=list)
    found_by: tuple[int, StepTaken] | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Exploration(TableReport):
    """All that a set of actors can do: the counts, and the shortest schedule that loses."""

    actors: tuple[str, ...]
    states: tuple[ReachedState, ...] = field(repr=False)
    schedules: int
    losing: int
    shortest: tuple[StepTaken, ...]
    dead_ends: int = 0

    @property
    def loss(self) -> str:
        """What the shortest losing schedule loses."""
        return self.shortest[-1].broken if self.shortest else ""

    @property
    def sentence(self) -> str:
        """Say the result in a line."""
        found = f"{self.losing:,} of {self.schedules:,} schedules lose data" if self.losing else "no data lost"
        several = "" if self.schedules == 1 else "s"
        of = "" if self.losing else f"{self.schedules:,} schedule{several}, "
        return f"{of}{found}; {len(self.states):,} different states"

    def replay(self) -> tuple[tuple[StepTaken, Any], ...]:
        """Give the shortest losing schedule with the world after each of its steps."""
        return tuple((state.found_by[1], state.world) for state in _way(self.states) if state.found_by)

    def table(self) -> Table:
        """Show the shortest losing schedule, a step a line."""
        rows = tuple((n, taken.actor, taken.did, taken.broken) for n, taken in enumerate(self.shortest, 1))
        return Table(("step", "who", "does", "and then"), rows, title=self.sentence)

    def to_json(self) -> dict[str, Any]:
        """Write the counts and the shortest losing schedule; each state's world stays out."""
        return {
            "actors": self.actors,
            "schedules": self.schedules,
            "losing": self.losing,
            "states": len(self.states),
            "dead_ends": self.dead_ends,
            "loss": self.loss,
            "shortest": self.shortest,
        }

    def __str__(self) -> str:
        return str(self.table()) if self.shortest else self.sentence

    def _repr_html_(self) -> str:
        return self.table()._repr_html_() if self.shortest else f"<p>{self.sentence}</p>"


def explore(start: W, actors: Sequence[Actor], invariant: Invariant[W]) -> Exploration:
    """Run every interleaving of the actors' steps from one start, and check the invariant after each step.

    The invariant gives "" or what is broken. A schedule loses if anything is broken after any of its steps.
    """
    first = ReachedState(start.copy(), (0,) * len(actors), tuple({} for _ in actors), 0, invariant(start))
    states, numbers = [first], {_key(first): 0}
    for number, state in _growing(states):
        for who in range(len(actors)):
            taken = _take(state, actors, who, invariant)
            if taken is None:
                continue
            step, after = taken
            key = _key(after)
            if key not in numbers:
                numbers[key] = len(states)
                after.found_by = (number, step)
                states.append(after)
            state.moves.append((step, numbers[key]))
    schedules, losing = _count(states)
    ends = [state for state in states if not state.moves]
    stuck = sum(any(at < len(a.steps) for at, a in zip(state.at, actors, strict=True)) for state in ends)
    shortest = tuple(state.found_by[1] for state in _way(states) if state.found_by)
    return Exploration(tuple(a.name for a in actors), tuple(states), schedules, losing, shortest, stuck)


def run_schedule(
    start: W, actors: Sequence[Actor], order: Sequence[str], invariant: Invariant[W]
) -> tuple[StepTaken, ...]:
    """Run one schedule, given as the actors' names in the order of their steps.

    Whoever has given up takes no more steps; raises InvalidValue for an unknown name, and a step that has to wait.
    """
    names = [actor.name for actor in actors]
    state = ReachedState(start.copy(), (0,) * len(actors), tuple({} for _ in actors), 0, invariant(start))
    done: list[StepTaken] = []
    for name in order:
        if name not in names:
            raise InvalidValue("schedule", name, f"no actor has this name; there is {', '.join(names)}")
        who = names.index(name)
        if state.at[who] < len(actors[who].steps):
            taken = _take(state, actors, who, invariant)
            if taken is None:
                raise InvalidValue("schedule", name, f"would have to wait at step {len(done) + 1}")
            done.append(taken[0])
            state = taken[1]
    return tuple(done)


def _growing(states: list[ReachedState]) -> Any:
    """Go through a list that grows meanwhile: breadth first, so that the first broken state is a nearest one."""
    number = 0
    while number < len(states):
        yield number, states[number]
        number += 1


def _take(
    state: ReachedState, actors: Sequence[Actor], who: int, invariant: Invariant[Any]
) -> tuple[StepTaken, ReachedState] | None:
    """Let one actor take its next step on a copy; None where it has none, or has to wait."""
    steps, at = actors[who].steps, state.at[who]
    if at >= len(steps):
        return None
    world, memory = state.world.copy(), dict(state.memories[who])
    following = at + 1
    try:
        did = steps[at](world, memory)
    except Wait:
        return None
    except GiveUp as reason:
        did, following = f"gives up: {reason}", len(steps)
    broken = invariant(world)
    places = (*state.at[:who], following, *state.at[who + 1 :])
    memories = (*state.memories[:who], memory, *state.memories[who + 1 :])
    return StepTaken(actors[who].name, did, broken), ReachedState(world, places, memories, state.depth + 1, broken)


def _key(state: ReachedState) -> Hashable:
    memories = tuple(tuple(sorted((name, _frozen(value)) for name, value in m.items())) for m in state.memories)
    return state.world.key(), state.at, memories


def _frozen(value: Any) -> Hashable:
    return tuple(sorted(value)) if isinstance(value, set | frozenset | list) else value


def _count(states: list[ReachedState]) -> tuple[int, int]:
    """Count the ways from the first state to an end, and those that pass a broken one: sums, from the ends back."""
    ways, losing = [0] * len(states), [0] * len(states)
    # A step leads one deeper or further back, never up, so the deepest come first.
    for number in sorted(range(len(states)), key=lambda n: sum(states[n].at), reverse=True):
        state = states[number]
        ways[number] = sum(ways[after] for _, after in state.moves) if state.moves else 1
        losing[number] = ways[number] if state.broken else sum(losing[after] for _, after in state.moves)
    return ways[0], losing[0]


def _way(states: Sequence[ReachedState]) -> list[ReachedState]:
    """Give the states on a shortest way to a broken one, without the first; empty where none is broken."""
    number = next((number for number, state in enumerate(states) if state.broken), 0)
    way: list[ReachedState] = []
    while (found := states[number].found_by) is not None:
        way.append(states[number])
        number = found[0]
    return way[::-1]
