"""The lessons on races and on the real thing: each option of a question fits exactly where the package says so."""

from __future__ import annotations

import hashlib

import pytest
from web_shop import shop

from simregistry import Digest, Registry, Request
from simregistry.connect.copy_image import LocalRepository, copy_image
from simregistry.connect.oci_layout import OciLayout
from simregistry.registry.gc.inventory import take_inventory
from simregistry.registry.gc.sweep import sweep
from simregistry.registry.products.distribution_3.collector import DISTRIBUTION_3
from simregistry.study.examples.small_images import SmallImage, push_blobs
from simregistry.study.races.races import race

HOST = "registry.example"


def four_orders():
    """races.q1: each order is carried out, with the collector's mark and list as one step."""
    orders = {
        "upload, mark": "upload plan write sweep",
        "mark and list, upload": "plan upload write sweep",
        "upload, manifest": "upload write plan sweep",
        "mark and list, sweep": "plan sweep upload write",
    }
    return {option: loses(order.split()) for option, order in orders.items()}


def loses(order: list[str]) -> bool:
    """Push and collect in this order, and say whether the image that was pushed cannot be pulled."""
    registry, plans = Registry(HOST), []
    image = SmallImage.of_files([("a", "A")])
    steps = {
        "upload": lambda: push_blobs(registry, "a", image.blobs),
        "write": lambda: registry.handle(Request("PUT", "/v2/a/manifests/v1", {}, {}, image.manifest.raw)),
        "plan": lambda: plans.append(DISTRIBUTION_3.plan(take_inventory(registry.storage))),
        "sweep": lambda: sweep(registry.storage, plans[0]),
    }
    for step in order:
        steps[step]()
    read = [registry.handle(Request("GET", f"/v2/a/blobs/{digest}")).status for digest in image.blobs]
    return read != [200] * len(read)


def a_blob_that_was_there():
    """races.q3: schedules in which every answer was 200, and the blob, which nobody named, was gone."""
    found = race("grace, and a reused blob").run()
    return {"the blob was": found.losing > 0, "the blob will": found.losing == 0, "the blob belongs": found.losing == 0}


def a_long_grace_period():
    """races.q4."""
    fresh, reused = race("grace longer than a push").run(), race("grace, and a reused blob").run()
    return {
        "that of a push which": reused.losing > 0,
        "nobody's": reused.losing == 0,
        "that of a push with": fresh.losing > 0,
    }


def read_only():
    """races.q5."""
    quiet, loud = race("read-only mode").run(), race("stop the world, but nobody stops").run()
    return {
        "no manifest": quiet.losing == 0 < loud.losing,
        "the collection": quiet.losing == loud.losing,
        "clients can": quiet.schedules == loud.schedules,
    }


def ways_of_collecting():
    """marks.q1: what loses nothing, with a reused blob; read-only mode loses nothing and stops the push."""
    grace, listed = race("grace, and a reused blob").run(), race("list first, and a reused blob").run()
    quiet, free = race("read-only mode").run(), race("renewed, and looked at again").run()
    return {
        "an age": free.losing == 0,
        "a grace": grace.losing == 0,
        "read-only": quiet.schedules == free.schedules,
        "listing": listed.losing == 0,
    }


def four_steps_and_two():
    """races.q6: a race of that size, run."""
    schedules = race("retention beside a push").run().schedules
    return {"15": schedules == 15, "8": schedules == 8, "720": schedules == 720}


def a_layer_in_a_file():
    """real.q1: built twice, as on two machines."""
    archives = [laptop.layers(f"{HOST}/web:v1")[-1].to_tar() for _, laptop in (shop("v1"), shop("v1"))]
    digest = shop("v1")[0].image("web:v1").manifest.layers[-1].digest
    printed = [hashlib.sha256(archive).hexdigest() for archive in archives]
    return {
        "the digits": printed == [digest.encoded] * 2,
        "other digits, because": printed[0] != digest.encoded,
        "other digits on": printed[0] != printed[1],
    }


def copied_twice(folder):
    """real.q2."""
    registry, _ = shop("v1")
    other = Registry("other.example")
    copy_image(LocalRepository(registry.storage, "web"), "v1", OciLayout(folder))
    copy_image(OciLayout(folder), "v1", LocalRepository(other.storage, "web"))
    before, after = registry.image("web:v1"), other.image("web:v1")
    return {
        "the digest": before.digest == after.digest,
        "the image ID": before.manifest.config.digest == after.manifest.config.digest,
        "the full name": f"{registry.host}/{before.name}" == f"{other.host}/{after.name}",
    }


def a_push_by_hand():
    """real.q3: by requests that no client wrote, and that name no program."""
    registry = Registry(HOST)
    location = registry.handle(Request("POST", "/v2/hand/blobs/uploads/")).header("Location")
    status = registry.handle(Request.to("PUT", location, body=b"hello", digest=Digest.of(b"hello"))).status
    return {"any that": status == 201, "only Docker": status != 201, "those that": status in (401, 403)}


HOLDS = {
    "races.q1": four_orders,
    "races.q3": a_blob_that_was_there,
    "races.q4": a_long_grace_period,
    "races.q5": read_only,
    "marks.q1": ways_of_collecting,
    "races.q6": four_steps_and_two,
    "real.q1": a_layer_in_a_file,
    "real.q3": a_push_by_hand,
}


@pytest.mark.parametrize("id", HOLDS)
def test_an_option_fits_exactly_where_the_package_says_so(id, fits):
    """The wrong ones too are computed: none of them is right by accident."""
    fits(id, HOLDS[id]())


def test_a_copy_over_a_layout_keeps_every_digest(tmp_path, fits):
    """real.q2 needs a folder."""
    fits("real.q2", copied_twice(tmp_path / "layout"))
