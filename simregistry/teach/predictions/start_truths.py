"""What is so in the first lesson, computed from the machines, reports and answers of the notebook."""

from __future__ import annotations

import json

from simregistry.client.client import Client
from simregistry.client.transfer_report import PullReport, PushReport
from simregistry.oci.content import bytes_of
from simregistry.oci.messages import Response
from simregistry.registry.registry import Registry
from simregistry.teach.predictions.prediction import Truth

PUSHED = "registry.example/web:v1"
# What counts as "as much as before" and as "less than a tenth", as shares of the whole image.
AS_MUCH, A_TENTH = 0.9, 0.1


def who_has_it(laptop: Client, registry: Registry, server: Client) -> frozenset[str]:
    """Name those of the three that have the image of version 1."""
    have = {
        "the laptop": PUSHED in laptop.store.images,
        "the registry": "web:v1" in [image.name for image in registry.images()],
        "the server": PUSHED in server.store.images,
    }
    return frozenset(place for place, has_it in have.items() if has_it)


def second_bytes(push: PushReport) -> Truth:
    """Compare what was sent with the whole image."""
    share = push.sent_bytes / push.image_bytes
    right = "as much as before" if share > AS_MUCH else "less than a tenth" if share < A_TENTH else "about half of it"
    return Truth(right, {"sent": push.sent_bytes, "whole": push.image_bytes})


def new_layer(push: PushReport) -> Truth:
    """Find the row of the layer that was sent."""
    row, layer = next((row, blob) for row, blob in enumerate(push.blobs, 1)
                      if blob.role == "layer" and blob.outcome == "sent")  # fmt: skip
    return Truth(row, {"size": layer.size})


def different_layers(laptop: Client) -> int:
    """Count the layers of all versions of the web app on the laptop, each layer once."""
    versions = [laptop.manifest(name) for name in laptop.store.images if "/web:" in name]
    return len({layer.digest for version in versions for layer in version.layers})


def how_known(push: PushReport) -> Truth:
    """Read off the messages whether the client asked about each layer and the config before it sent anything."""
    asked = [exchange.request.path for exchange in push.conversation
             if exchange.request.method == "HEAD" and "/blobs/" in exchange.request.path]  # fmt: skip
    lists = [exchange for exchange in push.conversation if exchange.request.path.endswith("/list")]
    parts = [str(blob.digest) for blob in push.blobs if blob.role != "manifest"]
    if all(any(path.endswith(digest) for path in asked) for digest in parts):
        right = "the registry's answers about each part"
    else:
        right = "a list of parts from the registry" if lists else "its own memory of the first push"
    return Truth(right, {"asked": len(asked)})


def server_bytes(pull: PullReport, push: PushReport) -> Truth:
    """Count the bytes that came down, and those that the laptop had sent for the same version."""
    return Truth(pull.fetched_bytes, {"sent": push.sent_bytes})


def missing_version(answer: Response) -> Truth:
    """Read the registry's answer about a version that nobody pushed."""
    refused = answer.status >= 400
    message = json.loads(bytes_of(answer.body))["errors"][0]["message"] if refused else ""
    return Truth("a refusal" if refused else "the newest version", {"status": answer.status, "message": message})
