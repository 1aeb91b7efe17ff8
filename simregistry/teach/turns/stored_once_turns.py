"""Turns of the lesson on storing once: a plan of what a third image adds, carried out on a registry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from simregistry.client.build.run_effects import FileContent
from simregistry.client.client import Client
from simregistry.oci.content import bytes_of
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.messages import Request, Response
from simregistry.registry.registry import Registry
from simregistry.study.examples.small_images import SmallImage, push_blobs, push_small
from simregistry.table import Table
from simregistry.teach.answers import SomeOf
from simregistry.teach.reveals import Reveal
from simregistry.teach.turns.turn import Turn
from simregistry.teach.unread import Unread

HERE, NEW = ("shop", "mail"), "wiki"
LETTERS = ("A", "B", "C", "D")
DOCKERFILES = {
    "shop": "FROM scratch\nCOPY rootfs /\nRUN install fonts\nCOPY logo.png /img/\nCOPY shop.py /app/\n",
    "mail": "FROM scratch\nCOPY rootfs /\nRUN install spelling\nCOPY mail.py /app/\n",
    # The same logo comes by another instruction and from another folder; the fonts are installed on another day.
    "wiki": "FROM scratch\nCOPY rootfs /\nRUN install fonts\nADD art/logo.png /img/\nCOPY wiki.py /app/\n",
}
INSTALLED = {"shop": ("fonts", "Monday"), "mail": ("spelling", "Monday"), "wiki": ("fonts", "Tuesday")}
SIZES = {"fonts": 40_000, "spelling": 25_000}
LOGO = "logo " * 3_000
FILES: Mapping[str, bytes | str] = {
    "rootfs/bin/sh": "a shell " * 8_000,
    "logo.png": LOGO,
    "art/logo.png": LOGO,
    **{f"{name}.py": f"print('{name}')\n" for name in DOCKERFILES},
}


@dataclass(frozen=True, slots=True)
class Planned:
    """The third image with its layers by letter, and a registry that has the first two."""

    registry: Registry
    image: SmallImage
    given: Table

    @property
    def layers(self) -> Mapping[str, Descriptor]:
        """The third image's layers by their letters, from the base up."""
        return dict(zip(LETTERS, self.image.manifest.layers, strict=True))

    def missing(self) -> tuple[str, ...]:
        """Name those of its layers that the registry does not have."""
        stored = self.registry.storage.blobs
        return tuple(letter for letter, layer in self.layers.items() if layer.digest not in stored)


@cache
def _prepared() -> Planned:
    """Build the three images, each on a machine of its own, and push the first two."""
    registry = Registry("registry.example")
    rows: list[tuple[object, ...]] = []
    images: dict[str, SmallImage] = {}
    for name, dockerfile in DOCKERFILES.items():
        machine, reference = Client(registries=[registry]), f"registry.example/{name}:v1"
        machine.build(reference, dockerfile, FILES, effects=_effects(name))
        images[name] = SmallImage.of_store(machine.store, reference)
        letters = LETTERS if name == NEW else ("",) * len(LETTERS)
        # A history begins with the newest step. The table begins with the base.
        for letter, (step, digest, size) in zip(letters, reversed(machine.history(reference).rows), strict=False):
            rows.append((f"{name}:v1", letter, _short(step), digest, size))
    for name in HERE:
        push_small(registry, name, "v1", images[name])
    return Planned(registry, images[NEW], Table(("image", "layer", "made by", "digest", "bytes"), tuple(rows)))


def _effects(name: str) -> dict[str, dict[str, FileContent]]:
    """Say what the installer writes for an image: its package, and a line with the day in a log."""
    package, day = INSTALLED[name]
    return {f"install {package}": {f"usr/share/{package}": SIZES[package], "var/log/install.log": f"{day}\n"}}


def _short(step: object) -> str:
    """Write a step of the history as the Dockerfile has it."""
    return str(step).removesuffix(" # buildkit").replace("RUN /bin/sh -c ", "RUN ")


def third_image() -> Turn:
    """Ask which layers of a third image have to be uploaded, and carry the plan out."""
    prepared = _prepared()
    return Turn(
        "stored-once.third-image",
        "The registry has shop:v1 and mail:v1, and you push wiki:v1. Plan it: which of the layers A to D have to be "
        "uploaded? Your plan is carried out. The layers that you name are uploaded. For the others, the registry is "
        "asked to use what it has. Then the manifest is sent.",
        play,
        str(list(prepared.missing())),
        "The registry has a layer if one of the other two images has a layer with the same digest. How the layer was "
        "made doesn't matter.",
        (
            "Which column tells you whether two layers have the same bytes?",
            "Take the digests of wiki:v1 one by one, and look for each of them in the rows of the other two images.",
            "The same command can write other bytes, and two different instructions can write the same bytes.",
        ),
        prepared.given,
    )


def play(answer: object) -> Reveal:
    """Upload the layers that are named, link the others where the registry has them, and send the manifest."""
    plan = SomeOf(frozenset(), LETTERS).read(answer)
    if isinstance(plan, Unread):
        return plan.reveal(answer, 'a set of letters, such as {"A", "C"}')
    before = _prepared()
    world = Planned(before.registry.copy(), before.image, before.given)
    shown = tuple(f"{letter}: {_bring(world, letter, letter in plan)}" for letter in LETTERS)
    needless = [letter for letter in LETTERS if letter in plan and letter not in before.missing()]
    fine = (len(LETTERS) - len(needless) - len(world.missing())) / len(LETTERS)
    response = _finish(world)
    if not response.ok:
        code = json.loads(bytes_of(response.body))["errors"][0]["code"]
        refusal = f"the registry refuses the manifest with {response.status} {code}"
        return Reveal(f"Not yet: {refusal}. The registry lacks a layer that the manifest names.", False, fine, shown)
    if needless:
        sent = sum(world.layers[letter].size for letter in needless)
        sentence = f"Not yet: wiki:v1 can be pulled, but {sent:,} bytes were uploaded that the registry had already."
        return Reveal(sentence, False, fine, shown)
    grown = sum(world.layers[letter].size for letter in before.missing())
    return Reveal(
        f"Right: wiki:v1 can be pulled, and the registry stores {grown:,} more bytes of layers.", True, 1.0, shown
    )


def _bring(world: Planned, letter: str, upload: bool) -> str:
    """Upload one layer, or link it from a repository that has it; say what happened."""
    layer, here = world.layers[letter], letter not in world.missing()
    if upload:
        push_blobs(world.registry, NEW, {layer.digest: world.image.blobs[layer.digest]})
        return f"uploaded, {0 if here else layer.size:,} more bytes stored"
    for repository in HERE:
        if world.registry.handle(Request("HEAD", f"/v2/{repository}/blobs/{layer.digest}")).ok:
            asked = {"mount": str(layer.digest), "from": repository}
            world.registry.handle(Request("POST", f"/v2/{NEW}/blobs/uploads/", asked))
            return f"not uploaded, used from {repository}"
    return "not uploaded, and no repository has it"


def _finish(world: Planned) -> Response:
    """Send the config and the manifest."""
    manifest = world.image.manifest
    push_blobs(world.registry, NEW, {manifest.config.digest: world.image.config})
    headers = {"Content-Type": manifest.media_type}
    return world.registry.handle(Request("PUT", f"/v2/{NEW}/manifests/v1", {}, headers, manifest.raw))


TURNS = {"third-image": third_image}
