"""A level as a picture: the present state on the left, the goal on the right, each place a column with its images.

An image has the same height on both sides, so that what is missing or should go is seen in its own place. All that is
marked as a fault is what the level's goal names as one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from simregistry.show.explorers.scene import Mark
from simregistry.show.explorers.still_picture import text_width
from simregistry.teach.levels.goal import LIMITS, Goal
from simregistry.teach.levels.level_state import REGISTRIES, Image, LevelState

WIDE, HALF, TOP = 820.0, 400.0, 74.0
# The way of an image through the picture: pushed to the right, and pulled to the right again.
COLUMNS = ("laptop", "registry", "mirror", "server")
LINE, ROW, GAP, SMALL = 14.0, 16.0, 8.0, 11.0
YELLOW = 4
STORAGE, RECIPES = "storage", "recipe"
# What is said of a fault in the present state, and beside it in the goal.
NOTES = {
    "missing": ("✗ missing", "✗ not yet"), "extra": ("✗ should go", "not wanted"),
    "different": ("✗ differs", "✗ differs"), "": ("", ""),
}  # fmt: skip
# A line of a block: a layer's name, or words above the layers of one platform.
Rows = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One image, or a registry's storage, as one side shows it; ``rows`` go from the top down, the base last."""

    place: str
    name: str
    title: tuple[str, ...]
    rows: Rows
    fault: str = ""
    # Whether the goal has something to say about it, and whether it is there at all.
    judged: bool = False
    there: bool = True

    @property
    def height(self) -> float:
        """How high it is drawn."""
        return LINE * (len(self.title) + bool(self.fault)) + ROW * len(self.rows) + 8


def rows_of(image: Image) -> Rows:
    """List the lines of an image from the top down.

    >>> rows_of(("base", "code"))
    (('code', True), ('base', True))
    """
    if isinstance(image, tuple):
        return tuple((layer, True) for layer in reversed(image))
    rows: list[tuple[str, bool]] = []
    for platform, stack in image.items():
        rows += [(platform, False), *rows_of(stack or ("missing",))]
    return tuple(rows)


def fitted(name: str, width: float) -> tuple[str, ...]:
    """Break a name behind its host if it is too long for a line, and inside the host if that is too long as well.

    >>> fitted("registry.example/web:1", 130)
    ('registry.example/', 'web:1')
    """
    lines: list[str] = []
    for ends in ("/ ", "/ ."):
        lines = []
        for piece in re.findall(f"[^{ends}]+[{ends}]*", name):
            if lines and text_width(lines[-1] + piece, SMALL) <= width:
                lines[-1] += piece
            else:
                lines.append(piece)
        if all(text_width(line.strip(), SMALL) <= width for line in lines):
            break
    letters = max(4, int(width / text_width("m", SMALL)))
    return tuple(line.strip() if len(line) <= letters + 1 else f"{line[: letters - 1]}…" for line in lines)


