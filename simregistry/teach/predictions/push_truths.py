"""What is so in the lesson on pushing, computed from the pushes that the notebook made."""

from __future__ import annotations

import json

from simregistry.client.transfer_report import PushReport
from simregistry.oci.content import bytes_of
from simregistry.oci.messages import Conversation, Response
from simregistry.registry.registry import Registry
from simregistry.study.examples.catalogue import CatalogueImage
from simregistry.teach.predictions.prediction import Truth

# What each method does for one layer, in the words of the question.
STEPS = {
    "HEAD": "ask whether it is there", "POST": "open an upload", "PATCH": "send the bytes", "PUT": "name the digest",
}  # fmt: skip
PARTS = ("base", "requirements", "dependencies", "code", "config", "manifest")


def first_steps(push: PushReport) -> tuple[str, ...]:
    """Read the order of the steps off the messages about the first layer, from its HEAD to its PUT."""
    methods = [exchange.request.method for exchange in push.conversation]
    start = next(at for at, exchange in enumerate(push.conversation) if push.layers[0].digest in exchange.request.line)
    return tuple(STEPS[method] for method in methods[start : start + len(STEPS)])


def second_blobs(push: PushReport) -> frozenset[str]:
    """Name the parts of the web app that were sent."""
    return frozenset(part for part, blob in zip(PARTS, push.blobs, strict=True) if blob.outcome == "sent")


def nothing_changed(push: PushReport, first: PushReport) -> Truth:
    """Count the requests of a push in which nothing was new."""
    return Truth(len(push.conversation), {"first": len(first.conversation)})


def other_repository(push: PushReport) -> Truth:
    """Add up the bytes of layers that travelled."""
    return Truth(sum(layer.moved_bytes for layer in push.layers), {"layers": sum(layer.size for layer in push.layers)})


def manifest_first(answer: Response) -> Truth:
    """Read the registry's answer to a manifest that came too early."""
    refused = answer.status >= 400
    code = json.loads(bytes_of(answer.body))["errors"][0]["code"] if refused else ""
    options = ("success, and it waits for the blobs", "a refusal")
    return Truth(options[refused], {"status": answer.status, "code": code})


def broken_line(registry: Registry) -> str:
    """Say what can be pulled from the repository ``fresh``, whose push broke off."""
    tags = registry.snapshot().tags.get("fresh", {})
    return "nothing" if not tags else "the part of the image that arrived"


def other_front_end(chunk: Response, closed: Response) -> Truth:
    """Read off the answers whether the other front end took the chunk, and how the upload ended."""
    if chunk.status >= 400:
        right = "404, as B knows no such session"
    else:
        right = "202, as B took the chunk" if closed.status == 201 else "202, with the address of a new session"
    return Truth(right, {"status": closed.status})


def rebuild_share(old: CatalogueImage, new: CatalogueImage) -> Truth:
    """Compute the percent of the new image's layer bytes that the old one does not have."""
    fresh = sum(layer.size for layer in new.layers if layer not in old.layers)
    return Truth(round(100 * fresh / new.layer_bytes), {"new": fresh, "whole": new.layer_bytes})


def which_message(conversation: Conversation) -> Truth:
    """Find the row with the most bytes up."""
    sizes = [len(exchange.request.body) for exchange in conversation]
    return Truth(sizes.index(max(sizes)) + 1, {"bytes": max(sizes)})


def after_the_break(registry: Registry) -> int:
    """Add up what waits in open uploads."""
    return sum(registry.snapshot().uploads.values())


def first_box(push: PushReport) -> Truth:
    """Count the messages until the first blob was created; as a fact, those until its bytes had arrived."""
    created = next(number for number, exchange in enumerate(push.conversation, 1) if exchange.status == 201)
    bytes_in = max(number for number, exchange in enumerate(push.conversation[:created], 1) if exchange.up)
    return Truth(created, {"bytes_in": bytes_in})
