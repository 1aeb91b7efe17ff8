"""Who shares what: layers, the images that use them, and the bytes that sharing saves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simregistry.errors import InvalidValue
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest
from simregistry.registry.gc.inventory import Inventory
from simregistry.registry.gc.reports import layers_by_tag
from simregistry.registry.registry import Registry
from simregistry.registry.storage_report import Figures, count_layers
from simregistry.study.examples.catalogue import CatalogueImage
from simregistry.table import Table, TableReport

if TYPE_CHECKING:
    import networkx as nx

# What the ten layers are that most images of the catalogue share, as far as the pages say. The compilers, the version
# control tools and the downloaders are the three layers that buildpack-deps puts on Debian.
KNOWN_LAYERS = {
    "6310eb16bf42": "Debian trixie-slim, built 24 Aug 2026",
    "4f4fb700ef54": "an empty layer, left by WORKDIR",
    "27ee9a825048": "Debian trixie, built 24 Aug 2026",
    "cbc19164244e": "git, mercurial, subversion",
    "00f78834a2fe": "certificates, curl, wget",
    "44fed46b68cf": "compilers, -dev packages",
    "6b37362b3da7": "Debian trixie-slim, built 18 Sep 2026",
    "e2de96513ba9": "Alpine 3.24.2",
    "8bdc6409bd74": "a layer of php:8.5-apache",
    "08f5f5b2a2b0": "Ubuntu base of eclipse-temurin",
}


@dataclass(frozen=True, slots=True)
class SharedLayer:
    """One layer, and the names of the images that hold it."""

    digest: Digest
    size: int
    images: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many images hold it."""
        return len(self.images)

    @property
    def saved_bytes(self) -> int:
        """Bytes of all copies but the first, which are not stored."""
        return self.size * (self.count - 1)

    @property
    def label(self) -> str:
        """What the layer is, if that is known."""
        return KNOWN_LAYERS.get(self.digest.short, "")


@dataclass(frozen=True, slots=True)
class ImageShare:
    """One image: the bytes of layers that no other holds, and of those that others hold too."""

    name: str
    layers: tuple[Digest, ...]
    exclusive_bytes: int
    shared_bytes: int

    @property
    def layer_bytes(self) -> int:
        """Bytes of all its layers."""
        return self.exclusive_bytes + self.shared_bytes


@dataclass(frozen=True, slots=True, repr=False)
class Pair(TableReport):
    """Two images side by side."""

    one: str
    other: str
    shared: tuple[SharedLayer, ...]
    only_one_bytes: int
    only_other_bytes: int

    @property
    def shared_bytes(self) -> int:
        """Bytes of the layers that both hold."""
        return sum(layer.size for layer in self.shared)

    def table(self) -> Table:
        """Show what is shared and what is not."""
        rows = (
            ("in both", len(self.shared), self.shared_bytes),
            (f"only in {self.one}", None, self.only_one_bytes),
            (f"only in {self.other}", None, self.only_other_bytes),
        )
        return Table(("where", "layers", "bytes"), rows)


