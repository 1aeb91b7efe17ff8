"""Run every order in which some actors can take their steps, count those that lose data, and find the shortest.

Why: two programs run side by side, and one order of their steps in thousands loses data. Tests rarely meet that order.
With few actors of few steps we can run all orders. Orders that lead to the same state continue from it together, so a
million schedules cost a few hundred states; the number of schedules is then a sum over the paths through the states.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from simregistry.errors import InvalidValue
from simregistry.table import Table, TableReport

# What one actor keeps in mind between its steps: a digest it computed, a list it read.
Memory = dict[str, Any]


class GiveUp(Exception):
    """Raised by a step to end its actor: it was refused, or saw that it must stop. The message says why."""


class Wait(Exception):
    """Raised by a step that can't be taken now, because another actor has to act first."""


class SharedState(Protocol):
    """The world that all actors share, for example a registry's storage."""

    def copy(self) -> Any:
        """Return an independent copy."""

    def key(self) -> Hashable:
        """Return a value that is equal for two worlds if and only if nothing tells them apart."""


W = TypeVar("W", bound=SharedState)
Step = Callable[[W, Memory], str]
Invariant = Callable[[W], str]


@dataclass(frozen=True, slots=True)
class Actor:
    """A name and its steps, taken in this order. A step changes the world and returns a sentence that says how."""

    name: str
    steps: tuple[Step[Any], ...]


@dataclass(frozen=True, slots=True)
class StepTaken:
    """One step of a schedule: who took it, what it did, and what is broken afterwards ("" for nothing)."""

    actor: str
    did: str
    broken: str = ""


