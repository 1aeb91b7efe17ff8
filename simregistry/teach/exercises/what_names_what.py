"""The manifest: which document lists what, what a change changes, and who notices a swap."""

from __future__ import annotations

import random

from simregistry.client.client import Client
from simregistry.errors import SimRegistryError
from simregistry.oci.content import bytes_of
from simregistry.oci.digest import Digest
from simregistry.oci.layer import Changeset
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.rootfs import stack
from simregistry.registry.registry import Registry
from simregistry.study.examples.small_images import SmallImage, SmallIndex, push_small
from simregistry.table import Table
from simregistry.teach.answers import OneOf, SomeOf
from simregistry.teach.exercises.image_documents import the_way_down, three_layers, where_it_stands
from simregistry.teach.exercises.named_layers import HOST, SERVICES
from simregistry.teach.problem import Exercise, Misconception, Problem, beliefs


def which_platform(dice: random.Random) -> Problem:
    """Ask which layers a machine of one platform fetches."""
    service, base = dice.choice(SERVICES), ("etc/common", "the same everywhere\n")
    architectures = dice.sample(("amd64", "arm64", "s390x", "ppc64le"), 3)
    built = _image_by_platform(architectures, base, dice)
    registry = Registry(HOST)
    push_small(registry, service, "1", SmallIndex.of_platforms(built))
    mine = dice.choice(architectures)
    report = Client(registries=[registry], platform=f"linux/{mine}").pull(f"{HOST}/{service}:1")
    titles = _titles_by_digest(architectures, built)
    options = tuple(dict.fromkeys(titles.values()))
    fetched = frozenset(titles[blob.digest] for blob in report.layers if blob.outcome == "fetched")
    rows = tuple((f"linux/{arch}", f"common + {arch} runtime + {arch} code") for arch in architectures)
    return Problem(
        text=(
            f"{service}:1 is an index that lists three manifests. A machine with linux/{mine} pulls it, and it has no "
            "layers yet. Which layers does it fetch?"
        ),
        answer=SomeOf(fetched, options),
        misconceptions=_beliefs_on_which_platform(architectures, options, mine, fetched),
        hints=("The index says which manifest is for which platform.", "Take the row of the machine's platform."),
        why=f"One of the three manifests is for linux/{mine}. The machine never asks for the other two.",
        given=Table(("platform", "layers, from the base up"), rows),
    )


def _titles_by_digest(architectures: list[str], built: dict[str, SmallImage]) -> dict[Digest, str]:
    """Name the layers of all platforms."""
    return {
        layer.digest: title
        for arch, image in zip(architectures, built.values(), strict=True)
        for layer, title in zip(image.manifest.layers, ("common", f"{arch} runtime", f"{arch} code"), strict=True)
    }


def _image_by_platform(architectures: list[str], base: tuple[str, str], dice: random.Random) -> dict[str, SmallImage]:
    """Build an image for each platform."""
    return {
        f"linux/{arch}": SmallImage.of_files(
            [base, (f"bin/{arch}", f"{arch} {dice.randint(1, 99)}\n"), (f"app/{arch}", "code\n")]
        )
        for arch in architectures
    }


def _beliefs_on_which_platform(
    architectures: list[str], options: tuple[str, ...], mine: str, fetched: frozenset[str]
) -> tuple[Misconception, ...]:
    first = architectures[0]
    return beliefs(
        ("a multi-platform image is one image", frozenset(options),
         "An index lists several images. A machine takes only the one for its own platform."),
        ("the common layer comes from elsewhere", frozenset(option for option in options if option.startswith(mine)),
         "The common layer is part of this image too, and the machine doesn't have it yet."),
        ("the first manifest of the list is taken", frozenset({"common", f"{first} runtime", f"{first} code"}),
         "The machine reads the platforms in the index and takes the manifest that fits."),
        unless=fetched,
    )  # fmt: skip


