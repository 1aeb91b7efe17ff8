"""Make images that are small enough to check by eye, and put them into a registry or a client's store.

Exercises, levels, scenarios, races and tests all need an image of two or three layers. They make it here, so the same
layers give the same digest everywhere. They push it here, so a push that is refused never goes unnoticed. The idea is
that of go-containerregistry's ``random.Image``, but nothing is random: a lesson prints the same text on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from simregistry.client.image_store import ImageStore
from simregistry.client.push import error_text
from simregistry.client.transport import RegistryHandler
from simregistry.errors import TransferFailed
from simregistry.oci.config import ImageConfig, Runtime
from simregistry.oci.content import Content, Nominal, bytes_of
from simregistry.oci.descriptor import Descriptor, Platform
from simregistry.oci.digest import Digest
from simregistry.oci.layer import Changeset
from simregistry.oci.manifest import ImageIndex, ImageManifest
from simregistry.oci.media_types import OCI_CONFIG, OCI_EMPTY, OCI_LAYER, OCI_LAYER_GZIP, OCI_MANIFEST
from simregistry.oci.messages import Request, shorten


@dataclass(frozen=True, slots=True)
class SmallImage:
    """One image with all its blobs: the layers from the base up, then the config.

    >>> image = SmallImage.of_files([("bin/sh", "a shell"), ("app.py", "print(1)")])
    >>> [len(content) for content in image.blobs.values()] == [blob.size for blob in image.manifest.blobs]
    True
    """

    manifest: ImageManifest
    blobs: Mapping[Digest, Content] = field(repr=False, hash=False)

    @classmethod
    def of_bytes(
        cls,
        layers: Iterable[bytes],
        config: bytes | None = None,
        *,
        media_type: str = OCI_MANIFEST,
        subject: Descriptor | None = None,
    ) -> SmallImage:
        """Make an image of these bytes, one layer each; without a config it gets one that lists the layers.

        >>> SmallImage.of_bytes([b"base", b"code"], b"{}").config
        b'{}'
        """
        contents = list(layers)
        settings = ImageConfig.of(map(Digest.of, contents)).raw if config is None else config
        manifest = ImageManifest.of(
            Descriptor.of(settings, OCI_CONFIG),
            [Descriptor.of(content, OCI_LAYER) for content in contents],
            media_type=media_type,
            subject=subject,
        )
        return cls(manifest, {Digest.of(content): content for content in (*contents, settings)})

    @classmethod
    def of_files(cls, files: Iterable[tuple[str, str]], env: str = "PORT=80") -> SmallImage:
        """Make an image of real archives: one layer for each file (path and text), and a real config."""
        layers = [Changeset.of({path: text}) for path, text in files]
        config = ImageConfig.of([layer.diff_id for layer in layers], runtime=Runtime(env=(env,)))
        return cls.of_bytes([layer.to_tar() for layer in layers], config.raw)

    @classmethod
    def of_nominal(
        cls,
        layers: Iterable[Descriptor],
        config: bytes | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> SmallImage:
        """Make an image of layers without bytes, for counting layers.

        Without a config it gets the empty one (image-spec manifest.md, "Guidance for an Empty Descriptor").

        >>> SmallImage.of_nominal([nominal_layer("base", 80_000_000)]).manifest.image_bytes
        80000002
        """
        described = list(layers)
        settings = b"{}" if config is None else config
        pointer = Descriptor.of(settings, OCI_EMPTY if config is None else OCI_CONFIG)
        manifest = ImageManifest.of(pointer, described, annotations=annotations)
        blobs: dict[Digest, Content] = {layer.digest: Nominal(layer.digest, layer.size) for layer in described}
        return cls(manifest, blobs | {pointer.digest: settings})

    @classmethod
    def of_store(cls, store: ImageStore, reference: str) -> SmallImage:
        """Take an image that a client has, built or pulled, with its blobs; raises ImageUnknown if it has none."""
        manifest = store.image(reference)
        return cls(manifest, {blob.digest: store.blobs[blob.digest] for blob in manifest.blobs})

    @property
    def config(self) -> bytes:
        """The config's bytes."""
        return bytes_of(self.blobs[self.manifest.config.digest])