@dataclass(slots=True)
class ReachedState:
    """One state that some schedule leads to, with the steps that lead out of it and the first that led to it.

    ``at`` counts the steps that each actor has taken. ``moves`` pairs each possible step with the number of the state
    that follows; ``reached_by`` is the number of the state before and the step, None for the start.
    """

    world: Any
    at: tuple[int, ...]
    memories: tuple[Memory, ...]
    depth: int
    broken: str = ""
    moves: list[tuple[StepTaken, int]] = field(default_factory=list)
    reached_by: tuple[int, StepTaken] | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Exploration(TableReport):
    """Everything that a set of actors can do: the counts, and the shortest schedule that loses data.

    ``dead_ends`` counts states in which an actor waits for ever.
    """

    actors: tuple[str, ...]
    states: tuple[ReachedState, ...] = field(repr=False)
    schedules: int
    losing: int
    shortest: tuple[StepTaken, ...]
    dead_ends: int = 0

    @property
    def loss(self) -> str:
        """What the shortest losing schedule loses, "" if none loses anything."""
        return self.shortest[-1].broken if self.shortest else ""

    @property
    def sentence(self) -> str:
        """Say the result in a line."""
        states = f"{len(self.states):,} different states"
        if self.losing:
            return f"{self.losing:,} of {self.schedules:,} schedules lose data; {states}"
        return f"{self.schedules:,} schedule{'' if self.schedules == 1 else 's'}, no data lost; {states}"

    def replay(self) -> tuple[tuple[StepTaken, Any], ...]:
        """Return the steps of the shortest losing schedule, each with the world after it."""
        return tuple((state.reached_by[1], state.world) for state in _shortest_losing(self.states) if state.reached_by)

    def table(self) -> Table:
        """Show the shortest losing schedule, one step a line."""
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

    The invariant returns "", or says what is broken. A schedule loses if anything is broken after any of its steps.
    """
    # At the start nobody has taken a step, and nobody remembers anything.
    first = ReachedState(start.copy(), (0,) * len(actors), tuple({} for _ in actors), 0, invariant(start))
    states, numbers = [first], {_key(first): 0}
    # The list grows while we walk it. A queue visits near states before far ones, so this is breadth first, and the
    # first broken state in the list is one of the nearest to the start.
    for number, state in _growing(states):
        for who in range(len(actors)):
            taken = _take(state, actors, who, invariant)
            if taken is None:
                continue
            step, after = taken
            # Have we been here before, by other steps? Then only note that this step leads here too.
            key = _key(after)
            if key not in numbers:
                numbers[key] = len(states)
                after.reached_by = (number, step)
                states.append(after)
            state.moves.append((step, numbers[key]))
    schedules, losing = _count(states)
    # A dead end: nobody can take a step, and somebody still has one, so all of these wait for each other.
    ends = [state for state in states if not state.moves]
    stuck = sum(any(at < len(a.steps) for at, a in zip(state.at, actors, strict=True)) for state in ends)
    shortest = tuple(state.reached_by[1] for state in _shortest_losing(states) if state.reached_by)
    return Exploration(tuple(a.name for a in actors), tuple(states), schedules, losing, shortest, stuck)


def run_schedule(
    start: W, actors: Sequence[Actor], order: Sequence[str], invariant: Invariant[W]
) -> tuple[StepTaken, ...]:
    """Run one schedule, given as the actors' names in the order of their steps.

    An actor that gave up takes no more steps. Raises InvalidValue for an unknown name and for a step that has to wait.
    """
    names = [actor.name for actor in actors]
    state = ReachedState(start.copy(), (0,) * len(actors), tuple({} for _ in actors), 0, invariant(start))
    done: list[StepTaken] = []
    for name in order:
        if name not in names:
            raise InvalidValue("schedule", name, f"no actor has this name; there is {', '.join(names)}")
        who = names.index(name)
        # A name too many is no error: after giving up, an actor has fewer steps than the schedule says.
        if state.at[who] < len(actors[who].steps):
            taken = _take(state, actors, who, invariant)
            if taken is None:
                raise InvalidValue("schedule", name, f"would have to wait at step {len(done) + 1}")
            step, state = taken
            done.append(step)
    return tuple(done)


def _growing(states: list[ReachedState]) -> Iterator[tuple[int, ReachedState]]:
    """Number the states of a list one after the other, those that are appended meanwhile included."""
    # A plain for loop would do the same. The index shows that the list is longer at the end than at the start.
    number = 0
    while number < len(states):
        yield number, states[number]
        number += 1


def _take(
    state: ReachedState, actors: Sequence[Actor], who: int, invariant: Invariant[Any]
) -> tuple[StepTaken, ReachedState] | None:
    """Let one actor take its next step on a copy of the world; return None if it has no step left or has to wait."""
    steps, at = actors[who].steps, state.at[who]
    if at >= len(steps):
        return None
    # Subtle: the state itself must stay as it is, since the other actors take their steps from it as well.
    world, memory = state.world.copy(), dict(state.memories[who])
    following = at + 1
    try:
        did = steps[at](world, memory)
    except Wait:
        return None
    except GiveUp as reason:
        # To give up is a step too: it skips all the others. What the actor did before stays done.
        did, following = f"gives up: {reason}", len(steps)
    # Only this actor's place and memory change. Everybody sees the changed world.
    broken = invariant(world)
    places = (*state.at[:who], following, *state.at[who + 1 :])
    memories = (*state.memories[:who], memory, *state.memories[who + 1 :])
    return StepTaken(actors[who].name, did, broken), ReachedState(world, places, memories, state.depth + 1, broken)


def _key(state: ReachedState) -> Hashable:
    """Return what two states must have in common to be one: the world, each actor's place, and each one's memory."""
    # Without the memories two states would look alike in which an actor has read different things: it will act on
    # what it read, so their futures differ.
    memories = tuple(tuple(sorted((name, _frozen(value)) for name, value in m.items())) for m in state.memories)
    return state.world.key(), state.at, memories


def _frozen(value: Any) -> Hashable:
    # A set has no fixed order, and a list can't be part of a key: sort both into a tuple.
    return tuple(sorted(value)) if isinstance(value, set | frozenset | list) else value


def _count(states: list[ReachedState]) -> tuple[int, int]:
    """Count the schedules from the start to an end, and those among them that pass a broken state.

    The paths are not walked one by one. From a state there are as many as from all the states that follow it together,
    so one sum a state is enough.
    """
    paths, losing = [0] * len(states), [0] * len(states)
    # Every step adds to the steps taken, so states with more of them come first: their sums are ready when needed.
    for number in sorted(range(len(states)), key=lambda n: sum(states[n].at), reverse=True):
        state = states[number]
        paths[number] = sum(paths[after] for _, after in state.moves) if state.moves else 1
        # Once something is broken the schedule has lost, whatever follows: every path from here counts.
        losing[number] = paths[number] if state.broken else sum(losing[after] for _, after in state.moves)
    return paths[0], losing[0]


def _shortest_losing(states: Sequence[ReachedState]) -> list[ReachedState]:
    """Return the states of a shortest schedule to a broken one, without the start; empty if none is broken."""
    number = next((number for number, state in enumerate(states) if state.broken), 0)
    # Walk back from the broken state to the start, then turn the list around.
    backwards: list[ReachedState] = []
    while (reached_by := states[number].reached_by) is not None:
        backwards.append(states[number])
        number, _ = reached_by
    return backwards[::-1]
