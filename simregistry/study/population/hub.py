"""The parameters of a made hub: what each one means, its default, and where the default comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from simregistry.errors import InvalidValue
from simregistry.study.population.dice import Spread
from simregistry.table import Table

MB = 10**6
MOST_IMAGES = 5_000_000
ZHAO = "Zhao et al., CLUSTER 2019, second-hand (S)"
CATALOGUE = "measured on the catalogue of official images"
VERSIONS, DEPTH = Spread.log_normal(5, 38, 1, 2_000), Spread.log_normal(8, 18, 1, 120)
SIZE, UNPACKING = Spread.log_normal(4 * MB, 63 * MB, 32, 3_000 * MB), Spread.log_normal(260, 500, 100, 3_000)


@dataclass(frozen=True, slots=True)
class Hub:
    """The parameters of a population; ``Hub().table()`` shows them all, with meaning and source.

    >>> Hub(images=500, seed=3).images
    500
    """

    images: int = 10_000
    seed: int = 1
    images_a_repository: Spread = VERSIONS
    layers_an_image: Spread = DEPTH
    layer_bytes: Spread = SIZE
    unpacking_percent: Spread = UNPACKING
    systems: int = 24
    system_layers: int = 1
    runtimes: int = 400
    runtime_layers: int = 4
    base_skew: float = 1.0
    rebuild_days: int = 21
    version_days: int = 14
    only_last: float = 0.6
    empty: float = 12 / 53
    pull_skew: float = 0.92
    pulls_an_image: int = 1_000

    def __post_init__(self) -> None:
        for name, most in MOST.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
                raise InvalidValue(name, value, f"give a whole number from 1 to {most:,}")
        for name, highest in (("only_last", 1), ("empty", 1), ("base_skew", 4), ("pull_skew", 4)):
            if not isinstance(getattr(self, name), int | float) or not 0 <= getattr(self, name) <= highest:
                raise InvalidValue(name, getattr(self, name), f"give a number from 0 to {highest}")

    def table(self) -> Table:
        """Show every parameter, its value, what it means and where the default comes from."""
        rows = []
        for parameter in fields(self):
            value = getattr(self, parameter.name)
            shown = f"{value:.3g}" if isinstance(value, float) else f"{value}"
            rows.append((parameter.name, shown, *MEANINGS[parameter.name]))
        return Table(("parameter", "value", "what it is", "where the default comes from"), tuple(rows))

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


# The largest value of each whole number, so that a typing error does not fill the memory.
MOST: Mapping[str, int] = {
    "images": MOST_IMAGES, "systems": 10_000, "runtimes": 100_000, "system_layers": 20, "runtime_layers": 50,
    "rebuild_days": 10_000, "version_days": 10_000, "pulls_an_image": 10**6,
}  # fmt: skip

# For each parameter: what it is, and where the default comes from.
MEANINGS: Mapping[str, tuple[str, str]] = {
    "images": ("images, each one tag of a repository", "chosen"),
    "seed": ("the seed of every draw", "chosen"),
    "images_a_repository": (
        "images of one repository, its versions",
        "mean 18: 150 million images (docker.com, Aug 2020, C), 8.3 million repositories (S); the spread is chosen",
    ),
    "layers_an_image": ("layers of one image", f"half under 8, 90% under 18, at most 120: {ZHAO}"),
    "layer_bytes": (
        "compressed bytes of one layer",
        f"half under 4 MB, 90% under 63 MB: {ZHAO}; the largest is chosen",
    ),
    "unpacking_percent": (
        "uncompressed bytes for each 100 compressed ones",
        f"median 2.6: {ZHAO}; the spread is chosen",
    ),
    "systems": ("operating systems that images are built on", "chosen"),
    "system_layers": ("layers of an operating system", CATALOGUE),
    "runtimes": ("language images, each on an operating system", "chosen"),
    "runtime_layers": ("layers that a language image adds, at most", CATALOGUE),
    "base_skew": ("how uneven the choice of a base is: rank r in proportion to 1 / r ** skew", "chosen"),
    "rebuild_days": ("days between two builds of a base", f"nginx:latest, July to September 2026, {CATALOGUE}"),
    "version_days": ("days between two versions, on average", "chosen"),
    "only_last": ("share of new versions that change their last layer alone", "chosen"),
    "empty": ("share of images with the empty layer of 32 bytes", f"12 of 53, {CATALOGUE}"),
    "pull_skew": (
        "how uneven pulls are over repositories, as base_skew",
        "so that 160 of 8.3 million repositories take a fifth of the pulls (docker.com, 2020, C)",
    ),
    "pulls_an_image": ("pulls, on average over all images", "chosen"),
}
