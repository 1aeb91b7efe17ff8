"""Draw images as stacks of layers, the base at the bottom; side by side they show what they have in common."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from simregistry.client.client import Client
from simregistry.oci.digest import Digest
from simregistry.show import theme
from simregistry.show.view import View
from simregistry.study.examples.catalogue import CatalogueImage
from simregistry.study.sharing.sharing import KNOWN_LAYERS
from simregistry.table import Table, count, human


@dataclass(frozen=True, slots=True)
class DrawnLayer:
    """One layer as a stack shows it."""

    digest: Digest
    size: int
    label: str


def layer_stacks(client: Client, *references: str) -> View:
    """Draw local images as stacks of layers."""
    return stacks([(reference, _layers_of(client, reference)) for reference in references])


def catalogue_stacks(*images: CatalogueImage) -> View:
    """Draw real images as stacks of layers."""
    return stacks([
        (image.name, [DrawnLayer(x.digest, x.size, KNOWN_LAYERS.get(x.digest.short, "")) for x in image.layers])
        for image in images
    ])  # fmt: skip


def _layers_of(client: Client, reference: str) -> list[DrawnLayer]:
    """Return an image's layers, each with the build step that made it, as far as its config's history tells."""
    manifest, config = client.manifest(reference), client.config(reference)
    steps = [step.created_by for step in config.history if not step.empty_layer] if config else []
    labels = [step.removesuffix(" # buildkit").replace("RUN /bin/sh -c ", "RUN ") for step in steps]
    labels += [""] * (len(manifest.layers) - len(labels))
    return [DrawnLayer(layer.digest, layer.size, label) for layer, label in zip(manifest.layers, labels, strict=False)]


def stacks(images: list[tuple[str, list[DrawnLayer]]]) -> View:
    """Draw stacks side by side; a layer that several images hold has the same colour in all of them, and a mark."""
    holders: dict[Digest, list[str]] = {}
    for name, layers in images:
        for digest in dict.fromkeys(layer.digest for layer in layers):
            holders.setdefault(digest, []).append(name)
    shared = [digest for digest, names in holders.items() if len(names) > 1]
    rows = tuple(
        (name, level, layer.digest.short, layer.size, layer.label, len(holders[layer.digest]))
        for name, layers in images
        for level, layer in enumerate(layers)
    )
    table = Table(("image", "layer", "digest", "bytes", "made by", "images that hold it"), rows)
    deepest = max((len(layers) for _, layers in images), default=0)
    largest = max((layer.size for _, layers in images for layer in layers), default=1)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.axis("off")
        axes.set_xlim(0, len(images))
        axes.set_ylim(-1.1, max(1, deepest))
        # The letters that fit into a box: fewer, the more stacks are side by side.
        room = int(74 / len(images))
        for column, (name, layers) in enumerate(images):
            for level, layer in enumerate(layers):
                number = shared.index(layer.digest) if layer.digest in shared else -1
                axes.add_patch(_box(column, level, number))
                axes.add_patch(_byte_bar(column, level, layer.size / max(1, largest)))
                label = layer.label if len(layer.label) <= room else layer.label[: room - 1] + "…"
                mark = f"  ◆ in {len(holders[layer.digest])}" if number >= 0 else ""
                facts = f"{layer.digest.short}  {human(layer.size)}{mark}"
                axes.text(column + 0.5, level + 0.55, f"{label}\n{facts}" if label else facts, ha="center", va="center")
            total = human(sum(layer.size for layer in layers))
            axes.text(column + 0.5, -0.35, f"{name}\n{total}", ha="center", va="center", fontweight="bold")
        legend = f"The dark bar in a box shows the layer's bytes. A full bar is {human(largest)}."
        axes.text(0.04, -0.95, legend, ha="left", va="center", fontsize=10)

    return View(
        _sentence(images, holders, shared),
        table,
        draw,
        alt="images as stacks of layers",
        height=0.8 * max(2, deepest) + 1.2,
    )


def _box(column: int, level: int, number: int) -> FancyBboxPatch:
    """Make the box of one layer; ``number`` is its place among the shared layers, -1 if no other image has it."""
    shared = number >= 0
    return FancyBboxPatch(
        (column + 0.04, level + 0.06), 0.92, 0.88, boxstyle="round,pad=0,rounding_size=0.04",
        facecolor=theme.colour(number) if shared else theme.LIGHT, edgecolor=theme.INK, linewidth=1.2,
        alpha=0.85 if shared else 1.0,
    )  # fmt: skip


def _byte_bar(column: int, level: int, share: float) -> Rectangle:
    """Make the bar at the bottom of a box whose length is the layer's share of the largest layer's bytes."""
    return Rectangle((column + 0.07, level + 0.1), 0.86 * share, 0.07, facecolor=theme.INK, linewidth=0)


def _sentence(
    images: list[tuple[str, list[DrawnLayer]]], holders: dict[Digest, list[str]], shared: list[Digest]
) -> str:
    if len(images) == 1:
        name, layers = images[0]
        total = sum(layer.size for layer in layers)
        return f"{name} is a stack of {len(layers)} layers, {count(total)} bytes, the base at the bottom."
    in_all = sum(1 for digest in shared if len(holders[digest]) == len(images))
    by_all = f", {in_all} of them in all {len(images)}" if len(images) > 2 else ""
    names = ", ".join(name for name, _ in images)
    verb = "is" if len(shared) == 1 else "are"
    return f"{names}: {len(holders)} different layers; {len(shared)} {verb} in more than one image{by_all}."
