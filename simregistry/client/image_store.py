"""The client's own shelf: the images on this machine, and the blobs they are made of.

1. An image is listed only when all its blobs are here, so a transfer that fails leaves no half image.
2. A blob is kept once, by its digest, no matter who brought it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from simregistry.errors import ImageUnknown
from simregistry.oci.config import ImageConfig
from simregistry.oci.content import Content, Nominal, bytes_of
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest, parse_manifest
from simregistry.oci.media_types import OCI_EMPTY


@dataclass(slots=True)
class ImageStore:
    """Keep local images by their full references, and the blobs they are made of by digest.

    >>> ImageStore().image("docker.io/library/python:latest")
    Traceback (most recent call last):
    simregistry.errors.ImageUnknown: no local image docker.io/library/python:latest; there is no image at all yet
    """

    blobs: dict[Digest, Content] = field(default_factory=dict)
    images: dict[str, Digest] = field(default_factory=dict)

    def put_blob(self, data: bytes) -> Digest:
        """Keep some bytes as a blob; return its digest."""
        digest = Digest.of(data)
        self.blobs[digest] = data
        return digest

    def content(self, digest: Digest) -> bytes:
        """Return a blob's bytes; raises KeyError where it isn't here, ContentUnavailable where only its name is."""
        return bytes_of(self.blobs[digest])

    def put_image(self, reference: str, manifest: ImageManifest) -> None:
        """List an image; its blobs must be here already."""
        missing = [blob.digest for blob in manifest.blobs if blob.digest not in self.blobs]
        if missing:
            raise ImageUnknown(f"{reference} (blob {missing[0]} is missing)", tuple(sorted(self.images)))
        self.blobs[manifest.digest] = manifest.raw
        self.images[reference] = manifest.digest

    def image(self, reference: str) -> ImageManifest:
        """Return a local image's manifest, or raise ImageUnknown saying which images there are."""
        if reference not in self.images:
            raise ImageUnknown(reference, tuple(sorted(self.images)))
        return self.manifest(self.images[reference])

    def manifest(self, digest: Digest) -> ImageManifest:
        """Read a manifest that is here."""
        manifest = parse_manifest(self.content(digest))
        assert isinstance(manifest, ImageManifest), "the store lists images, never an index"
        return manifest

    def config(self, manifest: ImageManifest) -> ImageConfig | None:
        """Read an image's config; None if the content is no image, or if the config's bytes aren't here."""
        content = self.blobs.get(manifest.config.digest)
        if manifest.config.media_type == OCI_EMPTY or content is None or isinstance(content, Nominal):
            return None
        return ImageConfig.parse(bytes_of(content))

    def remove(self, reference: str) -> tuple[Digest, ...]:
        """Take an image off the list, and the blobs that no other image needs off the shelf; return their digests."""
        self.image(reference)
        del self.images[reference]
        needed = self._needed()
        removed = tuple(digest for digest in self.blobs if digest not in needed)
        for digest in removed:
            del self.blobs[digest]
        return removed

    def _needed(self) -> set[Digest]:
        needed: set[Digest] = set(self.images.values())
        for digest in set(self.images.values()):
            needed.update(blob.digest for blob in self.manifest(digest).blobs)
        return needed
