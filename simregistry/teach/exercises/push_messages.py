"""Push, message by message: their order, a mount by hand, a line that breaks, a manifest that comes too early."""

from __future__ import annotations

import random

from simregistry.client.client import Client
from simregistry.client.transfer_report import PushReport
from simregistry.client.transport import BrokenLine, InProcess
from simregistry.errors import SimRegistryError
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.messages import Request
from simregistry.registry.registry import Registry
from simregistry.study.examples.small_images import SmallImage, push_blobs
from simregistry.table import Table
from simregistry.teach.answers import OneOf, Order, SomeOf
from simregistry.teach.exercises.mount_requests import mount_by_hand
from simregistry.teach.exercises.named_layers import HOST, SERVICES
from simregistry.teach.problem import Exercise, Misconception, Problem, beliefs

STEPS = {
    ("HEAD", "blobs"): "ask about the blob", ("POST", "blobs"): "open an upload", ("PATCH", "blobs"): "send the bytes",
    ("PUT", "blobs"): "name the digest", ("PUT", "manifests"): "send the manifest",
}  # fmt: skip


def in_which_order(dice: random.Random) -> Problem:
    """Ask for the order of a push's messages."""
    registry = Registry(HOST)
    client = Client(registries=[registry])
    name = dice.choice(SERVICES)
    client.build(f"{HOST}/{name}:1", "FROM scratch\nCOPY app /\n", {"app": f"code {dice.randint(1, 99)}\n"})
    report = client.push(f"{HOST}/{name}:1")
    right = _steps_in_order(report)
    drop = dice.choice((None, "ask about the blob", "name the digest"))
    shown = tuple(step for step in right if step != drop)
    return Problem(
        text=(
            f"You push {name}:1 to an empty registry. The image has one layer and a config. "
            "Put the steps for the layer and the last step of the push in order."
        ),
        answer=Order(shown),
        misconceptions=_beliefs_on_in_which_order(shown),
        hints=(
            "Nobody can read a blob before its digest has been checked.",
            "The manifest makes the image visible. What has to be there by then?",
        ),
        why="In this order, the registry never has a manifest whose image can't be pulled.",
    )


def _steps_in_order(report: PushReport) -> tuple[str, ...]:
    """List the kinds of messages in the order in which they first come."""
    steps: list[str] = []
    for exchange in report.conversation:
        kind = "manifests" if "/manifests/" in exchange.request.path else "blobs"
        step = STEPS.get((exchange.request.method, kind))
        if step and step not in steps:
            steps.append(step)
    return tuple(steps)


def _beliefs_on_in_which_order(shown: tuple[str, ...]) -> tuple[Misconception, ...]:
    last = shown[-1]
    first_manifest = (last, *shown[:-1])
    bytes_first = ("send the bytes", *[step for step in shown if step != "send the bytes"])
    return beliefs(
        ("the manifest goes first", first_manifest,
         "The registry refuses a manifest whose blobs are missing, with 404 MANIFEST_BLOB_UNKNOWN."),
        ("the bytes are sent right away", bytes_first,
         "Bytes go to an upload session. It has to be opened first, and the answer has its address."),
    )  # fmt: skip


def broken_line(dice: random.Random) -> Problem:
    """Ask what is true after the line broke in a push."""
    name, after = dice.choice(SERVICES), dice.randint(3, 12)
    registry, client = _client_on_a_bad_line(after, name, dice)
    answered = _answered_messages(client, name)
    manifest = client.manifest(f"{HOST}/{name}:1")
    state = _what_holds(registry, name, manifest)
    true = frozenset(what for what, holds in state.items() if holds)
    rows = _rows_of_messages(manifest, answered)
    return Problem(
        text=(
            f"The line breaks in a push of {name}:1. The table has the messages that were answered. "
            "What is true of the registry now?"
        ),
        answer=SomeOf(true, tuple(state)),
        misconceptions=_beliefs_on_broken_line(true, name, state),
        hints=(
            "A blob is stored once its upload has been closed with the digest.",
            "An upload that was opened and not closed is still open.",
        ),
        why="The next push finds what is stored, and sends the rest.",
        given=Table(("about", "message that was answered"), tuple(rows)),
    )


def _client_on_a_bad_line(after: int, name: str, dice: random.Random) -> tuple[Registry, Client]:
    """Build an image on a machine whose line breaks after some messages."""
    registry = Registry(HOST)
    client = Client(transports={HOST: BrokenLine(InProcess(registry), after=after)})
    recipe = "FROM scratch\nCOPY base /\nCOPY app /\n"
    client.build(f"{HOST}/{name}:1", recipe, {"base": "base\n", "app": f"code {dice.randint(1, 99)}\n"})
    return registry, client


def _rows_of_messages(manifest: ImageManifest, answered: list[str]) -> list[tuple[str, str]]:
    """Write a row for each message, with what it is about."""
    names = {manifest.layers[0].digest: "BASE", manifest.layers[1].digest: "TOP", manifest.config.digest: "CONFIG"}
    upload = {"POST": "open an upload", "PATCH": "send its bytes", "PUT": "close it: verify the digest"}
    rows, current = [], "BASE"
    for line in answered[1:]:
        method, _, path = line.partition(" ")
        last = path.rpartition("/")[2]
        current = names.get(Digest(last), current) if method == "HEAD" and last.startswith("sha256:") else current
        what = "the tag" if "/manifests/" in path else current
        rows.append((what, "is it there?" if method == "HEAD" else upload.get(method, method)))
    return rows


