"""What is so in the lesson on the real thing, computed from folders, archives and the requests of a real client."""

from __future__ import annotations

from collections.abc import Sequence

from simregistry.oci.manifest import ImageManifest, Manifest
from simregistry.oci.messages import Conversation
from simregistry.registry.registry import Registry
from simregistry.table import Table
from simregistry.teach.predictions.prediction import Truth


def file_names(files: Sequence[str], registry: Registry) -> Truth:
    """Compare the names of the folder's files with the digests of the registry's blobs."""
    digests = {digest.encoded for digest in registry.storage.blobs}
    common = digests & set(files)
    if not common:
        return Truth("by names drawn at random", {"count": 0})
    right = (
        "by the digests that this course computed" if common == set(files) else "by digests that only the folder knows"
    )
    return Truth(right, {"count": len(common)})


def pushed_bytes(conversation: Conversation, image: ImageManifest) -> Truth:
    """Add up the bytes that the client sent."""
    layers = sum(layer.size for layer in image.layers)
    return Truth(conversation.up, {"layers": layers, "nothing": 0})


def questions_a_layer(conversation: Conversation, image: ImageManifest) -> int:
    """Count the HEAD requests about one layer; the most that any layer got."""
    return max(
        sum(
            exchange.request.method == "HEAD" and exchange.request.path.endswith(str(layer.digest))
            for exchange in conversation
        )
        for layer in image.layers
    )


def config_row(messages: Table) -> int:
    """Find the first row with exactly one HEAD."""
    return next(number for number, row in enumerate(messages.rows, 1) if str(row[1]).count("HEAD") == 1)


def dialect(real_client: Table, modelled: Table) -> Truth:
    """Compare two clients, row by row."""
    different = _rows_that_differ(real_client, modelled)
    facts = {"rows": len(real_client.rows), "different": different}
    if not different:
        return Truth("the same as skopeo", facts)
    fewer = len(str(modelled)) < len(str(real_client))
    return Truth("less than skopeo" if fewer else "the same, in another order", facts)


def _rows_that_differ(real_client: Table, modelled: Table) -> int:
    """Count the rows of one table that the other one lacks."""
    return len(set(real_client.rows) ^ set(modelled.rows))


def layer_questions(messages: Table) -> int:
    """Count the HEAD requests about the base layer in a table of messages by blob."""
    return next(str(row[1]).count("HEAD") for row in messages.rows if str(row[0]).startswith("1 "))


def by_hand(status: int) -> Truth:
    """Read the option off the status."""
    options = {
        200: "200: here is what you asked for", 201: "201: it is there now",
        202: "202: go on, the upload is open", 403: "403: only known clients may push",
    }  # fmt: skip
    return Truth(options[status], {"status": status})


def archive_digest(opened: Manifest, image: ImageManifest) -> Truth:
    """Compare the manifest in the archive with the one that was built."""
    same = opened.digest == image.digest
    return Truth("the one that it was built with" if same else "a new one for each copy", {"short": image.digest.short})


def image_id_row(files: Sequence[tuple[str, int]], image: ImageManifest) -> int:
    """Find the file whose name begins as the config's digest does."""
    return next(number for number, (name, _) in enumerate(files, 1) if image.config.digest.encoded.startswith(name))


def flipped_bit(registry: Registry, error: str) -> Truth:
    """Look into the registry that the damaged image was copied to; ``error`` is what stopped the copy, if anything."""
    images = len(registry.images())
    damaged = "an image without its first layer" if error else "an image with one damaged layer"
    return Truth(damaged if images else "nothing", {"images": images})
