"""What a registry keeps, against what its images would take if each were kept on its own.

``count_layers`` is the one count of shared layers: a registry's report is made from it here, and ``study.sharing``
asks it which images share what.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest, Manifest
from simregistry.registry.storage.storage import Storage
from simregistry.table import Table, TableReport

# What stands for an image while layers are counted: its name, or its digest.
Holder = TypeVar("Holder")


@dataclass(frozen=True, slots=True)
class Figures:
    """The bytes that images ask for, and the bytes that are kept for them.

    >>> Figures(logical_bytes=100, stored_bytes=60).saving
    0.4
    """

    logical_bytes: int
    stored_bytes: int

    @property
    def saved_bytes(self) -> int:
        """Bytes that sharing saves."""
        return self.logical_bytes - self.stored_bytes

    @property
    def saving(self) -> float:
        """The share of the logical bytes that is saved, 0 to 1."""
        return self.saved_bytes / self.logical_bytes if self.logical_bytes else 0.0


@dataclass(frozen=True, slots=True, repr=False)
class StorageReport(TableReport):
    """The byte counts of a registry, over the images that its tags reach.

    ``layers`` counts layers alone; ``whole`` counts layers, configs and manifests. An image counts once in each
    repository, however many tags point at it. ``shelf_bytes`` is all that is stored, whether a tag reaches it or not.
    """

    images: int
    distinct_layers: int
    shared_layers: int
    layers: Figures
    whole: Figures
    shelf_bytes: int

    @property
    def logical_bytes(self) -> int:
        """Bytes if each image were kept on its own."""
        return self.whole.logical_bytes

    @property
    def stored_bytes(self) -> int:
        """Bytes kept, each blob once."""
        return self.whole.stored_bytes

    @property
    def saved_bytes(self) -> int:
        """Bytes that sharing saves."""
        return self.whole.saved_bytes

    @property
    def saving(self) -> float:
        """The share of the logical bytes that is saved, 0 to 1."""
        return self.whole.saving

    def table(self) -> Table:
        """Show a line for layers alone, and a line for everything."""
        rows = tuple(
            (what, f.logical_bytes, f.stored_bytes, f.saved_bytes, f"{f.saving:.1%}")
            for what, f in (("layers", self.layers), ("with configs and manifests", self.whole))
        )
        return Table(("counted", "logical bytes", "stored bytes", "saved bytes", "saving"), rows)


@dataclass(frozen=True, slots=True)
class LayerCount(Generic[Holder]):
    """Which images hold which layers: the bytes of each layer and its holders, in the order in which they came."""

    sizes: Mapping[Digest, int]
    holders: Mapping[Digest, Sequence[Holder]]

    @property
    def shared(self) -> int:
        """How many layers are held more than once."""
        return sum(1 for holders in self.holders.values() if len(holders) > 1)

    @property
    def figures(self) -> Figures:
        """Bytes of the layers if each holder kept its own, and if each layer is kept once."""
        logical = sum(size * len(self.holders[digest]) for digest, size in self.sizes.items())
        return Figures(logical, sum(self.sizes.values()))


def count_layers(held: Iterable[tuple[Holder, Iterable[tuple[Digest, int]]]]) -> LayerCount[Holder]:
    """Count layers over images, each given with the digests and bytes of its layers.

    A layer that an image lists twice counts twice: whoever wants it once leaves the second out.

    >>> base, code = Digest.of(b"base"), Digest.of(b"code")
    >>> count_layers([("one", [(base, 100)]), ("two", [(base, 100), (code, 5)])]).figures
    Figures(logical_bytes=205, stored_bytes=105)
    """
    sizes: dict[Digest, int] = {}
    holders: defaultdict[Digest, list[Holder]] = defaultdict(list)
    for holder, layers in held:
        for digest, size in layers:
            sizes[digest] = size
            holders[digest].append(holder)
    return LayerCount(sizes, dict(holders))


def storage_report(storage: Storage) -> StorageReport:
    """Walk from every tag to its images, and count what they ask for and what is kept."""
    images: list[ImageManifest] = []
    indexes: list[Manifest] = []
    for repository in storage.repositories.values():
        # Several tags, or a tag and an index, may lead to one image: it counts once a repository.
        reached = {digest: manifest for top in repository.tags.values() for digest, manifest in repository.walk(top)}
        images += reached.values()
        # An index is kept too: its own bytes count once a repository.
        indexes += (repository.manifests[top] for top in set(repository.tags.values()) - reached.keys())
    layers = count_layers(
        (manifest.digest, ((layer.digest, layer.size) for layer in manifest.layers)) for manifest in images
    )
    # Subtle: an artifact may have the same two bytes, {}, as its config and as a layer, so sizes go by digest.
    sizes = dict(layers.sizes)
    sizes |= {manifest.config.digest: manifest.config.size for manifest in images}
    sizes |= {manifest.digest: manifest.size for manifest in (*images, *indexes)}
    logical = sum(manifest.image_bytes for manifest in images)
    logical += sum(manifest.size for manifest in (*images, *indexes))
    return StorageReport(
        images=len(images),
        distinct_layers=len(layers.sizes),
        shared_layers=layers.shared,
        layers=layers.figures,
        whole=Figures(logical, sum(sizes.values())),
        shelf_bytes=storage.blobs.stored_bytes,
    )