@dataclass(frozen=True)
class LevelPicture:
    """One state and one goal. ``says`` names a block for a screen reader; ``chosen`` is the block that was clicked.

    While a level is built there is no goal yet: ``start`` is then the state in which it begins.
    """

    sizes: Mapping[str, int]
    recipes: Mapping[str, Image]
    state: LevelState
    goal: Goal
    places: tuple[str, ...]
    chosen: tuple[str, str] | None
    says: Callable[[str, str], str]
    heads: tuple[str, str]
    stars: int = 0
    start: LevelState | None = None
    # What the last command changed.
    changed: tuple[str, str] | None = None

    @property
    def column(self) -> float:
        """How wide a place is."""
        return HALF / len(self.places)

    @cached_property
    def slots(self) -> Mapping[str, Sequence[tuple[Block, Block]]]:
        """The blocks of each place in the order in which they are drawn: as they are, and as they should be."""
        return {place: self._slots(place) for place in self.places}

    def _slots(self, place: str) -> Sequence[tuple[Block, Block]]:
        wide, faults = self.column - 18, self.goal.image_faults(place, self.state)
        now, wanted = self.state.images[place], self.goal.images.get(place, {})
        if self.start is not None:
            wanted = self.start.images[place]
        slots = []
        for name in sorted({*now, *wanted}):
            fault, judged = faults.get(name, ""), place in self.goal.images
            sides = [
                Block(place, name, fitted(name, wide), rows_of(images.get(name, ())), fault, judged, name in images)
                for images in (now, wanted)
            ]
            if judged or self.start is not None:
                slots.append((sides[0], sides[1]))
            else:
                slots.append((sides[0], Block(place, name, (), (), there=False)))
        slots += [(block, Block(place, block.name, (), (), there=False)) for block in self._untagged(place)]
        return [*slots, *self._storage(place)]

    def _untagged(self, place: str) -> Iterator[Block]:
        bare = [(name, image) for where, name, image in self.state.untagged if where == place]
        for number, (name, image) in enumerate(bare):
            yield Block(
                place, f"{name} (no tag) {number}", fitted(f"{name} (no tag)", self.column - 18), rows_of(image)
            )

    def _storage(self, place: str) -> list[tuple[Block, Block]]:
        if place not in REGISTRIES:
            return []
        asked = self.goal.shelf if place == "registry" and self.start is None else None
        faults = self.goal.shelf_faults(self.state) if asked is not None else {}
        held = self.state.shelves[place]
        wanted = self.start.shelves[place] if self.start is not None else asked or ()
        shown = self.start is not None or asked is not None
        title = fitted(f"{STORAGE}, {sum(self.sizes[layer] for layer in held)} MB", self.column - 18)
        now, then = (_shelf(place, held, faults, asked is not None) for held in (held, wanted))
        return [(replace(now, title=title), replace(then, there=shown))]

    def floor(self) -> float:
        """Find where the columns end."""
        return TOP + max(sum(self._tall(slot) + GAP for slot in slots) for slots in self.slots.values()) + 8

    @property
    def height(self) -> float:
        """How high the whole picture is."""
        below = LINE * max(1, len(self.goal.limits())) + 14 + LINE
        return self.floor() + below + (self._recipe_height() if self.recipes else 0)

    def _tall(self, slot: tuple[Block, Block]) -> float:
        return max(block.height for block in slot)

    def marks(self) -> Iterator[Mark]:
        """Draw both sides, the figures below them and what a build makes."""
        for side, left in enumerate((4.0, WIDE - HALF - 4)):
            yield Mark(f"head-{side}", "text", left, 16, label=self.heads[side], bold=True, align="start", size=14)
            for number, place in enumerate(self.places):
                yield from self._place(side, left + number * self.column, place)
        if self.stars:
            yield Mark(
                "stars", "text", WIDE - 6, 16, label="★" * self.stars + "☆" * (3 - self.stars), align="end", size=18
            )
        yield Mark("middle", "line", WIDE / 2, 6, 0, self.floor() - 10, look="dim")
        yield from self._figures()
        yield from self._recipes()

    def _place(self, side: int, x: float, place: str) -> Iterator[Mark]:
        wide, host = self.column - 4, REGISTRIES.get(place, "a machine")
        drop = f"place-{place}" if side == 0 else ""
        yield Mark(f"place-{side}-{place}", "box", x, 28, wide, self.floor() - 32, drop=drop, look="dim",
                   says=f"Drop it on the {place}." if drop else "")  # fmt: skip
        yield Mark(f"name-{side}-{place}", "text", x + wide / 2, 43, label=place, bold=True)
        yield Mark(f"host-{side}-{place}", "text", x + wide / 2, 60, label=host, size=SMALL)
        y, shown = TOP, False
        for slot in self.slots[place]:
            block = slot[side]
            if side == 0 and self.changed == (place, block.name):
                # It keeps its id, so it glides from what one command changed to what the next one does.
                yield Mark("changed", "box", x + 1, y - 4, wide - 2, self._tall(slot) + 8, colour=YELLOW)
            if block.there or block.judged:
                yield from self._block(side, block, x + 6, y, wide - 12, self._tall(slot))
                shown = True
            y += self._tall(slot) + GAP
        if not shown and side == 1 and self.start is None:
            label = "no image" if place in self.goal.images else "as you like"
            yield Mark(f"free-{place}", "text", x + wide / 2, TOP + 14, label=label, size=SMALL)

    def _block(self, side: int, block: Block, x: float, y: float, wide: float, tall: float) -> Iterator[Mark]:
        id, right = f"{side} {block.place} {block.name}", block.judged and not block.fault
        look = "ghost" if not block.there else "bad" if block.fault else "good" if right else ""
        usable = side == 0 and block.there and "(no tag)" not in block.name
        chosen = usable and self.chosen == (block.place, block.name)
        image = usable and block.name != STORAGE
        yield Mark(
            id, "box", x, y, wide, tall, look="lit" if chosen else look, do="choose" if usable else "",
            drag="carry" if image else "", keys={"Delete": "remove"} if image else {},
            says=self.says(block.place, block.name) if usable else "",
        )  # fmt: skip
        title = (f"{'✓ ' if right else ''}{block.title[0]}", *block.title[1:])
        for number, text in enumerate(title):
            size = min(SMALL, SMALL * (wide - 4) / text_width(text, SMALL))
            yield Mark(
                f"{id} title {number}", "text", x + wide / 2, y + 10 + LINE * number, label=text, bold=True, size=size
            )
        top = y + 4 + LINE * len(title)
        if note := NOTES[block.fault][side]:
            yield Mark(f"{id} note", "text", x + wide / 2, top + 6, label=note, size=SMALL)
            top += LINE
        if block.there:
            yield from self._rows(id, block.rows, x + 4, top, wide - 8)

    def _rows(self, id: str, rows: Rows, x: float, top: float, wide: float) -> Iterator[Mark]:
        largest = max(self.sizes.values())
        for number, (text, is_layer) in enumerate(rows):
            y, layer = top + ROW * number, text.removeprefix("✗ ")
            if not is_layer or layer not in self.sizes:
                yield Mark(f"{id} row {number}", "text", x + wide / 2, y + ROW / 2, label=text, size=SMALL)
                continue
            size, colour = self.sizes[layer], list(self.sizes).index(layer)
            yield Mark(f"{id} layer {number}", "box", x, y, wide, ROW - 1)
            yield Mark(f"{id} bar {number}", "box", x, y, max(2.0, wide * size / largest), ROW - 1, colour=colour)
            room = wide - text_width(f" {size}", SMALL) - 6
            name = text if text_width(text, SMALL) <= room else f"{text[: int(room / text_width('m', SMALL)) - 1]}…"
            yield Mark(f"{id} text {number}", "text", x + 4, y + ROW / 2, label=name, align="start", size=SMALL)
            yield Mark(
                f"{id} size {number}", "text", x + wide - 3, y + ROW / 2, label=str(size), align="end", size=SMALL
            )

    def _figures(self) -> Iterator[Mark]:
        state, y = self.state, self.floor() + 10
        figures = f"{state.sent} MB sent, {state.fetched} MB fetched, {state.stored} MB stored"
        yield Mark("figures", "text", 6, y, label=figures, align="start", size=12)
        for number, (what, most) in enumerate(self.goal.limits().items()):
            sign = "✓" if self.goal.kept(what, state) else "✗"
            text = f"{sign} {LIMITS[what][0].format(most)}"
            yield Mark(f"limit-{what}", "text", WIDE - HALF - 2, y + LINE * number, label=text, align="start", size=12)
        scale = f"Numbers are megabytes. A bar of full width is {max(self.sizes.values())} MB."
        scale += " Yellow is what the last command changed." if self.changed else ""
        below = y + LINE * max(1, len(self.goal.limits()))
        yield Mark("scale", "text", 6, below + 2, label=scale, align="start", size=SMALL)

    def _recipe_height(self) -> float:
        return 40 + ROW * max(len(rows_of(image)) for image in self.recipes.values()) + LINE

    def _recipes(self) -> Iterator[Mark]:
        if not self.recipes:
            return
        y = self.height - self._recipe_height()
        yield Mark("recipes", "text", 6, y + 10, label="What a build makes", bold=True, align="start")
        wide = min(240.0, (WIDE - 8) / len(self.recipes))
        for number, (name, image) in enumerate(self.recipes.items()):
            block = Block(RECIPES, name, fitted(name, wide - 10), rows_of(image))
            yield from self._block(0, block, 4 + number * wide, y + 22, wide - 8, block.height)


def _shelf(place: str, held: Sequence[str], faults: Mapping[str, str], judged: bool) -> Block:
    rows = tuple((f"{'✗ ' if layer in faults else ''}{layer}", True) for layer in sorted(held))
    return Block(place, STORAGE, (STORAGE,), rows or (("empty", False),), "different" if faults else "", judged)


def places_shown(*states: LevelState | None, mentioned: Sequence[str] = ()) -> tuple[str, ...]:
    """List the places that a picture needs, in its order: the laptop, the registry, and others in use or mentioned."""
    used = {place for state in states if state is not None for place, images in state.images.items() if images}
    used |= {place for state in states if state is not None for place, shelf in state.shelves.items() if shelf}
    return tuple(place for place in COLUMNS if place in {"laptop", "registry", *used, *mentioned})


def last_changed(before: LevelState | None, after: LevelState) -> tuple[str, str] | None:
    """Find what a command changed: an image that is new or has other layers, or else a registry's storage."""
    if before is None:
        return None
    for place, images in after.images.items():
        for name, image in images.items():
            if before.images[place].get(name) != image:
                return place, name
    changed = (place for place, held in after.shelves.items() if before.shelves[place] != held)
    return next(((place, STORAGE) for place in changed), None)
