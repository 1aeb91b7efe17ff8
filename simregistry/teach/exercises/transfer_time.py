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


def work(sizes: Mapping[str, float], unpacking: float = 0.0) -> Work:
    """Make the work of fetching layers of so many megabytes each on a line that is open."""
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
            f"A client asks for one layer of {size} MB on a line that is open already. "
            f"The line carries {mbit} Mbit/s, and a round trip takes {trip} ms. "
            "After how many milliseconds is the last byte here? (Nobody else uses the line.)"
        ),
        answer=Number(right, "ms"),
        misconceptions=_beliefs_on_transfer(size, mbit, trip, right),
        hints=(
            "One Mbit/s is 125,000 bytes a second.",
            "Divide the bytes by what the line carries in a second.",
            "And the request has to travel first.",
        ),
        why=f"{size} MB over {mbit / 8:g} MB a second, and one round trip of {trip} ms.",
    )


def _beliefs_on_transfer(size: int, mbit: int, trip: int, right: int) -> tuple[Misconception, ...]:
    return beliefs(
        ("a line of 100 Mbit/s carries 100 MB in a second", round(size / mbit * 1000) + trip,
         "A megabit is an eighth of a megabyte: lines are counted in bits, layers in bytes."),
        ("only the bytes take time", right - trip,
         "The question travels there before the first byte comes back: one round trip."),
        ("an answer takes a round trip for itself", right + trip, "Question and answer together are one round trip."),
        unless=right, once=True,
    )  # fmt: skip


def at_once(dice: random.Random) -> Problem:
    """Ask how long several layers take, some at a time, on a line that may be full or not."""
    count, at_a_time = dice.choice(((6, 3), (8, 4), (12, 3), (12, 4), (6, 2), (8, 2))), dice.random() < 0.5
    layers, several = count
    size, rate = dice.choice((10, 20, 30, 50)), dice.choice((5, 10, 20))
    limited = at_a_time
    rate_each = rate / (2 * several) if limited else rate
    right = _seconds_of(several, rate, rate_each, layers, size)
    limit = f"gives each transfer {rate_each * 1000:,.0f} kB a second and no more" if limited else "limits nothing"
    return Problem(
        text=(
            f"{layers} layers of {size} MB each, {several} at a time. "
            f"The line carries {rate} MB a second, and the server {limit}. "
            "Round trips take no time here, and nothing is unpacked. After how many seconds is everything here?"
        ),
        answer=Number(right, "s"),
        misconceptions=_beliefs_on_at_once(layers, size, rate_each, rate, several, limited, right),
        hints=(
            "What do the transfers that go at the same time get together?",
            "It is the smaller of two: the line, or their number times what each may have.",
            "Divide all bytes by that.",
        ),
        why=f"Together they get {min(rate, several * rate_each):g} MB a second, and there are {layers * size} MB.",
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
         "The line carries no more than it carries: what several have together is the line."),
        ("it makes no difference how many at a time", alone if limited else right * several,
         "Where the server limits each transfer, several together get more; "
         "where the line is full, they get what one would."),
        ("the line is what bounds, always", round(layers * size / rate) if limited else round(size / rate),
         "Add up what the transfers get at a time, and compare it with what the line carries; and count all layers."),
        unless=right, once=True,
    )  # fmt: skip


def what_bounds(dice: random.Random) -> Problem:
    """Ask what would shorten a pull most."""
    count, size, conditions, bottleneck = _draw_pull(dice)
    rows = _rows_of_conditions(count, size, conditions)
    why_not = tuple((name, f"{WORDS[name]} would save less") for name in WORDS if name != bottleneck.by)
    return Problem(
        text=(
            "The Docker engine pulls this image, three layers at a time, unpacked one by one from the base up. "
            "What would shorten the pull most if it took no time at all?"
        ),
        answer=OneOf(bottleneck.by, tuple(WORDS), why_not),
        misconceptions=_beliefs_on_what_bounds(bottleneck),
        hints=(
            "Divide: all bytes by the line; all unpacked bytes by the slower of decompressing and disk.",
            "And count round trips: one for each layer, three side by side.",
            "The longest of the three is what bounds.",
        ),
        why=(
            f"It takes {bottleneck.seconds:.1f} s; "
            f"without {bottleneck.by} it would take {bottleneck.without[bottleneck.by]:.1f} s."
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
         "Work out the bytes over the line, and the unpacked bytes over disk or decompression: which is longer?"),
        ("unpacking is always the bound", "unpacking",
         "On this line the bytes come more slowly than they are written, or there are hardly any."),
        ("it is always the way to the registry", "round trips",
         "A few round trips of this length are short beside the bytes."),
        unless=bottleneck.by, once=True,
    )  # fmt: skip


def _clear(bottleneck: Bound) -> bool:
    """Say whether one thing saves at least half as much again as any other, and something worth the while."""
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
            "A layer is a set of changes. To what?",
            "Which layer can be unpacked onto nothing?",
            "The table is in that order already.",
        ),
        why="From the base up: each layer is a change of what the ones below it made.",
        given=Table(("layer", "MB", "here after s"), rows),
    )


def _beliefs_on_unpacked(
    names: list[str], ends: dict[str, float], sizes: dict[str, int], right: tuple[str, ...]
) -> tuple[Misconception, ...]:
    return beliefs(
        ("whatever is here first is unpacked first", tuple(sorted(names, key=ends.__getitem__)),
         "A layer is unpacked onto the one below it, so it waits for that one, however early it is here."),
        ("small layers go first", tuple(sorted(names, key=sizes.__getitem__)),
         "Size decides when a layer is here, not where it stands."),
        ("the top layer goes first, the base last", tuple(reversed(names)),
         "The top layer changes what lies below it; so that has to be there."),
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
            "These published figures stand in the course's table, each with what its computation was given. "
            "Which of them were put in, so that it proves nothing when they come out?"
        ),
        answer=SomeOf(right, tuple(figure.id for figure in chosen)),
        misconceptions=_beliefs_on_put_in(chosen, right),
        hints=(
            "Read the last column: does it hold the figure itself, or something that fixes it?",
            "A median that set the distribution is given; the sum of two hundred draws is not.",
        ),
        why="A figure that its own computation was given, or that set the parameter it is read off, proves nothing.",
        given=Table(("figure", "says", "its computation was given"), tuple((f.id, f.says, f.given) for f in chosen)),
    )


def _beliefs_on_put_in(chosen: list[Figure], right: frozenset[str]) -> tuple[Misconception, ...]:
    every = frozenset(figure.id for figure in chosen)
    sure = frozenset(figure.id for figure in chosen if figure.grade == "C")
    return beliefs(
        ("a model only gives back what it was given", every,
         "Some of these follow from other things that were given: that is what makes them results."),
        ("what a source states for sure was put in", sure,
         "How sure a figure is and whether a model was given it are two questions."),
        ("what is computed is a result", frozenset(), "Every line is computed; ask what its computation was given."),
        ("what was put in is what is left", every - right,
         "You named those that come out. What was a computation of yours given that is the figure itself?"),
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
