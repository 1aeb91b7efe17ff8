"""What is so in the lesson on the manifest, computed from manifests, pulls and answers that the notebook made."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from simregistry.client.client import Client
from simregistry.client.transfer_report import PullReport
from simregistry.oci.content import bytes_of
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.messages import Response
from simregistry.study.examples import webapp
from simregistry.teach.predictions.prediction import Truth

Pair = tuple[ImageManifest, ImageManifest]


def what_is_in_it(answer: Response, manifest: ImageManifest) -> Truth:
    """Look for each thing in the bytes that the registry sent; as facts, the sizes of the page and of the image."""
    page, layers = bytes_of(answer.body).decode(), sum(layer.size for layer in manifest.layers)
    sizes = [layer["size"] for layer in json.loads(page)["layers"]]
    there = {
        "the files of the layers": len(page) > layers,
        "each layer's digest": all(str(layer.digest) in page for layer in manifest.layers),
        "each layer's size": sizes == [layer.size for layer in manifest.layers],
        "the command that starts the program": '"Cmd"' in page,
        "the tag v1": '"v1"' in page,
    }
    facts = {"size": len(answer.body), "layers": layers, "whole": layers + manifest.config.size}
    return Truth(frozenset(what for what, found in there.items() if found), facts)


def third_layer(answer: Response) -> int:
    """Read the size of the third layer in the JSON that was sent."""
    layer_size: int = json.loads(bytes_of(answer.body))["layers"][2]["size"]
    return layer_size


def time_stamp(before: ImageManifest, after: ImageManifest) -> frozenset[str]:
    """Compare two images name by name."""
    differs = {
        "the base layer's digest": before.layers[0] != after.layers[0],
        "the top layer's digest": before.layers[-1] != after.layers[-1],
        "the image ID": before.config.digest != after.config.digest,
        "the manifest's digest": before.digest != after.digest,
    }
    return frozenset(what for what, different in differs.items() if different)


def change_places(one: ImageManifest, two: ImageManifest, doors: Sequence[str]) -> Truth:
    """Compare the manifests, and the file that a container sees."""
    options = (
        "nothing, as they have the same layers",
        "the manifest, and nothing in a container",
        "the manifest, and the door in a container",
    )
    first, second = (door.strip() for door in doors)
    return Truth(options[(one.digest != two.digest) + (first != second)], {"first": first, "second": second})


def base_rebuilt(release: str) -> str:
    """Say which base the release file is from."""
    old = webapp.base_context()["rootfs/etc/release"]
    return "the app on the old base" if release == old else "the app on the new base"


def which_row(happened: Mapping[str, Pair]) -> int:
    """Find the row in which the layers are the same, in the same order, and the manifests differ."""
    pairs = list(happened.values())
    return next(row for row, (a, b) in enumerate(pairs, 1) if a.layers == b.layers and a.digest != b.digest)


def pull_by(answers: Mapping[str, Response]) -> Truth:
    """Find the thing under whose digest the registry has a manifest."""
    options = {
        "image ID": "the image ID",
        "manifest": "the manifest's digest",
        "top layer": "the top layer's digest",
    }
    found = next(what for what, answer in answers.items() if answer.status == 200)
    facts = {what.split()[-1]: answer.status for what, answer in answers.items()}
    return Truth(options[found], {"image": facts["ID"], "manifest": facts["manifest"], "layer": facts["layer"]})


def platforms(pull: PullReport) -> Truth:
    """Count the manifests and indexes that a client of one platform fetched."""
    fetched = [exchange for exchange in pull.conversation if "/manifests/" in exchange.request.path]
    options = (
        "the registry, which knows the machine",
        "the client, which reads the list",
        "nobody, as it gets both images",
    )
    return Truth(options[min(len(fetched), 3) - 1], {"manifests": len(fetched)})


def swapped(client: Client, manifest: ImageManifest) -> Truth:
    """Count the layers that the client has after the pull was stopped."""
    layers = manifest.layers
    kept = sum(layer.digest in client.store.blobs for layer in layers)
    return Truth(kept, {"all": len(layers), "good": len(layers) - 1})
