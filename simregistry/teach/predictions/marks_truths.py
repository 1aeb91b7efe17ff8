"""What is so in the lesson on collecting without a stop, computed from the explorations that the notebook made."""

from __future__ import annotations

from simregistry.study.races.interleavings import Exploration
from simregistry.study.races.race_scene import REPOSITORY
from simregistry.teach.predictions.prediction import Truth

WHICH_ORDERS = ("lost in no order", "lost in some orders", "lost in every order")
SHARES = {"about one in ten": 0.1, "about one in two": 0.5, "about nine in ten": 0.9}


def renewed(touched: Exploration, before: Exploration) -> Truth:
    """Compare the losing schedules with those of the world before."""
    options = ("none at all", "fewer than before", "as many as before")
    facts = {"losing": touched.losing, "schedules": touched.schedules, "before": before.losing}
    return Truth(options[(touched.losing > 0) + (touched.losing >= before.losing)], facts)


def which_note(exploration: Exploration) -> Truth:
    """Find the row in which the collector lists, and those of the question and of the sweep."""
    rows = {name: _row(exploration, word) for name, word in (("asked", "HEAD new layer"), ("sweeps", "sweeps"))}
    return Truth(_row(exploration, "lists"), rows)


def looked_again(one_step: Exploration, two_steps: Exploration) -> Truth:
    """Say with which of two second looks some order loses."""
    which = {
        (False, False): "neither of them", (True, False): "one step alone",
        (False, True): "two steps alone", (True, True): "both of them",
    }  # fmt: skip
    facts = {"one": one_step.losing, "one_of": one_step.schedules}
    facts |= {"two": two_steps.losing, "two_of": two_steps.schedules}
    return Truth(which[bool(one_step.losing), bool(two_steps.losing)], facts)


def which_gap(exploration: Exploration) -> int:
    """Find the row in which the collector looks again."""
    return _row(exploration, "looks again")


def refused(quiet: Exploration, again: Exploration, signs: Exploration) -> Truth:
    """Count for each protection the schedules without the new tag; right is the share nearest to that of signs."""
    protections = {"quiet": quiet, "renewed": again, "signs": signs}
    facts = {name: without_the_tag(one) for name, one in protections.items()}
    facts |= {f"{name}_of": one.schedules for name, one in protections.items()}
    share = facts["signs"] / signs.schedules
    return Truth(min(SHARES, key=lambda name: abs(SHARES[name] - share)), facts)


def without_the_tag(exploration: Exploration, tag: str = "v2") -> int:
    """Count the schedules at whose end a tag is not there, because its push gave up."""
    states = exploration.states
    ways = [1, *[0] * (len(states) - 1)]
    without = 0
    # A step adds to the steps taken, so each state comes after all that lead to it.
    for number in sorted(range(len(states)), key=lambda n: sum(states[n].at)):
        state = states[number]
        for _, after in state.moves:
            ways[after] += ways[number]
        if not state.moves and tag not in state.world.storage.repositories[REPOSITORY].tags:
            without += ways[number]
    return without


def two_collectors(exploration: Exploration) -> Truth:
    """Say whether no order, some orders or every order loses."""
    facts = {"losing": exploration.losing, "schedules": exploration.schedules}
    return Truth(WHICH_ORDERS[(exploration.losing > 0) + (exploration.losing == exploration.schedules)], facts)


def which_sign(exploration: Exploration) -> Truth:
    """Find the row in which a collector takes its sign back, and those of the push's look and of the last deletion."""
    rows = {"looks": _row(exploration, "sees that no collector"), "deletes": len(exploration.shortest)}
    by_collectors = (row for row, taken in enumerate(exploration.shortest, 1)
                     if taken.actor != "push" and "takes the sign back" in taken.did)  # fmt: skip
    return Truth(next(by_collectors, 0), rows)


def retention(by_tag: Exploration, looked: Exploration, by_digest: Exploration) -> Truth:
    """Say which of three retention runs loses the new image in some order."""
    runs = {
        "the run by tag": by_tag,
        "the run that looks first": looked,
        "the run by digest": by_digest,
    }
    facts = {name: one.losing for name, one in zip(("tag", "looked", "digest"), runs.values(), strict=True)}
    facts |= {f"{name}_of": one.schedules for name, one in zip(("tag", "looked", "digest"), runs.values(), strict=True)}
    return Truth(frozenset(name for name, one in runs.items() if one.losing), facts)


def _row(exploration: Exploration, word: str) -> int:
    """Find the first row of the shortest losing schedule in which a word stands."""
    return next((row for row, taken in enumerate(exploration.shortest, 1) if word in taken.did), 0)
