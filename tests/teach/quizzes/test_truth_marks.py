"""The lesson “Collect without stopping”: each option of a question fits exactly where the races say so."""

from __future__ import annotations

import pytest

from simregistry.study.races.interleavings import run_schedule
from simregistry.study.races.race_scene import every_promise_kept
from simregistry.study.races.races import race
from simregistry.teach.exercises.schedule_writing import schedules_of_race
from simregistry.teach.predictions.marks_truths import without_the_tag

RENEWED = "grace that a HEAD renews"


def what_came_first():
    """marks.q2: in every order that loses, and in none of those that begin in another way."""
    start, actors = race(RENEWED).cast()
    told = [
        [step.did for step in run_schedule(start, actors, order, every_promise_kept)]
        for order, lost in schedules_of_race(RENEWED)
        if lost
    ]

    def always(first: str, then: str) -> bool:
        places = [
            [next(n for n, did in enumerate(dids) if did.startswith(word)) for word in (first, then)] for dids in told
        ]
        return all(before < after for before, after in places)

    return {
        "the collector listed": always("lists", "HEAD new layer"),
        "the client asked": always("HEAD new layer", "lists"),
        "the collector swept": always("sweeps", "HEAD new layer"),
    }


def two_calls():
    """marks.q3."""
    in_two, in_one = race("looked at again, in two calls").run(), race("renewed, and looked at again").run()
    between = [step.did.partition(" ")[0] for step in in_two.shortest]
    asked_between = between.index("looks") < between.index("HEAD") < between.index("sweeps")
    return {
        "yes": in_two.losing == 0,
        "no, because": in_two.losing > 0 and asked_between,
        "no, and": in_two.losing > 0 and in_one.losing > 0,
    }


def a_second_collector():
    """marks.q4: in the order found, the first collector takes the sign, the push looks, and the second one deletes."""
    shared, alone = race("marks, two collectors at once").run(), race("Cloudflare's marks").run()
    steps = [(step.actor, step.did.partition(":")[0]) for step in shared.shortest]
    taken = steps.index(("collector", "takes the sign back"))
    looked = steps.index(("push", "sees that no collector is at work or has been since"))
    return {
        "the first one": alone.losing == 0 < shared.losing and taken < looked and steps[-1][0] == "second collector",
        "nothing": shared.losing == 0,
        "more than": race("marks, a sign for each collector").run().losing > 0,
    }


def three_requests():
    """marks.q5."""
    names = ("retention beside a push", "retention that looks, in two calls", "retention by digest")
    by_tag, looked, by_digest = (race(name).run().losing == 0 for name in names)
    return {
        "a `DELETE` of the tag": by_tag,
        "a `HEAD` of the tag": looked,
        "a `DELETE` of the digest": by_digest,
    }


def a_push_beside_signs():
    """marks.q6."""
    signs = race("Cloudflare's marks").run()
    refused = without_the_tag(signs)
    return {
        "nothing": refused == 0,
        "its push is": 0 < refused < signs.schedules,
        "its push sometimes gets": signs.losing > 0,
    }


HOLDS = {
    "marks.q2": what_came_first,
    "marks.q3": two_calls,
    "marks.q4": a_second_collector,
    "marks.q5": three_requests,
    "marks.q6": a_push_beside_signs,
}


@pytest.mark.parametrize("id", HOLDS)
def test_an_option_fits_exactly_where_the_package_says_so(id, fits):
    """The wrong ones too are computed: none of them is right by accident."""
    fits(id, HOLDS[id]())
