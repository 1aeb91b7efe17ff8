"""What is so in the lesson on races, computed from the explorations that the notebook made."""

from __future__ import annotations

from math import factorial, prod

from simregistry.oci.messages import Request
from simregistry.registry.gc.inventory import take_inventory
from simregistry.registry.products.distribution_3.collector import DISTRIBUTION_3
from simregistry.registry.registry import Registry
from simregistry.study.races.interleavings import Exploration, StepTaken
from simregistry.study.races.race_scene import REPOSITORY
from simregistry.teach.predictions.prediction import Truth

SHARES = {"about one in ten": 0.1, "about one in four": 0.25, "about one in two": 0.5}
WHICH_ORDERS = ("lost in no order", "lost in fewer than half", "lost in more than half", "lost in every order")


def orders(exploration: Exploration) -> Truth:
    """Count the schedules, and what one gets who multiplies the steps or counts every order of them."""
    sides = range(len(exploration.actors))
    steps = [max(state.at[side] for state in exploration.states) for side in sides]
    facts = {"two": len(steps), "product": prod(steps), "any": factorial(sum(steps))}
    return Truth(exploration.schedules, facts)


def open_losses(exploration: Exploration) -> Truth:
    """Find the share that comes nearest to that of the losing schedules."""
    share = exploration.losing / exploration.schedules
    nearest = min(SHARES, key=lambda name: abs(SHARES[name] - share))
    return Truth(nearest, {"losing": exploration.losing, "schedules": exploration.schedules})


def which_note(exploration: Exploration) -> Truth:
    """Find the row in which the collector marks, and those of the write and of the sweep."""
    rows = {word: _row(exploration, word) for word in ("marks", "written", "sweeps")}
    return Truth(rows["marks"], rows)


def how_many_states(exploration: Exploration) -> Truth:
    """Count the different states."""
    return Truth(len(exploration.states), {"schedules": exploration.schedules})


def read_only(quiet: Exploration, open_world: Exploration) -> Truth:
    """Count the schedules that lose in read-only mode; a fact says how many lose without it."""
    facts = {"open": open_world.losing, "schedules": quiet.schedules, "before": open_world.schedules}
    return Truth(quiet.losing, facts)


def grace(short: Exploration, long: Exploration) -> Truth:
    """Say with which of two grace periods some order loses."""
    which = {
        (False, False): "neither of them", (True, False): "50 s alone",
        (False, True): "1,000 s alone", (True, True): "both of them",
    }  # fmt: skip
    facts = {"short": short.losing, "long": long.losing, "schedules": short.schedules}
    return Truth(which[bool(short.losing), bool(long.losing)], facts)


def reused(exploration: Exploration) -> Truth:
    """Say whether no order loses, or fewer than half, or more, or every one; exactly half counts as fewer."""
    losing, schedules = exploration.losing, exploration.schedules
    passed = (losing > 0) + (2 * losing > schedules) + (losing == schedules)
    return Truth(WHICH_ORDERS[passed], {"losing": losing, "schedules": schedules})


def which_answer(exploration: Exploration) -> int:
    """Find the row in which the client was told that the blob is there which is gone in the end."""
    lost = exploration.loss.rpartition("the ")[2].removesuffix(" is gone")
    return _row(exploration, f"HEAD {lost}: 200")


def who_notices(exploration: Exploration, registry: Registry) -> Truth:
    """Ask everybody in turn: the steps of the push, the tags, a pull, the collector, and a HEAD for the new layer."""
    scene = exploration.replay()[-1][1]
    tag, repository = exploration.loss.partition(" ")[0], REPOSITORY
    new_layer = next(digest for digest, name in scene.names.items() if name == "new layer")
    notices = {
        "the client that pushed it": not any("201" in taken.did for taken in exploration.shortest),
        "somebody who lists the tags": tag not in registry.tags(repository),
        "somebody who pulls it": registry.handle(Request("GET", f"/v2/{repository}/manifests/{tag}")).status != 200,
        "the collector at its next run": bool(DISTRIBUTION_3.plan(take_inventory(registry.storage)).failed),
        "a client that asks for its new layer": registry.handle(
            Request("HEAD", f"/v2/{repository}/blobs/{new_layer}")
        ).status
        != 200,
    }
    return Truth(frozenset(who for who, notes in notices.items() if notes))


def _row(exploration: Exploration, word: str) -> int:
    """Find the first row of the shortest losing schedule in which a word stands."""
    steps: tuple[StepTaken, ...] = exploration.shortest
    return next((row for row, taken in enumerate(steps, 1) if word in taken.did), 0)
