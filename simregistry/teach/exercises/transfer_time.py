"""Time and scale: how long a transfer takes, what bounds a pull, what leaves a registry, and what was put in."""

from __future__ import annotations

import random
from collections.abc import Mapping

from simregistry.study.published import ALL, Figure
from simregistry.study.timing import (
    CRANE,
    ENGINE,
    Bound,
    Chain,
    ClientDefaults,
    Conditions,
    RequestStep,
    Work,
    bound,
    replay,
)
from simregistry.table import Table
from simregistry.teach.answers import Number, OneOf, Order, SomeOf
from simregistry.teach.exercises.fleet_pulls import egress, slowest
from simregistry.teach.exercises.named_layers import BASES, LIBRARIES, MB, RUNTIMES, SERVICES
from simregistry.teach.problem import Exercise, Misconception, Problem, beliefs

BIT = 125_000  # bytes a second in a megabit a second
WORDS = {"network": "a wider line", "unpacking": "a faster disk", "round trips": "a shorter way"}
DOING = {"network": "sending the bytes", "unpacking": "unpacking", "round trips": "waiting for answers"}


def work(sizes: Mapping[str, float], unpacking: float = 0.0) -> Work:
    """Return the work of fetching layers, given in megabytes, over a connection that is open already."""
    return Work(
        (),
        tuple(
            Chain(name, (RequestStep("GET blob", down=int(mb * MB)),), int(mb * MB * unpacking))
            for name, mb in sizes.items()
        ),
    )


def transfer(dice: random.Random) -> Problem:
    """Ask how long one blob takes."""
    mbit, trip = dice.choice((8, 16, 40, 80, 160, 400)), dice.choice((10, 25, 40, 80, 150, 300))
    size = mbit // 8 * dice.randint(2, 30)
    conditions = Conditions(latency=trip / 1000, download=mbit * BIT, open_round_trips=0)
    right = round(replay(work({"layer": size}), CRANE, conditions).seconds * 1000)
    return Problem(
        text=(
            f"A client asks for one layer of {size} MB. Its connection is open already. "
            f"The line carries {mbit} Mbit/s, and nobody else uses it. A round trip takes {trip} ms. "
            "After how many milliseconds is the last byte here?"
        ),
        answer=Number(right, "ms"),
        misconceptions=_beliefs_on_transfer(size, mbit, trip, right),
        hints=(
            "A line of one Mbit/s carries 125,000 bytes a second.",
            "Divide the layer's bytes by the bytes that the line carries in a second.",
            "Before the first byte comes, the request has to get there.",
        ),
        why=(
            f"The line carries {mbit / 8:g} MB a second, so {size} MB take {round(size / mbit * 8000):,} ms. "
            f"One round trip takes {trip} ms."
        ),
    )


def _beliefs_on_transfer(size: int, mbit: int, trip: int, right: int) -> tuple[Misconception, ...]:
    return beliefs(
        ("a line of 100 Mbit/s carries 100 MB in a second", round(size / mbit * 1000) + trip,
         "Lines are counted in bits and layers in bytes. A megabit is an eighth of a megabyte."),
        ("only the bytes take time", right - trip,
         "The request has to get there before the first byte comes back. That is one round trip."),
        ("an answer takes a round trip for itself", right + trip,
         "The request and the answer together make one round trip."),
        unless=right, once=True,
    )  # fmt: skip


def at_once(dice: random.Random) -> Problem:
    """Ask how long several layers take, a few at a time, on a line that they may or may not fill."""
    (layers, several), limited = dice.choice(((6, 3), (8, 4), (12, 3), (12, 4), (6, 2), (8, 2))), dice.random() < 0.5
    size, rate = dice.choice((10, 20, 30, 50)), dice.choice((5, 10, 20))
    rate_each = rate / (2 * several) if limited else rate
    right = _seconds_of(several, rate, rate_each, layers, size)
    limit = f"gives each download at most {rate_each * 1000:,.0f} kB a second" if limited else "sets no limit"
    return Problem(
        text=(
            f"A client fetches {layers} layers of {size} MB each, {several} at a time. "
            f"The line carries {rate} MB a second, and the server {limit}. "
            "Round trips take no time here, and nothing is unpacked. After how many seconds is everything here?"
        ),
        answer=Number(right, "s"),
        misconceptions=_beliefs_on_at_once(layers, size, rate_each, rate, several, limited, right),
        hints=(
            "How many bytes a second do the downloads that run at the same time get together?",
            "They get the smaller of two rates: the line's, or what each of them may have, times their number.",
            "Divide all bytes by that rate.",
        ),
        why=f"Together they get {min(rate, several * rate_each):g} MB a second, and {layers * size} MB have to come.",
    )


