"""See who talks to whom: two laptops, a pull-through cache, and two front ends over one storage."""

from __future__ import annotations

from collections.abc import Iterator

from simregistry.errors import InvalidValue, SimRegistryError
from simregistry.show.explorers.explorer import Explorer, Hand
from simregistry.show.explorers.office_network import (
    CACHE,
    FRONT_ENDS,
    HOST,
    IMAGES,
    LAPTOPS,
    FrontEnd,
    OfficeNetwork,
)
from simregistry.show.explorers.scene import Control, Mark, Scene
from simregistry.table import Table

STRAIGHT, THROUGH = "straight to the registry", "through the cache"
STORAGE = "storage"
# Pixels for 100 kB.
SCALE = 15.0
# Each place: its corner, width and height.
PLACES = {
    "laptop 1": (16.0, 42.0, 178.0, 134.0),
    "laptop 2": (16.0, 206.0, 178.0, 134.0),
    CACHE: (240.0, 354.0, 190.0, 92.0),
    "front end A": (516.0, 60.0, 122.0, 74.0),
    "front end B": (516.0, 246.0, 122.0, 74.0),
    STORAGE: (672.0, 106.0, 122.0, 168.0),
}
# Each line: where it begins, where it ends, and where its count is written.
LINES = {
    ("laptop 1", "front end A"): ((194.0, 88.0), (514.0, 88.0), (354.0, 88.0)),
    ("laptop 1", "front end B"): ((194.0, 118.0), (514.0, 270.0), (284.0, 161.0)),
    ("laptop 2", "front end A"): ((194.0, 262.0), (514.0, 112.0), (284.0, 220.0)),
    ("laptop 2", "front end B"): ((194.0, 292.0), (514.0, 292.0), (354.0, 292.0)),
    ("laptop 1", CACHE): ((194.0, 160.0), (310.0, 352.0), (257.0, 265.0)),
    ("laptop 2", CACHE): ((194.0, 328.0), (250.0, 352.0), (212.0, 360.0)),
    (CACHE, "front end A"): ((400.0, 352.0), (522.0, 136.0), (424.0, 310.0)),
    (CACHE, "front end B"): ((432.0, 400.0), (572.0, 322.0), (478.0, 374.0)),
}


