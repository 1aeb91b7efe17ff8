"""Small images of real bytes: layers of one file each, a config, a manifest, and how they come into a registry."""

from __future__ import annotations

from simregistry.oci.config import ImageConfig, Runtime
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.layer import Changeset
from simregistry.oci.manifest import ImageIndex, ImageManifest
from simregistry.oci.media_types import OCI_CONFIG, OCI_LAYER
from simregistry.oci.messages import Request
from simregistry.registry.registry import Registry

Blobs = dict[Digest, bytes]


def byte_image(files: list[tuple[str, str]], env: str = "PORT=80") -> tuple[ImageManifest, Blobs]:
    """Make an image of one-file layers, from the base up, with its blobs."""
    layers = [Changeset.of({path: text}) for path, text in files]
    config = ImageConfig.of([layer.diff_id for layer in layers], runtime=Runtime(env=(env,)))
    archives = [layer.to_tar() for layer in layers]
    manifest = ImageManifest.of(
        Descriptor.of(config.raw, OCI_CONFIG), [Descriptor.of(data, OCI_LAYER) for data in archives]
    )
    return manifest, {Digest.of(data): data for data in (*archives, config.raw)}


def push_raw(registry: Registry, name: str, tag: str, manifest: ImageManifest | ImageIndex, blobs: Blobs) -> None:
    """Push blobs and a manifest, as any client does."""
    for digest, data in blobs.items():
        registry.handle(Request("POST", f"/v2/{name}/blobs/uploads/", {"digest": str(digest)}, body=data))
    registry.handle(
        Request("PUT", f"/v2/{name}/manifests/{tag}", {}, {"Content-Type": manifest.media_type}, manifest.raw)
    )