def _seconds_of(several: int, rate: int, rate_each: float, layers: int, size: int) -> int:
    """Fetch the layers, and round the seconds."""
    client = ClientDefaults("client", several, 1, 1, 0.0, unpacks=False)
    conditions = Conditions(latency=0.0, download=rate * MB, each=rate_each * MB, open_round_trips=0)
    named = {f"layer {n}": size for n in range(1, layers + 1)}
    return round(replay(work(named), client, conditions).seconds)


def _beliefs_on_at_once(
    layers: int, size: int, rate_each: float, rate: int, several: int, limited: bool, right: int
) -> tuple[Misconception, ...]:
    alone = round(layers * size / rate_each)
    return beliefs(
        ("more at a time are always faster", round(layers * size / rate / several),
         "Several downloads share the line. Together they get no more than it carries."),
        ("it makes no difference how many at a time", alone if limited else right * several,
         "If the server limits each download, several together get more. "
         "If one download fills the line, several get no more than one."),
        ("the line is what bounds, always", round(layers * size / rate) if limited else round(size / rate),
         "Add up what the downloads get at a time, and compare it with what the line carries. Count all layers."),
        unless=right, once=True,
    )  # fmt: skip


def what_bounds(dice: random.Random) -> Problem:
    """Ask what would shorten a pull most."""
    count, size, conditions, bottleneck = _draw_pull(dice)
    rows = _rows_of_conditions(count, size, conditions)
    why_not = tuple((name, f"{WORDS[name]} would save less") for name in WORDS if name != bottleneck.by)
    return Problem(
        text=(
            "The Docker engine pulls this image, three layers at a time. It unpacks them one by one, from the base up. "
            "Which of the three would make the pull fastest if it took no time at all?"
        ),
        answer=OneOf(bottleneck.by, tuple(WORDS), why_not),
        misconceptions=_beliefs_on_what_bounds(bottleneck),
        hints=(
            "How long do the bytes take on the line? And the unpacked bytes, at the slower of the last two rates?",
            "Then count the round trips. There is one for each layer, and three go side by side.",
            "The longest of the three bounds the pull.",
        ),
        why=(
            f"If {DOING[bottleneck.by]} took no time, the pull would take "
            f"{bottleneck.without[bottleneck.by]:.2f} s instead of {bottleneck.seconds:.2f} s."
        ),
        given=Table(("what", "here"), rows),
    )


def _rows_of_conditions(count: int, size: float, conditions: Conditions) -> tuple[tuple[str, str], ...]:
    """Write a row for each condition of the pull."""
    return (
        ("layers", f"{count} of {size:g} MB, compressed; 2.6 times as much unpacked"),
        ("line", f"{conditions.download / MB:,.0f} MB a second"),
        ("round trip", f"{conditions.latency * 1000:,.0f} ms"),
        ("decompressing", f"{conditions.gunzip / MB:,.0f} MB a second, of unpacked bytes"),
        ("disk", f"{conditions.disk / MB:,.0f} MB a second"),
    )


def _draw_pull(dice: random.Random) -> tuple[int, float, Conditions, Bound]:
    """Draw a pull that one thing clearly bounds."""
    while True:
        count = dice.choice((2, 5, 60))
        size = dice.choice((0.01, 5, 40, 150))
        conditions = Conditions(
            latency=dice.choice((0.002, 0.05, 0.3)), download=dice.choice((1, 10, 100, 1000)) * MB,
            gunzip=dice.choice((60, 150)) * MB, disk=dice.choice((80, 200, 500)) * MB,
        )  # fmt: skip
        bottleneck = bound(work({f"layer {n}": size for n in range(count)}, 2.6), ENGINE, conditions)
        if _clear(bottleneck):
            break
    return count, size, conditions, bottleneck


def _beliefs_on_what_bounds(bottleneck: Bound) -> tuple[Misconception, ...]:
    return beliefs(
        ("bandwidth is always the bound", "network",
         "How long do the bytes take on the line, and how long does unpacking take? Which is longer?"),
        ("unpacking is always the bound", "unpacking",
         "On this line the bytes arrive more slowly than they are unpacked, or there are hardly any bytes."),
        ("the distance to the registry is always the bound", "round trips",
         "The round trips are short compared with the time that the bytes take."),
        unless=bottleneck.by, once=True,
    )  # fmt: skip


def _clear(bottleneck: Bound) -> bool:
    """Say whether one thing saves far more than any other, and a good part of the pull's time."""
    saved = sorted(bottleneck.seconds - left for left in bottleneck.without.values())
    return saved[-1] > 1.5 * saved[-2] and saved[-1] > 0.3 * bottleneck.seconds


