"""Turns of the lesson on races: an order of steps that loses an image, and the shortest safe grace period."""

from __future__ import annotations

from functools import cache

from simregistry.study.races.interleavings import Actor, run_schedule
from simregistry.study.races.race_scene import RaceScene, every_promise_kept
from simregistry.study.races.races import UPLOAD_SECONDS, race
from simregistry.teach.answers import Number
from simregistry.teach.exercises.grace_periods import with_grace
from simregistry.teach.reveals import Reveal
from simregistry.teach.turns.turn import Turn
from simregistry.teach.unread import Unread
from simregistry.teach.written_names import KnownNames

OPEN_WORLD = "stop the world, but nobody stops"
ACTORS = ("push", "collector")
ONE_LOSS = (*["push"] * 5, "collector", "push", *["collector"] * 2)
LAYERS, MOST_SECONDS = 3, 1_000_000


def lose_it() -> Turn:
    """Ask for an order of the open world's steps that loses an image."""
    return Turn(
        "races.lose-it",
        "Write an order of the steps that loses the image: a list of the strings push and collector, one for each "
        "step. The push has six steps and the collector has three, as in the table above. The steps are really taken "
        "in your order, and after each one the simulator looks whether every acknowledged image can be pulled.",
        take_the_steps,
        f'["push"] * 5 + ["collector", "push"] + ["collector"] * 2  # {", ".join(ONE_LOSS)}',
        "The collector marks before the manifest is written, so the new image gets no mark. It lists the shelf after "
        "the layer has come, so the layer is on its list.",
        (
            "The collector works from notes that it made earlier. When are they out of date?",
            "The image counts as lost only after its manifest was written. Where in your order is that step?",
            "Let the collector mark before the manifest is written, and let it list and sweep afterwards.",
        ),
    )


@cache
def open_world() -> tuple[RaceScene, tuple[Actor, ...]]:
    """Make the registry and the two actors; a run takes its steps on copies."""
    return race(OPEN_WORLD).cast()


def take_the_steps(answer: object) -> Reveal:
    """Take the steps in the order given, up to the first that breaks something."""
    order = KnownNames.of(ACTORS).read_several(answer)
    if isinstance(order, Unread):
        return order.reveal(answer, 'a list of the strings "push" and "collector"')
    scene, actors = open_world()
    left = {actor.name: len(actor.steps) - order.count(actor.name) for actor in actors}
    for name, steps in left.items():
        if steps < 0:
            return Reveal(f"Not yet: your list has {-steps} too many for the {name}.", False)
    taken = run_schedule(scene, actors, order, every_promise_kept)
    shown = tuple(f"{number}. {step.actor}: {step.did}" for number, step in enumerate(taken, 1))
    lost = next((number for number, step in enumerate(taken, 1) if step.broken), 0)
    if lost:
        return Reveal(f"Right: step {lost} loses it. Now {taken[lost - 1].broken}.", True, 1.0, shown[:lost])
    if refused := next((step.did for step in taken if step.did.startswith("gives up")), ""):
        sentence = f"The push {refused}. It got no 201, so nothing acknowledged is lost"
    elif waiting := [f"{steps} of the {name}'s steps" for name, steps in left.items() if steps]:
        sentence = f"Nothing is lost so far, and {' and '.join(waiting)} are not in your list"
    else:
        sentence = "All nine steps were taken, and every acknowledged image can be pulled"
    return Reveal(f"Not yet: {sentence[0].lower()}{sentence[1:]}.", False, 0.0, shown)


def grace() -> Turn:
    """Ask for the shortest grace period with which no order loses."""
    return Turn(
        "races.grace",
        f"A push brings {LAYERS} new layers, one after the other, and each takes {UPLOAD_SECONDS} s to upload. The "
        "manifest comes right after the last one. The collector spares a blob that is younger than the grace period. "
        "Choose the shortest period, in whole seconds, with which no order loses the image. Every order is run with "
        "your period.",
        try_period,
        str(UPLOAD_SECONDS * (LAYERS - 1) + 1),
        "A layer's age begins when its upload ends. When the last layer comes, the first one is as old as the other "
        "uploads took together. The period has to be longer than that.",
        (
            "Which layer is the oldest when the manifest is written?",
            "A layer's age begins at the end of its own upload. How many uploads come after that of the first layer?",
            "A blob whose age is exactly the grace period is not younger than the period, so it isn't spared.",
        ),
    )


def try_period(answer: object) -> Reveal:
    """Run every order with this period, and with one that is a second shorter."""
    kind = Number(0, "seconds")
    seconds = kind.read(answer)
    if isinstance(seconds, Unread):
        return seconds.reveal(answer, "a number of seconds")
    if seconds != int(seconds) or not 0 <= seconds <= MOST_SECONDS:
        return Reveal(f"Not yet: write whole seconds, from 0 to {MOST_SECONDS:,}.", None)
    period = int(seconds)
    tried = with_grace(LAYERS, UPLOAD_SECONDS, period, False)
    if tried.losing:
        shown = tuple(f"{number}. {step.actor}: {step.did}" for number, step in enumerate(tried.shortest, 1))
        sentence = f"Not yet: with {period:,} s, {tried.losing} of {tried.schedules} orders lose it. One of them:"
        return Reveal(sentence, False, 0.0, shown)
    if period and not with_grace(LAYERS, UPLOAD_SECONDS, period - 1, False).losing:
        return Reveal(f"Not yet: {period:,} s loses nothing, and a shorter period loses nothing either.", False, 0.5)
    return Reveal(f"Right: with {period:,} s no order loses it, and with {period - 1:,} s some do.", True, 1.0)


TURNS = {"lose-it": lose_it, "grace": grace}
