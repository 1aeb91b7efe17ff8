"""Read the images of a registry, a layout, an archive or a storage folder, with the bytes of their layers."""

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
    """Iterate over all tagged images; yield each one's name and its layers from the base up.

    A path names a storage folder, an OCI layout (a folder with an ``index.json``) or an archive of ``docker save`` (a
    file). An index yields each of its images. A manifest whose layers are no files, such as a signature or a bill of
    materials, is left out. Raises ContentUnavailable if the bytes are not here, as for the catalogue, and InvalidValue
    for a place that cannot be read.
    """
    storage = _storage_of(place)
    for name, repository in sorted(storage.repositories.items()):
        for tag, digest in sorted(repository.tags.items()):
            manifests = [
                (child, manifest)
                for child, manifest in repository.walk(digest)
                if isinstance(manifest, ImageManifest) and all(layer.media_type in LAYERS for layer in manifest.layers)
            ]
            for child, manifest in manifests:
                suffix = "" if len(manifests) == 1 else f"@{child.short}"
                yield f"{name}:{tag}{suffix}", tuple(_layer(storage, layer) for layer in manifest.layers)


def _storage_of(place: Registry | Storage | str | Path) -> Storage:
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
    """Read a layer's bytes; refuse a layer that is too large before reading any of it."""
    if layer.media_type == OCI_LAYER_ZSTD:
        raise InvalidValue(
            "layer", layer.digest.short, "is compressed by zstd, which simregistry does not read; copy it as gzip"
        )
    if layer.size > LARGEST_LAYER:
        raise InvalidValue("layer", layer.digest.short, f"has {layer.size:,} bytes; at most {LARGEST_LAYER:,} are read")
    return bytes_of(storage.blobs.get(layer.digest))


def layers_only(images: Iterable[tuple[str, Iterable[Descriptor]]]) -> Sharing:
    """Compute what sharing layers saves for images whose bytes are not here, a catalogue or a population.

    Digests and sizes don't tell what files and chunks would save; ``study.population.files`` models that.
    """
    return Sharing.of_layers(images)