def _what_holds(registry: Registry, name: str, manifest: ImageManifest) -> dict[str, bool]:
    """Say what is true in the registry."""
    shot = registry.snapshot()
    return {
        "the base layer is stored": manifest.layers[0].digest in shot.shelf,
        "the top layer is stored": manifest.layers[1].digest in shot.shelf,
        "an upload is open": bool(shot.uploads),
        f"{name}:1 can be pulled": bool(shot.tags.get(name)),
        "the config is stored": manifest.config.digest in shot.shelf,
    }  # fmt: skip


def _answered_messages(client: Client, name: str) -> list[str]:
    """Push until the line breaks, and list the messages that were answered."""
    answered: list[str] = []
    try:
        client.push(f"{HOST}/{name}:1")
    except SimRegistryError as error:
        answered = [
            exchange.request.method + " " + exchange.request.path
            for exchange in getattr(error, "conversation", ())
            if exchange.response is not None
        ]
    return answered


def _beliefs_on_broken_line(true: frozenset[str], name: str, state: dict[str, bool]) -> tuple[Misconception, ...]:
    return beliefs(
        ("an interrupted push leaves a broken image", true | {f"{name}:1 can be pulled"},
         "Nothing can be pulled before the manifest is there, and the manifest is sent last."),
        ("an interrupted push leaves nothing", frozenset(),
         "A blob whose upload was closed is stored. One whose upload was only begun is an open upload."),
        ("what was sent is stored", frozenset(state) - {f"{name}:1 can be pulled", "an upload is open"},
         "Bytes are stored only when the upload has been closed and the digest checked."),
        unless=true,
    )  # fmt: skip


def manifest_too_early(dice: random.Random) -> Problem:
    """Ask what a registry answers to a manifest, depending on what it has."""
    image = SmallImage.of_files(
        [("bin/base", "base\n"), (f"app/{dice.choice(SERVICES)}", f"code {dice.randint(1, 99)}\n")]
    )
    manifest = image.manifest
    registry = Registry(HOST)
    names = _blobs_by_name(manifest)
    there, elsewhere = _push_some(dice, names, registry, image)
    options, right = _answer_to_manifest(registry, manifest)
    missing = " (it is in the repository other)" if elsewhere else ""
    rows = tuple((name, "yes" if digest in there else f"no{missing}") for digest, name in names.items())
    return Problem(
        text="A client sends this image's manifest to the repository app. What does the registry answer?",
        answer=OneOf(right, options),
        misconceptions=_beliefs_on_manifest_too_early(right, options),
        hints=(
            "What does the registry check before it keeps a manifest?",
            "Does this repository have everything that the manifest lists?",
        ),
        why="A manifest is kept if the repository has everything that it lists (distribution-spec, Pushing Manifests).",
        given=Table(("blob that the manifest lists", "in the repository app"), rows),
    )


def _answer_to_manifest(registry: Registry, manifest: ImageManifest) -> tuple[tuple[str, ...], str]:
    """Put the manifest, and find the answer among the options."""
    answer = registry.handle(
        Request("PUT", "/v2/app/manifests/1", {}, {"Content-Type": manifest.media_type}, manifest.raw)
    )
    options = ("201: it is kept", "404: a blob is unknown", "202: it waits for the blobs", "400: the name is wrong")
    right = next(option for option in options if option.startswith(str(answer.status)))
    return options, right


def _push_some(
    dice: random.Random, names: dict[Digest, str], registry: Registry, image: SmallImage
) -> tuple[list[Digest], bool]:
    """Push some blobs to the repository, and perhaps the missing one to another."""
    there = dice.sample(list(names), dice.choice((2, 2, 3)))
    push_blobs(registry, "app", {digest: image.blobs[digest] for digest in there})
    elsewhere = next((digest for digest in names if digest not in there), None)
    lent = elsewhere is not None and dice.random() < 0.5
    if lent and elsewhere:
        push_blobs(registry, "other", {elsewhere: image.blobs[elsewhere]})
    return there, lent


def _blobs_by_name(manifest: ImageManifest) -> dict[Digest, str]:
    """Name what a manifest lists."""
    return dict(
        zip(
            (*(layer.digest for layer in manifest.layers), manifest.config.digest),
            ("base layer", "top layer", "config"),
            strict=True,
        )
    )


def _beliefs_on_manifest_too_early(right: str, options: tuple[str, ...]) -> tuple[Misconception, ...]:
    wrong = options[1] if right == options[0] else options[0]
    about_these = {
        options[0]: (
            "a registry keeps what it is sent",
            "The repository lacks something that this manifest lists, so nobody could pull the image. It's refused.",
        ),
        options[1]: (
            "the manifest goes first",
            "The repository has everything that the manifest lists, so there is no reason to refuse it.",
        ),
    }
    return beliefs(
        (about_these[wrong][0], wrong, about_these[wrong][1]),
        ("a registry waits for what is missing", options[2],
         "It doesn't wait for anything. It takes a manifest, or it refuses it."),
        ("a new tag has to be made first", options[3],
         "A tag is made when a manifest is sent under its name."),
    )  # fmt: skip


EXERCISES = (
    Exercise("push.order", "predict", "The order of messages", ("push.trace",), in_which_order),
    Exercise("push.mount-by-hand", "construct", "Mount a blob", ("push.trace", "push.mount"), mount_by_hand),
    Exercise("push.broken-line", "find", "The line breaks", ("push.last",), broken_line),
    Exercise("push.too-early", "explain", "A manifest too early?", ("push.last",), manifest_too_early),
)
