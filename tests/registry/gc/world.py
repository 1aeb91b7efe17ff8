"""A registry into which images are put by letters: small enough to check by eye."""

from __future__ import annotations

from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageIndex
from simregistry.oci.messages import Request
from simregistry.registry.gc.inventory import Inventory, take_inventory
from simregistry.registry.registry import Registry
from simregistry.study.examples.small_images import SmallImage, SmallIndex, push_small


def layer(letter: str) -> Digest:
    """A layer's digest by its letter."""
    return Digest.of(letter.encode() * 10)


class World:
    """A registry into which images are put by letters: each letter is a layer."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.storage = self.registry.storage
        self.pushed: dict[Digest, SmallImage | SmallIndex] = {}

    def image(self, layers: str, *tags: str, name: str = "app") -> Digest:
        """Push an image of these layers, with tags or by digest alone."""
        config = f'{{"layers":"{layers}"}}'.encode()
        return self._push(SmallImage.of_bytes([letter.encode() * 10 for letter in layers], config), tags, name)

    def index(self, *children: Digest, tags: tuple[str, ...] = (), name: str = "app") -> Digest:
        """Push an index over what was pushed before."""
        return self._push(SmallIndex.of([self.pushed[child] for child in children]), tags, name)

    def _push(self, image: SmallImage | SmallIndex, tags: tuple[str, ...], name: str) -> Digest:
        for reference in tags or (None,):
            push_small(self.registry, name, reference, image)
        self.pushed[image.manifest.digest] = image
        return image.manifest.digest

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
