"""An image as a stack of layers, base at the bottom; several side by side show what they have in common."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from simregistry.client.client import Client
from simregistry.oci.digest import Digest
from simregistry.show import theme
from simregistry.show.view import View
from simregistry.study.examples.catalogue import CatalogueImage
from simregistry.study.sharing.sharing import KNOWN_LAYERS
from simregistry.table import Table, count, human


@dataclass(frozen=True, slots=True)
class Slab:
    """One layer as it is drawn."""

    digest: Digest
    size: int
    label: str


def layer_stacks(client: Client, *references: str) -> View:
    """Draw local images as stacks of layers."""
    return stacks([(reference, _slabs(client, reference)) for reference in references])


def catalogue_stacks(*images: CatalogueImage) -> View:
    """Draw real images as stacks of layers."""
    return stacks(
        [(i.name, [Slab(x.digest, x.size, KNOWN_LAYERS.get(x.digest.short, "")) for x in i.layers]) for i in images]
    )


def _slabs(client: Client, reference: str) -> list[Slab]:
    manifest, config = client.manifest(reference), client.config(reference)
    made_by = [step.created_by for step in config.history if not step.empty_layer] if config else []
    labels = [text.removesuffix(" # buildkit").replace("RUN /bin/sh -c ", "RUN ") for text in made_by]
    labels += [""] * (len(manifest.layers) - len(labels))
    return [Slab(layer.digest, layer.size, label) for layer, label in zip(manifest.layers, labels, strict=False)]


def stacks(images: list[tuple[str, list[Slab]]]) -> View:
    """Draw stacks side by side; a layer that several images hold has one colour and a mark."""
    holders: dict[Digest, list[str]] = {}
    for name, slabs in images:
        for slab in {s.digest: s for s in slabs}.values():
            holders.setdefault(slab.digest, []).append(name)
    shared = [digest for digest, names in holders.items() if len(names) > 1]
    rows = tuple(
        (name, i, slab.digest.short, slab.size, slab.label, len(holders[slab.digest]))
        for name, slabs in images
        for i, slab in enumerate(slabs)
    )
    table = Table(("image", "layer", "digest", "bytes", "made by", "images that hold it"), rows)
    deepest = max((len(slabs) for _, slabs in images), default=0)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.axis("off")
        axes.set_xlim(0, len(images))
        axes.set_ylim(-0.75, max(1, deepest))
        for column, (name, slabs) in enumerate(images):
            for level, slab in enumerate(slabs):
                number = shared.index(slab.digest) if slab.digest in shared else -1
                fill = theme.colour(number) if number >= 0 else theme.LIGHT
                box = FancyBboxPatch(
                    (column + 0.04, level + 0.06), 0.92, 0.88, boxstyle="round,pad=0,rounding_size=0.04",
                    facecolor=fill, edgecolor=theme.INK, linewidth=1.2, alpha=0.85 if number >= 0 else 1.0,
                )  # fmt: skip
                axes.add_patch(box)
                room = int(74 / len(images))
                label = slab.label if len(slab.label) <= room else slab.label[: room - 1] + "…"
                mark = f"  ◆ in {len(holders[slab.digest])}" if number >= 0 else ""
                facts = f"{slab.digest.short}  {human(slab.size)}{mark}"
                axes.text(column + 0.5, level + 0.5, f"{label}\n{facts}" if label else facts, ha="center", va="center")
            total = human(sum(slab.size for slab in slabs))
            axes.text(column + 0.5, -0.35, f"{name}\n{total}", ha="center", va="center", fontweight="bold")

    return View(_sentence(images, holders, shared), table, draw, height=0.8 * max(2, deepest) + 0.9)


def _sentence(images: list[tuple[str, list[Slab]]], holders: dict[Digest, list[str]], shared: list[Digest]) -> str:
    if len(images) == 1:
        name, slabs = images[0]
        total = sum(slab.size for slab in slabs)
        return f"{name} is a stack of {len(slabs)} layers, {count(total)} bytes, the base at the bottom."
    everyone = sum(1 for digest in shared if len(holders[digest]) == len(images))
    by_all = f", {everyone} of them in all {len(images)}" if len(images) > 2 else ""
    names = ", ".join(name for name, _ in images)
    verb = "is" if len(shared) == 1 else "are"
    return f"{names}: {len(holders)} different layers; {len(shared)} {verb} in more than one image{by_all}."