@dataclass(frozen=True, slots=True, repr=False)
class Sharing(TableReport):
    """The layers of a set of images, and how they overlap. All figures are bytes of layers alone."""

    images: tuple[ImageShare, ...]
    layers: tuple[SharedLayer, ...]

    @classmethod
    def of_images(cls, images: Iterable[CatalogueImage]) -> Sharing:
        """Count over images of the catalogue."""
        return cls.of_layers((image.name, image.layers) for image in images)

    @classmethod
    def of(cls, registry: Registry) -> Sharing:
        """Count over every tagged image of a registry; an index counts by its images."""
        named = []
        for image in registry.images():
            repository = registry.storage.repository(image.repository)
            for digest, manifest in repository.walk(image.digest):
                suffix = "" if isinstance(image.manifest, ImageManifest) else f"@{digest.short}"
                named.append((image.name.removeprefix("library/") + suffix, manifest.layers))
        return cls.of_layers(named)

    @classmethod
    def of_layers(cls, named: Iterable[tuple[str, Iterable[Descriptor]]]) -> Sharing:
        """Count over images given by name and layers; a layer that an image lists twice counts once."""
        return cls.of_sizes({name: {layer.digest: layer.size for layer in layers} for name, layers in named})

    @classmethod
    def of_inventory(cls, inventory: Inventory) -> Sharing:
        """Count over every tag of a storage. An index counts by its images; a blob that is not here has 0 bytes."""
        return cls.of_sizes(layers_by_tag(inventory))

    @classmethod
    def of_sizes(cls, held: Mapping[str, Mapping[Digest, int]]) -> Sharing:
        """Count over images given by name, with the digests and bytes of their layers."""
        counted = count_layers((name, layers.items()) for name, layers in held.items())
        images = []
        for name, layers in held.items():
            exclusive = sum(size for digest, size in layers.items() if len(counted.holders[digest]) == 1)
            images.append(ImageShare(name, tuple(layers), exclusive, sum(layers.values()) - exclusive))
        shared = (SharedLayer(digest, counted.sizes[digest], tuple(names)) for digest, names in counted.holders.items())
        return cls(tuple(images), tuple(shared))

    @property
    def figures(self) -> Figures:
        """Bytes if every image kept its own layers, and bytes of the distinct layers."""
        return Figures(sum(image.layer_bytes for image in self.images), sum(layer.size for layer in self.layers))

    @property
    def logical_bytes(self) -> int:
        """Bytes if every image kept its own layers."""
        return self.figures.logical_bytes

    @property
    def stored_bytes(self) -> int:
        """Bytes of distinct layers."""
        return self.figures.stored_bytes

    @property
    def saved_bytes(self) -> int:
        """Bytes that sharing saves."""
        return self.figures.saved_bytes

    @property
    def saving(self) -> float:
        """The share of the logical bytes that is saved, 0 to 1."""
        return self.figures.saving

    @property
    def shared(self) -> tuple[SharedLayer, ...]:
        """The layers that two or more images hold: the most shared first, and of equals the larger."""
        several = (layer for layer in self.layers if layer.count > 1)
        return tuple(sorted(several, key=lambda layer: (-layer.count, -layer.size, layer.digest)))

    def pair(self, one: str, other: str) -> Pair:
        """Compare two images by name, or raise InvalidValue that says which images there are."""
        held = {image.name: set(image.layers) for image in self.images}
        for name in (one, other):
            if name not in held:
                raise InvalidValue("image", name, f"is not here; there is {', '.join(sorted(held)[:20])}")
        both = held[one] & held[other]
        shared = tuple(layer for layer in self.layers if layer.digest in both)
        sizes = {layer.digest: layer.size for layer in self.layers}
        only_one, only_other = (sum(sizes[digest] for digest in held[name] - both) for name in (one, other))
        return Pair(one, other, shared, only_one, only_other)

    def to_networkx(self) -> nx.Graph:
        """Turn the sharing into a bipartite graph: an edge joins an image to each layer that it holds.

        Nodes are ``("image", name)`` and ``("layer", digest)``, with their ``bytes``; a layer has the number of its
        ``images`` too. ``show.sharing`` draws this very graph.

        >>> base = Digest.of(b"base")
        >>> sorted(Sharing.of_sizes({"one": {base: 100}, "two": {base: 100}}).to_networkx().degree)[-1][1]
        2
        """
        # Counting needs no graph library, so only those who want a graph wait for it to load.
        import networkx as nx

        graph = nx.Graph()
        for image in self.images:
            graph.add_node(("image", image.name), bytes=image.layer_bytes)
        for layer in self.layers:
            graph.add_node(("layer", layer.digest), bytes=layer.size, images=layer.count)
            graph.add_edges_from((("image", name), ("layer", layer.digest)) for name in layer.images)
        return graph

    def top(self, n: int = 10) -> Table:
        """Show the most shared layers."""
        rows = tuple(
            (layer.count, layer.size, layer.saved_bytes, layer.digest.short, layer.label) for layer in self.shared[:n]
        )
        return Table(("images", "bytes", "bytes saved", "layer", "what it is"), rows)

    def table(self) -> Table:
        """Show the sums."""
        rows = (
            ("asked for", self.logical_bytes),
            ("stored", self.stored_bytes),
            ("saved", self.saved_bytes),
        )
        title = f"{len(self.images)} images, {len(self.layers)} layers, {len(self.shared)} of them shared"
        return Table(("layer bytes", "bytes"), rows, title=title)
