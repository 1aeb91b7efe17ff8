"""The collector races a push, by hand: an order that loses is written, a grace period is chosen; both are run."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from functools import cache

from simregistry.study.races.interleavings import Actor, run_schedule
from simregistry.study.races.race_scene import RaceScene, every_promise_kept
from simregistry.study.races.races import race
from simregistry.table import Table
from simregistry.teach.answers import FreeText
from simregistry.teach.exercises.grace_periods import choose_grace
from simregistry.teach.problem import Exercise, Misconception, Problem, beliefs

# What a race begins with, and what each actor does; the push comes first.
Setting = tuple[str, Mapping[str, tuple[str, ...]]]

PUSH = (
    "asks for the new layer",
    "uploads it, but only if the answer was 404",
    "asks for the config",
    "uploads it, but only if the answer was 404",
    "the registry checks that the manifest's blobs are there",
    "the registry writes the manifest and points v2 at it",
)
MARK = "marks what manifests name"
LIST, SWEEP = "lists what is on the shelf", "sweeps what it listed and has not marked"
# The races of two actors in which some orders lose and some do not.
SETTINGS: dict[str, Setting] = {
    "stop the world, but nobody stops": (
        "The new layer is not in the registry yet.",
        {"push": PUSH, "collector": (MARK, LIST, SWEEP)},
    ),
    "list first, then mark": (
        "The new layer is not in the registry yet.",
        {"push": PUSH, "collector": (LIST, MARK, SWEEP)},
    ),
    "list first, and a reused blob": (
        "The new layer is on the shelf already, and no manifest names it.",
        {"push": PUSH, "collector": (LIST, MARK, SWEEP)},
    ),
    "grace, and a reused blob": (
        (
            "The new layer has been on the shelf for 10,000 s, and no manifest names it. The collector lists only "
            "blobs that are at least 1,000 s old."
        ),
        {"push": PUSH, "collector": (MARK, LIST, SWEEP)},
    ),
}
MOST_STEPS = 60


@cache
def schedules_of_race(name: str) -> tuple[tuple[tuple[str, ...], bool], ...]:
    """List every schedule of a race as the actors' names, with whether it loses; each race is explored once."""
    states, schedules = race(name).run().states, list[tuple[tuple[str, ...], bool]]()
    waiting: list[tuple[int, tuple[str, ...], bool]] = [(0, (), bool(states[0].broken))]
    while waiting:
        number, order, lost = waiting.pop()
        if not states[number].moves:
            schedules.append((order, lost))
        for taken, after in states[number].moves:
            waiting.append((after, (*order, taken.actor), lost or bool(states[after].broken)))
    return tuple(sorted(schedules))


def write_a_schedule(dice: random.Random) -> Problem:
    """Ask to go on with a schedule so that an acknowledged image is lost."""
    return schedule_to_write(dice, SETTINGS)


def schedule_to_write(dice: random.Random, settings: Mapping[str, Setting]) -> Problem:
    """Draw one of some races and the beginning of a losing schedule, and ask for the rest."""
    name = dice.choice(list(settings))
    setting, does = settings[name]
    begun = dice.choice([order for order, lost in schedules_of_race(name) if lost])[: dice.randint(0, 4)]
    ways = [(order[len(begun) :], lost) for order, lost in schedules_of_race(name) if order[: len(begun)] == begun]
    going_on = [rest for rest, lost in ways if lost]
    right, *others = dice.sample(going_on, min(3, len(going_on)))
    start, actors = race(name).cast()
    left = {actor.name: len(actor.steps) - begun.count(actor.name) for actor in actors}
    taken = run_schedule(start, actors, begun, every_promise_kept)
    so_far = "; ".join(f"{step.actor}: {step.did}" for step in taken) or "nothing"
    rows = tuple((actor, n, what) for actor, steps in does.items() for n, what in enumerate(steps, 1))
    push, other = (actor.name for actor in actors)
    return Problem(
        text=(
            f"A push and a {other} act at the same time. {setting} So far, this has happened: {so_far}. "
            f"Write how it goes on, so that an acknowledged image is lost. Name who takes each step, {push} or {other}."
        ),
        answer=FreeText(
            ", ".join(right),
            _loses(start, actors, begun, left),
            f"the actors' names in the order of their steps, such as: {push}, {push}, {other}",
        ),
        misconceptions=_beliefs_on_writing(left, going_on),
        hints=(
            f"The {other} works from notes that it made earlier. When are they out of date?",
            f"The manifest has to be written after the {other} made its notes, and before it deletes.",
            "Look in the table for the last note, and for the step that uses it. What can happen between the two?",
        ),
        why=(
            f"There are {len(ways):,} ways to go on, and {len(going_on):,} of them lose an image. In the shortest "
            f"schedule of all, {race(name).run().loss.rpartition(': ')[2]}."
        ),
        given=Table(("who", "step", "does"), rows),
        also_right=tuple(" → ".join(order) for order in others),
    )


def _beliefs_on_writing(left: Mapping[str, int], going_on: list[tuple[str, ...]]) -> tuple[Misconception, ...]:
    push, other = left
    first, second = (push,) * left[push], (other,) * left[other]
    turns = [actor for pair in zip(first, second, strict=False) for actor in pair]
    by_turns = (*turns, *first[len(second) :], *second[len(first) :])
    believed: tuple[tuple[str, tuple[str, ...], str], ...] = (
        (f"it is enough that the {other} ends last", (*first, *second),
         f"Look at what the {other} has noted by the time the push ends, and at what it still has to note."),
        (f"a {other} that comes first loses the image", (*second, *first),
         "Then all that it takes is gone before the registry checks the manifest. The push finds out what is missing."),
        ("taking turns is what makes a race", by_turns,
         "It doesn't matter how often they take turns. Ask which step comes between a note and its use."),
    )  # fmt: skip
    still_wrong = [parts for parts in believed if parts[1] and parts[1] not in going_on]
    return beliefs(*((belief, ", ".join(order), message) for belief, order, message in still_wrong), once=True)


def _loses(
    start: RaceScene, actors: tuple[Actor, ...], begun: tuple[str, ...], left: Mapping[str, int]
) -> Callable[[str], str]:
    """Make the check of a schedule: is an acknowledged image lost?"""

    def problem(text: str) -> str:
        order = [word for word in re.split(r"[^a-z]+", text.casefold()) if word]
        if len(order) > MOST_STEPS:
            return f"{len(order)} steps are more than the actors have"
        taken = run_schedule(start, actors, (*begun, *order), every_promise_kept)
        if any(step.broken for step in taken):
            return ""
        more = [f"{actor} has {n} of its steps to go" for actor in left if (n := left[actor] - order.count(actor)) > 0]
        refused = next((step.did for step in taken if step.did.startswith("gives up")), "")
        if refused:
            return f"the push {refused}"
        return (
            f"nothing is lost so far, and {' and '.join(more)}"
            if more
            else "after each of these steps, every acknowledged image can be pulled"
        )

    return problem


EXERCISES = (
    Exercise(
        "races.write-a-schedule", "construct", "Lose it on purpose", ("races.trace", "races.exhaust"), write_a_schedule
    ),
    Exercise("races.choose-grace", "predict", "How long a grace period?", ("races.enough",), choose_grace),
)
