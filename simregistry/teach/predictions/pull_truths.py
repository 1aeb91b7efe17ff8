"""What is so in the lesson on pulling, computed from the pulls that the notebook made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simregistry.client.client import Client
from simregistry.client.transfer_report import PullReport
from simregistry.oci.content import digest_of
from simregistry.oci.entry import Entry
from simregistry.oci.layer import Changeset
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.messages import Conversation
from simregistry.study.sharing.sharing import Sharing
from simregistry.teach.predictions.prediction import Truth

# The file that is in both layers of the small image.
BOTH_HAVE = "app/colour"


def first_requests(pull: PullReport) -> Truth:
    """Count the requests, and what beliefs lead to: one file, or the layers alone."""
    return Truth(len(pull.conversation), {"one": 1, "layers": len(pull.layers)})


def list_of_blobs(conversation: Conversation) -> int:
    """Find the row of the request for the manifest."""
    return next(row for row, exchange in enumerate(conversation, 1) if "/manifests/" in exchange.request.path)


def second_requests(pull: PullReport) -> Truth:
    """Count the requests; as facts, one for each part of the image, and those without the config."""
    sent = len(pull.conversation)
    config = sum(blob.role == "config" and blob.outcome == "fetched" for blob in pull.blobs)
    # Beside the parts, the manifest among them, there is the question whether this is a registry.
    return Truth(sent, {"all": len(pull.blobs) + 1, "no_config": sent - config})


def who(pull: PullReport, pushed: ImageManifest) -> frozenset[str]:
    """Read off the messages and the blobs what the registry did."""
    answered = [exchange.request for exchange in pull.conversation if exchange.status == 200]
    here = [str(blob.digest) for blob in pull.blobs if blob.outcome == "already here"]
    fetched = {blob.digest for blob in pull.layers if blob.outcome == "fetched"}
    did = {
        "finding the manifest that the tag names": any("/manifests/" in request.path for request in answered),
        # It can compare only if somebody tells it what is on the server's disk.
        "comparing the manifest with the server's disk": any(
            request.body or any(digest in request.line for digest in here) for request in answered
        ),
        "sending the blobs that it was asked for": any("/blobs/" in request.path for request in answered),
        # A merged layer would be one that nobody pushed.
        "merging the layers into one": bool(fetched - {layer.digest for layer in pushed.layers}),
    }
    return frozenset(task for task, was_done in did.items() if was_done)


def other_image(pull: PullReport) -> Truth:
    """Count the layers that were fetched, and all of them."""
    return Truth(sum(layer.outcome == "fetched" for layer in pull.layers), {"all": len(pull.layers)})


def order(tree: Mapping[str, Entry], layers: Sequence[Changeset]) -> str:
    """Find the layer whose text is in the file that both layers have."""
    lower, upper = (next(entry for entry in layer if entry.path == BOTH_HAVE) for layer in layers)
    content = tree[BOTH_HAVE].content
    if content in (lower.content, upper.content):
        return "the text of the upper layer" if content == upper.content else "the text of the lower layer"
    return "both texts, one below the other"


def next_python(pull: PullReport) -> Truth:
    """Compute the percent of the image's bytes that were fetched, and the percent of its layers."""
    layers = sum(layer.outcome == "fetched" for layer in pull.layers)
    by_count = round(100 * layers / len(pull.layers))
    facts = {"all": 100, "by_count": by_count, "layers": layers, "of": len(pull.layers)}
    return Truth(round(100 * pull.bytes_of("fetched") / pull.image_bytes), facts)


def no_help(sharing: Sharing, names: Sequence[str]) -> frozenset[str]:
    """Name the images that share no byte with python:3.13."""
    return frozenset(name for name in names if not sharing.pair("python:3.13", name).shared_bytes)


def shared_layers(sharing: Sharing) -> int:
    """Count the layers that rust:1 has in common with python:3.13."""
    return len(sharing.pair("python:3.13", "rust:1").shared)


def old_server(pull: PullReport, machine: Client) -> str:
    """Say how a pull went that was not refused: whether each layer on the machine still fits its digest."""
    held = [(layer.digest, machine.store.blobs[layer.digest]) for layer in pull.layers]
    damaged = any(digest_of(content, digest.algorithm) != digest for digest, content in held)
    return "a damaged image" if damaged else "the same good image"
