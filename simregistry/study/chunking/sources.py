"""The images of a registry, a layout, an archive or a storage folder, with their layers' bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from simregistry.connect.docker_archive import DockerArchive
from simregistry.connect.loading import load_images, load_storage
from simregistry.connect.oci_layout import OciLayout
from simregistry.errors import InvalidValue
from simregistry.oci.content import bytes_of
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.media_types import LAYERS, OCI_LAYER_ZSTD
from simregistry.registry.registry import Registry
from simregistry.registry.storage.storage import Storage
from simregistry.study.chunking.image_versions import Image
from simregistry.study.sharing.sharing import Sharing

LARGEST_LAYER = 1 << 30


def images_with_layers(place: Registry | Storage | str | Path) -> Iterator[Image]:
    """Give every tagged image with its layers from the base up, one image at a time.

    A path is a storage folder, an OCI layout (a folder with an ``index.json``) or a ``docker save`` archive (a file).
    An index counts through its images; what is no layer of files (a signature, a bill of materials) is left out. Raises
    ContentUnavailable where the bytes are not here, as for the catalogue, and InvalidValue for what cannot be read.
    """
    storage = _backend(place)
    for name, repository in sorted(storage.repositories.items()):
        for tag, digest in sorted(repository.tags.items()):
            manifests = [
                (found, manifest)
                for found, manifest in repository.walk(digest)
                if isinstance(manifest, ImageManifest) and all(layer.media_type in LAYERS for layer in manifest.layers)
            ]
            for found, manifest in manifests:
                suffix = "" if len(manifests) == 1 else f"@{found.short}"
                yield f"{name}:{tag}{suffix}", tuple(_layer(storage, layer) for layer in manifest.layers)


def _backend(place: Registry | Storage | str | Path) -> Storage:
    if isinstance(place, Registry):
        return place.storage
    if isinstance(place, Storage):
        return place
    path = Path(place)
    if path.is_file():
        return load_images(DockerArchive(path), path)
    if (path / "index.json").is_file():
        return load_images(OciLayout(path), path)
    return load_storage(path)[0]


def _layer(storage: Storage, layer: Descriptor) -> bytes:
    """Read a layer's bytes; its size is bounded before anything is read."""
    if layer.media_type == OCI_LAYER_ZSTD:
        raise InvalidValue(
            "layer", layer.digest.short, "is compressed by zstd, which is not read here; copy it as gzip"
        )
    if layer.size > LARGEST_LAYER:
        raise InvalidValue("layer", layer.digest.short, f"has {layer.size:,} bytes; at most {LARGEST_LAYER:,} are read")
    return bytes_of(storage.blobs.get(layer.digest))


def layers_only(images: Iterable[tuple[str, Iterable[Descriptor]]]) -> Sharing:
    """Look at images whose layers' bytes are not here, a catalogue or a population: what sharing layers saves.

    What files and chunks would save cannot be known from digests and sizes; ``study.population.files`` models it.
    """
    return Sharing.of_layers(images)
