"""What a registry keeps against what its images would take each on its own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from simregistry.oci.digest import Digest
from simregistry.registry.storage.storage import Storage
from simregistry.table import Table, TableReport


@dataclass(frozen=True, slots=True)
class Figures:
    """Bytes asked for and bytes kept.

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

    ``layers`` counts layers alone, ``whole`` layers, configs and manifests. An image counts once a repository, however
    many tags point at it. ``shelf_bytes`` is all that lies on the shelf, whether a tag reaches it or not.
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
        """Show layers alone, and all, a line each."""
        rows = tuple(
            (what, f.logical_bytes, f.stored_bytes, f.saved_bytes, f"{f.saving:.1%}")
            for what, f in (("layers", self.layers), ("with configs and manifests", self.whole))
        )
        return Table(("counted", "logical bytes", "stored bytes", "saved bytes", "saving"), rows)


def storage_report(storage: Storage) -> StorageReport:
    """Walk every tag's images and count."""
    uses: Counter[Digest] = Counter()
    sizes: dict[Digest, int] = {}
    layers: set[Digest] = set()
    images = 0
    whole_logical = 0
    for repository in storage.repositories.values():
        reached = {digest: manifest for top in repository.tags.values() for digest, manifest in repository.walk(top)}
        images += len(reached)
        for digest, manifest in reached.items():
            whole_logical += manifest.size + manifest.image_bytes
            sizes |= {digest: manifest.size, manifest.config.digest: manifest.config.size}
            sizes |= {layer.digest: layer.size for layer in manifest.layers}
            layers |= {layer.digest for layer in manifest.layers}
            uses.update(layer.digest for layer in manifest.layers)
        # An index is kept too: its own bytes count once a repository.
        for top in set(repository.tags.values()) - reached.keys():
            sizes[top] = repository.manifests[top].size
            whole_logical += sizes[top]
    logical = sum(sizes[layer] * times for layer, times in uses.items())
    return StorageReport(
        images=images,
        distinct_layers=len(layers),
        shared_layers=sum(1 for times in uses.values() if times > 1),
        layers=Figures(logical, sum(sizes[layer] for layer in layers)),
        whole=Figures(whole_logical, sum(sizes.values())),
        shelf_bytes=storage.blobs.stored_bytes,
    )
