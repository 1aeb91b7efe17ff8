"""Set the line, the distance and the machine, and see when each part of a pull happens and what bounds the pull."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import inf

from simregistry.errors import InvalidValue
from simregistry.show.explorers.explorer import Explorer, Hand
from simregistry.show.explorers.scene import Control, Mark, Scene
from simregistry.study.timing import ENGINE, Bound, Conditions, Span, Timeline, bound, replay, work_of_layers

MB, KB = 1_000_000, 1_000


@dataclass(frozen=True, slots=True)
class PullSetting:
    """One setting: its name, and its steps by what is shown for each."""

    id: str
    label: str
    steps: Mapping[str, float]
    slider: bool = True


LINE = PullSetting(
    "line", "Bandwidth", {"20 Mbit/s": 2.5e6, "100 Mbit/s": 12.5e6, "1 Gbit/s": 125e6, "10 Gbit/s": 1250e6}
)  # fmt: skip
TRIP = PullSetting(
    "round_trip", "Round trip", {"1 ms": 0.001, "20 ms": 0.02, "100 ms": 0.1, "200 ms": 0.2, "500 ms": 0.5}
)
AT_A_TIME = PullSetting("at_a_time", "Downloads at a time", {str(number): number for number in range(1, 9)})
UNPACKING = PullSetting(
    "unpacking", "Unpacking", {"50 MB/s": 50e6, "150 MB/s": 150e6, "500 MB/s": 500e6, "2 GB/s": 2e9}
)  # fmt: skip
CONNECTION = PullSetting(
    "connection", "One connection gets", {"all of the line": inf, "5 MB/s": 5e6, "1 MB/s": 1e6}, slider=False
)  # fmt: skip
SCALE = PullSetting("scale", "Width of the picture", {"2 s": 2, "10 s": 10, "40 s": 40, "160 s": 160}, slider=False)
LAYERS = {
    "1 of 150 MB": (150 * MB,),
    "6 of 25 MB": (25 * MB,) * 6,
    "15 of 10 MB": (10 * MB,) * 15,
    "a base of 100 MB, 5 of 10 MB": (100 * MB, *(10 * MB,) * 5),
    "6 of 10 kB": (10 * KB,) * 6,
}
SETTINGS = (LINE, TRIP, AT_A_TIME, UNPACKING, CONNECTION, SCALE)
# The kinds of bars: the colour of each, and what the legend says. Opening a connection and asking are round trips.
TRIPS, TRAVEL, WAITS, UNPACKS = "round trips", "bytes travel", "waits", "is unpacked"
COLOURS = {TRIPS: 4, TRAVEL: 0, WAITS: None, UNPACKS: 1}
KINDS = {"open": TRIPS, "ask": TRIPS, "transfer": TRAVEL, "wait": WAITS, "unpack": UNPACKS}
BOUNDS = ("network", "unpacking", "round trips")
# Two pulls take the same time if no digit that is shown differs.
SAME = 0.005
LEFT, RIGHT, TOP, TALL = 130.0, 790.0, 96.0, 300.0


@dataclass(frozen=True, slots=True)
class PullBar:
    """What happens to one layer from one second to another."""

    kind: str
    start: float
    end: float


class PullTimeline(Explorer):
    """One pull on a simulated clock, replayed at each change."""

    def __init__(self, layers: str, **start: str) -> None:
        self.start = {"layers": layers, **start}
        for setting in SETTINGS:
            _check(setting.id, self.start[setting.id], setting.steps)
        _check("layers", layers, LAYERS)
        self._begin()
        super().__init__()

    def _begin(self) -> None:
        self.chosen, self.read, self.before = dict(self.start), "", 0.0
        self._replay()
        # What has bounded the pull so far: the goal asks for all three.
        self.seen = {self.bound.by}
        self.last = self._says()

    @property
    def conditions(self) -> Conditions:
        """The network and the machine as they are set."""
        unpacking = self._value(UNPACKING)
        # A faster unpacker needs a disk that takes what it writes.
        disk = max(Conditions().disk, unpacking)
        return Conditions(
            self._value(TRIP), download=self._value(LINE), gunzip=unpacking, disk=disk, each=self._value(CONNECTION)
        )

    def _value(self, setting: PullSetting) -> float:
        return setting.steps[self.chosen[setting.id]]

    def _replay(self) -> None:
        work = work_of_layers(LAYERS[self.chosen["layers"]])
        client = replace(ENGINE, downloads=int(self._value(AT_A_TIME)))
        self.pull: Timeline = replay(work, client, self.conditions)
        self.bound: Bound = bound(work, client, self.conditions)

    def act(self, hand: Hand) -> None:
        """Change one setting, read one layer's times, or begin again."""
        if hand.do == "again":
            self._begin()
        elif hand.do == "read" and hand.id.removeprefix("row-") in self.pull.names:
            self.read = hand.id.removeprefix("row-")
            self.last = self._says_layer(self.read)
        elif (step := self._step(hand)) and step != self.chosen[hand.do]:
            self._set(hand.do, step)

    def _step(self, hand: Hand) -> str:
        """Find the step that a hand chose: a slider sends its number, a choice its text."""
        steps = next((tuple(setting.steps) for setting in SETTINGS if setting.id == hand.do), ())
        if hand.do == "layers":
            steps = tuple(LAYERS)
        if isinstance(hand.value, str):
            return hand.value if hand.value in steps else ""
        return steps[int(hand.value)] if 0 <= hand.value < len(steps) else ""

    def _set(self, setting: str, step: str) -> None:
        self.chosen[setting] = step
        if setting == SCALE.id:
            self.last = f"The picture is now {step} wide. {self._says()}"
            return
        self.read, self.before = "", self.pull.seconds
        self._replay()
        self.seen.add(self.bound.by)
        self.last = self._says()

    def _says(self) -> str:
        change = self.pull.seconds - self.before
        since = f", {abs(change):.2f} s {'later' if change > 0 else 'sooner'} than before" if self.before else ""
        if self.before and abs(change) < SAME:
            since = ", as before"
        by = self.bound.by
        have = "bound" if by == "round trips" else "bounds"
        without = (
            f"If {'they' if by == 'round trips' else 'it'} took no time, "
            f"the pull would take {self.bound.without[by]:.2f} s."
        )
        return f"The pull takes {self.pull.seconds:.2f} s{since}. The {by} {have} it. {without}"

    def _says_layer(self, name: str) -> str:
        parts = [f"{bar.kind} from {bar.start:.2f} to {bar.end:.2f} s" for bar in self.bars(name)]
        return f"{name}: {', '.join(parts)}."

    def bars(self, name: str) -> tuple[PullBar, ...]:
        """List what happens to one layer; where the clock has nothing for it, the layer waits."""
        ready = max((span.end for span in self.pull.spans if span.name == self.pull.names[0]), default=0.0)
        bars: list[PullBar] = []
        for span in (one for one in self.pull.spans if one.name == name):
            idle_from = bars[-1].end if bars else ready
            if span.start > idle_from:
                bars.append(PullBar(WAITS, idle_from, span.start))
            bars = _joined(bars, span)
        return tuple(bars)

    def draw(self) -> Scene:
        """Draw a row for each layer, the base at the top, on an axis of seconds whose width is chosen."""
        return Scene(
            title="The time line of a pull: a row for each layer, the base at the top, seconds from left to right",
            width=820,
            height=TOP + TALL + 106,
            marks=(*self._legend(), *self._axis(), *self._rows(), *self._ends(), *self._bounds()),
            says=self.last,
            controls=self._controls(),
            goal="Let each of these bound the pull once: the network, the unpacking, the round trips.",
            reached=self.seen >= set(BOUNDS),
            table=self.bound.table(),
        )

    def _controls(self) -> tuple[Control, ...]:
        layers = Control("layers", "choice", "Layers", self.chosen["layers"], tuple(LAYERS))
        return (layers, *(self._control(setting) for setting in SETTINGS), Control("again", "button", "Begin again"))

    def _control(self, setting: PullSetting) -> Control:
        steps, step = tuple(setting.steps), self.chosen[setting.id]
        if not setting.slider:
            return Control(setting.id, "choice", setting.label, step, steps)
        # The first option of a slider is the text beside it.
        return Control(setting.id, "slider", setting.label, steps.index(step), (step,), 0, len(steps) - 1, 1)

    def _x(self, second: float) -> float:
        return LEFT + (RIGHT - LEFT) * min(second, self._value(SCALE)) / self._value(SCALE)

    def _legend(self) -> Iterator[Mark]:
        x = LEFT
        for kind, colour in COLOURS.items():
            yield Mark(f"key-{kind}", "box", x, 12, 22, 16, colour=colour, look="ghost" if kind == WAITS else "")
            yield Mark(f"key-{kind}-name", "text", x + 30, 20, label=kind, align="start")
            x += 140

    def _axis(self) -> Iterator[Mark]:
        low, scale = TOP + TALL, self._value(SCALE)
        for number in range(5):
            second = scale * number / 4
            x = self._x(second)
            yield Mark(f"tick-{number}", "line", x, TOP - 6, 0, TALL + 12, look="dim")
            yield Mark(f"second-{number}", "text", x, low + 18, label=f"{second:g} s")
        scale_text = f"The picture is {scale:g} s wide, whatever the pull takes."
        yield Mark("scale", "text", (LEFT + RIGHT) / 2, low + 40, label=scale_text, size=12)

    def _rows(self) -> Iterator[Mark]:
        tall = min(36.0, TALL / len(self.pull.names))
        for row, name in enumerate(self.pull.names):
            y = TOP + tall * row
            label = f"{name} (base)" if row == 1 else name
            for number, bar in enumerate(self.bars(name)):
                x, end = self._x(bar.start), self._x(bar.end)
                if bar.start < self._value(SCALE):
                    look = "ghost" if bar.kind == WAITS else ""
                    yield Mark(f"bar-{row}-{number}", "box", x, y + tall * 0.16, end - x, tall * 0.68,
                               colour=COLOURS[bar.kind], look=look)  # fmt: skip
            yield Mark(
                f"row-{name}", "box", 12, y + 1, LEFT - 24, tall - 2, label, size=min(13.0, tall - 7), do="read",
                look="lit" if self.read == name else "", says=f"Read the times of {label}. {self._says_layer(name)}",
            )  # fmt: skip

    def _ends(self) -> Iterator[Mark]:
        places = (("before", self.before, "before:", "ghost", 54.0), ("end", self.pull.seconds, "ends at", "lit", 76.0))
        for id, second, word, look, y in places:
            # The label of the end is drawn over the line of the pull before it.
            if not second:
                continue
            beyond = second > self._value(SCALE)
            x = self._x(second)
            label = f"{word} {second:.2f} s{' →' if beyond else ''}"
            # The line's name stands to the right of it, or to the left where the picture ends.
            at = x - 6 if x > RIGHT - 110 else x + 6
            yield Mark(
                f"{id}-name", "text", at, y, label=label, align="end" if at < x else "start", bold=id == "end"
            )  # fmt: skip
            if not beyond:
                yield Mark(id, "line", x, y + 10, 0, TOP + TALL - y - 4, look=look)

    def _bounds(self) -> Iterator[Mark]:
        y = TOP + TALL + 60
        yield Mark("bounds", "text", 12, y + 15, label="The pull is bound by", align="start", bold=True)
        for number, name in enumerate(BOUNDS):
            here, seen = name == self.bound.by, "✓ " if name in self.seen else ""
            look = "lit" if here else "ghost"
            yield Mark(f"bound-{name}", "box", 190 + 170 * number, y, 150, 30, f"{seen}{name}", look=look, bold=here)


def _joined(bars: list[PullBar], span: Span) -> list[PullBar]:
    """Add a span to a row's bars; round trips right after each other are one bar."""
    kind = KINDS[span.what]
    if bars and bars[-1].kind == kind and bars[-1].end >= span.start:
        return [*bars[:-1], PullBar(kind, bars[-1].start, span.end)]
    return [*bars, PullBar(kind, span.start, span.end)]


def _check(name: str, step: str, steps: Mapping[str, object]) -> None:
    if step not in steps:
        raise InvalidValue(name, step, f"use one of {', '.join(steps)}")


def pull_timeline(
    layers: str = "6 of 25 MB",
    *,
    line: str = "100 Mbit/s",
    round_trip: str = "20 ms",
    at_a_time: int = 3,
    unpacking: str = "150 MB/s",
    connection: str = "all of the line",
    scale: str = "40 s",
) -> PullTimeline:
    """Show a pull on a clock whose settings can be changed; each argument is the step to begin with."""
    return PullTimeline(
        layers, line=line, round_trip=round_trip, at_a_time=str(at_a_time), unpacking=unpacking,
        connection=connection, scale=scale,
    )  # fmt: skip