@dataclass(frozen=True, slots=True)
class SmallIndex:
    """Several images under one name, with all that they need.

    >>> base = SmallImage.of_files([("bin/sh", "a shell")])
    >>> [str(child.platform) for child in SmallIndex.of_platforms({"linux/arm64": base}).manifest.manifests]
    ['linux/arm64']
    """

    manifest: ImageIndex
    images: tuple[SmallImage | SmallIndex, ...] = field(repr=False)

    @classmethod
    def of(cls, images: Iterable[SmallImage | SmallIndex], annotations: Mapping[str, str] | None = None) -> SmallIndex:
        """List images, or indexes, without saying which platform each is for."""
        listed = tuple(images)
        return cls(ImageIndex.of([image.manifest.descriptor for image in listed], annotations=annotations), listed)

    @classmethod
    def of_platforms(cls, images: Mapping[str, SmallImage]) -> SmallIndex:
        """List images by their platforms, each written as ``linux/amd64``."""
        listed = [replace(image.manifest.descriptor, platform=Platform.parse(name)) for name, image in images.items()]
        return cls(ImageIndex.of(listed), tuple(images.values()))


def nominal_layer(name: str, size: int) -> Descriptor:
    """Describe a layer by a name and a size (bytes): there are no bytes, and the digest is the hash of both.

    >>> nominal_layer("base", 1).digest == nominal_layer("base", 2).digest
    False
    """
    return Descriptor(OCI_LAYER_GZIP, Digest.of(f"{name} {size}".encode()), size)


def push_small(
    registry: RegistryHandler, repository: str, reference: str | None, image: SmallImage | SmallIndex
) -> None:
    """Push an image as a client does: blobs first, then the images that an index lists, the manifest last.

    The reference is a tag. None pushes by digest, so the image gets no tag. Raises TransferFailed if the registry
    refuses anything.

    >>> from simregistry.registry.registry import Registry
    >>> registry = Registry()
    >>> push_small(registry, "app", "v1", SmallImage.of_bytes([b"base", b"code"]))
    >>> registry.tags("app")
    ('v1',)
    """
    if isinstance(image, SmallIndex):
        for child in image.images:
            # An image that is there already is whole, so nothing below it is sent again.
            if not registry.handle(Request("HEAD", f"/v2/{repository}/manifests/{child.manifest.digest}")).ok:
                push_small(registry, repository, None, child)
    else:
        push_blobs(registry, repository, image.blobs)
    manifest = image.manifest
    path = f"/v2/{repository}/manifests/{reference or manifest.digest}"
    _expect_created(registry, Request("PUT", path, {}, {"Content-Type": manifest.media_type}, manifest.raw))


def push_blobs(registry: RegistryHandler, repository: str, blobs: Mapping[Digest, Content]) -> None:
    """Push blobs in one request each, and no manifest; raises TransferFailed if the registry refuses one."""
    for digest, content in blobs.items():
        path = f"/v2/{repository}/blobs/uploads/"
        _expect_created(registry, Request("POST", path, {"digest": str(digest)}, body=content))


def _expect_created(registry: RegistryHandler, request: Request) -> None:
    answer = registry.handle(request)
    if answer.status != 201:
        reason = f"{answer.status} {error_text(answer)}".rstrip()
        raise TransferFailed(f"{shorten(request.line)} was refused: {reason}; mend that, then push the image again")


def put_small(store: ImageStore, reference: str, image: SmallImage) -> None:
    """Put an image into a client's store, as if the client had built it.

    >>> store = ImageStore()
    >>> put_small(store, "registry.example/app:v1", SmallImage.of_bytes([b"base"]))
    >>> sorted(store.images)
    ['registry.example/app:v1']
    """
    store.blobs.update(image.blobs)
    store.put_image(reference, image.manifest)
