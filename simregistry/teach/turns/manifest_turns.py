"""Turns of the lesson on the manifest: two mistakes to mend, in a manifest that a registry and a client really try."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from simregistry.client.client import Client
from simregistry.errors import TransferFailed
from simregistry.oci.content import bytes_of
from simregistry.oci.digest import Digest
from simregistry.oci.json_document import write_document
from simregistry.oci.messages import Request, Response, shorten
from simregistry.registry.registry import Registry
from simregistry.study.examples.small_images import SmallImage, push_blobs
from simregistry.table import Table
from simregistry.teach.reveals import Reveal
from simregistry.teach.turns.turn import Turn
from simregistry.teach.unread import LONGEST_TEXT, Unread

HOST = "registry.example"
# Two digits have changed places in a size that was typed by hand.
WRONG_SIZE = 30_270
WANTED = 'the fields that you change, such as {"config.size": 621}, or the whole manifest as JSON'
Document = dict[str, Any]


@cache
def image() -> SmallImage:
    """Make the image: three layers of plainly different sizes, and a config that lists them."""
    return SmallImage.of_files([("bin/sh", "s" * 30_000), ("bin/tool", "t" * 20_000), ("app.py", "print('v2')\n")])


def broken() -> Document:
    """Write the manifest with its mistakes: a size, and the digest of a layer from an older build."""
    document: Document = json.loads(image().manifest.raw)
    older = SmallImage.of_files([("app.py", "print('v1')\n")]).manifest.layers[0]
    document["layers"][1]["size"] = WRONG_SIZE
    document["layers"][2]["digest"] = str(older.digest)
    return document


def repair() -> Turn:
    """Ask for the two fields that are wrong."""
    config = json.loads(image().config)
    kept = Table(("kept in the repository", "bytes"), tuple((b.digest, b.size) for b in image().manifest.blobs[::-1]))
    given = "\n\n".join([
        f"The manifest:\n{json.dumps(broken(), indent=2)}",
        f"In the config:\n{json.dumps({'rootfs': config['rootfs']}, indent=2)}",
        str(kept),
    ])  # fmt: skip
    third = image().manifest.layers[2].digest
    mended = {"layers[1].size": image().manifest.layers[1].size, "layers[2].digest": str(third)}
    return Turn(
        "manifest.repair",
        "Somebody typed the manifest of app:v1 by hand and made two mistakes. The config and the three layers are in "
        "the repository already, and no layer is compressed. Find the two fields and mend them. Count the layers from "
        f"0, as in layers[0].size. Write a digest in full, with sha256: in front. Hand in {WANTED}.",
        play,
        json.dumps(mended, indent=4),
        "A size has to fit the digest beside it. The third digest named a layer that isn't in the repository. The "
        "config lists the diff IDs from the base up, and without compression these are the layers' digests.",
        (
            "Go through the descriptors one by one. Does the repository have something with this digest and this size?",
            "The config says which layer comes third.",
            "Change the size of layers[1] and the digest of layers[2].",
        ),
        given,
    )


def play(answer: object) -> Reveal:
    """Send the mended manifest to a registry that has the blobs; if it's taken, let a client pull the image."""
    document = _mended(answer)
    if isinstance(document, Unread):
        return document.reveal(answer, WANTED)
    try:
        raw = write_document(document)
    except (ValueError, RecursionError):
        return Unread("It can't be written as JSON.").reveal(answer, WANTED)
    return _sent(raw)


def _sent(raw: bytes) -> Reveal:
    registry = Registry(HOST)
    push_blobs(registry, "app", image().blobs)
    headers = {"Content-Type": image().manifest.media_type}
    response = registry.handle(Request("PUT", "/v2/app/manifests/v1", {}, headers, raw))
    said = f"PUT /v2/app/manifests/v1: {response.status} {_refusal(response)}".rstrip()
    if response.status != 201:
        return Reveal("Not yet: the registry refuses the manifest.", False, 0.0, (said,))
    client = Client(registries=[registry])
    try:
        client.pull(f"{HOST}/app:v1")
        files = sorted(path for path, entry in client.rootfs(f"{HOST}/app:v1").items() if entry.kind == "file")
    except TransferFailed as stopped:
        return Reveal("Not yet: the registry takes it, but a client can't pull it.", False, 0.5,
                      (said, shorten(str(stopped))))  # fmt: skip
    wanted = [layer.digest for layer in image().manifest.layers]
    if [layer.digest for layer in client.manifest(f"{HOST}/app:v1").layers] != wanted:
        return Reveal("Not yet: it can be pulled, but it is a different image.", False, 0.5, (said, f"files: {files}"))
    return Reveal("Right: the registry takes it, and a client pulls the image.", True, 1.0,
                  (said, f"a container sees {', '.join(files)}"))  # fmt: skip


def _refusal(response: Response) -> str:
    """Return the registry's error, with short digests; empty where it took the manifest."""
    if response.status < 400:
        return ""
    error = json.loads(bytes_of(response.body))["errors"][0]
    return shorten(f"{error['code']}, {error['message']}")


def _mended(answer: object) -> Document | Unread:
    """Read the whole manifest, or put the fields given into the broken one."""
    if isinstance(answer, str | bytes):
        if len(answer) > LONGEST_TEXT:
            return Unread("That is too long.")
        try:
            answer = json.loads(answer)
        except (ValueError, RecursionError):
            return Unread("It is not JSON.")
    if not isinstance(answer, Mapping) or not answer:
        return Unread()
    if "layers" in answer or "config" in answer:
        try:
            whole: Document = json.loads(json.dumps(dict(answer)))
        except (TypeError, ValueError, RecursionError):
            return Unread("It is not JSON.")
        return whole
    document = broken()
    for field, value in answer.items():
        if not _put(document, str(field), value):
            return Unread(f"There is no field {str(field)[:40]!r} that takes such a value.")
    return document


def _put(document: Document, field: str, value: object) -> bool:
    """Put a value in the place of one of its kind, at ``layers[1].size`` or ``layers.1.size``; say whether it fits."""
    *steps, last = re.findall(r"[A-Za-z]+|\d+", field) or [""]
    place: Any = document
    for step in steps:
        if isinstance(place, list):
            place = place[int(step)] if step.isdecimal() and int(step) < len(place) else None
        else:
            place = place.get(step) if isinstance(place, dict) else None
    if not isinstance(place, dict) or not isinstance(value, str | int) or isinstance(value, bool):
        return False
    if not isinstance(place.get(last), int if isinstance(value, int) else str):
        return False
    place[last] = str(Digest(value)) if last == "digest" and isinstance(value, str) and ":" in value else value
    return True


TURNS = {"repair": repair}
