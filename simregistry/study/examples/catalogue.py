"""Real images: 53 Docker Official Images and eight rebuilds, by their names, digests and sizes.

The layers' bytes are not here, so they are nominal blobs; all that a registry does with blobs it does with these. What
is known, since when and how surely stands in ``data/SOURCES.md``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from simregistry.errors import InvalidValue, SimRegistryError
from simregistry.oci.content import Content, Nominal
from simregistry.oci.descriptor import Descriptor, Platform
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.media_types import OCI_EMPTY, OCI_LAYER_GZIP
from simregistry.oci.messages import Request, Response
from simregistry.registry.registry import Registry

SOURCE = "docker-library/repo-info on GitHub, read on 2026-11-23 (builds of July to September 2026)"
# What the pages said of the image, kept on our manifest beside what we know.
PUBLISHED_MANIFEST = "org.simregistry.published.manifest"
PUBLISHED_CONFIG = "org.simregistry.published.config"
SOURCE_COMMIT = "org.simregistry.source.commit"


@dataclass(frozen=True, slots=True)
class CatalogueImage:
    """One published image: what its page says of it; sizes are compressed bytes, as they travel."""

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
        """Make a manifest of what is known.

        The published manifest's bytes are not here, so this one is ours: its digest is the hash of our bytes, and the
        published digests are annotations. The config's size is not published either; in its place stands the
        specification's empty descriptor (image-spec manifest.md, "Guidance for an Empty Descriptor").
        """
        annotations = {
            PUBLISHED_MANIFEST: str(self.manifest_digest),
            PUBLISHED_CONFIG: str(self.config_digest),
            SOURCE_COMMIT: self.source_commit,
        }
        return ImageManifest.of(Descriptor.of(b"{}", OCI_EMPTY), self.layers, annotations=annotations)


def _rows(name: str) -> list[dict[str, str]]:
    text = files("simregistry.study").joinpath("data", name).read_text("utf-8")
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
    """Give the 53 images.

    >>> len(images()), sum(image.layer_bytes for image in images())
    (53, 8882642570)
    """
    return tuple(_image(row) for row in _rows("images.tsv"))


@cache
def rebuilds() -> tuple[CatalogueImage, ...]:
    """Give eight versions of two tags, in the order in which they were built.

    >>> [image.name for image in rebuilds()][-1]
    'python:3.13-slim'
    """
    return tuple(_image(row) for row in _rows("rebuilds.tsv"))


def find(name: str) -> CatalogueImage:
    """Find an image by ``repository:tag``, or raise InvalidValue saying which tags there are."""
    known = {image.name: image for image in images()}
    if name not in known:
        repository = name.partition(":")[0]
        near = [n for n in known if n.partition(":")[0] == repository] or sorted({i.repository for i in images()})
        raise InvalidValue("image", name, f"is not in the catalogue; it has {', '.join(near)}")
    return known[name]


def load(registry: Registry, which: Iterable[str | CatalogueImage] | None = None) -> Registry:
    """Push catalogue images into a registry by its own API, layers as nominal blobs; gives the registry back.

    >>> load(Registry("docker.io"), ["alpine:3.23"]).repositories()
    ('library/alpine',)
    """
    for chosen in images() if which is None else which:
        image = find(chosen) if isinstance(chosen, str) else chosen
        _push(registry, image)
    return registry


def _push(registry: Registry, image: CatalogueImage) -> None:
    """Say what a client would: each blob unless it is there, and the manifest last."""
    # Docker Hub keeps its official images under library/, which people leave out when they name them.
    name, manifest = f"library/{image.repository}", image.manifest()
    content: dict[Digest, Content] = {layer.digest: Nominal(layer.digest, layer.size) for layer in image.layers}
    content[manifest.config.digest] = b"{}"
    for digest, blob in content.items():
        if not registry.handle(Request("HEAD", f"/v2/{name}/blobs/{digest}")).ok:
            _expect(registry, Request("POST", f"/v2/{name}/blobs/uploads/", {"digest": str(digest)}, body=blob))
    headers = {"Content-Type": manifest.media_type}
    _expect(registry, Request("PUT", f"/v2/{name}/manifests/{image.tag}", {}, headers, manifest.raw))


def _expect(registry: Registry, request: Request) -> Response:
    response = registry.handle(request)
    if response.status != 201:
        raise SimRegistryError(f"{request.line}: {response.status} {response.body!r}")
    return response
