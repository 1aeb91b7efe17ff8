"""A registry into which images are put by letters: small enough to check by eye."""

from __future__ import annotations

from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageIndex, ImageManifest, Manifest
from simregistry.oci.media_types import OCI_CONFIG, OCI_LAYER
from simregistry.oci.messages import Request
from simregistry.registry.gc.inventory import Inventory, take_inventory
from simregistry.registry.registry import Registry


def layer(letter: str) -> Digest:
    """A layer's digest by its letter."""
    return Digest.of(letter.encode() * 10)


class World:
    """A registry into which images are put by letters: each letter is a layer."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.storage = self.registry.storage

    def image(self, layers: str, *tags: str, name: str = "app") -> Digest:
        """Push an image of these layers, with tags or by digest alone."""
        contents = [letter.encode() * 10 for letter in layers]
        config = f'{{"layers":"{layers}"}}'.encode()
        for content in (config, *contents):
            self.storage.keep(name, content, Digest.of(content))
        described = [Descriptor.of(content, OCI_LAYER) for content in contents]
        return self.put(ImageManifest.of(Descriptor.of(config, OCI_CONFIG), described), *tags, name=name)

    def index(self, *children: Digest, tags: tuple[str, ...] = (), name: str = "app") -> Digest:
        """Push an index over manifests."""
        held = self.storage.repository(name).manifests
        return self.put(ImageIndex.of([held[child].descriptor for child in children]), *tags, name=name)

    def put(self, manifest: Manifest, *tags: str, name: str) -> Digest:
        """Put a manifest as the API does."""
        for reference in tags or (manifest.digest,):
            answer = self.registry.handle(Request("PUT", f"/v2/{name}/manifests/{reference}", {}, {}, manifest.raw))
            assert answer.status == 201, answer.body
        return manifest.digest

    def inventory(self) -> Inventory:
        """What a collector sees."""
        return take_inventory(self.storage)

    def whole(self) -> list[str]:
        """The tags that can be pulled whole, found by asking the API for every part."""
        return [image.name for image in self.registry.images() if self._complete(image.repository, image.digest)]

    def _complete(self, name: str, digest: Digest) -> bool:
        answer = self.registry.handle(Request("GET", f"/v2/{name}/manifests/{digest}"))
        if answer.status != 200:
            return False
        manifest = self.storage.repository(name).manifests[digest]
        if isinstance(manifest, ImageIndex):
            return all(self._complete(name, child.digest) for child in manifest.manifests)
        return all(
            self.registry.handle(Request("HEAD", f"/v2/{name}/blobs/{blob.digest}")).status == 200
            for blob in manifest.blobs
        )
