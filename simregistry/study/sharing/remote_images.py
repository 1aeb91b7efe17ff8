"""Today's images of a real registry: count what they share from their manifests, without downloading a layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from simregistry.client.transport import Transport
from simregistry.connect.docker_login import signed_remote
from simregistry.connect.remote_repository import RemoteRepository
from simregistry.errors import ImageUnknown
from simregistry.oci.descriptor import Platform
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest, Manifest
from simregistry.oci.reference import Reference
from simregistry.study.sharing.sharing import Sharing


def from_registry(
    names: Iterable[str], platform: str = "linux/amd64", reach: Callable[[str], Transport] = signed_remote
) -> Sharing:
    """Read the manifests of some images, and count what their layers share; sizes are compressed bytes.

    ``names`` are references (``python:3.13``), and ``reach`` makes a transport for a host. An image takes one request,
    an index two, and each repository a token. Docker Hub counts the manifests against its pull limit. Raises
    TransferFailed for a refusal, ConnectionError for a line that breaks, ImageUnknown for a missing platform.
    """
    transports: dict[str, Transport] = {}
    layers_by_image: dict[str, dict[Digest, int]] = {}
    for name in names:
        reference = Reference.parse(name)
        if reference.registry not in transports:
            transports[reference.registry] = reach(reference.registry)
        source = RemoteRepository(transports[reference.registry], reference.repository)
        manifest = source.manifest(source.resolve(str(reference.digest or reference.tag)))
        image = _for_platform(source, manifest, Platform.parse(platform), name)
        layers_by_image[reference.familiar] = {layer.digest: layer.size for layer in image.layers}
    return Sharing.of_sizes(layers_by_image)


def _for_platform(source: RemoteRepository, manifest: Manifest, platform: Platform, name: str) -> ImageManifest:
    if isinstance(manifest, ImageManifest):
        return manifest
    for child in manifest.manifests:
        offered = child.platform
        fits = offered and (offered.os, offered.architecture) == (platform.os, platform.architecture)
        if fits and offered and platform.variant in ("", offered.variant):
            image = source.manifest(child.digest)
            if isinstance(image, ImageManifest):
                return image
    raise ImageUnknown(f"{name} for {platform}", tuple(str(c.platform) for c in manifest.manifests if c.platform))