def what_changes(dice: random.Random) -> Problem:
    """Ask which digests change when something in the image changes."""
    files = three_layers(dice)
    before = SmallImage.of_files(files).manifest
    name = dice.choice(("a variable in the config", "one byte of the top layer", "the order of two layers", "the tag"))
    after = _changed(files, before, name)
    things = {
        "the manifest's digest": before.digest != after.digest,
        "the image ID": before.config.digest != after.config.digest,
        "the top layer's digest": before.layers[-1].digest != after.layers[-1].digest,
        "the set of layer digests": {x.digest for x in before.layers} != {x.digest for x in after.layers},
        "the base layer's digest": before.layers[0].digest != after.layers[0].digest,
    }  # fmt: skip
    right = frozenset(thing for thing, differs in things.items() if differs)
    return Problem(
        text=f"In an image of three layers, {name} changes. Which of these change with it?",
        answer=SomeOf(right, tuple(things)),
        misconceptions=_beliefs_on_what_changes(things, right),
        hints=(
            "Whose bytes change first?",
            "Then look for each document that lists this digest. Its bytes change too.",
            "The tag isn't written in any document of the image.",
        ),
        why="A change reaches each document that lists the changed part, up to the manifest. It reaches nothing else.",
    )


def _changed(files: list[tuple[str, str]], before: ImageManifest, name: str) -> ImageManifest:
    """Change the image."""
    return {
        "a variable in the config": lambda: SmallImage.of_files(files, "PORT=81").manifest,
        "one byte of the top layer": lambda: (
            SmallImage.of_files([*files[:2], (files[2][0], files[2][1].upper())]).manifest
        ),
        "the order of two layers": lambda: SmallImage.of_files([files[0], files[2], files[1]]).manifest,
        "the tag": lambda: before,
    }[name]()


def _beliefs_on_what_changes(things: dict[str, bool], right: frozenset[str]) -> tuple[Misconception, ...]:
    return beliefs(
        ("every change changes every digest", frozenset(things),
         "Only changed bytes get a new digest, and the documents that list them. Layers don't list each other."),
        ("a digest is a name that somebody gives", frozenset(),
         "A digest is computed from bytes. Other bytes have another digest, and so has each document with it."),
        ("only the image ID says which image it is", frozenset({"the image ID"}),
         "The manifest lists the config's digest. If the config changes, the manifest changes with it. "
         "If no byte changes, neither does."),
        ("the tag is the identity", frozenset({"the manifest's digest"}),
         "The manifest's digest depends only on its bytes. Ask which bytes changed, and what lists them."),
        unless=right,
    )  # fmt: skip


def order_of_layers(dice: random.Random) -> Problem:
    """Ask what a container reads when two layers have the same path."""
    path, count = dice.choice(("etc/app.conf", "app/version", "etc/motd")), dice.randint(3, 4)
    holders = sorted(dice.sample(range(count), 2))
    layers = [
        Changeset.of({path: f"from layer {n + 1}\n"} if n in holders else {f"srv/{n}": "x\n"}) for n in range(count)
    ]
    reverse = dice.random() < 0.5
    order = list(range(count))[::-1] if reverse else list(range(count))
    seen = stack([layers[n] for n in order])[path].content.decode().strip()
    options = (*(f"from layer {n + 1}" for n in holders), "both contents, one after the other", "an error")
    shown = " + ".join(f"layer {n + 1}" + (f" (has {path})" if n in holders else "") for n in order)
    return Problem(
        text=f"A manifest lists these layers, from the base up: {shown}. What does a container read in {path}?",
        answer=OneOf(seen, options),
        misconceptions=_beliefs_on_order_of_layers(options, seen),
        hints=(
            "Which of the two layers is higher in the stack?",
            "The manifest lists layers from the base up. The number in a layer's name doesn't matter.",
        ),
        why="The file of the higher layer hides the other one. The manifest's order says which layer is higher.",
    )


def _beliefs_on_order_of_layers(options: tuple[str, ...], seen: str) -> tuple[Misconception, ...]:
    other = next(option for option in options if option != seen)
    return beliefs(
        ("the first to bring a file keeps it", other,
         "The list begins at the base. A layer that comes later hides the same file in the layers below."),
        ("layers are merged line by line", "both contents, one after the other",
         "The whole file is replaced. Nobody looks inside."),
        ("two layers may not bring the same path", "an error",
         "They may. That's how a file is changed. A higher layer has it again, with new contents."),
    )  # fmt: skip


