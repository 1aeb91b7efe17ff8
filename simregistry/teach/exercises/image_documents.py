"""The documents of an image: what each of them says, and which one leads to which."""

from __future__ import annotations

import random

from simregistry.client.client import Client
from simregistry.client.transfer_report import PullReport
from simregistry.oci.content import bytes_of
from simregistry.oci.digest import Digest
from simregistry.registry.registry import Registry
from simregistry.study.examples.small_images import SmallImage, SmallIndex, push_small
from simregistry.teach.answers import OneOf, Order
from simregistry.teach.exercises.named_layers import BASES, HOST, RUNTIMES, SERVICES
from simregistry.teach.problem import Misconception, Problem, beliefs


def three_layers(dice: random.Random) -> list[tuple[str, str]]:
    """Draw three layers of one file each."""
    service = dice.choice(SERVICES)
    number = dice.randint(1, 99)
    return [
        (f"bin/{dice.choice(BASES)}", "base\n"),
        (f"lib/{dice.choice(RUNTIMES)}", "runtime\n"),
        (f"app/{service}.py", f"code {number}\n"),
    ]


# What people believe who look in a place where the thing is not.
WRONG_PLACES = {
    "the index": (
        "the index is the image's list of contents",
        "An index lists manifests, most often one for each platform.",
    ),
    "the manifest": (
        "the manifest holds all",
        "The manifest only lists the config and the layers, each with its digest, size and type.",
    ),
    "the config": (
        "the config describes everything",
        "The config says how to run the image, and has the diff IDs of its layers.",
    ),
    "a layer": ("everything is in the layers", "A layer has files in it, and nothing about the image."),
    "none of them": (
        "the registry keeps such things for itself",
        "It's written in one of the four. The registry keeps only the names beside them.",
    ),
}


def where_it_stands(dice: random.Random) -> Problem:
    """Ask which document holds a piece of information."""
    asked, right = _something_in_a_document(dice)
    options = tuple(WRONG_PLACES)
    chosen = dice.sample([option for option in options if option != right], 3)
    return Problem(
        text=f"Where is this written: {asked}?",
        answer=OneOf(right, options),
        misconceptions=beliefs(*((WRONG_PLACES[option][0], option, WRONG_PLACES[option][1]) for option in chosen)),
        hints=(
            "An index lists manifests, and a manifest lists the config and the layers.",
            "The config says how to run the image. The layers have its files.",
        ),
        why=(
            f"The simulator searched the bytes of all four, and found it in {right}."
            if right != "none of them"
            else (
                "Only the registry keeps the tag. No document of the image has it, so a tag can be moved without "
                "changing any of them."
            )
        ),
    )


def _something_in_a_document(dice: random.Random) -> tuple[str, str]:
    """Draw a piece of information, and look for it in the documents of an image."""
    files = three_layers(dice)
    port = dice.randint(1000, 9999)
    image = SmallImage.of_files(files, f"PORT={port}")
    manifest = image.manifest
    documents = {
        "the index": SmallIndex.of_platforms({"linux/arm64": image}).manifest.raw,
        "the manifest": manifest.raw,
        "the config": image.config,
        "a layer": bytes_of(image.blobs[manifest.layers[-1].digest]),
    }
    layer = manifest.layers[dice.randrange(3)]
    asked, needle = dice.choice((
        (f"the variable PORT={port}", f"PORT={port}"), ("the size of a layer in bytes", f'"size":{layer.size}'),
        ("the platform of an image, before the image is fetched", '"platform"'), ("a diff ID", '"diff_ids"'),
        (f"the contents of {files[2][0]}", files[2][1]), ("the config's digest", str(manifest.config.digest)),
        ("the digest of a manifest", str(manifest.digest)), ("the name of the image's tag", f'"tag":"{HOST}'),
    ))  # fmt: skip
    holders = [name for name, raw in documents.items() if needle.encode() in raw.replace(b" ", b"")]
    holders += [name for name, raw in documents.items() if needle.encode() in raw and name not in holders]
    right = holders[0] if holders else "none of them"
    return asked, right


def the_way_down(dice: random.Random) -> Problem:
    """Ask in which order a pull gets from the tag to the layers."""
    image = SmallImage.of_files(three_layers(dice))
    platforms = dice.sample(("amd64", "arm64", "s390x"), dice.randint(1, 2))
    many = len(platforms) == 2
    service, report = _pull_by_name(dice, platforms, image, many)
    right = _steps_down(image, report, many)
    return Problem(
        text=(
            f"Somebody pulls {service}:1, an image for {len(platforms)} platform{'s' if many else ''}. "
            "Put the things in the order in which the pull reaches them, beginning with the tag."
        ),
        # What the manifest names may come in any order; nothing else can.
        answer=Order(right, lambda answer: answer[:-2] == right[:-2] and answer[-1] in ("config", "layers")),
        misconceptions=_beliefs_on_the_way_down(right),
        hints=(
            "Each document lists the next ones by their digests.",
            "An index lists manifests. A manifest lists a config and layers.",
        ),
        why=(
            f"{' → '.join(right)}. Nothing can be asked for before its digest is known. "
            "The manifest lists both config and layers, so these two may come in either order."
        ),
    )


def _steps_down(image: SmallImage, report: PullReport, many: bool) -> tuple[str, ...]:
    """List the kinds of documents in the order in which a pull asks for them."""
    names = {image.manifest.config.digest: "config"} | {layer.digest: "layers" for layer in image.manifest.layers}
    asked = [
        exchange.request.path
        for exchange in report.conversation
        if "/manifests/" in exchange.request.path or "/blobs/" in exchange.request.path
    ]
    steps = ["tag"]
    for path in asked:
        last = path.rpartition("/")[2]
        step = names.get(Digest(last), "manifest") if last.startswith("sha256:") else "index" if many else "manifest"
        if step not in steps:
            steps.append(step)
    return tuple(steps)


def _pull_by_name(dice: random.Random, platforms: list[str], image: SmallImage, many: bool) -> tuple[str, PullReport]:
    """Push the image, as an index where it has many platforms, and pull it."""
    registry = Registry(HOST)
    service = dice.choice(SERVICES)
    index = SmallIndex.of_platforms({f"linux/{arch}": image for arch in platforms})
    push_small(registry, service, "1", index if many else image)
    laptop = Client(registries=[registry], platform=f"linux/{platforms[0]}")
    report = laptop.pull(f"{HOST}/{service}:1")
    return service, report


def _beliefs_on_the_way_down(right: tuple[str, ...]) -> tuple[Misconception, ...]:
    middle = [step for step in right if step not in ("tag", "layers")]
    swapped = ("tag", "layers", *middle)
    return beliefs(
        ("the layers come first", swapped, "The client has to read the manifest first, which lists the layers."),
        ("the config leads to the manifest",
         ("tag", "config", *[step for step in right if step not in ("tag", "config")]),
         "The manifest lists the config. The client has to read it before it knows the config's digest."),
    )  # fmt: skip
