"""Small images: the same layers give the same digests everywhere, and a push that is refused never goes unnoticed."""

from __future__ import annotations

import pytest

from simregistry.client.client import Client
from simregistry.client.image_store import ImageStore
from simregistry.errors import ContentUnavailable, ImageUnknown, TransferFailed
from simregistry.oci.config import ImageConfig
from simregistry.oci.content import bytes_of
from simregistry.oci.digest import Digest
from simregistry.oci.layer import Changeset
from simregistry.oci.media_types import DOCKER_MANIFEST, OCI_CONFIG, OCI_EMPTY
from simregistry.oci.messages import Request, Response
from simregistry.registry.registry import Registry
from simregistry.study.examples.small_images import (
    SmallImage,
    SmallIndex,
    nominal_layer,
    push_blobs,
    push_small,
    put_small,
)

FILES = [("bin/sh", "a shell\n"), ("app.py", "print(1)\n")]


@pytest.fixture
def registry() -> Registry:
    """An empty registry."""
    return Registry("registry.example")


@pytest.mark.parametrize(
    ("image", "digest"),
    [
        (SmallImage.of_bytes([b"base", b"code"]), "0b683a1f78d3"),
        (SmallImage.of_bytes([b"base", b"code"], b"{}"), "5f07b37ff148"),
        (SmallImage.of_files(FILES), "0ab20673df26"),
        (SmallImage.of_nominal([nominal_layer("base", 80), nominal_layer("code", 5)]), "e91508869f74"),
        (SmallIndex.of_platforms({"linux/amd64": SmallImage.of_files(FILES)}), "addd36baafe4"),
    ],
)
def test_the_same_layers_give_the_same_digest_on_every_machine(image, digest):
    """Worlds, levels and lessons print these digests, so they never change."""
    assert image.manifest.digest.short == digest


def test_files_are_real_archives_under_a_real_config():
    """Each layer unpacks to its file, and the config lists the layers as they are stacked."""
    image = SmallImage.of_files(FILES, "PORT=81")
    layers = [Changeset.from_blob(bytes_of(image.blobs[layer.digest])) for layer in image.manifest.layers]
    assert [[entry.path for entry in layer] for layer in layers] == [["bin/sh"], ["app.py"]]
    config = ImageConfig.parse(image.config)
    assert config.diff_ids == tuple(layer.diff_id for layer in layers) and config.runtime.env == ("PORT=81",)


def test_bytes_get_a_config_that_lists_them_unless_one_is_given():
    """The layers need no archive inside: a letter will do."""
    layers = [b"base", b"code"]
    assert ImageConfig.parse(SmallImage.of_bytes(layers).config).diff_ids == tuple(map(Digest.of, layers))
    assert SmallImage.of_bytes(layers, b"{}").config == b"{}"
    assert SmallImage.of_bytes(layers, media_type=DOCKER_MANIFEST).manifest.media_type == DOCKER_MANIFEST


def test_a_nominal_image_has_the_empty_config_unless_one_is_given():
    """Where nothing but layers counts, the specification's two bytes will do."""
    layers = [nominal_layer("base", 80_000_000)]
    plain, named = SmallImage.of_nominal(layers), SmallImage.of_nominal(layers, b'{"image":1}', {"from": "a page"})
    assert (plain.manifest.config.media_type, plain.config) == (OCI_EMPTY, b"{}")
    assert (named.manifest.config.media_type, named.config) == (OCI_CONFIG, b'{"image":1}')
    assert named.manifest.layers == plain.manifest.layers and named.manifest.annotations == {"from": "a page"}


def test_a_nominal_image_is_pushed_and_pulled_without_its_bytes(registry):
    """Only asking a layer for its bytes fails."""
    image = SmallImage.of_nominal([nominal_layer("base", 80_000_000)])
    push_small(registry, "app", "v1", image)
    laptop = Client(registries=[registry])
    laptop.pull("registry.example/app:v1")
    assert SmallImage.of_store(laptop.store, "registry.example/app:v1") == image
    with pytest.raises(ContentUnavailable):
        laptop.store.content(image.manifest.layers[0].digest)


