"""The lesson “Push”: each option of a question fits exactly where the package says so."""

from __future__ import annotations

import pytest
from web_shop import among, shop

from simregistry import Client, Digest, Registry, Request
from simregistry.client.transport import BrokenLine, InProcess
from simregistry.errors import TransferFailed
from simregistry.study.examples import webapp


def after_a_head_that_found_it():
    """push.q1."""
    _, laptop = shop("v1")
    webapp.build(laptop, "v2")
    push = laptop.push("registry.example/web:v2")
    base = push.layers[0].digest
    about = [each for each in push.conversation if str(base) in each.request.line]
    then = push.conversation[list(push.conversation).index(about[0]) + 1]
    return {
        "nothing about this one": [(each.request.method, each.status) for each in about] == [("HEAD", 200)]
        and then.request.method == "HEAD",
        "it sends": then.request.method in ("POST", "PATCH"),
        "it fetches": then.request.method == "GET",
    }


def where_the_digest_is_told():
    """push.q2."""
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    webapp.build(laptop, "v1")
    said = laptop.push("registry.example/web:v1").conversation
    telling = {each.request.method for each in said if "digest" in each.request.query}
    return {f"in the `{method}`": method in telling for method in ("PUT", "POST", "PATCH")}


def a_change_below_three_copies():
    """push.q3."""
    laptop = Client(registries=[Registry("registry.example")])
    recipe = "FROM scratch\n" + "".join(f"COPY {name} /{name}\n" for name in "abcd")
    for version in ("old", "new"):
        laptop.build("registry.example/a:v1", recipe, {"a": version} | {name: name for name in "bcd"})
        push = laptop.push("registry.example/a:v1")
    sent = [layer.outcome == "sent" for layer in push.layers]
    return {"the first": sent == [True, False, False, False], "all four": all(sent), "none": not any(sent)}


def the_same_push_again():
    """push.q4."""
    _, laptop = shop("v1")
    again = laptop.push("registry.example/web:v1", dialect="crane").conversation
    return among(sum(each.up for each in again), 0, 853, 401_337, unit=" bytes")


def a_mount_that_is_refused():
    """push.q5."""
    registry, _ = shop("v1")
    query = {"mount": str(Digest.of(b"not here")), "from": "web"}
    answer = registry.handle(Request("POST", "/v2/team/web/blobs/uploads/", query))
    return {
        "it sends": answer.status == 202 and bool(answer.header("Location")),
        "it ends": answer.status >= 400,
        "it goes on": answer.status == 201,
    }


def bytes_of_a_mounted_image():
    """push.q6."""
    registry, laptop = shop("v1")
    before = sum(size for size in registry.snapshot().shelf.values())
    laptop.tag("registry.example/web:v1", "registry.example/team/web:v1")
    push = laptop.push("registry.example/team/web:v1", dialect="skopeo")
    assert all(layer.outcome.startswith("mounted") for layer in push.layers)
    more = sum(size for size in registry.snapshot().shelf.values()) - before
    return among(more, 0, 399_360, 10_240, unit=" bytes")


def the_last_message():
    """push.q7; of size nothing is said by the last option but that it decides."""
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    image = webapp.build(laptop, "v1").manifest
    early = registry.handle(Request("PUT", "/v2/web/manifests/v1", {}, {}, image.raw)).status
    said = [each.request for each in laptop.push("registry.example/web:v1").conversation]
    last = said[-1].path.endswith("/manifests/v1") and said[-1].method == "PUT"
    sizes = [blob.descriptor.size for blob in laptop.push("registry.example/web:v1").blobs]
    return {
        "so that": last and early == 404,
        "it does not": not last or early < 400,
        "it is the smallest": sizes == sorted(sizes, reverse=True),
    }


def a_line_that_breaks():
    """push.q8: after the base is closed and the next upload is begun."""
    registry = Registry("registry.example")
    wire = BrokenLine(InProcess(registry), after=8)
    laptop = Client(transports={"registry.example": wire})
    webapp.build(laptop, "v1")
    with pytest.raises(TransferFailed):
        laptop.push("registry.example/web:v1")
    left = registry.snapshot()
    shelf = tuple(left.shelf) == (laptop.manifest("registry.example/web:v1").layers[0].digest,)
    tagged = any(left.tags.values())
    return {
        "the base layer": shelf and not tagged and len(left.uploads) == 1,
        "an image": tagged,
        "nothing": not left.shelf,
    }


def manifests_after_a_second_push():
    """push.q9."""
    registry, laptop = shop("v1")
    webapp.build(laptop, "v2")
    laptop.tag("registry.example/web:v2", "registry.example/web:v1")
    laptop.push("registry.example/web:v1")
    held = len(registry.snapshot().manifests["web"])
    return {"2": held == 2, "1, as the old": held == 1, "1, as the two": held == 1}


HOLDS = {
    "push.q1": after_a_head_that_found_it,
    "push.q2": where_the_digest_is_told,
    "push.q3": a_change_below_three_copies,
    "push.q4": the_same_push_again,
    "push.q5": a_mount_that_is_refused,
    "push.q6": bytes_of_a_mounted_image,
    "push.q7": the_last_message,
    "push.q8": a_line_that_breaks,
    "push.q9": manifests_after_a_second_push,
}


@pytest.mark.parametrize("id", HOLDS)
def test_an_option_fits_exactly_where_the_package_says_so(id, fits):
    """The wrong ones too are computed: none of them is right by accident."""
    fits(id, HOLDS[id]())
