"""What is kept against what was asked for, in a world small enough to count by hand."""

from __future__ import annotations

from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageIndex, ImageManifest
from simregistry.oci.media_types import OCI_CONFIG, OCI_LAYER
from simregistry.oci.messages import Request
from simregistry.registry.registry import Registry

BASE, CODE, CONFIG = b"b" * 100, b"c" * 10, b"{}"


def push(registry: Registry, name: str, tag: str, *layers: bytes) -> ImageManifest:
    """Push an image by the API."""
    for blob in (*layers, CONFIG):
        query = {"digest": str(Digest.of(blob))}
        registry.handle(Request("POST", f"/v2/{name}/blobs/uploads/", query, body=blob))
    manifest = ImageManifest.of(Descriptor.of(CONFIG, OCI_CONFIG), [Descriptor.of(x, OCI_LAYER) for x in layers])
    assert registry.handle(Request("PUT", f"/v2/{name}/manifests/{tag}", body=manifest.raw)).status == 201
    return manifest


def test_an_empty_registry_saves_nothing():
    """No division by zero, no image."""
    report = Registry().storage_report()
    assert (report.images, report.logical_bytes, report.saving) == (0, 0, 0.0)


def test_a_base_shared_by_two_images_is_kept_once():
    """100 + 10 and 100: 210 bytes asked for, 110 kept."""
    registry = Registry()
    push(registry, "one", "v1", BASE, CODE)
    push(registry, "two", "v1", BASE)
    report = registry.storage_report()
    assert (report.layers.logical_bytes, report.layers.stored_bytes, report.layers.saved_bytes) == (210, 110, 100)
    assert (report.images, report.distinct_layers, report.shared_layers) == (2, 2, 1)
    assert report.stored_bytes == report.shelf_bytes


def test_two_tags_on_one_image_count_once():
    """A tag is a name, not a copy."""
    registry = Registry()
    push(registry, "one", "v1", BASE)
    push(registry, "one", "latest", BASE)
    assert registry.storage_report().layers.logical_bytes == 100


def test_an_index_counts_its_children_and_itself():
    """Bytes of an index are kept too."""
    registry = Registry()
    manifest = push(registry, "one", "v1", BASE)
    index = ImageIndex.of([manifest.descriptor])
    registry.handle(Request("PUT", "/v2/one/manifests/multi", body=index.raw))
    report = registry.storage_report()
    assert report.stored_bytes == 100 + len(CONFIG) + manifest.size + index.size == report.shelf_bytes


def test_what_no_tag_reaches_lies_on_the_shelf_all_the_same():
    """Deleting a tag frees nothing: the shelf has more than the tags reach."""
    registry = Registry()
    push(registry, "one", "v1", BASE)
    before = registry.storage_report().shelf_bytes
    registry.handle(Request("DELETE", "/v2/one/manifests/v1"))
    report = registry.storage_report()
    assert (report.stored_bytes, report.shelf_bytes) == (0, before)
