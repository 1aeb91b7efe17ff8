"""Images as stacks of layers side by side, and two bars below them: what is drawn by the explorer of stacks.

Heights are in proportion to bytes. A layer too small to be seen or clicked gets a least height, and the picture says
which layers those are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from textwrap import wrap

from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.registry.storage_report import Figures
from simregistry.show.explorers.scene import Mark
from simregistry.table import human

WIDE, LEFT, TOP, TALL, LEAST = 820.0, 84.0, 50.0, 336.0, 7.0
BASE = TOP + TALL
NAMES, LINE = BASE + 6, 13.0
BARS = NAMES + 70
FLOOR = BARS + 50
BAR_LEFT, BAR_LONG = 140.0, 540.0
SMALL = 11.0
# How a layer is filled: what this image brought, and what was there already.
BROUGHT, THERE = 0, 1


@dataclass(frozen=True, slots=True)
class NamedStack:
    """One image as the explorer shows it: its name and its layers, the base first."""

    name: str
    layers: tuple[Descriptor, ...]

    @property
    def size(self) -> int:
        """Bytes of its layers."""
        return sum(layer.size for layer in self.layers)

    def height(self, scale: float) -> float:
        """How high it is drawn at so many pixels a byte."""
        return sum(max(LEAST, layer.size * scale) for layer in self.layers)


def fitting_scale(stacks: Sequence[NamedStack]) -> float:
    """Find the most pixels a byte with which every stack fits into the picture."""
    low, high = 0.0, TALL / max(1, max(stack.size for stack in stacks))
    for _ in range(40):
        middle = (low + high) / 2
        fits = all(stack.height(middle) <= TALL for stack in stacks)
        low, high = (middle, high) if fits else (low, middle)
    return low


def round_step(n_bytes: float) -> int:
    """Round down to 1, 2 or 5 with zeros, as the steps of an axis are.

    >>> round_step(734), round_step(199_000_000)
    (500, 100000000)
    """
    power = 1
    while power * 10 <= n_bytes:
        power *= 10
    return next(power * digit for digit in (5, 2, 1) if power * digit <= max(1, n_bytes))


@dataclass(frozen=True)
class StackColumns:
    """One state of the picture: the stacks, which images are in the registry, and which layer is chosen.

    ``scale`` is pixels a byte. ``longest`` is the bytes at the right end of the axis.
    """

    stacks: tuple[NamedStack, ...]
    pushed: tuple[str, ...]
    chosen: Digest | None
    figures: Figures
    scale: float
    longest: int

    @property
    def column(self) -> float:
        """How wide a stack is, with the gap beside it."""
        return (WIDE - LEFT - 4) / len(self.stacks)

    @cached_property
    def bringers(self) -> Mapping[Digest, tuple[str, int]]:
        """The image and the level with which each stored layer was pushed first."""
        by_name = {stack.name: stack for stack in self.stacks}
        first: dict[Digest, tuple[str, int]] = {}
        for name in self.pushed:
            for level, layer in enumerate(by_name[name].layers):
                first.setdefault(layer.digest, (name, level))
        return first

    def fill(self, name: str, level: int, digest: Digest) -> int | None:
        """Find a layer's colour: none if its image is not in the registry."""
        if name not in self.pushed:
            return None
        return BROUGHT if self.bringers[digest] == (name, level) else THERE

    def marks(self) -> Iterator[Mark]:
        """Draw everything; what a hand uses most comes first, since the Tab key stops there."""
        for number, stack in enumerate(self.stacks):
            yield from self._name(number, stack)
        for number, stack in enumerate(self.stacks):
            yield from self._stack(number, stack)
        yield from self._legend()
        yield from self._bars()
        yield from self._axis()

    def _name(self, number: int, stack: NamedStack) -> Iterator[Mark]:
        x, inside = LEFT + self.column * number, stack.name in self.pushed
        state = "in the registry. Take it out." if inside else "not in the registry. Push it."
        yield Mark(
            f"image-{number}", "box", x, NAMES, self.column - 6, 4 * LINE + 8, do="toggle",
            look="good" if inside else "",
            says=f"{stack.name}, {human(stack.size)} in {_layers(len(stack.layers))}, {state}",
        )  # fmt: skip
        repository, _, tag = stack.name.rpartition(":")
        letters = int(self.column / 6.8)
        lines = [line for part in (repository, tag) for line in wrap(part, letters)]
        if len(lines) > 3:
            lines = [*lines[:2], f"{lines[2][: letters - 1]}…"]
        middle = x + (self.column - 6) / 2
        for line, text in enumerate(lines):
            y = NAMES + 11 + LINE * line
            yield Mark(f"name-{number}-{line}", "text", middle, y, label=text, size=SMALL, bold=True)
        label = "✓ is in" if inside else "+ push"
        yield Mark(f"state-{number}", "text", middle, NAMES + 12 + LINE * 3, label=label, size=SMALL)

    def _stack(self, number: int, stack: NamedStack) -> Iterator[Mark]:
        y = BASE
        for level, layer in enumerate(stack.layers):
            tall = max(LEAST, layer.size * self.scale)
            y -= tall
            colour = self.fill(stack.name, level, layer.digest)
            state = {None: "not in the registry", BROUGHT: "pushed with this image", THERE: "was there already"}[colour]
            lit = layer.digest == self.chosen
            yield Mark(
                f"layer-{number}-{level}", "box", LEFT + self.column * number, y, self.column - 6, tall,
                human(layer.size) if tall >= LINE else "", colour, "lit" if lit else "dim" if self.chosen else "",
                f"layer {level + 1} of {stack.name}, {human(layer.size)}, {state}{', chosen' if lit else ''}",
                do="choose", size=SMALL,
            )  # fmt: skip

    def _legend(self) -> Iterator[Mark]:
        fills = (("not in the registry", None), ("pushed with this image", BROUGHT), ("was there already", THERE))
        x = LEFT
        for text, colour in fills:
            yield Mark(f"legend-{text}", "box", x, 9, 22, 14, colour=colour)
            yield Mark(f"legend-text-{text}", "text", x + 30, 16, label=text, align="start", size=12)
            x += 60 + 7.4 * len(text)
        least = human(round(LEAST / self.scale))
        text = f"as high as every layer under {least}; other heights are in proportion to bytes"
        yield Mark("least", "box", LEFT, 38 - LEAST / 2, 60, LEAST)
        yield Mark("least-text", "text", LEFT + 68, 38, label=text, align="start", size=12)
        step = round_step(100 / self.scale)
        tall = step * self.scale
        yield Mark("scale", "line", 66, BASE, 0, -tall)
        for end, y in (("bottom", BASE), ("top", BASE - tall)):
            yield Mark(f"scale-{end}", "line", 61, y, 10, 0)
        yield Mark("scale-text", "text", 57, BASE - tall / 2, label=human(step), align="end", size=12)

    def _bars(self) -> Iterator[Mark]:
        long = BAR_LONG / self.longest
        stored, asked = self.figures.stored_bytes * long, self.figures.logical_bytes * long
        share = f", {self.figures.stored_bytes / self.figures.logical_bytes:.1%}" if asked else ""
        rows = (
            ("without sharing", asked, human(self.figures.logical_bytes)),
            ("stored", stored, f"{human(self.figures.stored_bytes)}{share}"),
        )
        for row, (name, end, text) in enumerate(rows):
            y = BARS + 22 * row
            yield Mark(f"head-{name}", "text", BAR_LEFT - 10, y + 9, label=name, align="end", bold=True)
            yield Mark(f"brought-{name}", "box", BAR_LEFT, y, stored, 18, colour=BROUGHT)
            if end > stored:
                yield Mark(f"there-{name}", "box", BAR_LEFT + stored, y, end - stored, 18, colour=THERE)
            yield Mark(f"bytes-{name}", "text", BAR_LEFT + end + 8, y + 9, label=text, align="start", size=12)

    def _axis(self) -> Iterator[Mark]:
        step = round_step(self.longest / 5)
        yield Mark("axis", "line", BAR_LEFT, FLOOR, BAR_LONG, 0)
        for number in range(int(self.longest / step) + 1):
            x = BAR_LEFT + BAR_LONG * number * step / self.longest
            yield Mark(f"tick-{number}", "line", x, FLOOR, 0, 5)
            yield Mark(f"tick-text-{number}", "text", x, FLOOR + 15, label=human(number * step), size=SMALL)


def _layers(number: int) -> str:
    return "1 layer" if number == 1 else f"{number} layers"
