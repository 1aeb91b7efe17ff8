"""Turns of the lesson on races: an order of steps that loses an image."""

from __future__ import annotations

from functools import cache

from simregistry.study.races.interleavings import Actor, run_schedule
from simregistry.study.races.race_scene import RaceScene, every_promise_kept
from simregistry.study.races.races import race
from simregistry.teach.reveals import Reveal
from simregistry.teach.turns.turn import Turn
from simregistry.teach.unread import Unread
from simregistry.teach.written_names import KnownNames

OPEN_WORLD = "stop the world, but nobody stops"
ACTORS = ("push", "collector")
ONE_LOSS = (*["push"] * 5, "collector", "push", *["collector"] * 2)


def lose_it() -> Turn:
    """Ask for an order of the open world's steps that loses an image."""
    return Turn(
        "races.lose-it",
        "Write an order of the steps that loses the image: a list of the strings push and collector, one for each "
        "step. The push has six steps and the collector has three, as in the table above. The steps are really taken "
        "in your order, and after each one the simulator checks whether every acknowledged image can be pulled.",
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


TURNS = {"lose-it": lose_it}