def test_what_is_pushed_can_be_pulled_and_what_is_put_can_be_pushed(registry):
    """A registry and a client's store get the very same image."""
    image, laptop = SmallImage.of_files(FILES), Client(registries=[registry])
    push_small(registry, "app", "v1", image)
    assert laptop.pull("registry.example/app:v1").digest == image.manifest.digest
    put_small(laptop.store, "registry.example/copy:v1", image)
    assert laptop.push("registry.example/copy:v1").digest == registry.image("copy:v1").digest == image.manifest.digest


def test_a_push_without_a_tag_is_by_digest(registry):
    """The image is there, and nothing but its digest names it."""
    image = SmallImage.of_bytes([b"base"])
    push_small(registry, "app", None, image)
    assert registry.tags("app") == ()
    assert registry.manifest("app", image.manifest.digest) == image.manifest


def test_an_index_brings_its_images_by_digest(registry):
    """Each platform finds its own; only the index has a tag."""
    images = {name: SmallImage.of_files([("arch", name)]) for name in ("linux/amd64", "linux/arm64")}
    push_small(registry, "app", "v1", SmallIndex.of_platforms(images))
    assert registry.tags("app") == ("v1",)
    for platform, image in images.items():
        phone = Client(registries=[registry], platform=platform)
        assert phone.pull("registry.example/app:v1").digest == image.manifest.digest


class Counting:
    """A registry that counts the requests of each method."""

    def __init__(self, registry: Registry) -> None:
        self.registry, self.host = registry, registry.host
        self.methods: list[str] = []

    def handle(self, request: Request) -> Response:
        """Count a request and pass it on."""
        self.methods.append(request.method)
        return self.registry.handle(request)


def test_an_index_of_indexes_sends_what_is_there_once(registry):
    """Forty steps of two indexes that both list the two below: 2^40 ways down, and yet 83 manifests."""
    counting = Counting(registry)
    pair: list[SmallImage | SmallIndex] = [SmallImage.of_bytes([letter]) for letter in (b"a", b"b")]
    for step in range(40):
        pair = [SmallIndex.of(pair, {"called": f"{step}{side}"}) for side in "lr"]
    push_small(counting, "app", "top", SmallIndex.of(pair))
    assert counting.methods.count("PUT") == 83 and counting.methods.count("POST") == 4


def test_an_image_may_have_a_subject(registry):
    """A signature names the image that it is about."""
    image = SmallImage.of_bytes([b"base"])
    signature = SmallImage.of_bytes([b"signed"], subject=image.manifest.descriptor)
    for small in (image, signature):
        push_small(registry, "app", None, small)
    assert registry.storage.repository("app").referrers == {image.manifest.digest: [signature.manifest.digest]}


def test_a_push_that_is_refused_says_why_and_names_the_request(registry):
    """No exercise goes on with half an image."""
    image = SmallImage.of_bytes([b"base"])
    with pytest.raises(TransferFailed, match=r"POST /v2/UPPER/.* was refused: 400 name invalid"):
        push_small(registry, "UPPER", "v1", image)
    with pytest.raises(TransferFailed, match=r"POST .* was refused: 400 digest invalid"):
        push_blobs(registry, "app", {Digest.of(b"other"): b"base"})
    half = SmallImage(image.manifest, {})
    with pytest.raises(TransferFailed, match=r"PUT /v2/app/manifests/v1 was refused: 404 manifest blob unknown.*push"):
        push_small(registry, "app", "v1", half)
    assert registry.repositories() == ()


def test_a_store_lists_no_image_that_lacks_a_blob():
    """As a client does: half an image is none."""
    store = ImageStore()
    with pytest.raises(ImageUnknown, match="is missing"):
        put_small(store, "app", SmallImage(SmallImage.of_bytes([b"base"]).manifest, {}))
    with pytest.raises(ImageUnknown, match="no image at all"):
        SmallImage.of_store(store, "app")
