"""A storage is the only writer of its repositories, and a part of it can be somebody else's."""

from __future__ import annotations

import pytest

from simregistry import Registry, Request
from simregistry.errors import ManifestBlobUnknown, ManifestInvalid, NameUnknown
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.media_types import OCI_CONFIG, OCI_LAYER
from simregistry.registry.storage.storage import Storage, check_content

CONFIG, LAYER = b"{}", b"a layer"
IMAGE = ImageManifest.of(Descriptor.of(CONFIG, OCI_CONFIG), [Descriptor.of(LAYER, OCI_LAYER)])


def filled() -> Storage:
    """A storage with the image's blobs in app, and no manifest."""
    storage = Storage()
    for content in (CONFIG, LAYER):
        storage.keep("app", content, Digest.of(content))
    return storage


def put(storage: Storage, name: str) -> int:
    """The status of a push of the image's manifest."""
    headers = {"Content-Type": IMAGE.media_type}
    return Registry(storage=storage).handle(Request("PUT", f"/v2/{name}/manifests/v1", {}, headers, IMAGE.raw)).status


def test_a_refused_manifest_changes_nothing():
    """No repository, no manifest, no tag, and no byte on the shelf."""
    storage = filled()
    with pytest.raises(ManifestBlobUnknown, match="push it first"):
        storage.put_manifest("other", IMAGE.digest, IMAGE, "v1")
    assert set(storage.repositories) == {"app"} and IMAGE.digest not in storage.blobs
    storage.blobs.delete(Digest.of(LAYER))
    with pytest.raises(ManifestBlobUnknown, match="was swept; push it again"):
        storage.put_manifest("app", IMAGE.digest, IMAGE, "v1")
    assert not storage.repository("app").manifests and not storage.repository("app").tags


def test_the_check_of_manifests_can_be_another():
    """It is given the manifest, the repository and the shelf; what it raises is what the registry answers."""
    asked = []

    def only_signed(manifest, repository, blobs):
        """Refuse what has no subject."""
        asked.append((manifest, repository.name, Digest.of(LAYER) in blobs))
        if manifest.subject is None:
            raise ManifestInvalid("only signatures come in here")

    storage = filled()
    storage.check_manifest = only_signed
    assert put(storage, "app") == 400
    assert asked == [(IMAGE, "app", True)]
    storage.check_manifest = check_content
    assert put(storage, "app") == 201


def test_a_restricted_storage_shows_less_over_the_same_blobs():
    """What is written through it is written: it is a view and no copy."""
    storage = filled()
    storage.keep("secret", LAYER, Digest.of(LAYER))
    seen = storage.restricted_to(["app"])
    assert set(seen.repositories) == {"app"} and seen.blobs is storage.blobs
    seen.repository("app").drop_link(Digest.of(LAYER))
    assert Digest.of(LAYER) not in storage.repository("app").blobs
    with pytest.raises(NameUnknown, match="no repository secret; there is app"):
        seen.repository("secret")


def test_a_dropped_repository_leaves_its_bytes():
    """Names go; the shelf is the collector's. A repository that is not there is dropped without a word."""
    storage = filled()
    storage.drop_repository("app")
    storage.drop_repository("app")
    assert not storage.repositories and storage.blobs.stored_bytes == len(CONFIG + LAYER)


def test_a_copy_keeps_its_parts():
    """The check is the same one; repositories, blobs and uploads are the copy's own."""
    storage = filled()
    storage.check_manifest = lambda manifest, repository, blobs: None
    session = storage.uploads.open("app")
    copied = storage.copy()
    assert copied.check_manifest is storage.check_manifest
    copied.drop_repository("app")
    copied.uploads.move(copied.uploads.get("app", session.id), "DELETE")
    assert (len(copied.uploads), len(storage.uploads), list(storage.repositories)) == (0, 1, ["app"])
