"""The collector races a push: which pushes a grace period spares, and how long it has to be."""

from __future__ import annotations

import random
from functools import cache

from simregistry.registry.products.distribution_3.collector import DISTRIBUTION_3
from simregistry.study.races.interleavings import Actor, Exploration, explore
from simregistry.study.races.race_scene import every_promise_kept
from simregistry.study.races.race_steps import collector, push_image
from simregistry.study.races.races import race_image, race_scene
from simregistry.table import Table
from simregistry.teach.answers import OneOf, SomeOf
from simregistry.teach.problem import Misconception, Problem, beliefs


def grace(dice: random.Random) -> Problem:
    """Ask which pushes a grace period protects."""
    period, upload, layers = dice.choice((50, 150, 400)), dice.choice((60, 100, 120)), dice.randint(1, 4)
    cases = _pushes_that_lose(layers, upload, period)
    right = frozenset(label for label, lost in cases.items() if lost)
    options = tuple(cases)
    return Problem(
        text=(
            f"A collector spares blobs that came less than {period} s ago. It marks, lists and sweeps in one go. "
            "Each push uploads its layers one after the other, and then sends the manifest at once. "
            "Which of these pushes can lose a layer to the collector?"
        ),
        answer=SomeOf(right, options),
        misconceptions=_beliefs_on_grace(options, right),
        hints=(
            "How old is the oldest layer when the manifest comes?",
            f"A layer that is {period} s old can be taken, as long as no manifest names it.",
        ),
        why="The collector takes a blob that is as old as the period and that no manifest names yet.",
        given=Table(("push",), tuple((option,) for option in options)),
    )


def _pushes_that_lose(layers: int, upload: int, period: int) -> dict[str, bool]:
    """Run three pushes beside the collector, and say which can lose a layer."""
    cases = {}
    for count, reuse in ((1, False), (layers, False), (1, True)):
        label = (
            f"{count} new layer{'s' if count > 1 else ''}, {upload} s each"
            if not reuse
            else "reuses a layer that came a year ago"
        )
        cases[label] = _loses(count, reuse, upload, period)
    return cases


def _beliefs_on_grace(options: tuple[str, ...], right: frozenset[str]) -> tuple[Misconception, ...]:
    reused = options[-1]
    return beliefs(
        ("a longer grace period is always enough", right - {reused},
         "The age of a blob is counted from when it came. A push that reuses an old one uploads nothing."),
        ("a grace period protects no push", frozenset(options),
         "While the first layer is younger than the period, it is spared."),
        ("a grace period protects every push", frozenset(),
         "Ask of each push how old its oldest blob is when its manifest comes."),
        unless=right,
    )  # fmt: skip


def _loses(count: int, reuse: bool, upload: int, period: int) -> bool:
    """Run every order of a push of some layers beside a collector with a grace period."""
    contents = [f"layer {number}".encode() for number in range(count)]
    world = race_scene(*(contents if reuse else []), clock=10**6)
    pushing = push_image("push", race_image(*contents), "v2", *contents, seconds=upload)
    collecting = collector(DISTRIBUTION_3, grace=period)
    # Marking, listing and sweeping in one go: the collector is one step.
    at_once = Actor(collecting.name, (lambda world, memory: [step(world, memory) for step in collecting.steps][-1],))
    return explore(world, (pushing, at_once), every_promise_kept).losing > 0


@cache
def with_grace(layers: int, seconds: int, grace: int, reuse: bool) -> Exploration:
    """Run every order of a push of some slow layers beside a collector with a grace period (seconds), once each."""
    contents = (b"new layer", b"second layer", b"third layer")[:layers]
    pushing = push_image("push", race_image(*contents), "v2", *contents, seconds=seconds)
    start = race_scene(*(contents[:1] if reuse else ()))
    return explore(start, (pushing, collector(DISTRIBUTION_3, grace=grace)), every_promise_kept)


def choose_grace(dice: random.Random) -> Problem:
    """Ask for the shortest grace period that loses nothing."""
    layers, seconds, reuse = dice.randint(1, 3), dice.choice((20, 60, 100, 200, 400)), dice.random() < 0.3
    periods = tuple(seconds * halves // 2 for halves in (1, 3, 5))
    none = "none of these"
    safe = [period for period in periods if not with_grace(layers, seconds, period, reuse).losing]
    right = f"{safe[0]:,} s" if safe else none
    short, middle, long = (f"{period:,} s" for period in periods)
    counts = [with_grace(layers, seconds, period, reuse) for period in periods]
    first = (
        "The first layer has been on the shelf for 10,000 s, and no manifest names it, so it is not uploaded. "
        if reuse
        else ""
    )
    brings = f"{layers} layers, one after the other" if layers > 1 else "1 layer"
    return Problem(
        text=(
            f"A push brings {brings}. An upload takes {seconds} s, and the manifest comes right after the last one. "
            f"{first}A collector may act at any moment. It spares blobs that came less than a grace period ago. "
            "Which is the shortest of these periods with which no order of the steps loses the image?"
        ),
        answer=OneOf(right, (short, middle, long, none)),
        misconceptions=_beliefs_on_choose_grace(short, middle, long, none, right),
        hints=(
            "When does a layer's age begin, and when is the layer named by a manifest?",
            "Look at the oldest layer of the push.",
        ),
        why=(
            "; ".join(
                f"{period:,} s: {exploration.losing:,} of {exploration.schedules:,} orders lose"
                for period, exploration in zip(periods, counts, strict=True)
            )
            + "."
        ),
    )


def _beliefs_on_choose_grace(short: str, middle: str, long: str, none: str, right: str) -> tuple[Misconception, ...]:
    return beliefs(
        ("a collector is quick, so the shortest will do", short,
         "Ask how old a layer gets before the manifest names it. The collector's own speed doesn't matter."),
        ("a period longer than one upload is enough", middle,
         "Think of the layer that comes first. How old is it when the last one has come?"),
        ("the longer, the safer", long,
         "Compare it with the age of the oldest layer of the push. A shorter period may do, or none here may do."),
        ("no period protects a push", none,
         "A layer that is younger than the period is spared. Ask how old the oldest one gets before it is named."),
        unless=right,
    )  # fmt: skip
