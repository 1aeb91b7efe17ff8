"""The collector races a push, by hand: an order that loses is written, a grace period is chosen; both are run."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache

from simregistry.study.races.interleavings import Actor, run_schedule
from simregistry.study.races.race_scene import RaceScene, every_promise_kept
from simregistry.study.races.races import race
from simregistry.table import Table
from simregistry.teach.answers import FreeText
from simregistry.teach.exercises.grace_periods import choose_grace
from simregistry.teach.problem import Exercise, Misconception, Problem, beliefs

PUSH = (
    "asks for the new layer",
    "uploads it, unless it is told that it is there",
    "asks for the config",
    "uploads it, unless it is told that it is there",
    "the registry looks whether all that the manifest names is there",
    "the registry writes the manifest, and v2 points at it",
)
MARK = "marks what manifests name"
LIST, SWEEP = "lists what is on the shelf", "sweeps what it listed and has not marked"
# The races of two actors in which some orders lose and some do not: what they begin with, and what each actor does.
SETTINGS: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {
    "stop the world, but nobody stops": (
        "The new layer is nowhere yet.",
        {"push": PUSH, "collector": (MARK, LIST, SWEEP)},
    ),
    "list first, then mark": ("The new layer is nowhere yet.", {"push": PUSH, "collector": (LIST, MARK, SWEEP)}),
    "list first, and a reused blob": (
        "The new layer is on the shelf already, and no manifest names it.",
        {"push": PUSH, "collector": (LIST, MARK, SWEEP)},
    ),
    "grace, and a reused blob": (
        (
            "The new layer has been on the shelf for 10,000 s, no manifest names it, and the collector lists only "
            "what is 1,000 s old."
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
    name = dice.choice(list(SETTINGS))
    setting, does = SETTINGS[name]
    begun = dice.choice([order for order, lost in schedules_of_race(name) if lost])[: dice.randint(0, 4)]
    going_on = [order[len(begun) :] for order, lost in schedules_of_race(name) if lost and order[: len(begun)] == begun]
    right, *others = dice.sample(going_on, min(3, len(going_on)))
    start, actors = race(name).cast()
    left = {actor.name: len(actor.steps) - begun.count(actor.name) for actor in actors}
    problem = _loses(start, actors, begun, left)
    misconceptions = _beliefs_on_write_a_schedule(left, going_on)
    taken = run_schedule(start, actors, begun, every_promise_kept)
    so_far = "; ".join(f"{step.actor}: {step.did}" for step in taken) or "nothing"
    rows = tuple((actor, n, what) for actor, steps in does.items() for n, what in enumerate(steps, 1))
    return Problem(
        text=(
            f"A push of v2 and a collector act beside each other. {setting} So far: {so_far}. "
            "Go on, step by step, so that an acknowledged image is lost: write who acts, as push and collector, "
            "in order."
        ),
        answer=FreeText(
            ", ".join(right),
            problem,
            "the actors' names in the order of their steps, such as: push, push, collector",
        ),
        misconceptions=misconceptions,
        hints=(
            "The collector works from notes: what it marked, what it listed. When are they out of date?",
            "The manifest has to be written after the mark, and the sweep has to come after that.",
            "What is swept has to be on the collector's list: when was it listed?",
        ),
        why=(
            f"Of {len([1 for order, _ in schedules_of_race(name) if order[: len(begun)] == begun]):,} ways to go "
            f"on, {len(going_on):,} lose an image; in the shortest order of all, "
            f"{race(name).run().loss.partition(':')[2].strip()}."
        ),
        given=Table(("who", "step", "does"), rows),
        also_right=tuple(" → ".join(order) for order in others),
    )


def _beliefs_on_write_a_schedule(left: dict[str, int], going_on: list[tuple[str, ...]]) -> tuple[Misconception, ...]:
    first, second = (("push",) * left["push"], ("collector",) * left["collector"])
    turns = [actor for pair in zip(first, second, strict=False) for actor in pair]
    by_turns = (*turns, *first[len(second) :], *second[len(first) :])
    believed: tuple[tuple[str, tuple[str, ...], str], ...] = (
        ("what is quick does no harm: the push ends, then the collector runs", (*first, *second),
         "Then the manifest is there before the collector goes on; look what it has noted by then, "
         "and what it has still to note."),
        ("a collector that comes first loses the image", (*second, *first),
         "Then all that it takes is gone before the push counts on it; what is missing, the push finds out."),
        ("taking turns is what makes a race", by_turns,
         "What counts is which step falls between a look and what is done about it, not how often they change."),
    )  # fmt: skip
    still_wrong = [parts for parts in believed if parts[1] and parts[1] not in going_on]
    return beliefs(*((belief, ", ".join(order), message) for belief, order, message in still_wrong), once=True)


def _loses(
    start: RaceScene, actors: tuple[Actor, ...], begun: tuple[str, ...], left: dict[str, int]
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