def who_notices(dice: random.Random) -> Problem:
    """Ask where a client finds out that a registry sent other bytes."""
    image = SmallImage.of_files(three_layers(dice))
    manifest = image.manifest
    registry, service = Registry(HOST), dice.choice(SERVICES)
    push_small(registry, service, "1", image)
    by_digest = dice.random() < 0.5
    places = _perhaps_damage(manifest, dice, image, registry)
    asked = f"{HOST}/{service}" + (f"@{manifest.digest}" if by_digest else ":1")
    noticed = _where_it_stops(registry, asked, places)
    rows = _rows_of_blobs(places, registry)
    options = (*places, "the manifest", "nowhere")
    return Problem(
        text=(
            "Somebody pulls this image "
            + ("by digest" if by_digest else "by tag")
            + ". A bit may have flipped on the registry's disk. The table has the digest of each blob in the manifest, "
            "and the hash of the bytes that the registry sends. Where does the client stop?"
        ),
        answer=OneOf(noticed, options),
        misconceptions=_beliefs_on_who_notices(noticed),
        hints=("What does a client compare for each blob?", "Look for a row in which the two digests differ."),
        why=(
            f"The client refuses {noticed}. Its bytes changed, so their hash doesn't fit."
            if noticed != "nowhere"
            else "All hashes fit, so the client has no reason to stop."
        ),
        given=Table(("blob", "digest asked for", "hash of what arrives"), rows),
    )


def _rows_of_blobs(places: dict[str, Digest], registry: Registry) -> tuple[tuple[str, str, str], ...]:
    """Write a row for each blob: the digest asked for, and the hash of what arrives."""
    return tuple(
        (name, digest.short, Digest.of(bytes_of(registry.storage.blobs.get(digest))).short)
        for name, digest in places.items()
    )


def _where_it_stops(registry: Registry, asked: str, places: dict[str, Digest]) -> str:
    """Pull, and say at which document the client stops."""
    noticed = "nowhere"
    try:
        Client(registries=[registry]).pull(asked)
    except SimRegistryError as error:
        noticed = next((name for name, digest in places.items() if digest in str(error)), "the manifest")
    return noticed


def _perhaps_damage(
    manifest: ImageManifest, dice: random.Random, image: SmallImage, registry: Registry
) -> dict[str, Digest]:
    """Name the blobs, and flip a bit in one of them, or in none."""
    places = {
        "the base layer": manifest.layers[0].digest,
        "the middle layer": manifest.layers[1].digest,
        "the top layer": manifest.layers[2].digest,
        "the config": manifest.config.digest,
    }
    damaged = dice.choice((*places, "nothing"))
    if damaged != "nothing":
        data = bytes_of(image.blobs[places[damaged]])
        at = dice.randrange(len(data))
        registry.storage.blobs.tamper(places[damaged], data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    return places


def _beliefs_on_who_notices(noticed: str) -> tuple[Misconception, ...]:
    return beliefs(
        ("a registry could swap a layer unnoticed", "nowhere",
         "The client hashes what arrives, and compares it with the digest that it asked for. One row differs."),
        ("the manifest notices", "the manifest",
         "The bytes of the manifest itself didn't change. It says which digests the others must have."),
        ("an error shows at the end of the stack", "the top layer",
         "Each blob is checked by itself when it arrives. Compare the two digests row by row."),
        ("all trouble begins at the base", "the base layer",
         "Each blob is checked by itself, wherever it is in the stack. Compare the two digests row by row."),
        unless=noticed,
    )  # fmt: skip


EXERCISES = (
    Exercise("manifest.where-it-stands", "find", "Where is it written?", ("manifest.read",), where_it_stands),
    Exercise("manifest.the-way-down", "predict", "From the name down", ("manifest.trace",), the_way_down),
    Exercise(
        "manifest.platform",
        "predict",
        "One index, three platforms",
        ("manifest.trace", "manifest.read"),
        which_platform,
    ),
    Exercise("manifest.what-changes", "predict", "What changes with it?", ("manifest.identity",), what_changes),
    Exercise("manifest.same-path", "explain", "One path, two layers", ("manifest.identity",), order_of_layers),
    Exercise("manifest.who-notices", "find", "A bit is flipped", ("manifest.swap",), who_notices),
)
