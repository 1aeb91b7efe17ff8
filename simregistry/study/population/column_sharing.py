"""What sharing layers saves in a population of columns: sums, how often layers are used, sizes, and growth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simregistry.study.population.dice import Dice, Integers
from simregistry.table import Table, TableReport, human

USES = ((1, 1), (2, 2), (3, 5), (6, 25), (26, None))
GROWTH_POINTS = 24


@dataclass(frozen=True, slots=True)
class UseClass:
    """The layers that ``least`` to ``most`` images use (``most`` None: no bound): how many, and their bytes."""

    least: int
    most: int | None
    layers: int
    bytes: int

    @property
    def label(self) -> str:
        """The range of images in words."""
        if self.most is None:
            return f"{self.least} or more"
        return str(self.least) if self.least == self.most else f"{self.least} to {self.most}"


@dataclass(frozen=True, slots=True)
class GrowthPoint:
    """The sums over the first ``images`` images of a random order."""

    images: int
    logical_bytes: int
    stored_bytes: int

    @property
    def ratio(self) -> float:
        """Bytes asked for, for each byte stored."""
        return self.logical_bytes / self.stored_bytes if self.stored_bytes else 1.0


@dataclass(frozen=True, slots=True, repr=False)
class PopulationSharing(TableReport):
    """What sharing layers saves in a whole population; sizes are compressed bytes of layers."""

    images: int
    references: int
    layers: int
    logical_bytes: int
    stored_bytes: int
    uses: tuple[UseClass, ...]
    growth: tuple[GrowthPoint, ...]
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
        """The share of layers that only one image uses."""
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
        """Show the median and the 90th percentile of layers and images."""
        rows = (
            ("a layer, compressed", human(self.median_layer_bytes), human(self.p90_layer_bytes)),
            ("an image, compressed", human(self.median_image_bytes), human(self.p90_image_bytes)),
            ("layers of an image", str(self.median_layers), str(self.p90_layers)),
        )
        return Table(("what", "half are below", "90% are below"), rows)


def sharing_of_columns(first: Integers, layers: NDArray[np.int32], sizes: Integers, seed: int) -> PopulationSharing:
    """Report on columns: image *i* has ``layers[first[i]:first[i + 1]]``, and layer *n* has ``sizes[n]`` bytes."""
    # How many images use each layer, how many bytes each image has, and how many layers.
    counts = np.bincount(layers, minlength=len(sizes))
    image_bytes = np.add.reduceat(sizes[layers], first[:-1])
    depth = np.diff(first)
    return PopulationSharing(
        images=len(depth), references=len(layers), layers=len(sizes),
        logical_bytes=int(image_bytes.sum()), stored_bytes=int(sizes.sum()),
        uses=tuple(_use_class(counts, sizes, least, most) for least, most in USES),
        growth=_growth(first, layers, sizes, image_bytes, seed),
        median_layer_bytes=_quantile(sizes, 50), p90_layer_bytes=_quantile(sizes, 90),
        median_image_bytes=_quantile(image_bytes, 50), p90_image_bytes=_quantile(image_bytes, 90),
        median_layers=_quantile(depth, 50), p90_layers=_quantile(depth, 90),
    )  # fmt: skip


def _use_class(counts: Integers, sizes: Integers, least: int, most: int | None) -> UseClass:
    chosen = (counts >= least) & (counts <= (most or counts.max(initial=least)))
    return UseClass(least, most, int(chosen.sum()), int(sizes[chosen].sum()))


def _quantile(values: Integers, percent: int) -> int:
    """Return the smallest value that ``percent`` percent of the values do not exceed."""
    # It is one of the values and no mean of two, so it is the same on every machine.
    place = (len(values) * percent + 99) // 100 - 1
    return int(np.partition(values, place)[place])


def _growth(
    first: Integers, layers: NDArray[np.int32], sizes: Integers, image_bytes: Integers, seed: int
) -> tuple[GrowthPoint, ...]:
    """Take the images in a random order and note the sums after some of them; a layer counts where it first occurs."""
    n = len(image_bytes)
    # place[i]: where image i comes in the random order. first_place[l]: the earliest place of an image with layer l.
    place = np.empty(n, dtype=np.int32)
    order = np.argsort(Dice(seed).raw(n), kind="stable")
    place[order] = np.arange(n, dtype=np.int32)
    first_place = np.full(len(sizes), n, dtype=np.int32)
    np.minimum.at(first_place, layers, np.repeat(place, np.diff(first)))
    new_bytes = np.zeros(n + 1, dtype=np.int64)
    np.add.at(new_bytes, first_place, sizes)
    stored, logical = np.cumsum(new_bytes), np.cumsum(image_bytes[order])
    # Evenly spaced on a logarithmic axis: 1, …, n.
    points = sorted({max(1, round(n ** (k / GROWTH_POINTS))) for k in range(GROWTH_POINTS + 1)} | {n})
    return tuple(GrowthPoint(k, int(logical[k - 1]), int(stored[k - 1])) for k in points)
