"""The real images: the facts hold together, and a registry counts them as they were counted by hand."""

from __future__ import annotations

import itertools

import pytest

from simregistry.client.client import Client
from simregistry.errors import InvalidValue
from simregistry.oci.content import Nominal
from simregistry.registry.registry import Registry
from simregistry.study.examples import catalogue
from simregistry.study.sharing.sharing import KNOWN_LAYERS, Sharing


@pytest.fixture(scope="module")
def hub() -> Registry:
    """All 53 images in one registry."""
    return catalogue.load(Registry("docker.io"))


def test_there_are_53_images_in_25_repositories():
    """With 388 layers, 298 of them distinct."""
    images = catalogue.images()
    assert (len(images), len({i.repository for i in images})) == (53, 25)
    assert sum(len(i.layers) for i in images) == 388
    assert len({layer.digest for i in images for layer in i.layers}) == 298
    assert len({i.name for i in images}) == 53


def test_the_registry_counts_what_was_published(hub):
    """8,882,642,570 bytes asked for and 5,694,677,530 stored: computed by walking the manifests."""
    layers = hub.storage_report().layers
    assert (layers.logical_bytes, layers.stored_bytes) == (8_882_642_570, 5_694_677_530)
    assert layers.saved_bytes == 3_187_965_040
    assert f"{layers.saving:.1%}" == "35.9%"


def test_sharing_counts_the_same_by_another_way(hub):
    """From the facts, and from the registry's manifests."""
    for sharing in (Sharing.of_images(catalogue.images()), Sharing.of(hub)):
        assert (sharing.logical_bytes, sharing.stored_bytes) == (8_882_642_570, 5_694_677_530)
        assert len(sharing.shared) == 27
        assert [(s.count, s.size, s.digest.short) for s in sharing.shared[:2]] == [
            (13, 29_792_658, "6310eb16bf42"), (12, 32, "4f4fb700ef54"),
        ]  # fmt: skip


def test_the_layer_that_saves_most_is_the_compilers():
    """Five further copies of 236 MB."""
    best = max(Sharing.of_images(catalogue.images()).layers, key=lambda layer: layer.saved_bytes)
    assert (best.digest.short, best.count, best.saved_bytes) == ("44fed46b68cf", 6, 5 * 236_338_551)


def test_every_label_belongs_to_one_of_the_ten_most_shared_layers():
    """A label for a layer that is not there would be a fact about nothing."""
    shared = Sharing.of_images(catalogue.images()).shared
    assert {layer.digest.short for layer in shared[:10]} == set(KNOWN_LAYERS)


def test_rebuilds_keep_at_most_the_base():
    """From one version to the next, every layer above the first is new."""
    rebuilt = catalogue.rebuilds()
    assert len(rebuilt) == 8
    for before, after in itertools.pairwise(rebuilt):
        if before.name == after.name:
            assert {x.digest for x in before.layers} & {x.digest for x in after.layers} <= {before.layers[0].digest}


def test_the_manifests_are_ours_and_say_so(hub):
    """The published digest is beside it, not in its place."""
    image = catalogue.find("python:3.13")
    manifest = hub.manifest("library/python", "3.13")
    assert manifest.digest == image.manifest().digest != image.manifest_digest
    assert manifest.annotations[catalogue.PUBLISHED_MANIFEST] == image.manifest_digest


def test_a_real_image_is_pulled_by_name_alone(hub):
    """The client cannot tell, until it asks for the bytes."""
    laptop = Client(registries=[hub])
    pull = laptop.pull("python:3.13")
    assert pull.bytes_of("fetched") >= catalogue.find("python:3.13").layer_bytes
    assert isinstance(laptop.store.blobs[pull.blobs[0].digest], Nominal)


def test_an_unknown_name_is_answered_with_the_known_ones():
    """Tags of the same repository, else the repositories."""
    with pytest.raises(InvalidValue, match=r"python:3\.13"):
        catalogue.find("python:2")
    with pytest.raises(InvalidValue, match="postgres"):
        catalogue.find("nothing:1")
