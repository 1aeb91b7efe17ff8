"""Where images come from: what counts as one, and what is refused before its bytes are read."""

from __future__ import annotations

import pytest

from simregistry.errors import InvalidValue
from simregistry.oci.content import Content, Nominal
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.layer import Changeset
from simregistry.oci.manifest import ImageIndex, ImageManifest
from simregistry.oci.media_types import OCI_EMPTY, OCI_LAYER, OCI_LAYER_ZSTD
from simregistry.registry.storage.storage import Storage
from simregistry.study.chunking import images_with_layers
from simregistry.study.chunking.sources import LARGEST_LAYER

ARM, AMD = (Changeset.of({"program": name}).to_tar() for name in (b"arm", b"amd"))


class Shop:
    """A storage with one repository, into which manifests are put as a registry would have them."""

    def __init__(self) -> None:
        self.storage = Storage()
        self.repository = self.storage.repository_to_write("web")

    def blob(self, content: bytes, media_type: str = OCI_LAYER) -> Descriptor:
        """Keep some bytes."""
        return self.keep(content, Descriptor(media_type, Digest.of(content), len(content)))

    def keep(self, content: Content, described: Descriptor) -> Descriptor:
        """Keep a blob, and let the repository use it."""
        self.storage.blobs.put(content, described.digest)
        self.repository.link(described.digest, described.size)
        return described

    def image(self, *layers: Descriptor, tag: str | None = None) -> Descriptor:
        """Put an image of these layers."""
        return self.put(ImageManifest.of(self.blob(b"{}", OCI_EMPTY), layers), tag)

    def put(self, manifest: ImageManifest | ImageIndex, tag: str | None = None) -> Descriptor:
        """Put a manifest."""
        self.storage.blobs.put(manifest.raw, manifest.digest)
        self.repository.put_manifest(manifest.digest, manifest, tag)
        return manifest.descriptor


@pytest.fixture
def shop() -> Shop:
    """A shop with nothing in it yet."""
    return Shop()


def test_an_index_counts_through_its_images_and_a_bill_of_materials_is_none(shop):
    """Two platforms are two images under one tag; what describes them has no layer of files."""
    arm, amd = shop.image(shop.blob(ARM)), shop.image(shop.blob(AMD))
    about = shop.image(shop.blob(b'{"spdx": 2}', "application/vnd.in-toto+json"))
    shop.put(ImageIndex.of([arm, amd, about]), "v1")
    found = dict(images_with_layers(shop.storage))
    assert found == {f"web:v1@{arm.digest.short}": (ARM,), f"web:v1@{amd.digest.short}": (AMD,)}


def test_what_no_tag_names_is_not_looked_at(shop):
    """People pull by tag; what is left over is a collector's business."""
    shop.image(shop.blob(ARM))
    shop.image(shop.blob(AMD), tag="v1")
    assert dict(images_with_layers(shop.storage)) == {"web:v1": (AMD,)}


def test_a_layer_compressed_by_zstd_is_refused_with_a_way_out(shop):
    """Python 3.11 has no zstd; the bytes are not taken for an archive."""
    shop.image(shop.blob(b"\x28\xb5\x2f\xfd", OCI_LAYER_ZSTD), tag="v1")
    with pytest.raises(InvalidValue, match="copy it as gzip"):
        list(images_with_layers(shop.storage))


def test_a_layer_that_is_too_large_is_refused_before_it_is_read(shop):
    """Its descriptor says so; the bytes here are not even there."""
    size = LARGEST_LAYER + 1
    digest = Digest.of(b"huge")
    shop.image(shop.keep(Nominal(digest, size), Descriptor(OCI_LAYER, digest, size)), tag="v1")
    with pytest.raises(InvalidValue, match=f"{size:,} bytes"):
        list(images_with_layers(shop.storage))
