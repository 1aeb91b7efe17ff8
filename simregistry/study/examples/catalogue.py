"""Real images: 53 Docker Official Images and eight rebuilds, by their names, digests and sizes.

The layers' bytes are not here, so they are nominal blobs; a registry treats them like any other blob. The file
``data/SOURCES.md`` says where each number is from, when it was read and how sure it is.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from simregistry.errors import InvalidValue
from simregistry.oci.descriptor import Descriptor, Platform
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.media_types import OCI_LAYER_GZIP
from simregistry.registry.registry import Registry
from simregistry.study.examples.small_images import SmallImage, push_small

SOURCE = "docker-library/repo-info on GitHub, read on 2026-11-23 (builds of July to September 2026)"
# What the published page says of the image, kept on our manifest as annotations.
PUBLISHED_MANIFEST = "org.simregistry.published.manifest"
PUBLISHED_CONFIG = "org.simregistry.published.config"
SOURCE_COMMIT = "org.simregistry.source.commit"


@dataclass(frozen=True, slots=True)
class CatalogueImage:
    """One published image as its page describes it; sizes are compressed bytes, as they are sent."""

    repository: str
    tag: str
    platform: Platform
    created: str
    manifest_digest: Digest
    config_digest: Digest
    source_commit: str
    layers: tuple[Descriptor, ...]

    @property
    def name(self) -> str:
        """Repository and tag."""
        return f"{self.repository}:{self.tag}"

    @property
    def layer_bytes(self) -> int:
        """Bytes of all layers."""
        return sum(layer.size for layer in self.layers)

    def manifest(self) -> ImageManifest:
        """Write a manifest from what the page says."""
        return self.small_image().manifest

    def small_image(self) -> SmallImage:
        """Make an image from what the page says, without its layers' bytes.

        We don't have the published manifest's bytes, so ours has a different digest; the published digests are kept on
        it as annotations. The config's size is not published either, so our manifest names the specification's empty
        descriptor instead (image-spec manifest.md, "Guidance for an Empty Descriptor").
        """
        annotations = {
            PUBLISHED_MANIFEST: str(self.manifest_digest),
            PUBLISHED_CONFIG: str(self.config_digest),
            SOURCE_COMMIT: self.source_commit,
        }
        return SmallImage.of_nominal(self.layers, annotations=annotations)


def _rows(file_name: str) -> list[dict[str, str]]:
    text = files("simregistry.study").joinpath("data", file_name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="\t"))


@cache
def _layers() -> tuple[Descriptor, ...]:
    return tuple(Descriptor(OCI_LAYER_GZIP, Digest(row["digest"]), int(row["bytes"])) for row in _rows("layers.tsv"))


def _image(row: dict[str, str]) -> CatalogueImage:
    return CatalogueImage(
        repository=row["repository"],
        tag=row["tag"],
        platform=Platform.parse(row["platform"]),
        created=row["created"],
        manifest_digest=Digest(row["manifest"]),
        config_digest=Digest(row["config"]),
        source_commit=row["commit"],
        layers=tuple(_layers()[int(number)] for number in row["layers"].split(",")),
    )


@cache
def images() -> tuple[CatalogueImage, ...]:
    """Return the 53 images.

    >>> len(images()), sum(image.layer_bytes for image in images())
    (53, 8882642570)
    """
    return tuple(_image(row) for row in _rows("images.tsv"))


@cache
def rebuilds() -> tuple[CatalogueImage, ...]:
    """Return eight versions of two tags, in the order in which they were built.

    >>> [image.name for image in rebuilds()][-1]
    'python:3.13-slim'
    """
    return tuple(_image(row) for row in _rows("rebuilds.tsv"))


def find(name: str) -> CatalogueImage:
    """Find an image by ``repository:tag``; raise InvalidValue with the tags that there are."""
    known = {image.name: image for image in images()}
    if name not in known:
        repository = name.partition(":")[0]
        near = [n for n in known if n.partition(":")[0] == repository] or sorted({i.repository for i in images()})
        raise InvalidValue("image", name, f"is not in the catalogue; it has {', '.join(near)}")
    return known[name]


def load(registry: Registry, which: Iterable[str | CatalogueImage] | None = None) -> Registry:
    """Push catalogue images into a registry through its API, layers as nominal blobs; return the registry.

    >>> load(Registry("docker.io"), ["alpine:3.23"]).repositories()
    ('library/alpine',)
    """
    for name_or_image in images() if which is None else which:
        image = find(name_or_image) if isinstance(name_or_image, str) else name_or_image
        # Docker Hub keeps its official images under library/, which people leave out when they name them.
        push_small(registry, f"library/{image.repository}", image.tag, image.small_image())
    return registry
