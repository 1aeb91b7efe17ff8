"""What sharing layers saves over columns: sums, how often layers are used, sizes, and growth with more images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simregistry.study.population.dice import Dice, Integers
from simregistry.table import Table, TableReport, human

USES = ((1, 1), (2, 2), (3, 5), (6, 25), (26, None))
GROWTH_POINTS = 24


@dataclass(frozen=True, slots=True)
class Used:
    """The layers that are used by so many images: at least, at most (None: no bound), how many, and their bytes."""

    least: int
    most: int | None
    layers: int
    bytes: int

    @property
    def label(self) -> str:
        """Say how many images that is."""
        if self.most is None:
            return f"{self.least} or more"
        return str(self.least) if self.least == self.most else f"{self.least} to {self.most}"


@dataclass(frozen=True, slots=True)
class Grown:
    """The sums over so many images, taken in a random order."""

    images: int
    logical_bytes: int
    stored_bytes: int

    @property
    def ratio(self) -> float:
        """Bytes asked for, for each byte stored."""
        return self.logical_bytes / self.stored_bytes if self.stored_bytes else 1.0


@dataclass(frozen=True, slots=True, repr=False)
class PopulationSharing(TableReport):
    """The report; sizes are compressed bytes of layers."""

    images: int
    references: int
    layers: int
    logical_bytes: int
    stored_bytes: int
    uses: tuple[Used, ...]
    growth: tuple[Grown, ...]
    median_layer_bytes: int
    p90_layer_bytes: int
    median_image_bytes: int
    p90_image_bytes: int
    median_layers: int
    p90_layers: int

    @property
    def ratio(self) -> float:
        """Bytes asked for, for each byte stored."""
        return self.logical_bytes / self.stored_bytes if self.stored_bytes else 1.0

    @property
    def saving(self) -> float:
        """The share of the bytes asked for that is saved, 0 to 1."""
        return 1 - self.stored_bytes / self.logical_bytes if self.logical_bytes else 0.0

    @property
    def used_once(self) -> float:
        """The share of layers that one image alone uses."""
        return self.uses[0].layers / self.layers

    def table(self) -> Table:
        """Show how many images use a layer."""
        rows = tuple((use.label, use.layers, f"{use.layers / self.layers:.1%}", human(use.bytes)) for use in self.uses)
        title = (
            f"{self.images:,} images ask for {human(self.logical_bytes)}; {human(self.stored_bytes)} are stored: "
            f"{self.ratio:.2f} times less"
        )
        return Table(("used by images", "layers", "of all layers", "stored"), rows, title=title)

    def sizes(self) -> Table:
        """Show the middle and the 90th percentile of layers and images."""
        rows = (
            ("a layer, compressed", human(self.median_layer_bytes), human(self.p90_layer_bytes)),
            ("an image, compressed", human(self.median_image_bytes), human(self.p90_image_bytes)),
            ("layers of an image", str(self.median_layers), str(self.p90_layers)),
        )
        return Table(("what", "half are below", "90% are below"), rows)


def sharing_of_columns(first: Integers, layers: NDArray[np.int32], sizes: Integers, seed: int) -> PopulationSharing:
    """Report on columns: image *i* has ``layers[first[i]:first[i + 1]]``, and a layer's size stands at its number."""
    counts = np.bincount(layers, minlength=len(sizes))
    image_bytes = np.add.reduceat(sizes[layers], first[:-1])
    depth = np.diff(first)
    return PopulationSharing(
        images=len(depth), references=len(layers), layers=len(sizes),
        logical_bytes=int(image_bytes.sum()), stored_bytes=int(sizes.sum()),
        uses=tuple(_used(counts, sizes, least, most) for least, most in USES),
        growth=_growth(first, layers, sizes, image_bytes, seed),
        median_layer_bytes=_quantile(sizes, 50), p90_layer_bytes=_quantile(sizes, 90),
        median_image_bytes=_quantile(image_bytes, 50), p90_image_bytes=_quantile(image_bytes, 90),
        median_layers=_quantile(depth, 50), p90_layers=_quantile(depth, 90),
    )  # fmt: skip


def _used(counts: Integers, sizes: Integers, least: int, most: int | None) -> Used:
    chosen = (counts >= least) & (counts <= (most or counts.max(initial=least)))
    return Used(least, most, int(chosen.sum()), int(sizes[chosen].sum()))


def _quantile(values: Integers, percent: int) -> int:
    """Give the smallest value that so many percent do not exceed: a value that occurs, the same on every machine."""
    place = (len(values) * percent + 99) // 100 - 1
    return int(np.partition(values, place)[place])


def _growth(
    first: Integers, layers: NDArray[np.int32], sizes: Integers, image_bytes: Integers, seed: int
) -> tuple[Grown, ...]:
    """Take the images in a random order, and sum up after some of them: each layer counts where it first occurs."""
    n = len(image_bytes)
    place = np.empty(n, dtype=np.int32)
    order = np.argsort(Dice(seed).raw(n), kind="stable")
    place[order] = np.arange(n, dtype=np.int32)
    first_place = np.full(len(sizes), n, dtype=np.int32)
    np.minimum.at(first_place, layers, np.repeat(place, np.diff(first)))
    new_bytes = np.zeros(n + 1, dtype=np.int64)
    np.add.at(new_bytes, first_place, sizes)
    stored, logical = np.cumsum(new_bytes), np.cumsum(image_bytes[order])
    points = sorted({max(1, round(n ** (k / GROWTH_POINTS))) for k in range(GROWTH_POINTS + 1)} | {n})
    return tuple(Grown(k, int(logical[k - 1]), int(stored[k - 1])) for k in points)