class RegistryMap(Explorer):
    """A map of places and lines; each push and pull is the simulator's own."""

    def __init__(self, image: str = IMAGES[0]) -> None:
        if image not in IMAGES:
            raise InvalidValue("image", image, f"use one of {', '.join(IMAGES)}")
        self.first_image = image
        self._begin()
        super().__init__()

    def _begin(self) -> None:
        self.network, self.image, self.done = OfficeNetwork(), self.first_image, False
        self.before = self.network.counts()
        self.last = "The registry has web:v1 and web:v2. Laptop 1 has built tool:1 and has not pushed it."

    def act(self, hand: Hand) -> None:
        """Pull or push, stop or start a front end, choose image and way, or begin again."""
        network = self.network
        verb, _, place = hand.id.partition("-")
        if hand.do in ("pull", "push") and verb == hand.do and place in LAPTOPS:
            self._move(hand.do, place)
        elif hand.do == "switch" and hand.id in FRONT_ENDS:
            self._switch(network.front_ends[hand.id])
        elif hand.do == "breaks":
            door = network.front_ends[network.front_end]
            door.breaks = not door.breaks and door.running
            after = "will go down after the next chunk that it takes in" if door.breaks else "goes on as before"
            self.last = f"{_sentence(door.name)} {after}."
        elif hand.do == "image" and hand.value in IMAGES:
            self.image = str(hand.value)
            self.last = f"The next push or pull is of {self.image}."
        elif hand.do == "way" and hand.value in (STRAIGHT, THROUGH):
            network.through_cache = hand.value == THROUGH
            self.last = f"Laptops now go {hand.value}."
        elif hand.do == "front_end" and hand.value in FRONT_ENDS:
            network.front_end = str(hand.value)
            self.last = f"Requests to the registry now go to {network.front_end}."
        elif hand.do == "again":
            self._begin()

    def _move(self, verb: str, place: str) -> None:
        """Let a laptop pull or push, and say what passed."""
        network = self.network
        self.before, left = network.counts(), network.left_registry()
        client, name = network.laptops[place], f"{HOST}/{self.image}"
        try:
            report = client.pull(name) if verb == "pull" else client.push(name)
        except SimRegistryError as refusal:
            self.last = f"{_sentence(str(refusal))}. {self._says_uploads()}".strip()
            return
        both = all(IMAGES[0] in network.images_at(laptop) for laptop in LAPTOPS)
        self.done = self.done or (both and network.left_registry() <= network.one_pull)
        passed = report.conversation.down if verb == "pull" else report.conversation.up
        done, way = ("pulled", "came") if verb == "pull" else ("pushed", "went up")
        self.last = (
            f"{_sentence(place)} {done} {self.image} with {len(report.conversation)} requests, and {passed:,} bytes "
            f"{way}. {network.left_registry() - left:,} bytes left the registry."
        )

    def _says_uploads(self) -> str:
        return " ".join(
            f"{size:,} bytes wait in an open upload in the storage." for size in self.network.open_uploads()
        )

    def _switch(self, door: FrontEnd) -> None:
        door.running, door.breaks = not door.running, False
        kept = len(self.network.images_at(STORAGE))
        state = "runs again" if door.running else "is stopped"
        self.last = f"{_sentence(door.name)} {state}. The storage has {kept} images, as before."

    def draw(self) -> Scene:
        """Draw laptops on the left, the cache below, the registry on the right, and the lines between them."""
        return Scene(
            title="A map of two laptops, a cache, and a registry of two front ends over one storage",
            width=820,
            height=460,
            marks=(*self._registry(), *self._lines(), *self._laptops(), *self._cache(), *self._doors()),
            says=self.last,
            controls=self._controls(),
            goal="Let both laptops have web:v1, with no more bytes leaving the registry than for one of them.",
            reached=self.done,
            table=self._table(),
        )

    def _controls(self) -> tuple[Control, ...]:
        network = self.network
        door = network.front_ends[network.front_end]
        breaks = f"Don't let {door.name} go down" if door.breaks else f"Let {door.name} go down in the next push"
        return (
            Control("image", "choice", "Image", self.image, IMAGES),
            Control("way", "choice", "Laptops go", self._way(), (STRAIGHT, THROUGH)),
            Control("front_end", "choice", "The registry answers at", network.front_end, FRONT_ENDS),
            Control("breaks", "button", breaks, disabled=not door.running),
            Control("again", "button", "Begin again"),
        )

    def _table(self) -> Table | None:
        lines = [line for line in self.network.lines.values() if line.requests]
        rows = tuple((line.start, line.end, line.requests, line.up, line.down) for line in lines)
        return Table(("who asks", "whom", "requests", "bytes up", "bytes down"), rows) if rows else None

    def _registry(self) -> Iterator[Mark]:
        yield Mark("registry", "box", 500, 30, 304, 316, look="ghost")
        yield Mark("registry-name", "text", 510, 46, label=HOST, align="start", bold=True)
        left, one = self.network.left_registry(), self.network.one_pull
        texts = (f"left the registry: {left:,} bytes", f"one pull of {IMAGES[0]}: {one:,} bytes",
                 "number on an arrow: requests", "bar of 100,000 bytes:")  # fmt: skip
        for row, text in enumerate(texts):
            end = 804 - (SCALE + 8 if row == len(texts) - 1 else 0)
            yield Mark(f"text-{row}", "text", end, 366 + 22 * row, label=text, align="end", bold=row == 0,
                       size=13 if row < 2 else 12)  # fmt: skip
        yield Mark("scale", "box", 804 - SCALE, 426, SCALE, 12, colour=0)

    def _lines(self) -> Iterator[Mark]:
        counts = self.network.counts()
        for ends, (start, end, place) in LINES.items():
            count, id = counts[ends], f"{ends[0]}-{ends[1]}"
            wide, tall = end[0] - start[0], end[1] - start[1]
            look = "lit" if count > self.before[ends] else "" if count else "ghost"
            yield Mark(id, "line", *start, wide, tall, look=look, arrow=True)
            if count:
                yield Mark(f"{id}-count", "text", *place, label=str(count), bold=True, size=15)
        for name, door in self.network.front_ends.items():
            x, y, wide, tall = PLACES[name]
            end = (670.0, 150.0 if name == FRONT_ENDS[0] else 230.0)
            look = "" if door.running else "ghost"
            yield Mark(f"{name}-storage", "line", x + wide, y + tall / 2, end[0] - x - wide, end[1] - y - tall / 2,
                       look=look, arrow=True)  # fmt: skip

    def _laptops(self) -> Iterator[Mark]:
        for laptop in LAPTOPS:
            yield from self._place(laptop, laptop)
            x, y, _, tall = PLACES[laptop]
            for number, verb in enumerate(("pull", "push")):
                yield Mark(f"{verb}-{laptop}", "box", x + 10 + 82 * number, y + tall - 36, 76, 28, verb, do=verb,
                           says=f"{laptop}: {verb} {self.image} {self._way()}. {self._says_kept(laptop)}")  # fmt: skip

    def _way(self) -> str:
        return THROUGH if self.network.through_cache else STRAIGHT

    def _says_kept(self, place: str) -> str:
        return f"It has {', '.join(self.network.images_at(place)) or 'no image'}."

    def _cache(self) -> Iterator[Mark]:
        yield from self._place(CACHE, "pull-through cache")

    def _place(self, place: str, title: str, lines: int = 1) -> Iterator[Mark]:
        """Draw a place with its images, the bytes that it keeps, and a bar for them."""
        x, y, wide, tall = PLACES[place]
        images, kept = self.network.images_at(place), self.network.bytes_at(place)
        texts = images if lines > 1 else (", ".join(images) or "no image",)
        yield Mark(place, "box", x, y, wide, tall)
        yield Mark(f"{place}-name", "text", x + 10, y + 16, label=title, align="start", bold=True)
        for row, text in enumerate(texts):
            yield Mark(f"{place}-image-{row}", "text", x + 10, y + 37 + 17 * row, label=text, align="start", size=12)
        low = y + 31 + 17 * lines
        yield Mark(f"{place}-bar", "box", x + 10, low, kept * SCALE / 100_000, 12, colour=0)
        yield Mark(f"{place}-bytes", "text", x + 10, low + 24, label=f"{kept:,} bytes", align="start", size=12)

    def _doors(self) -> Iterator[Mark]:
        yield from self._place(STORAGE, STORAGE, lines=len(IMAGES))
        x, y, _, tall = PLACES[STORAGE]
        for size in self.network.open_uploads()[:1]:
            yield Mark("upload", "text", x + 10, y + tall - 38, label="open upload:", align="start", size=12, bold=True)
            yield Mark("upload-bytes", "text", x + 10, y + tall - 20, label=f"{size:,} bytes", align="start", size=12)
        for name, door in self.network.front_ends.items():
            x, y, wide, tall = PLACES[name]
            state = ("goes down soon" if door.breaks else "runs") if door.running else "stopped"
            yield Mark(name, "box", x, y, wide, tall, do="switch", look="" if door.running else "bad",
                       says=f"{name}, {state}. {'Stop' if door.running else 'Start'} it.")  # fmt: skip
            answered = sum(line.requests for line in self.network.lines.values() if line.end == name)
            for row, text in enumerate((name, state, f"{answered} requests")):
                yield Mark(f"{name}-{row}", "text", x + wide / 2, y + 18 + 19 * row, label=text, bold=not row,
                           size=12 if row else 13)  # fmt: skip


def _sentence(words: str) -> str:
    """Begin with an upper-case letter, and leave the others as they are."""
    return words[:1].upper() + words[1:]


def registry_map(image: str = IMAGES[0]) -> RegistryMap:
    """Show a map of two laptops, a cache and a registry; ``image`` is what is pulled or pushed first."""
    return RegistryMap(image)