def unpacked(dice: random.Random) -> Problem:
    """Ask in which order layers are unpacked."""
    names = [dice.choice(BASES), dice.choice(RUNTIMES), *dice.sample(LIBRARIES, 2), dice.choice(SERVICES)]
    sizes = dict(zip(names, dice.sample(range(3, 90), 5), strict=True))
    timeline = replay(work(sizes, 2.6), ENGINE, Conditions(latency=0.01, download=10 * MB))
    ends = {name: timeline.of(name, "transfer")[-1].end for name in names}
    right = tuple(sorted(names, key=lambda name: timeline.of(name, "unpack")[0].start))
    rows = tuple((name, size, f"{ends[name]:.1f}") for name, size in sizes.items())
    return Problem(
        text=(
            "The Docker engine pulls five layers, listed from the base up, three at a time. "
            "The last column says when each is here. In which order are they unpacked?"
        ),
        answer=Order(right),
        misconceptions=_beliefs_on_unpacked(names, ends, sizes, right),
        hints=(
            "A layer is a set of changes. What does it change?",
            "Which layer needs no other layer below it?",
            "The table lists the layers from the base up.",
        ),
        why="The engine unpacks from the base up, because each layer changes what the layers below it made.",
        given=Table(("layer", "MB", "here after s"), rows),
    )


def _beliefs_on_unpacked(
    names: list[str], ends: dict[str, float], sizes: dict[str, int], right: tuple[str, ...]
) -> tuple[Misconception, ...]:
    return beliefs(
        ("whatever is here first is unpacked first", tuple(sorted(names, key=ends.__getitem__)),
         "A layer is unpacked onto the one below it, so it waits for that one, however early it arrives."),
        ("small layers go first", tuple(sorted(names, key=sizes.__getitem__)),
         "The size decides when a layer arrives. Its place in the image decides when it is unpacked."),
        ("the top layer goes first, the base last", tuple(reversed(names)),
         "The top layer changes what the layers below it made, so they have to be unpacked first."),
        unless=right, once=True,
    )  # fmt: skip


def put_in(dice: random.Random) -> Problem:
    """Ask which of some figures a model was given."""
    chosen = dice.sample([figure for figure in ALL if figure.kind == "result"], 3)
    chosen += dice.sample([figure for figure in ALL if figure.kind == "input"], dice.randint(1, 2))
    dice.shuffle(chosen)
    right = frozenset(figure.id for figure in chosen if figure.kind == "input")
    return Problem(
        text=(
            "The table has some published figures of this course, and what our computation of each was given. "
            "Which figures were put in, so that it shows nothing when they come out again?"
        ),
        answer=SomeOf(right, tuple(figure.id for figure in chosen)),
        misconceptions=_beliefs_on_put_in(chosen, right),
        hints=(
            "Read the last column. Is the figure itself in it, or something that fixes the figure?",
            "A median was put in if the sizes were drawn so that they have this median. A sum of such sizes was not.",
        ),
        why="A figure was put in if its computation was given the figure, or a parameter that was set from it.",
        given=Table(("figure", "says", "its computation was given"), tuple((f.id, f.says, f.given) for f in chosen)),
    )


def _beliefs_on_put_in(chosen: list[Figure], right: frozenset[str]) -> tuple[Misconception, ...]:
    every = frozenset(figure.id for figure in chosen)
    sure = frozenset(figure.id for figure in chosen if figure.grade == "C")
    return beliefs(
        ("a model only gives back what it was given", every,
         "Some of these figures follow from other things that were given. Such figures are results."),
        ("what a source states for sure was put in", sure,
         "How sure a published figure is, and whether a model was given it, are two different questions."),
        ("what is computed is a result", frozenset(),
         "We computed every line of the table. Ask what each computation was given."),
        ("what was put in is what is left", every - right,
         "You named the figures that come out. Name those that their computation was given."),
        unless=right, once=True,
    )  # fmt: skip


EXERCISES = (
    Exercise("time.transfer", "predict", "How long does it travel?", ("time.predict",), transfer),
    Exercise("time.at-once", "predict", "Some at a time", ("time.predict", "time.bound"), at_once),
    Exercise("time.what-bounds", "explain", "What bounds this pull?", ("time.bound",), what_bounds),
    Exercise("time.unpacked", "predict", "Unpacked in which order?", ("time.bound",), unpacked),
    Exercise("fleet.egress", "predict", "What leaves the registry?", ("fleet.ways",), egress),
    Exercise("fleet.slowest", "predict", "The last machine", ("fleet.ways",), slowest),
    Exercise("fleet.put-in", "find", "Put in, or come out?", ("fleet.judge",), put_in),
)
