"""The lessons “The manifest” and “Stored once”: each option of a question fits exactly where the package says so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from web_shop import among, shop

from simregistry import Changeset, Client, Descriptor, Digest, ImageManifest, Registry, Request
from simregistry.errors import TransferFailed
from simregistry.oci.media_types import OCI_LAYER, OCI_LAYER_GZIP
from simregistry.oci.rootfs import stack
from simregistry.registry.gc.inventory import take_inventory
from simregistry.registry.gc.sweep import sweep
from simregistry.registry.products.distribution_3.collector import DISTRIBUTION_3
from simregistry.study.examples import catalogue, webapp
from simregistry.study.examples.small_images import SmallImage, SmallIndex, push_small
from simregistry.study.sharing.sharing import Sharing


def where_a_variable_is():
    """manifest.q1."""
    _, laptop = shop("v1")
    image = laptop.manifest("registry.example/web:v1")
    config, top = (laptop.store.content(digest) for digest in (image.config.digest, image.layers[-1].digest))
    return {f"in the {which}": b"PORT=8080" in content for which, content in
            (("config", config), ("manifest", image.raw), ("top layer", top))}  # fmt: skip


def a_large_image():
    """manifest.q2."""
    _, laptop = shop("v1")
    layers = [replace(Descriptor.of(bytes([n]), OCI_LAYER), size=100_000_000) for n in range(4)]
    size = ImageManifest.of(laptop.manifest("registry.example/web:v1").config, layers).size
    return {"under 1,000": size < 1000, "about 100,000,000": 9e7 < size < 2e8, "over 400,000,000": size > 4e8}


def the_way_to_the_layers():
    """manifest.q3."""
    registry, laptop = shop("v1")
    image = registry.image("web:v1")
    config = laptop.store.content(image.manifest.config.digest)

    def found(path: str) -> bool:
        return registry.handle(Request("GET", f"/v2/web/{path}")).status == 200

    return {
        "tag, manifest": found("manifests/v1")
        and all(found(f"blobs/{layer.digest}") for layer in image.manifest.layers),
        "tag, config": str(image.digest).encode() in config,
        "tag, image ID": found(f"manifests/{image.manifest.config.digest}"),
        "tag, layers": found("blobs/v1"),
    }


def a_change_at_the_bottom():
    """manifest.q4."""
    images = []
    for content in ("one", "two"):
        laptop = Client()
        laptop.build("a", "FROM scratch\nCOPY base /\nCOPY app /app\n", {"base": content, "app": "the same"})
        images.append(laptop.manifest("a"))
    before, after = images
    return {
        "the base layer": before.layers[0].digest != after.layers[0].digest,
        "the config": before.config.digest != after.config.digest,
        "the manifest": before.digest != after.digest,
        "the layer above": before.layers[1].digest != after.layers[1].digest,
    }


def two_orders():
    """manifest.q5."""
    layers = [Changeset.of({"app/mode": text}) for text in ("old", "new")]
    tars = [layer.to_tar() for layer in layers]
    digests = {SmallImage.of_bytes(order, b"{}").manifest.digest for order in (tars, tars[::-1])}
    seen = {stack(order)["app/mode"].content for order in (layers, layers[::-1])}
    return {
        "two digests, and a different": (len(digests), len(seen)) == (2, 2),
        "one digest": len(digests) == 1,
        "two digests, and the same": (len(digests), len(seen)) == (2, 1),
    }


def a_pull_of_several_platforms():
    """manifest.q6."""
    registry, laptop = shop("v1", "v2")
    amd64, arm64 = (SmallImage.of_store(laptop.store, f"registry.example/web:{version}") for version in ("v1", "v2"))
    push_small(registry, "web", "multi", SmallIndex.of_platforms({"linux/amd64": amd64, "linux/arm64": arm64}))
    phone = Client(registries=[registry], platform="linux/arm64")
    asked = [e for e in phone.pull("registry.example/web:multi").conversation if "/manifests/" in e.request.path]
    return among(len(asked), 2, 1, 3)


def one_image_id_twice():
    """manifest.q7: one image as it was built, and again with its layers compressed."""
    registry, laptop = shop("v1")
    plain, archives = laptop.manifest("registry.example/web:v1"), laptop.layers("registry.example/web:v1")
    blobs = [layer.to_gzip() for layer in archives]
    packed = ImageManifest.of(plain.config, [Descriptor.of(blob, OCI_LAYER_GZIP) for blob in blobs])
    # The config is there already.
    push_small(registry, "web", "packed", SmallImage(packed, {Digest.of(blob): blob for blob in blobs}))
    machine, other = (Client(registries=[registry]) for _ in range(2))
    names = "registry.example/web:v1", "registry.example/web:packed"
    pulled = machine.pull(names[0]).digest, other.pull(names[1]).digest
    assert machine.manifest(names[0]).config.digest == other.manifest(names[1]).config.digest
    return {
        "the files": machine.rootfs(names[0]) == other.rootfs(names[1]),
        "the command": machine.config(names[0]).runtime == other.config(names[1]).runtime,
        "the manifest's digest": pulled[0] == pulled[1],
        "the tag": set(machine.store.images) == set(other.store.images),
    }


def a_layer_that_was_swapped():
    """manifest.q8."""
    registry, _ = shop("v1")
    registry.storage.blobs.tamper(registry.image("web:v1").manifest.layers[-1].digest, b"another")
    client = Client(registries=[registry])
    with pytest.raises(TransferFailed) as stopped:
        client.pull("registry.example/web:v1")
    came = stopped.value.conversation[-1].response.body == b"another"
    return {
        "when the layer has arrived": came and not client.store.blobs,
        "not at all": bool(client.store.blobs),
        "when the program": bool(client.store.images),
    }


def bytes_of_twenty_services():
    """stored-once.q1."""
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    webapp.build_base(laptop)
    for number in range(20):
        name = f"registry.example/service-{number}:v1"
        laptop.build(name, "FROM registry.example/base:1\nCOPY app /\n", {"app": f"{number}"})
        laptop.push(name)
    return among(registry.storage_report().layers.stored_bytes, 512_000, 6_348_800, 317_440, unit=" bytes")


def six_names():
    """stored-once.q2."""
    registry, laptop = shop("v1")
    one = registry.storage_report().layers.stored_bytes
    for name in ("web:v2", "a:v1", "a:v2", "b:v1", "b:v2"):
        laptop.tag("registry.example/web:v1", f"registry.example/{name}")
        laptop.push(f"registry.example/{name}")
    assert len(registry.images()) == 6
    return among(registry.storage_report().layers.stored_bytes // one, 1, 3, 6)


def hub() -> Sharing:
    """The real images."""
    return Sharing.of(catalogue.load(Registry("docker.io")))


def two_nodes():
    """stored-once.q4."""
    shared = hub().pair("node:22", "node:24").shared_bytes
    size = catalogue.find("node:22").layer_bytes
    return {"none": shared == 0, "all but": size / 2 < shared < size, "all:": shared == size}


def two_pythons():
    """stored-once.q5."""
    found, names = hub(), ("python:3.12", "python:3.13")
    with_rust = {found.pair(name, "rust:1").shared_bytes for name in names}
    shared = found.pair(*names).shared_bytes
    tops = [{layer.digest for layer in catalogue.find(name).layers[4:]} for name in names]
    return {
        "they are built on": shared == 379_116_043 and with_rust == {shared},
        "they have one repository": with_rust != {shared},
        "they are versions": bool(tops[0] & tops[1]),
    }


def three_circles():
    """stored-once.q6: bytes times the images that need not keep them."""
    images = catalogue.images()
    held = [layer for image in images for layer in {layer.digest: layer for layer in image.layers}.values()]
    saved = {}
    for megabytes, number in ((49, 8), (121, 3), (540, 1)):
        sizes = {layer.digest: layer.size for layer in held if round(layer.size / 1e6) == megabytes}
        count = {digest: sum(layer.digest == digest for layer in held) for digest in sizes}
        (digest,) = [digest for digest in sizes if count[digest] == number] or [None]
        saved[f"the one of {megabytes} MB"] = sizes[digest] * (number - 1) if digest else -1
    return {option: bytes == max(saved.values()) for option, bytes in saved.items()}


def one_file_in_two_images():
    """stored-once.q7."""
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    files = {"big": bytes(100_000), "small": "s"}
    for name, step in (("alone", "COPY big /"), ("both", "COPY big small /")):
        laptop.build(f"registry.example/{name}:v1", f"FROM scratch\n{step}\n", files)
        laptop.push(f"registry.example/{name}:v1")
    stored = registry.storage_report().layers.stored_bytes
    sweep(registry.storage, DISTRIBUTION_3.plan(take_inventory(registry.storage), delete_untagged=True))
    cleaned = registry.storage_report().layers.stored_bytes
    return {"once": stored < 200_000, "twice, once": cleaned > 200_000, "twice, until": cleaned < stored}


HOLDS = {
    "manifest.q1": where_a_variable_is,
    "manifest.q2": a_large_image,
    "manifest.q3": the_way_to_the_layers,
    "manifest.q4": a_change_at_the_bottom,
    "manifest.q5": two_orders,
    "manifest.q6": a_pull_of_several_platforms,
    "manifest.q7": one_image_id_twice,
    "manifest.q8": a_layer_that_was_swapped,
    "stored-once.q1": bytes_of_twenty_services,
    "stored-once.q2": six_names,
    "stored-once.q4": two_nodes,
    "stored-once.q5": two_pythons,
    "stored-once.q6": three_circles,
    "stored-once.q7": one_file_in_two_images,
}


@pytest.mark.parametrize("id", HOLDS)
def test_an_option_fits_exactly_where_the_package_says_so(id, fits):
    """The wrong ones too are computed: none of them is right by accident."""
    fits(id, HOLDS[id]())
