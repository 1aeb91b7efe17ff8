"""Collect without stopping: what protects an old layer, what two collectors and retention runs can do."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from simregistry.oci.digest import Digest
from simregistry.registry.products.distribution_3.collector import DISTRIBUTION_3
from simregistry.registry.retention import Rule
from simregistry.study.races.interleavings import Exploration, explore, run_schedule
from simregistry.study.races.race_scene import RaceScene, every_promise_kept
from simregistry.study.races.race_steps import collector, push_image, retention_run
from simregistry.study.races.races import NEW, OLD, beside, race, race_scene
from simregistry.table import Table
from simregistry.teach.answers import OneOf, SomeOf
from simregistry.teach.exercises.schedule_writing import LIST, MARK, PUSH, SWEEP, Setting, schedule_to_write
from simregistry.teach.problem import Exercise, Misconception, Problem, beliefs

ALONE, RENEWED, ONE_STEP, TWO_STEPS, READ_ONLY = "period", "renewed", "one step", "two steps", "read-only"
PROTECTIONS = {
    ALONE: "The collector lists only blobs that are at least as old as the grace period.",
    RENEWED: "As with the period, and a HEAD that gets 200 sets a blob's age back to 0.",
    ONE_STEP: "As with renewed, and the sweep looks at a blob's age again and deletes it, in one step.",
    TWO_STEPS: "As with renewed, and the sweep looks at the ages again. The deletion is another step.",
    READ_ONLY: "There is no grace period. The registry is read-only while the collector runs.",
}


def old_layer(dice: random.Random) -> Problem:
    """Ask what protects a push that reuses a layer of some age."""
    period = dice.choice((1_000, 3_600, 7_200, 86_400))
    age = dice.choice((period // 2, period * 2, period * 5, period * 30))
    explored = {name: protected(name, age, period) for name in PROTECTIONS}
    right = frozenset(name for name, exploration in explored.items() if not exploration.losing)
    return Problem(
        text=(
            f"A layer has been on the shelf for {age:,} s, and no manifest names it. Somebody pushes an image with "
            f"this layer, and the push takes less than a second. The grace period is {period:,} s. With which of "
            "these protections does no order of the steps lose the image?"
        ),
        answer=SomeOf(right, tuple(PROTECTIONS)),
        misconceptions=_beliefs_on_old_layer(right),
        hints=(
            "Is the layer old enough to be on the collector's list?",
            "If the list was made before the client asked, what does the collector still look at?",
            "Can anybody act between the last look and the deletion?",
        ),
        why=f"Orders that lose: {_losses(explored)}.",
        given=Table(("protection", "what it does"), tuple(PROTECTIONS.items())),
    )


def _losses(explored: Mapping[str, Exploration]) -> str:
    return "; ".join(f"{name}, {one.losing} of {one.schedules}" for name, one in explored.items())


@cache
def protected(name: str, age: int, period: int) -> Exploration:
    """Run every order of a push that reuses a layer of this age, beside a collector with one of the protections."""
    touch = name not in (ALONE, READ_ONLY)
    collecting = {
        ALONE: collector(DISTRIBUTION_3, grace=period),
        RENEWED: collector(DISTRIBUTION_3, grace=period),
        ONE_STEP: collector(DISTRIBUTION_3, grace=period, look_again=True),
        TWO_STEPS: collector(DISTRIBUTION_3, grace=period, two_calls=True),
        READ_ONLY: collector(DISTRIBUTION_3, read_only=True),
    }[name]
    scene, actors = beside(collecting, reuse=True, touch=touch)()
    return explore(_aged(scene, {b"new layer": age}), actors, every_promise_kept)


def _aged(scene: RaceScene, ages: dict[bytes, int]) -> RaceScene:
    """Set the ages of some blobs, in seconds."""
    return replace(scene, written=scene.written | {Digest.of(blob): scene.clock - age for blob, age in ages.items()})


def _beliefs_on_old_layer(right: frozenset[str]) -> tuple[Misconception, ...]:
    everything = frozenset(PROTECTIONS)
    return beliefs(
        ("a grace period protects every push", everything,
         "A grace period spares what is young. Compare the layer's age with the period."),
        ("an existence check is a promise", everything - {ALONE},
         "A HEAD that renews the age comes too late for a list that was made before it."),
        ("a second look closes the gap, however it is made", everything - {ALONE, RENEWED},
         "If the look is a step of its own, the client can ask between the look and the deletion."),
        ("only stopping everybody is safe", frozenset({READ_ONLY}),
         "There is another protection here with which nobody can act at the wrong moment."),
        ("nothing protects a push that reuses a blob", frozenset(),
         "Look for protections with which nobody can act between the last look and the deletion."),
        unless=right,
    )  # fmt: skip


BY_TAG, LOOKS, HEAD_FIRST, BY_DIGEST = "tag", "look and delete", "HEAD first", "digest"
RUNS = {
    BY_TAG: "It deletes the tag v1.",
    LOOKS: "It looks whether v1 still names that image, and deletes the tag, in one step.",
    HEAD_FIRST: "It sends a HEAD for v1. If v1 still names that image, it sends a DELETE of the tag.",
    BY_DIGEST: "It deletes that image by its digest, with all its tags.",
}


def who_takes_it(dice: random.Random) -> Problem:
    """Ask which retention runs can take a tag away that was pushed again meanwhile."""
    days = dice.choice((7, 14, 30, 90))
    age = dice.choice((days - 2, days + 1, days + 20, 3 * days))
    explored = {name: cleaned(name, age, days) for name in RUNS}
    right = frozenset(name for name, exploration in explored.items() if exploration.losing)
    return Problem(
        text=(
            f"A retention rule takes tags whose image is older than {days} days. The image of v1 is {age} days old. A "
            "retention run finds the images to delete by this rule, and then acts. Meanwhile somebody pushes a new "
            "image to v1. The runs below differ in how they act. With which of them can the tag of the new image be "
            "gone in some order of the steps, although its push was acknowledged?"
        ),
        answer=SomeOf(right, tuple(RUNS)),
        misconceptions=_beliefs_on_who_takes_it(right),
        hints=(
            "Does the rule take v1 at all, when the run decides?",
            "What does a tag name before the push writes its manifest, and what does it name afterwards?",
            "A digest names one image for ever. Two requests are two steps.",
        ),
        why=f"Orders in which the new image's tag is gone: {_losses(explored)}.",
        given=Table(("run", "what it does"), tuple(RUNS.items())),
    )


@cache
def cleaned(name: str, age: int, days: int) -> Exploration:
    """Run every order of a push to ``v1`` beside one of the retention runs; the old image has an age in days."""
    day = 86_400
    rules = (Rule("old", "delete", older_than=days * day),)
    run = {
        BY_TAG: retention_run(rules),
        LOOKS: retention_run(rules, look_again=True),
        HEAD_FIRST: retention_run(rules, two_calls=True),
        BY_DIGEST: retention_run(rules, by_digest=True),
    }[name]
    scene = _aged(race_scene(b"new layer", clock=1_000 * day), {OLD.raw: age * day})
    return explore(scene, (push_image("push", NEW, "v1", b"new layer"), run), every_promise_kept)


def _beliefs_on_who_takes_it(right: frozenset[str]) -> tuple[Misconception, ...]:
    return beliefs(
        ("a rule about old images can't touch a new one", frozenset(),
         "The run decides about one image and deletes by a name. Another image may have that name by then."),
        ("a second look closes the gap, however it is made", frozenset({BY_TAG}),
         "A HEAD and a DELETE are two requests. Ask what can happen between them."),
        ("a tag and a digest are two names of one thing", frozenset({BY_TAG, HEAD_FIRST, BY_DIGEST}),
         "A tag may name another image by now. A digest names the image that was decided on, and no other."),
        ("a run beside a push always takes the wrong image", frozenset(RUNS),
         "First ask whether the rule takes v1 at all. Then ask which of these deletions can hit another image."),
        ("a run beside a push always takes the tag", frozenset({BY_TAG, HEAD_FIRST}),
         "Compare the age of the image with the rule. A run that decides to delete nothing deletes nothing."),
        unless=right,
    )  # fmt: skip


SHARED = "marks, two collectors at once"
# One losing order; others are made of it by letting two neighbours change places.
ONE_LOSS = (
    *["collector"] * 7, "second collector", "collector", "second collector", "push", "second collector", "owner",
    *["second collector"] * 2, *["push"] * 4, "second collector",
)  # fmt: skip


def missing_sign(dice: random.Random) -> Problem:
    """Ask after which step a collector is at work without a sign."""
    start, actors = race(SHARED).cast()
    order = _another_loss(dice, start)
    taken = run_schedule(start, actors, order, every_promise_kept)
    # The same steps once more: after each of them, is the sign there?
    unsigned = [bool(step.broken) for step in run_schedule(start, actors, order, _no_sign)]
    signed = next(number for number, step in enumerate(taken) if step.actor == "second collector")
    gone = next(number for number in range(signed, len(taken)) if unsigned[number]) + 1
    rows = {word: next(n for n, step in enumerate(taken, 1) if word in step.did) for word in ("ended", "201")}
    looks = next(n for n, step in enumerate(taken, 1) if step.did.startswith("sees that no collector"))
    options = tuple(f"step {number}" for number in range(1, len(taken) + 1))
    right = f"step {gone}"
    return Problem(
        text=(
            "A push and two collectors act at the same time. Both collectors use one sign, collecting. In this order "
            "an image is lost. After which step is the second collector at work without a sign for the first time?"
        ),
        answer=OneOf(right, options),
        misconceptions=beliefs(
            ("the sign is gone when a collection has ended", f"step {rows['ended']}",
             "Writing down that a collection ended leaves the sign where it is."),
            ("the loss begins where the push looks", f"step {looks}",
             "The push looked, and saw no sign. So the sign was gone before that step."),
            ("the loss begins where the manifest is written", f"step {rows['201']}",
             "The push wrote its manifest because it had seen no sign. Look earlier."),
            ("a loss begins in the step in which it shows", f"step {len(taken)}",
             "That step deletes the blobs. Ask why nobody stopped the push before it."),
            unless=right,
        ),
        hints=(
            "Follow the sign from row to row. Who leaves it, and who takes it back?",
            "Both collectors leave the same sign, so one of them can take it away for both.",
        ),
        why=f"In step {gone} the collector {taken[gone - 1].did}, and the second collector still needs it.",
        given=Table(("step", "who", "does"), tuple((n, step.actor, step.did) for n, step in enumerate(taken, 1))),
    )  # fmt: skip


def _no_sign(scene: RaceScene) -> str:
    return "" if "collecting" in scene.signs else "no sign"


def _another_loss(dice: random.Random, start: RaceScene) -> tuple[str, ...]:
    """Let neighbours of the known losing order change places, as long as its last step is the one that loses."""
    actors = race(SHARED).cast()[1]
    order = list(ONE_LOSS)
    for _ in range(dice.randint(0, 12)):
        place = dice.randrange(len(order) - 2)
        swapped = [*order[:place], order[place + 1], order[place], *order[place + 2 :]]
        taken = run_schedule(start, actors, swapped, every_promise_kept)
        if len(taken) == len(order) and taken[-1].broken and not any(step.broken for step in taken[:-1]):
            order = swapped
    return tuple(order)


OLD_AND_ASKED = (
    "The new layer has been on the shelf for 10,000 s, and no manifest names it. The collector lists only blobs that "
    "are at least 1,000 s old. A HEAD that gets 200 sets the layer's age back to 0."
)
TO_V1 = (*PUSH[:2], PUSH[4], "the registry writes the manifest and points v1 at it")
OLD_TAG = (
    "The rule takes v1, because its image is old. The push brings a new image to v1, and its layer is there already."
)
SETTINGS: dict[str, Setting] = {
    "grace that a HEAD renews": (OLD_AND_ASKED, {"push": PUSH, "collector": (MARK, LIST, SWEEP)}),
    "looked at again, in two calls": (
        OLD_AND_ASKED,
        {"push": PUSH, "collector": (MARK, LIST, "takes from its list what is young by now", SWEEP)},
    ),
    "retention beside a push": (
        OLD_TAG,
        {"push": TO_V1, "retention": ("decides which tags to delete", "deletes these tags")},
    ),
    "retention that looks, in two calls": (
        OLD_TAG,
        {
            "push": TO_V1,
            "retention": (
                "decides which tags to delete",
                "asks which of these tags still name the same image",
                "deletes those tags",
            ),
        },
    ),
}


def lose_it(dice: random.Random) -> Problem:
    """Ask to go on with a schedule that loses an image in spite of a protection."""
    return schedule_to_write(dice, SETTINGS)


EXERCISES = (
    Exercise("marks.old-layer", "predict", "What protects an old layer?", ("marks.reuse", "marks.choose"), old_layer),
    Exercise("marks.lose-it", "construct", "Lose it all the same", ("marks.reuse", "marks.others"), lose_it),
    Exercise("marks.who-takes-it", "explain", "Which run takes the new image?", ("marks.others",), who_takes_it),
    Exercise("marks.missing-sign", "find", "Where is the sign missing?", ("marks.others",), missing_sign),
)
