"""The picture of a push or a pull: the client on the left, the registry on the right, boxes for the image's parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from simregistry.oci.messages import Exchange, shorten
from simregistry.show.explorers.scene import Mark
from simregistry.show.explorers.transfer_replay import TransferReplay
from simregistry.show.explorers.transfer_state import PartState, TransferState

WIDTH, EDGE = 820.0, 8.0
COLUMN, GAP, PAD = 128.0, 10.0, 12.0
TOP, STACK = 76.0, 146.0
LEAST, BETWEEN, ABOVE_LAYERS = 20.0, 3.0, 8.0
SIGNS = {"sent": "→ ", "fetched": "← ", "already there": "✓ ", "already here": "✓ ", "mounted": "⇠ "}
LOOKS = {"already there": "good", "already here": "good", "mounted": "lit"}
STATUSES = {200: "yes, here it is", 201: "created", 202: "accepted, go on", 204: "fine", 404: "not here"}


def units_a_byte(sizes: Sequence[int], room: float) -> float:
    """Find the scale at which boxes fill the room, if none is lower than its name needs.

    >>> units_a_byte([100, 300], 80)
    0.2
    """
    low: set[int] = set()
    while len(low) < len(sizes):
        scale = (room - LEAST * len(low)) / sum(size for at, size in enumerate(sizes) if at not in low)
        more = {at for at, size in enumerate(sizes) if size * scale < LEAST} - low
        if not more:
            return scale
        low |= more
    return LEAST / max(1, *sizes)


def round_number(number: float) -> int:
    """Round down to 1, 2 or 5 with zeros behind it.

    >>> round_number(81_234)
    50000
    """
    whole = max(1, int(number))
    power = int("1".ljust(len(str(whole)), "0"))
    return next(digit * power for digit in (5, 2, 1) if digit * power <= whole)


@dataclass(frozen=True)
class TransferPicture:
    """The marks for one state of a replay, after some messages; the last step began after ``since`` of them."""

    replay: TransferReplay
    since: int
    messages: int
    state: TransferState

    @property
    def pushed(self) -> bool:
        """Whether the image goes to the registry."""
        return self.replay.journey.direction == "push"

    @cached_property
    def room(self) -> float:
        """The height of a whole stack."""
        return max(282.0, len(self.state.parts) * (LEAST + BETWEEN) + 60)

    @cached_property
    def scale(self) -> float:
        """Units of the picture for a byte."""
        sizes = [state.part.size for state in self.state.parts]
        return units_a_byte(sizes, self.room - BETWEEN * (len(sizes) - 2) - ABOVE_LAYERS)

    @property
    def height(self) -> float:
        """The height of the whole picture."""
        return STACK + self.room + 88

    @cached_property
    def rows(self) -> dict[str, tuple[float, float]]:
        """For each part the top of its box and its height, the base at the bottom."""
        rows, y = {}, STACK + self.room
        for number, state in enumerate(self.state.parts):
            tall = self.tall(state.part.size)
            above = ABOVE_LAYERS if number == len(self.state.parts) - 2 else BETWEEN if number else 0
            y -= tall + above
            rows[state.part.name] = (y, tall)
        return rows

    def tall(self, size: int) -> float:
        """Compute the height of a box."""
        return max(LEAST, size * self.scale)

    @cached_property
    def columns(self) -> dict[str, tuple[float, str, str]]:
        """For each column its left edge and two lines above it: those of the client, then those of the registry."""
        reference = self.replay.reference
        repository = ("there", "repository", _clipped(reference.repository))
        if self.pushed:
            other = [("lent", "repository", _clipped(self.state.elsewhere))] if self.state.elsewhere else []
            client, registry = (
                [("source", "image", self.replay.journey.image)],
                [("way", "open", "uploads"), repository],
            )
            registry += other
        else:
            client = [("there", "local", "store"), ("way", "arrived,", "not stored")]
            registry = [("source", "repository", repository[2])]
        lefts = [EDGE + PAD + (COLUMN + GAP) * at for at in range(len(client))]
        end = WIDTH - EDGE - PAD + GAP
        lefts += [end - (COLUMN + GAP) * (len(registry) - at) for at in range(len(registry))]
        return {
            id: (x, first, second) for x, (id, first, second) in zip(lefts, (*client, *registry), strict=True)
        }  # fmt: skip

    @cached_property
    def frames(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Left and right edge of the client's frame and of the registry's."""
        lefts = [x for x, _, _ in self.columns.values()]
        clients = 1 if self.pushed else 2
        return (EDGE, lefts[clients - 1] + COLUMN + PAD), (lefts[clients] - PAD, WIDTH - EDGE)

    def marks(self) -> Iterator[Mark]:
        """Draw everything, what is in front last."""
        yield from self._spoken()
        yield from self._frames()
        yield from self._wire()
        yield from self._copies()
        yield from self._sources()
        yield from self._names()
        yield from self._legend()

    @property
    def step(self) -> tuple[Exchange, ...]:
        """The messages of the last step: one, or all those about a blob."""
        return self.replay.exchanges[self.since : self.messages]

    def _spoken(self) -> Iterator[Mark]:
        line, what = "No message has been sent yet.", ""
        if len(self.step) > 1:
            line = f"{self.since + 1} to {self.messages}. {', '.join(one.request.method for one in self.step)}"
            what = self.step[-1].note
        elif self.step:
            line, what = f"{self.messages}. {shorten(self.step[0].request.line)}", self.step[0].note
        yield Mark("line", "text", EDGE, 18, label=_clipped(line, 108), align="start", bold=True, size=12)
        yield Mark("note", "text", EDGE, 38, label=what, align="start", size=12)

    def _frames(self) -> Iterator[Mark]:
        names = ("laptop" if self.pushed else "machine", self.replay.source.host)
        for id, name, (left, right) in zip(("client", "registry"), names, self.frames, strict=True):
            yield Mark(f"frame-{id}", "box", left, TOP, right - left, STACK + self.room + 26 - TOP)
            yield Mark(f"title-{id}", "text", left, TOP - 12, label=name, align="start", bold=True)
        for id, (x, first, second) in self.columns.items():
            yield Mark(f"head-{id}", "text", x + COLUMN / 2, TOP + 13, label=first, size=11)
            yield Mark(f"head2-{id}", "text", x + COLUMN / 2, TOP + 28, label=second, size=12, bold=True)

    def _wire(self) -> Iterator[Mark]:
        (_, left), (right, _) = self.frames
        left, right, middle = left + 8, right - 8, (left + right) / 2
        if not self.step:
            return
        exchange, subject = self.step[-1], self.replay.subjects[self.messages - 1]
        name = next((state.part.name for state in self.state.parts if state.part.digest == subject), "")
        top, tall = self.rows.get(name, (STACK - 26, LEAST))
        y = top + tall / 2
        up, asks = sum(one.up for one in self.step), [exchange.request.method, f"{len(self.step)} messages"]
        label = asks[len(self.step) > 1] + (f", {up:,} bytes" if up else "")
        yield Mark("asks", "text", middle, y - 19, label=label, size=12, bold=True)
        if exchange.response is None:
            yield Mark("request", "line", left, y - 7, (right - left) / 2, 0, look="bad")
            yield Mark("answers", "text", middle, y + 8, label="✗ the line broke", size=12)
            return
        yield Mark("request", "line", left, y - 7, right - left, 0, arrow=True)
        yield Mark("answer", "line", right, y + 7, left - right, 0, arrow=True)
        down = f"{exchange.down:,} bytes" if exchange.down else STATUSES.get(exchange.response.status, "")
        yield Mark("answers", "text", middle, y + 20, label=f"{exchange.response.status}, {down}", size=12)

    def _copies(self) -> Iterator[Mark]:
        """Draw what travels; while it has not left, it waits unseen behind the box that it comes from."""
        for number, state in enumerate(self.state.parts):
            top, tall = self.rows[state.part.name]
            column = {"away": self._origin(state), "on the way": "way", "there": "there"}[state.place]
            label, look = SIGNS.get(state.outcome, "") + state.part.name, LOOKS.get(state.outcome, "")
            if state.place == "on the way":
                got = self.tall(state.received)
                top, tall = top + tall - got, got
                label, look = f"{state.received:,} bytes" if self.pushed else state.part.name, "ghost"
            yield Mark(
                f"copy-{state.part.name}", "box", self.columns[column][0], top, COLUMN, tall, colour=number, look=look,
                label="" if state.place == "away" else label, size=12,
            )  # fmt: skip
            if state.outcome == "mounted":
                x, end = self.columns["there"][0] + COLUMN, self.columns["lent"][0]
                yield Mark(f"link-{state.part.name}", "line", end, top + tall / 2, x - end, 0, arrow=True)

    def _origin(self, state: PartState) -> str:
        """Name the column that a part comes from: a mounted one never was on the way from the laptop."""
        said = zip(self.replay.subjects, self.replay.exchanges, strict=True)
        about = [exchange for subject, exchange in said if subject == state.part.digest]
        mounted = any("mount" in exchange.request.query and exchange.status == 201 for exchange in about)
        return "lent" if mounted else "source"

    def _sources(self) -> Iterator[Mark]:
        for number, state in enumerate(self.state.parts):
            (top, tall), name = self.rows[state.part.name], state.part.name
            outcome = {"on the way": "on the way", "away": "not there yet"}.get(state.place, state.outcome or "there")
            yield Mark(
                f"have-{name}", "box", self.columns["source"][0], top, COLUMN, tall, name, colour=number, do="go",
                size=12, says=f"{name}, {state.part.size:,} bytes, {outcome}. Go to the first message about it.",
            )  # fmt: skip
            if state.part.digest in self.state.lent:
                x = self.columns["lent"][0]
                yield Mark(f"lent-{name}", "box", x, top, COLUMN, tall, name, colour=number, size=12)

    def _names(self) -> Iterator[Mark]:
        """Draw the image's name where it goes, and what else is there."""
        x, tag = self.columns["there"][0], self.replay.reference.tag or ""
        name = f"tag {tag}" if self.pushed else self.replay.journey.image
        if self.state.tagged:
            yield Mark("tag", "box", x + 14, TOP + 40, COLUMN - 28, LEAST, name, size=12, bold=True)
        else:
            yield Mark("tag", "text", x + COLUMN / 2, TOP + 50, label=f"no {name}", size=12)
        if self.state.others:
            others = f"and {self.state.others} more"
            yield Mark("others", "text", x + COLUMN / 2, STACK + self.room + 13, label=others, size=11)

    def _legend(self) -> Iterator[Mark]:
        y, bar = STACK + self.room + 44, round_number(44 / self.scale)
        outcomes = ("sent", "already there", "mounted") if self.pushed else ("fetched", "already here")
        waiting = "in an open upload" if self.pushed else "arrived, not stored"
        x = EDGE
        for outcome, look in (*((outcome, LOOKS.get(outcome, "")) for outcome in outcomes), (waiting, "ghost")):
            yield Mark(f"legend-{outcome}", "box", x, y - 8, 26, 16, SIGNS.get(outcome, "").strip(), look=look, size=12)
            yield Mark(f"legend-name-{outcome}", "text", x + 34, y, label=outcome, align="start", size=12)
            x += 60 + 7.5 * len(outcome)
        yield Mark("scale", "line", 640, y - bar * self.scale / 2 + 4, 0, bar * self.scale)
        yield Mark("scale-name", "text", 650, y + 4, label=f"{bar:,} bytes", align="start", size=12)
        least = round(LEAST / self.scale, -len(str(int(LEAST / self.scale))) + 2)
        note = f"A part of less than {least:,.0f} bytes is drawn that tall, so that its name fits."
        yield Mark("least", "text", EDGE, y + 26, label=note, align="start", size=12)


def _clipped(text: str, most: int = 17) -> str:
    """Cut a long name short."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
