"""What is kept against what was asked for, in a world small enough to count by hand."""

from __future__ import annotations

from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.messages import Request
from simregistry.registry.registry import Registry
from simregistry.registry.storage_report import Figures, count_layers
from simregistry.study.examples.small_images import SmallImage, SmallIndex, push_small
from simregistry.study.sharing.sharing import Sharing

BASE, CODE, CONFIG = b"b" * 100, b"c" * 10, b"{}"


def push(registry: Registry, name: str, tag: str, *layers: bytes) -> ImageManifest:
    """Push an image of these layers."""
    image = SmallImage.of_bytes(layers, CONFIG)
    push_small(registry, name, tag, image)
    return image.manifest


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
    index = SmallIndex.of([SmallImage.of_bytes([BASE], CONFIG)])
    push_small(registry, "one", "multi", index)
    report = registry.storage_report()
    manifests = manifest.size + index.manifest.size
    assert report.stored_bytes == 100 + len(CONFIG) + manifests == report.shelf_bytes


def test_what_no_tag_reaches_lies_on_the_shelf_all_the_same():
    """Deleting a tag frees nothing: the shelf has more than the tags reach."""
    registry = Registry()
    push(registry, "one", "v1", BASE)
    before = registry.storage_report().shelf_bytes
    registry.handle(Request("DELETE", "/v2/one/manifests/v1"))
    report = registry.storage_report()
    assert (report.stored_bytes, report.shelf_bytes) == (0, before)


def test_a_blob_that_is_config_and_layer_is_kept_once():
    """An artifact may have the same two bytes as both (image-spec manifest.md, "Guidance for an Empty Descriptor")."""
    registry = Registry()
    manifest = push(registry, "artifact", "v1", CONFIG)
    report = registry.storage_report()
    assert report.stored_bytes == report.shelf_bytes == len(CONFIG) + manifest.size
    assert report.logical_bytes == 2 * len(CONFIG) + manifest.size


def test_layers_are_counted_by_who_holds_them():
    """Bytes and holders in the order in which they came; a layer that is listed twice has two holders."""
    base, code = Digest.of(BASE), Digest.of(CODE)
    counted = count_layers([("one", [(base, 100), (base, 100)]), ("two", [(code, 10), (base, 100)])])
    assert counted.holders == {base: ["one", "one", "two"], code: ["two"]} and counted.sizes == {base: 100, code: 10}
    assert (counted.figures, counted.shared) == (Figures(310, 110), 1)
    assert count_layers([]).figures == Figures(0, 0)


def test_a_registry_and_its_sharing_come_to_the_same_figures():
    """One counts the storage's images, the other the images that people see: they use one count."""
    registry = Registry()
    push(registry, "one", "v1", BASE, CODE)
    push(registry, "two", "v1", BASE)
    report, sharing = registry.storage_report(), Sharing.of(registry)
    assert report.layers == sharing.figures
    assert (report.distinct_layers, report.shared_layers) == (len(sharing.layers), len(sharing.shared))
