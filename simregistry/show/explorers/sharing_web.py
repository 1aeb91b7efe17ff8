"""Images and the layers they share, in two halves: images outside, layers inside, a line where an image has a layer.

The groups and the layers are those of ``show.sharing``. What is chosen is lit, with all that it is connected to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import Literal

from simregistry.show.explorers.scene import Mark
from simregistry.show.sharing_graph import CRUMB_BYTES, clusters_of, drawn_layers
from simregistry.study.sharing.sharing import ImageShare, SharedLayer, Sharing
from simregistry.table import count, human

WIDE, TOP, ROW, NAME_WIDE, NAME_TALL = 820.0, 44.0, 18.0, 176.0, 16.0
# Where the layers of a half are, from its outer edge; the widest circle, and the least.
LAYERS_AT, WIDEST, LEAST_DOT = 292.0, 36.0, 9.0
# A sentence names so many images, and counts the rest.
NAMED = 5


@dataclass(frozen=True, slots=True)
class WebHalf:
    """The images and the layers of the left or the right half."""

    images: tuple[ImageShare, ...]
    layers: tuple[SharedLayer, ...]


@dataclass(frozen=True)
class SharingWeb:
    """Who shares what; an image or a layer of it is chosen by its mark's id, "" is none."""

    sharing: Sharing

    @cached_property
    def halves(self) -> tuple[WebHalf, WebHalf]:
        """Part the groups into two halves of about as many images each; images that share nothing are in neither."""
        groups = [group for group in clusters_of(self.sharing, self.sharing.to_networkx()) if self._joined(group)]
        sides: tuple[list[ImageShare], list[ImageShare]] = ([], [])
        half = sum(len(group) for group in groups) / 2
        for group in groups:
            # A group stays whole; the left half is filled first.
            sides[len(sides[0]) + len(group) / 2 > half].extend(group)
        return self._half(sides[0]), self._half(sides[1])

    @cached_property
    def layers(self) -> tuple[SharedLayer, ...]:
        """List the layers that are drawn."""
        return tuple(layer for layer in drawn_layers(self.sharing) if layer.count > 1 and layer.size > CRUMB_BYTES)

    @cached_property
    def ids(self) -> frozenset[str]:
        """List the ids of the images and layers that are drawn."""
        images = {_image_id(image.name) for half in self.halves for image in half.images}
        return frozenset(images | {_layer_id(layer) for layer in self.layers})

    @property
    def height(self) -> float:
        """How high the picture is: the longer half, and two lines below it."""
        return TOP + ROW * max(len(half.images) for half in self.halves) + 56

    def _joined(self, group: Sequence[ImageShare]) -> bool:
        return any(image.name in layer.images for image in group for layer in self.layers)

    def _half(self, images: Sequence[ImageShare]) -> WebHalf:
        place = {image.name: row for row, image in enumerate(images)}
        inside = [layer for layer in self.layers if layer.images[0] in place]
        # A layer is as near as it can be to the images that have it.
        inside.sort(key=lambda layer: (sum(place[name] for name in layer.images) / layer.count, layer.digest))
        return WebHalf(tuple(images), tuple(inside))

    def lit(self, chosen: str) -> frozenset[str]:
        """List the ids of what is chosen and of all that it is connected to."""
        ids = {chosen} if chosen in self.ids else set()
        for layer in self.layers:
            images = {_image_id(name) for name in layer.images}
            if chosen == _layer_id(layer):
                ids |= images
            elif chosen in images:
                ids.add(_layer_id(layer))
        return frozenset(ids)

    def is_in_most(self, chosen: str) -> bool:
        """Say whether the chosen layer is the one that most images have."""
        return chosen == _layer_id(max(self.layers, key=lambda layer: layer.count))

    def says(self, chosen: str) -> str:
        """Say what the chosen image or layer is connected to."""
        for layer in self.layers:
            if chosen == _layer_id(layer):
                known = f" ({layer.label})" if layer.label else ""
                what = f"Layer {layer.digest.short}, {human(layer.size)}{known}"
                return f"{what}. It is in {layer.count} images: {_named(layer.images)}."
        for image in self.sharing.images:
            if chosen == _image_id(image.name):
                others = dict.fromkeys(name for layer in self.layers if image.name in layer.images
                                       for name in layer.images if name != image.name)  # fmt: skip
                part = f"{human(image.shared_bytes)} of its {human(image.layer_bytes)} are in other images too"
                return f"{image.name}: {part}. It shares layers with {_named(tuple(others))}."
        return "Choose an image or a layer, and see what it is connected to."

    def marks(self, chosen: str) -> Iterator[Mark]:
        """Draw the lines first, then images and layers over them."""
        lit = self.lit(chosen)
        for side, half in enumerate(self.halves):
            yield from self._lines(side, half, chosen)
        for side, half in enumerate(self.halves):
            yield from self._heads(side)
            for image in half.images:
                yield self._image(side, half, image, lit)
            for number, layer in enumerate(half.layers):
                yield from self._layer(side, half, number, layer, lit)
        yield from self._rest()

    def _heads(self, side: int) -> Iterator[Mark]:
        for text, x in (("images", 10 + NAME_WIDE / 2), ("layers", LAYERS_AT)):
            yield Mark(f"head-{text}-{side}", "text", _across(side, x), 22, label=text, bold=True)

    def _look(self, id: str, lit: frozenset[str]) -> str:
        return "lit" if id in lit else "dim" if lit else ""

    def _image(self, side: int, half: WebHalf, image: ImageShare, lit: frozenset[str]) -> Mark:
        id = _image_id(image.name)
        x = 10.0 if side == 0 else WIDE - 10 - NAME_WIDE
        y = _row(half.images.index(image)) - NAME_TALL / 2
        return Mark(
            id, "box", x, y, NAME_WIDE, NAME_TALL, image.name, None, self._look(id, lit), do="trace", size=11,
            says=f"image {image.name}, {human(image.layer_bytes)}{', lit' if id in lit else ''}",
        )  # fmt: skip

    def _dot(self, half: WebHalf, number: int) -> float:
        return _row((number + 0.5) * len(half.images) / len(half.layers) - 0.5)

    def _layer(self, side: int, half: WebHalf, number: int, layer: SharedLayer, lit: frozenset[str]) -> Iterator[Mark]:
        id, y = _layer_id(layer), self._dot(half, number)
        largest = max(one.size for one in self.layers)
        wide = max(LEAST_DOT, WIDEST * sqrt(layer.size / largest))
        yield Mark(
            id, "dot", _across(side, LAYERS_AT), y, wide, colour=number, look=self._look(id, lit), do="trace",
            says=f"layer {layer.digest.short}, {human(layer.size)}{', lit' if id in lit else ''}",
        )  # fmt: skip
        x = _across(side, LAYERS_AT + WIDEST / 2 + 6)
        align: Literal["start", "end"] = "start" if side == 0 else "end"
        look = "dim" if lit and id not in lit else ""
        yield Mark(f"size-{id}", "text", x, y, label=human(layer.size), align=align, size=12, look=look)

    def _lines(self, side: int, half: WebHalf, chosen: str) -> Iterator[Mark]:
        rows = {image.name: row for row, image in enumerate(half.images)}
        for number, layer in enumerate(half.layers):
            x, y = _across(side, 10 + NAME_WIDE), self._dot(half, number)
            for name in layer.images:
                near = chosen in (_layer_id(layer), _image_id(name))
                yield Mark(
                    f"line-{_layer_id(layer)}-{name}", "line", x, _row(rows[name]),
                    _across(side, LAYERS_AT) - x, y - _row(rows[name]), look="lit" if near else "dim",
                )  # fmt: skip

    def _rest(self) -> Iterator[Mark]:
        shown = {image.name for half in self.halves for image in half.images}
        alone = [image.name for image in self.sharing.images if image.name not in shown]
        least = human(round(max(layer.size for layer in self.layers) * (LEAST_DOT / WIDEST) ** 2))
        area = f"The area of a circle is in proportion to bytes, except under {least}."
        text = f"{area} Layers of up to {count(CRUMB_BYTES)} bytes are left out."
        y = self.height - 38
        for line, part in enumerate(
            (text, f"These images share none of the layers: {', '.join(alone)}" if alone else "")
        ):
            yield Mark(f"rest-{line}", "text", 10, y + 18 * line, label=part, align="start", size=11)


def _image_id(name: str) -> str:
    return f"shared-image {name}"


def _layer_id(layer: SharedLayer) -> str:
    return f"shared-layer {layer.digest.short}"


def _across(side: int, x: float) -> float:
    return x if side == 0 else WIDE - x


def _row(row: float) -> float:
    return TOP + ROW * (row + 0.5)


def _named(names: Sequence[str]) -> str:
    if not names:
        return "no other image"
    rest = len(names) - NAMED
    return ", ".join(names) if rest <= 1 else f"{', '.join(names[:NAMED])} and {rest} more"
