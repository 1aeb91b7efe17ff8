"""A registry by letters: each letter is a layer of ten bytes, so that a scenario can be checked by eye."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from simregistry.client.client import Client
from simregistry.oci.content import bytes_of
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import Manifest
from simregistry.oci.media_types import OCI_MANIFEST
from simregistry.oci.messages import Conversation, Request, Response
from simregistry.registry.registry import Registry
from simregistry.registry.storage.storage import Storage
from simregistry.study.examples.small_images import SmallImage, SmallIndex, push_blobs, push_small, put_small

HOST = "registry.example"
V1 = f"{HOST}/app:v1"


def layer(letter: str) -> bytes:
    """Make a layer's ten bytes."""
    return letter.encode() * 10


def config(letters: str) -> bytes:
    """Write the config of an image of these layers."""
    diff_ids = [str(Digest.of(layer(letter))) for letter in letters]
    rootfs = {"type": "layers", "diff_ids": diff_ids}
    return json.dumps({"architecture": "amd64", "os": "linux", "rootfs": rootfs}).encode()


def letter_image(letters: str, media_type: str = OCI_MANIFEST, subject: Descriptor | None = None) -> SmallImage:
    """Make an image of one layer for each letter, from the base up.

    >>> [layer.size for layer in letter_image("ab").manifest.layers]
    [10, 10]
    """
    return SmallImage.of_bytes(map(layer, letters), config(letters), media_type=media_type, subject=subject)


@dataclass(slots=True)
class LetterWorld:
    """A registry, and the names of all that a scenario puts into it: "layer a", "config ab", "manifest ab"."""

    storage: Storage = field(default_factory=Storage)
    names: dict[str, str] = field(default_factory=dict)

    @property
    def registry(self) -> Registry:
        """The registry over this storage."""
        return Registry(HOST, self.storage)

    def make(self, letters: str, media_type: str = OCI_MANIFEST, subject: Descriptor | None = None) -> SmallImage:
        """Make an image and note the names of its parts; the registry gets nothing of it."""
        image = letter_image(letters, media_type, subject)
        self.names[image.manifest.digest] = f"manifest {letters}"
        self.names[image.manifest.config.digest] = f"config {letters}"
        self.names |= {Digest.of(layer(letter)): f"layer {letter}" for letter in letters}
        return image

    def blobs(self, letters: str, name: str = "app", but: Collection[bytes] = ()) -> None:
        """Push an image's blobs except some, and no manifest."""
        blobs = letter_image(letters).blobs
        push_blobs(self.registry, name, {digest: blob for digest, blob in blobs.items() if blob not in but})

    def image(self, letters: str, *tags: str, name: str = "app", subject: Descriptor | None = None) -> SmallImage:
        """Push an image, with tags or by its digest alone."""
        image = self.make(letters, subject=subject)
        self._push(image, tags, name)
        return image

    def index(self, called: str, images: Sequence[SmallImage | SmallIndex], *tags: str) -> SmallIndex:
        """Push an index over images that are there."""
        index = SmallIndex.of(images, {"called": called})
        self.names[index.manifest.digest] = f"index {called}"
        self._push(index, tags, "app")
        return index

    def _push(self, image: SmallImage | SmallIndex, tags: tuple[str, ...], name: str) -> None:
        for reference in tags or (None,):
            push_small(self.registry, name, reference, image)

    def put(self, manifest: Manifest, reference: str, name: str = "app") -> Response:
        """Put a manifest that the registry may refuse, and return its answer."""
        headers = {"Content-Type": manifest.media_type}
        return self.registry.handle(Request("PUT", f"/v2/{name}/manifests/{reference}", {}, headers, manifest.raw))

    def local(self, laptop: Client, letters: str, reference: str = V1, media_type: str = OCI_MANIFEST) -> SmallImage:
        """Put an image into a laptop's own store, ready to be pushed."""
        image = self.make(letters, media_type)
        put_small(laptop.store, reference, image)
        return image

    def shelf(self) -> str:
        """List what is on the shelf, by name."""
        return self.listed(self.storage.blobs)

    def listed(self, digests: Iterable[str]) -> str:
        """Write digests by their names, sorted."""
        return ", ".join(sorted(self.names.get(digest, digest) for digest in digests)) or "nothing"

    def order(self, conversation: Conversation) -> str:
        """Say in which order things came to be in the registry: each blob when its upload ends, each manifest."""
        names = []
        for exchange in conversation:
            request = exchange.request
            if request.method == "PUT" and exchange.response is not None and exchange.response.ok:
                digest = request.query.get("digest") or exchange.response.header("Docker-Content-Digest")
                names.append(self.names.get(digest, digest))
        return " → ".join(names) or "nothing"


def code(response: Response) -> str:
    """Write a response in a line: its status, and the error code of a refusal."""
    if response.ok or not response.body:
        return str(response.status)
    return f"{response.status} {json.loads(bytes_of(response.body))['errors'][0]['code']}"
