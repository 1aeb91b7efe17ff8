"""Push real images one by one, see which layers were there already, and follow a layer through all stacks.

Every number is a real registry's: the images are pushed into it, their layers as nominal blobs, and it is asked for its
storage report.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from simregistry.errors import InvalidValue
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest
from simregistry.registry.registry import Registry
from simregistry.registry.storage_report import Figures, StorageReport
from simregistry.show.explorers.explorer import Explorer, Hand
from simregistry.show.explorers.scene import Control, Scene
from simregistry.show.explorers.stack_columns import FLOOR, NamedStack, StackColumns, fitting_scale
from simregistry.study.examples import catalogue
from simregistry.study.examples.catalogue import CatalogueImage
from simregistry.study.examples.small_images import SmallImage, push_small
from simregistry.study.sharing.sharing import KNOWN_LAYERS, Sharing
from simregistry.table import Table, human

if TYPE_CHECKING:
    from simregistry.show.explorers.sharing_web import SharingWeb

SHOWN = (
    "debian:trixie", "drupal:latest", "gcc:14", "golang:1.27-trixie", "node:22", "php:8.5-apache", "ruby:3.3",
    "ruby:3.4", "node:24",
)  # fmt: skip
MOST_STACKS = 10
TOGETHER, BELOW = 4, 0.6
EMPTY = "The registry is empty. Push an image, or choose a layer to see which stacks it is in."
STACKS, ALL = "stacks to push", "all images of the catalogue"
WORDS = {1: "one image", 2: "two images", 3: "three images", 4: "four images"}


class StackExplorer(Explorer):
    """Stacks that can be pushed into a registry and taken out again; a layer lights up wherever it is.

    ``others`` are the images that the last stack can be exchanged for.
    """

    def __init__(self, stacks: Sequence[NamedStack], others: Sequence[NamedStack] = ()) -> None:
        self.first, self.others = tuple(stacks), {stack.name: stack for stack in others}
        everything = (*stacks, *others)
        self.scale = fitting_scale(everything)
        # The axis has room for all stacks, whichever is the last one.
        largest = max((stack.size for stack in (stacks[-1], *others)), default=0)
        self.longest = sum(stack.size for stack in stacks[:-1]) + largest
        self.together = min(TOGETHER, len(stacks))
        self.mode, self.ever_reached, self.most_found = STACKS, False, False
        self._begin()
        super().__init__()

    def _begin(self) -> None:
        self.traced, self.stacks = "", self.first
        self.chosen: Digest | None = None
        self._push_all([])
        self.last = EMPTY

    def _push_all(self, names: Iterable[str]) -> None:
        """Push these images into a new registry, in this order."""
        self.registry = Registry("registry.example")
        self.pushed: list[str] = []
        self.reports: list[StorageReport] = []
        for name in names:
            self._push(name)

    def _push(self, name: str) -> None:
        repository, _, tag = name.rpartition(":")
        push_small(self.registry, repository, tag, SmallImage.of_nominal(self._stack(name).layers))
        self.pushed.append(name)
        self.reports.append(self.registry.storage_report())

    def _stack(self, name: str) -> NamedStack:
        return next(stack for stack in self.stacks if stack.name == name)

    def figures(self) -> Figures:
        """Ask the registry what its images would take without sharing, and what it stores; layers alone."""
        return self.registry.storage_report().layers

    @cached_property
    def web(self) -> SharingWeb:
        """Count who shares what, over the whole catalogue; the graph library loads when it is first asked for."""
        from simregistry.show.explorers.sharing_web import SharingWeb

        return SharingWeb(Sharing.of_images(catalogue.images()))

    def holders(self, digest: Digest) -> tuple[str, ...]:
        """Name the stacks that have a layer."""
        return tuple(stack.name for stack in self.stacks if digest in {layer.digest for layer in stack.layers})

    def act(self, hand: Hand) -> None:
        """Push an image or take it out, choose a layer, exchange the last stack, show all images, or begin again."""
        kind, *numbers = hand.id.split("-")
        places = [int(part) for part in numbers if part.isascii() and part.isdecimal()]
        if hand.do == "toggle" and kind == "image" and len(places) == 1 and places[0] < len(self.stacks):
            self._toggle(self.stacks[places[0]].name)
        elif hand.do == "choose" and kind == "layer" and len(places) == 2 and places[0] < len(self.stacks):
            self._choose(self.stacks[places[0]], places[1])
        elif hand.do == "last" and hand.value in self.others:
            self._exchange(str(hand.value))
        elif hand.do == "mode" and hand.value in (STACKS, ALL) and self.others:
            self.mode, self.last = str(hand.value), self._says_sums() if self.pushed else EMPTY
        elif hand.do == "trace" and self.mode == ALL and hand.id in self.web.ids:
            self.traced = "" if self.traced == hand.id else hand.id
            self.most_found |= self.web.is_in_most(self.traced)
        elif hand.do == "again":
            self._begin()
        if len(self.pushed) == self.together and self.figures().stored_bytes < BELOW * self.figures().logical_bytes:
            self.ever_reached = True

    def _toggle(self, name: str) -> None:
        if name in self.pushed:
            self._push_all(one for one in self.pushed if one != name)
            self.last = f"{name} is out. {self._says_rest()}"
            return
        before = self.figures().stored_bytes
        self._push(name)
        size, new = self._stack(name).size, self.figures().stored_bytes - before
        there = f"{human(size - new)} of it was there already" if new < size else "nothing of it was there before"
        self.last = f"{name} has {human(size)}; {there}. {self._says_sums()}"

    def _says_rest(self) -> str:
        if not self.pushed:
            return "The registry is empty."
        return f"The registry was filled again without it. {self._says_sums()}"

    def _says_sums(self) -> str:
        figures, number = self.figures(), len(self.pushed)
        images = "1 image takes" if number == 1 else f"{number} images take"
        share = figures.stored_bytes / figures.logical_bytes
        asked, stored = human(figures.logical_bytes), human(figures.stored_bytes)
        return f"{images} {asked} without sharing. The registry stores {stored}, which is {share:.1%}."

    def _choose(self, stack: NamedStack, level: int) -> None:
        if level >= len(stack.layers):
            return
        layer = stack.layers[level]
        if layer.digest == self.chosen:
            self.chosen, self.last = None, "No layer is chosen."
            return
        self.chosen = layer.digest
        names, known = self.holders(layer.digest), KNOWN_LAYERS.get(layer.digest.short, "")
        what = f"Layer {layer.digest.short}, {human(layer.size)}{f' ({known})' if known else ''}"
        where = f"It is in {len(names)} of the {len(self.stacks)} images: {', '.join(names)}."
        self.last = f"{what}. {where if len(names) > 1 else f'Only {stack.name} has it.'}"

    def _exchange(self, name: str) -> None:
        old = self.stacks[-1].name
        if name in {stack.name for stack in self.stacks}:
            return
        rest = [one for one in self.pushed if one != old]
        taken_out = f" {old} is out of the registry." if old in self.pushed else ""
        self.stacks = (*self.stacks[:-1], self.others[name])
        if taken_out:
            self._push_all(rest)
        if self.chosen is not None and not self.holders(self.chosen):
            self.chosen = None
        self.last = f"The last stack is {name} now, {human(self.others[name].size)}.{taken_out}"

    def draw(self) -> Scene:
        """Draw the stacks with the two bars, or the graph of all images."""
        return self._draw_all() if self.mode == ALL else self._draw_stacks()

    def _controls(self, *between: Control) -> tuple[Control, ...]:
        mode = Control("mode", "choice", "Show", self.mode, (STACKS, ALL))
        return (*((mode, *between) if self.others else ()), Control("again", "button", "Begin again"))

    def _draw_stacks(self) -> Scene:
        picture = StackColumns(self.stacks, tuple(self.pushed), self.chosen, self.figures(), self.scale, self.longest)
        exchange = Control("last", "choice", "The last stack", self.stacks[-1].name, tuple(self.others))
        return Scene(
            title="Images as stacks of layers, the base at the bottom, and what a registry stores of them",
            width=820,
            height=FLOOR + 26,
            marks=tuple(picture.marks()),
            says=self.last,
            controls=self._controls(exchange),
            goal=f"Push {WORDS[self.together]} so that the registry stores less than {BELOW:.0%} of their bytes.",
            reached=self.ever_reached,
            table=self._table() if self.pushed else None,
        )

    def _draw_all(self) -> Scene:
        return Scene(
            title="The images of the catalogue, and the layers that they share",
            width=820,
            height=self.web.height,
            marks=tuple(self.web.marks(self.traced)),
            says=self.web.says(self.traced),
            controls=self._controls(),
            goal="Find the layer that most of these images have.",
            reached=self.most_found,
        )

    def _table(self) -> Table:
        rows, before = [], 0
        for name, report in zip(self.pushed, self.reports, strict=True):
            asked, stored = report.layers.logical_bytes, report.layers.stored_bytes
            rows.append((name, self._stack(name).size, stored - before, asked, stored, f"{stored / asked:.1%}"))
            before = stored
        columns = ("pushed", "its bytes", "new bytes", "without sharing", "stored", "share")
        return Table(columns, tuple(rows))


def stack_explorer(images: Iterable[str | CatalogueImage] | Registry = SHOWN) -> StackExplorer:
    """Show images as stacks to push and to take out; at most ten of the catalogue, or those of a small registry.

    Of catalogue images, the last one can be exchanged for any other, and a second picture has all of them with the
    layers that they share.
    """
    if isinstance(images, Registry):
        stacks = tuple(
            NamedStack(image.name.removeprefix("library/"), image.manifest.layers)
            for image in images.images()
            if isinstance(image.manifest, ImageManifest)
        )
        others: tuple[NamedStack, ...] = ()
    else:
        named = (catalogue.find(image) if isinstance(image, str) else image for image in images)
        stacks = tuple(NamedStack(image.name, image.layers) for image in named)
        fixed = {stack.name for stack in stacks[:-1]}
        others = tuple(NamedStack(one.name, one.layers) for one in catalogue.images() if one.name not in fixed)
    if not 1 <= len({stack.name for stack in stacks}) == len(stacks) <= MOST_STACKS:
        names = ", ".join(stack.name for stack in stacks) or "none"
        raise InvalidValue("images", names, f"show one to {MOST_STACKS} images, each with a name of its own")
    return StackExplorer(stacks, others)
