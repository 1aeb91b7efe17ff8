"""A hub as columns of whole numbers: which layers each image has, and how large each layer is.

A million images with ten million references are a few arrays of 40 to 80 MB. Names and digests are computed when
somebody asks for them. A layer's digest is the hash of the hub's seed and the layer's number: a real hash, though not
of a layer's bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simregistry.errors import InvalidValue
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.media_types import OCI_LAYER_GZIP
from simregistry.registry.registry import Registry
from simregistry.study.examples.small_images import SmallImage, push_small
from simregistry.study.population.column_sharing import PopulationSharing, sharing_of_columns
from simregistry.study.population.dice import Integers
from simregistry.study.population.hub import Hub
from simregistry.table import ShowsTable, Table, human

# A registry keeps Python objects, some kilobytes for each image.
MOST_LOADED = 20_000
SmallIntegers = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Population(ShowsTable):
    """Images and layers as columns.

    ``repository``, ``version``, ``day`` and ``pulls`` have one entry for each image. Image *i* has the layers
    ``layers[first[i]:first[i + 1]]``, from the base up. ``layer_bytes`` (compressed) and ``layer_unpacked`` have one
    entry for each layer; both are bytes.
    """

    hub: Hub
    repository: SmallIntegers
    version: SmallIntegers
    day: SmallIntegers
    first: Integers
    layers: SmallIntegers
    layer_bytes: Integers
    layer_unpacked: Integers
    pulls: Integers

    @property
    def images(self) -> int:
        """How many images there are."""
        return len(self.repository)

    @property
    def references(self) -> int:
        """How many layers all images name, counted each time."""
        return len(self.layers)

    @property
    def column_bytes(self) -> int:
        """Bytes of memory that the columns take."""
        columns = (self.repository, self.version, self.day, self.first, self.layers, self.layer_bytes)
        return sum(column.nbytes for column in (*columns, self.layer_unpacked, self.pulls))

    def sharing(self) -> PopulationSharing:
        """Report what sharing layers saves in this hub."""
        return sharing_of_columns(self.first, self.layers, self.layer_bytes, self.hub.seed)

    def name(self, image: int) -> str:
        """Name an image: its repository and version.

        >>> from simregistry.study.population import populate
        >>> populate(Hub(images=10)).name(1)
        'team0/app0:v2'
        """
        number = int(self.repository[image])
        return f"team{number // 10}/app{number}:v{int(self.version[image]) + 1}"

    def layer(self, number: int) -> Descriptor:
        """Return the descriptor of a layer; it has no bytes, so its digest is the hash of the seed and its number."""
        name = f"population {self.hub.seed} layer {number}"
        return Descriptor(OCI_LAYER_GZIP, Digest.of(name.encode()), int(self.layer_bytes[number]))

    def image(self, image: int) -> tuple[Descriptor, ...]:
        """Return the layers of an image, from the base up."""
        return tuple(self.layer(int(n)) for n in self.layers[self.first[image] : self.first[image + 1]])

    def named(self) -> Iterator[tuple[str, tuple[Descriptor, ...]]]:
        """Iterate over all images, each a name and its layers, as ``Sharing.of_layers`` takes them."""
        return ((self.name(image), self.image(image)) for image in range(self.images))

    def load(self, registry: Registry) -> Registry:
        """Push every image into a registry through its API, layers as nominal blobs; return the registry.

        Raises InvalidValue for more than 20,000 images: a registry keeps objects, not columns.
        """
        if self.images > MOST_LOADED:
            raise InvalidValue("images", self.images, f"load at most {MOST_LOADED:,}; sharing() works on all")
        for name, layers in self.named():
            repository, _, tag = name.partition(":")
            push_small(registry, repository, tag, SmallImage.of_nominal(layers))
        return registry

    def table(self) -> Table:
        """Show how many images, repositories and layers there are."""
        rows = (
            ("images", self.images),
            ("repositories", int(self.repository[-1]) + 1),
            ("references to layers", self.references),
            ("distinct layers", len(self.layer_bytes)),
        )
        return Table(("a made hub, modelled", "how many"), rows, title=f"seed {self.hub.seed}")

    def __str__(self) -> str:
        stored = human(int(self.layer_bytes.sum()))
        return f"{self.images:,} images, {self.references:,} references to {len(self.layer_bytes):,} layers of {stored}"
