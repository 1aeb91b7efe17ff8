"""Turns of the lesson on pulling: a reference that keeps naming the same image on two platforms when its tag moves."""

from __future__ import annotations

from collections.abc import Mapping

from simregistry.client.client import Client
from simregistry.errors import SimRegistryError
from simregistry.oci.digest import Digest
from simregistry.oci.messages import shorten
from simregistry.registry.registry import Registry
from simregistry.study.examples.small_images import SmallImage, SmallIndex, push_small
from simregistry.table import Table
from simregistry.teach.answers import FreeText
from simregistry.teach.reveals import Reveal
from simregistry.teach.turns.turn import Turn
from simregistry.teach.unread import Unread

HOST, REPOSITORY, TAG = "registry.example", "app", "stable"
MACHINES = {"laptop": "linux/amd64", "board": "linux/arm64"}
WANTED = f"one reference, such as {HOST}/{REPOSITORY}:{TAG}"


def build_of(day: str) -> SmallIndex:
    """Make the app's images of one day, one for each platform, and the index that lists them."""
    return SmallIndex.of_platforms({
        platform: SmallImage.of_files([("bin/app", f"{platform}, built {day}\n")], env=f"ARCH={platform}")
        for platform in MACHINES.values()
    })  # fmt: skip


def manifests_of(index: SmallIndex) -> Mapping[str, Digest]:
    """Find each platform's manifest in an index."""
    return {str(child.platform): child.digest for child in index.manifest.manifests}


def digests_table(index: SmallIndex) -> Table:
    """List every digest that could be meant."""
    rows = [("index", str(index.manifest.digest))]
    for platform, image in zip(MACHINES.values(), index.images, strict=True):
        assert isinstance(image, SmallImage)
        rows.append((f"manifest, {platform}", str(image.manifest.digest)))
        rows.append((f"config, {platform}", str(image.manifest.config.digest)))
    return Table(("what it is", "digest"), tuple(rows))


def pin() -> Turn:
    """Ask for a reference that two machines of different platforms can use for good."""
    today = build_of("today")
    return Turn(
        "pull.pin",
        f"The tag {HOST}/{REPOSITORY}:{TAG} names an index, which lists an image for each of two platforms. A laptop "
        "(linux/amd64) and a board (linux/arm64) use it. Write one reference with which both machines get today's "
        "image for their platform, now and later. Your reference is really tried. Somebody pushes a new build under "
        "the same tag, and then both machines pull what you wrote.",
        play,
        f"{HOST}/{REPOSITORY}@{today.manifest.digest}",
        "The index has a digest as well. It lists both manifests by their digests, so no push can change what it leads "
        "to. Each machine still chooses the entry for its own platform. (How long a registry keeps an image without a "
        "tag is a question for the lesson “Tags, retention, collection”.)",
        (
            "A tag can be moved. What names the same bytes for good?",
            "A reference with a digest is written host/repository@sha256:… The table has five digests to choose from.",
            "A machine can choose its platform only if it gets a list to choose from.",
        ),
        digests_table(today),
    )


def play(answer: object) -> Reveal:
    """Push today's build, move the tag to tomorrow's, and pull what was written on both machines."""
    text = FreeText("", lambda text: "", WANTED).read(answer)
    if isinstance(text, Unread):
        return text.reveal(answer, WANTED)
    if "\n" in text:
        return Unread("Write a single line.").reveal(answer, WANTED)
    registry, today, tomorrow = Registry(HOST), build_of("today"), build_of("tomorrow")
    for build in (today, tomorrow):
        push_small(registry, REPOSITORY, TAG, build)
    names = {digest: f"today's image for {platform}" for platform, digest in manifests_of(today).items()}
    names |= {digest: f"tomorrow's image for {platform}" for platform, digest in manifests_of(tomorrow).items()}
    pulled = {machine: _pulled(registry, text, platform, names) for machine, platform in MACHINES.items()}
    return _judged(pulled)


def _pulled(registry: Registry, text: str, platform: str, names: Mapping[Digest, str]) -> str:
    """Pull on a fresh machine of this platform; say which image it got, or why it got none."""
    machine = Client(registries=[registry], platform=platform)
    try:
        return names[machine.pull(text).digest]
    except SimRegistryError as error:
        return f"refused. {shorten(str(error))}"


def _judged(pulled: Mapping[str, str]) -> Reveal:
    """Say what went wrong first: a refusal, a tag that moved, or an image for another platform."""
    shown = tuple(f"the {machine} ({MACHINES[machine]}): {image}" for machine, image in pulled.items())
    right = [machine for machine, image in pulled.items() if image == f"today's image for {MACHINES[machine]}"]
    score = len(right) / len(MACHINES)
    if len(right) == len(MACHINES):
        return Reveal("Right: the tag has moved, and both machines still get today's image.", True, 1.0, shown)
    wrong = next(machine for machine in pulled if machine not in right)
    if pulled[wrong].startswith("refused"):
        sentence = f"the {wrong} can't pull that."
    elif pulled[wrong].startswith("tomorrow"):
        sentence = "the tag has moved, and your reference has moved with it."
    else:
        sentence = f"the {wrong} got an image for another platform, which it can't run."
    return Reveal(f"Not yet: {sentence}", False, score, shown)


TURNS = {"pin": pin}
