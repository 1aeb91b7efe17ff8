"""A fleet: what leaves the registry, and when the last machine has its layer."""

from __future__ import annotations

import random

from simregistry.study.fleet import Site, pull_all
from simregistry.teach.answers import Number
from simregistry.teach.exercises.named_layers import MB
from simregistry.teach.problem import Misconception, Problem, beliefs


def egress(dice: random.Random) -> Problem:
    """Ask how many megabytes leave the registry when a fleet pulls two images that share their base."""
    machines, base, shop, mail = dice.choice((10, 20, 40, 100)), *dice.sample(range(5, 200), 3)
    way = dice.choice(("registry", "cache"))
    fleet = pull_all(machines, [[base * MB, shop * MB], [base * MB, mail * MB]], way, Site())
    right, half = fleet.registry_bytes, machines // 2
    through = _in_words(way)
    return Problem(
        text=(
            f"{machines} machines with empty disks pull at the same moment {through}. "
            f"Half of them pull an image with a base ({base} MB) and a shop layer ({shop} MB). "
            f"The other half pull an image with the same base and a mail layer ({mail} MB). "
            "How many MB of layers leave the registry?"
        ),
        answer=Number(right, "MB"),
        misconceptions=_beliefs_on_egress(half, base, shop, mail, right),
        hints=(
            "Who asks the registry, every machine or the cache?",
            "Which distinct layers are there in all?",
            "With a cache, count each distinct layer once. Without a cache, count it once for each machine.",
        ),
        why=_why_egress(way, half),
    )


def _why_egress(way: str, half: int) -> str:
    if way == "cache":
        return "There are three distinct layers, and the cache fetches each of them once."
    return f"{half} machines pull the first image and {half} pull the second, and the registry sends every copy."


def _in_words(way: str) -> str:
    return (
        "through one pull-through cache, which is empty,"
        if way == "cache"
        else "from the registry, with nothing in between"
    )


def _beliefs_on_egress(half: int, base: int, shop: int, mail: int, right: int) -> tuple[Misconception, ...]:
    return beliefs(
        ("a cache saves nothing at the first pull", half * (2 * base + shop + mail) * MB,
         "A machine that asks second gets what the cache fetched for the first one."),
        ("the registry sends each layer once, whoever asks", (base + shop + mail) * MB,
         "Without a cache, every machine asks the registry itself, and the registry sends a copy to each."),
        ("a cache keeps images, not layers", (2 * base + shop + mail) * MB,
         "The base is one layer with one digest, and both images name it."),
        ("one machine's pull is all that leaves", (base + shop) * MB,
         "Two different images are pulled. Count the layers of both."),
        unless=right, once=True,
    )  # fmt: skip


def slowest(dice: random.Random) -> Problem:
    """Ask when the last machine of a fleet has its layer."""
    size, own = (
        dice.choice(((1000, 100), (600, 50), (2000, 100), (500, 125), (300, 25))),
        dice.choice((1000, 500, 1250)),
    )
    machines = dice.choice((2, 4, 5, 20, 40, 50, 100, 200))
    mb, rate = size
    fleet = pull_all(machines, [mb * MB], "registry", Site(registry=own * MB, machine_down=rate * MB))
    right = round(fleet.slowest)
    if abs(fleet.slowest - right) > 1e-6:
        return slowest(dice)
    return Problem(
        text=(
            f"{machines} machines pull one layer of {mb:,} MB at the same moment. "
            f"Each machine's line carries {rate} MB a second. "
            f"The registry's line carries {own:,} MB a second, and the machines share it fairly. "
            "After how many seconds does the last machine have the layer?"
        ),
        answer=Number(right, "s"),
        misconceptions=_beliefs_on_slowest(mb, rate, machines, own, right),
        hints=(
            "How much of the registry's line does each machine get?",
            "A machine gets no more than its own line carries.",
            "Divide the layer's size by the smaller of the two speeds.",
        ),
        why=(
            f"Each machine gets {min(rate, own / machines):g} MB a second. That's the smaller of two speeds, its own "
            f"{rate} MB a second and its share of the registry's line, {own:,} / {machines}."
        ),
    )


def _beliefs_on_slowest(mb: int, rate: int, machines: int, own: int, right: int) -> tuple[Misconception, ...]:
    return beliefs(
        ("only my own line counts", round(mb / rate),
         "All machines share the registry's line. How much of it does each one get?"),
        ("the registry's line is always the bound", round(machines * mb / own),
         "A machine can't take more than its own line carries, however much the registry offers."),
        ("they are served one after the other", machines * round(mb / rate),
         "All machines are served at the same time, each with its share."),
        ("the registry gives everybody its full rate", max(1, round(mb / own)),
         "The registry has one line for all machines, and a machine's own line is narrower."),
        unless=right, once=True,
    )  # fmt: skip
