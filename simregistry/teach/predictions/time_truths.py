"""What is so in the lesson on a pull's time, computed from pulls that the notebook replayed on a simulated clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simregistry.study.parameter_grid.run_grid import GridResult
from simregistry.study.published.figure import Figure
from simregistry.study.published.speed import NATIVE_BYTES, RATE
from simregistry.study.timing import Bound, Span, Timeline
from simregistry.teach.predictions.prediction import Truth

# Two pulls whose seconds differ by less than this share take about as long.
ABOUT = 0.05
# A pull is much faster if it takes at most this share of the time.
MUCH = 0.6
# From this many downloads at a time on, the question asks for the slowest.
FROM = 3


def one_layer(pull: Timeline) -> Truth:
    """Read when the last byte of the only layer arrives, and how many round trips came before its first byte."""
    (sent,) = pull.of("layer 1", "transfer")
    trip = pull.of("layer 1", "ask")[0].seconds
    # What people forget: the round trips, all but one of them, or that a byte has eight bits.
    facts = {
        "bytes": round(sent.seconds, 1), "trips": round(sent.start / trip), "trip": round(trip, 3),
        "one": round(sent.seconds + trip, 1), "bits": round(sent.seconds / 8 + sent.start, 2),
    }  # fmt: skip
    return Truth(round(sent.end, 1), facts)


def ten_at_once(one: Timeline, ten: Timeline) -> Truth:
    """Compare a pull of ten layers at a time with the same pull of one layer at a time."""
    share = ten.seconds / one.seconds
    facts = {
        "one": one.seconds, "ten": ten.seconds, "begun": _first_unpacked(ten), "first": _first_unpacked(one),
    }  # fmt: skip
    if abs(share - 1) <= ABOUT:
        return Truth("about the same", facts)
    return Truth("much faster" if share <= MUCH else "slower" if share > 1 else "a little faster", facts)


def best_number(pulls: Mapping[int, Timeline]) -> Truth:
    """Find the number of downloads at a time with which a pull is done first; the smallest, if several are."""
    best = min(pulls, key=lambda number: (round(pulls[number].seconds, 1), number))
    most = max(pulls)
    return Truth(best, {"seconds": pulls[best].seconds, "most": most, "at_most": pulls[most].seconds})


def slowest_number(pulls: Mapping[int, Timeline]) -> Truth:
    """Find the row of the slowest pull among those with at least three downloads at a time."""
    numbers = list(pulls)
    slowest = max((number for number in numbers if number >= FROM), key=lambda number: pulls[number].seconds)
    return Truth(numbers.index(slowest) + 1, {"number": slowest, "seconds": pulls[slowest].seconds})


def data_centre(home: Timeline, fast: Timeline) -> Truth:
    """Read how long the pull takes on the wider line, and what of it is unpacking."""
    facts = {
        "hundredth": round(home.seconds / 100, 2), "home": home.seconds, "arrived": _last(fast, "transfer").end,
        "unpacking": sum(span.seconds for span in fast.spans if span.what == "unpack"),
    }  # fmt: skip
    return Truth(round(fast.seconds, 1), facts)


def waits_longest(pull: Timeline) -> Truth:
    """Find the row of the layer with most seconds between its arrival and its unpacking."""
    waits = [_wait(pull, name) for name in pull.names]
    longest = max(waits)
    name = pull.names[waits.index(longest)]
    here, begins = pull.of(name, "transfer")[-1].end, pull.of(name, "unpack")[0].start
    return Truth(waits.index(longest) + 1, {"name": name, "here": here, "begins": begins, "waits": longest})


def small_change(bottleneck: Bound) -> Truth:
    """Read what would save most if it were free."""
    left = {name.replace(" ", "_"): seconds for name, seconds in bottleneck.without.items()}
    return Truth(bottleneck.by, {"seconds": bottleneck.seconds, **left})


def layer_count(counts: GridResult) -> Truth:
    """Find the number of layers with which the pull is done first."""
    seconds: dict[int, float] = dict(zip(counts.column("layers"), counts.column("seconds"), strict=True))
    best = min(seconds, key=lambda number: seconds[number])
    facts = {f"s{number}": value for number, value in seconds.items()}
    return Truth("one layer" if best == 1 else f"{best} layers", facts)


def already_here(second: Timeline, alone: Timeline) -> Truth:
    """Read how long a pull takes when some of its layers are there, beside the same pull on an empty machine."""
    facts = {
        "alone": round(alone.seconds, 1), "line": round(_last(second, "transfer").end, 1),
        "percent": round(100 * second.seconds / alone.seconds),
    }  # fmt: skip
    return Truth(round(second.seconds, 1), facts)


def full_pull(figures: Sequence[Figure]) -> Truth:
    """Read the measured seconds of the full pull, and what the model says of it; the first figure is the lazy start."""
    lazy, full = figures
    rest = lazy.published - NATIVE_BYTES / RATE
    pulled_bytes = (full.computed - rest) * RATE
    facts = {
        "computed": round(full.computed), "rest": round(rest, 1), "bytes": round(pulled_bytes / RATE, 1),
        "lazy": NATIVE_BYTES / RATE,
        "in_proportion": round(lazy.published * pulled_bytes / NATIVE_BYTES),
    }  # fmt: skip
    return Truth(round(full.published), facts)


def broken_base(healthy: Timeline, broken: Timeline) -> Truth:
    """Subtract: how many whole seconds later the pull is done when a transfer broke off and waited."""
    waits = sum(span.seconds for span in broken.spans if span.what == "wait")
    return Truth(
        round(broken.seconds - healthy.seconds),
        {"waits": round(waits), "seconds": broken.seconds, "healthy": healthy.seconds},
    )


def _last(pull: Timeline, what: str) -> Span:
    """Find the span of this kind that ends last."""
    return max((span for span in pull.spans if span.what == what), key=lambda span: span.end)


def _first_unpacked(pull: Timeline) -> float:
    """Say when the first unpacking begins, or when the pull ends if nothing is unpacked."""
    return min((span.start for span in pull.spans if span.what == "unpack"), default=pull.seconds)


def _wait(pull: Timeline, name: str) -> float:
    """Count the seconds that a layer lies there before it is unpacked; what is never unpacked waits for nothing."""
    unpacking = pull.of(name, "unpack")
    return unpacking[0].start - pull.of(name, "transfer")[-1].end if unpacking else -1.0
