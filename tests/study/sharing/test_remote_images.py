"""The sharing of a real registry's images, read from manifests alone."""

from __future__ import annotations

import pytest
from peers import DockerRegistry

from simregistry import Client, ImageIndex, Registry
from simregistry.connect.remote import Remote
from simregistry.connect.remote_repository import RemoteRepository
from simregistry.errors import ImageUnknown
from simregistry.oci.descriptor import Descriptor, Platform
from simregistry.study.examples import webapp
from simregistry.study.sharing.remote_images import from_registry
from simregistry.study.sharing.sharing import Sharing


@pytest.fixture
def host(tmp_path):
    """Debian's docker-registry with two versions of the web app, and an index over them for two platforms."""
    (tmp_path / "storage").mkdir()
    with DockerRegistry(tmp_path / "storage") as served:
        host = f"127.0.0.1:{served.port}"
        client = Client(transports={host: Remote(host)})
        children = []
        for version, machine in (("v1", "amd64"), ("v2", "arm64")):
            built = webapp.build(client, version, host=host).manifest
            client.push(f"{host}/web:{version}")
            children.append(Descriptor(built.media_type, built.digest, built.size, platform=Platform("linux", machine)))
        RemoteRepository(Remote(host), "web").put_manifest(ImageIndex.of(children), "multi")
        yield host


def test_it_counts_what_the_simulated_registry_counts(host):
    """The same images, the same figures."""
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    for version in ("v1", "v2"):
        webapp.build(laptop, version)
        laptop.push(f"registry.example/web:{version}")
    found, expected = from_registry([f"{host}/web:v1", f"{host}/web:v2"]), Sharing.of(registry)
    assert (found.logical_bytes, found.stored_bytes) == (expected.logical_bytes, expected.stored_bytes)


def test_an_index_counts_by_the_platform_that_is_asked_for(host):
    """And one that is not there is named with those that are."""
    both = from_registry([f"{host}/web:multi", f"{host}/web:v2"], platform="linux/arm64")
    assert both.images[0].layers == both.images[1].layers
    with pytest.raises(ImageUnknown, match="linux/amd64, linux/arm64"):
        from_registry([f"{host}/web:multi"], platform="linux/s390x")
