"""Figures of Docker Hub as a whole, compared with a made population: some figures set it, the others are computed."""

from __future__ import annotations

from functools import cache

import numpy as np

from simregistry.study.population import Hub, Population, PopulationSharing, populate
from simregistry.study.population.files import ALL_FILES, BETA, files_of
from simregistry.study.published.figure import Figure

ZHAO = "Zhao et al., Docker Hub dataset, CLUSTER 2019"
HUB_2020 = "docker.com blog, 2020, and Docker Index"
MADE = "a made hub of 20,000 images, seed 1, by its parameters"
REPOSITORIES_2020, OFFICIAL = 8_300_000, 160


@cache
def made_hub() -> Population:
    """Draw the hub from which these figures are read."""
    return populate(Hub(images=20_000, seed=1))


@cache
def made_hub_sharing() -> PopulationSharing:
    """Compute the made hub's sizes and sharing."""
    return made_hub().sharing()


def official_share() -> float:
    """Compute the share of pulls that go to the 160 most popular of 8.3 million repositories."""
    skew = Hub().pull_skew
    first = [rank**-skew for rank in range(1, 10_001)]
    # The other ranks by an integral, from half a rank before the first to half a rank after the last: nine digits.
    rest = ((REPOSITORIES_2020 + 0.5) ** (1 - skew) - 10_000.5 ** (1 - skew)) / (1 - skew)
    return float(sum(first[:OFFICIAL]) / (sum(first) + rest))


def file_saving() -> float:
    """Compute bytes of files for each byte kept once, at the size of the real hub, from a small model of it."""
    files = files_of(populate(Hub(images=400, seed=1)))
    # In the model the ratio by bytes differs from the ratio by count, which is 1 / unique. That factor is kept, and the
    # ratio by count is taken at the real number of files instead.
    return float(files.ratio * files.unique * ALL_FILES ** (1 - BETA))


FIGURES = (
    Figure(
        "zhao-layer-median", "half of the layers are under, compressed", 4e6, "bytes", "S", "input", ZHAO, MADE,
        lambda: made_hub_sharing().median_layer_bytes,
    ),
    Figure(
        "zhao-layer-p90", "90% of the layers are under, compressed", 63e6, "bytes", "S", "input", ZHAO, MADE,
        lambda: made_hub_sharing().p90_layer_bytes,
    ),
    Figure(
        "zhao-layer-p90-unpacked", "90% of the layers are under, uncompressed", 177e6, "bytes", "S", "result", ZHAO,
        f"{MADE}: sizes compressed, and a median ratio of 2.6 with a chosen spread",
        lambda: float(np.partition(made_hub().layer_unpacked, (at := len(made_hub().layer_unpacked) * 9 // 10))[at]),
    ),
    Figure(
        "zhao-layer-mean", "mean layer, compressed: 47 TB over 1,792,609 layers", 26.2e6, "bytes", "D", "result", ZHAO,
        "a log-normal through the median and the 90th percentile, cut off at 3 GB", lambda: Hub().layer_bytes.mean,
        why="a log-normal through two quantiles misses the mean: the real tail is thinner than its",
    ),
    Figure(
        "zhao-ratio", "uncompressed bytes for each compressed one, over all: 167 TB and 47 TB", 3.55, "ratio", "D",
        "result", ZHAO, f"{MADE}: a median ratio of 2.6 a layer, the same for small layers and large ones",
        lambda: float(made_hub().layer_unpacked.sum() / made_hub().layer_bytes.sum()),
        why="large layers seem to shrink more than small ones; the model draws size and ratio apart",
    ),
    Figure(
        "zhao-layers-median", "half of the images have fewer layers than", 8, "layers", "S", "input", ZHAO, MADE,
        lambda: made_hub_sharing().median_layers,
    ),
    Figure(
        "zhao-layers-p90", "90% of the images have fewer layers than", 18, "layers", "S", "input", ZHAO, MADE,
        lambda: made_hub_sharing().p90_layers,
    ),
    Figure(
        "zhao-image-median", "half of the images are under, compressed", 17e6, "bytes", "S", "result", ZHAO,
        f"{MADE}: eight layers of four million bytes in the middle", lambda: made_hub_sharing().median_image_bytes,
        why="sizes are drawn apart for each layer; in the real hub an image of small layers has many of them",
    ),
    Figure(
        "zhao-image-p90", "90% of the images are under, compressed", 480e6, "bytes", "S", "result", ZHAO, MADE,
        lambda: made_hub_sharing().p90_image_bytes,
        why="as for the median: the sum of layers drawn apart is too large",
    ),
    Figure(
        "zhao-unique-files", "share of files that are distinct", 0.032, "share", "S", "input", ZHAO,
        "sets the exponent by which distinct files grow", lambda: ALL_FILES ** (BETA - 1),
    ),
    Figure(
        "zhao-file-saving", "bytes of files for each byte kept once", 6.99, "ratio", "D", "result", ZHAO,
        "the share of distinct files; which file is copied does not depend on its size", file_saving,
        why="so it does depend: what is in many images is small, and the model copies large files as readily",
    ),
    Figure(
        "hub-official-share", "share of pulls that go to some 160 official images, at least", 0.20, "share", "C",
        "input", HUB_2020, "sets the skew of pulls, with 8.3 million repositories (S)", official_share,
    ),
    Figure(
        "hub-images-a-repository", "images of a repository: 150 million over 8.3 million", 18.1, "images", "D", "input",
        HUB_2020, "sets the mean of versions", lambda: Hub().images_a_repository.mean,
    ),
)  # fmt: skip
