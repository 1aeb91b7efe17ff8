"""Pull: who works out what is missing, what is fetched, what is checked, and in which order layers are stacked."""

from __future__ import annotations

import random

from simregistry.client.transfer_report import Transfer
from simregistry.oci.digest import Digest
from simregistry.oci.messages import Exchange
from simregistry.table import Table
from simregistry.teach.answers import Number, OneOf, Order, SomeOf
from simregistry.teach.exercises.named_layers import (
    BASES,
    HOST,
    LIBRARIES,
    MB,
    RUNTIMES,
    SERVICES,
    NamedLayers,
    draw_sizes,
)
from simregistry.teach.exercises.pull_by_digest import pin_it
from simregistry.teach.problem import Exercise, Misconception, Problem, beliefs


def half_there(dice: random.Random) -> tuple[NamedLayers, dict[str, tuple[str, ...]], str, str]:
    """Draw two images; a server has the first and is about to pull the second."""
    first, second = dice.sample(SERVICES, 2)
    base, runtimes, libraries = dice.choice(BASES), dice.sample(RUNTIMES, 2), dice.sample(LIBRARIES, 2)
    had = (base, runtimes[0], libraries[0], f"{first}-code")
    pulled = dice.choice(
        (
            (base, runtimes[0], libraries[1], f"{second}-code"),
            (base, runtimes[1], libraries[0], f"{second}-code"),
            (base, runtimes[0], libraries[0], f"{second}-code"),
            (base, runtimes[0], libraries[0], "settings", f"{second}-code"),
        )
    )
    stacks: dict[str, tuple[str, ...]] = {f"{first}:1": had, f"{second}:1": pulled}
    world = NamedLayers(draw_sizes(dice, dict.fromkeys((*had, *pulled))))
    for reference, layers in stacks.items():
        world.push(reference, layers)
    world.pull(f"{first}:1")
    return world, stacks, f"{first}:1", f"{second}:1"


def which_are_fetched(dice: random.Random) -> Problem:
    """Ask which layers a machine that has another image fetches."""
    world, stacks, had, pulled = half_there(dice)
    fetched = world.travelled(world.pull(pulled))
    layers = stacks[pulled]
    return Problem(
        text=f"A server has {had}, and nothing else. It pulls {pulled}. Which layers does it fetch?",
        answer=SomeOf(fetched, layers),
        misconceptions=_beliefs_on_which_are_fetched(layers, fetched),
        hints=(
            "The manifest says which layers the image has. The server knows which layers it has itself.",
            "Look for each layer of the new image in the old one.",
        ),
        why=f"The server has these already: {', '.join(layer for layer in layers if layer not in fetched)}.",
        given=world.table(stacks),
    )


def _beliefs_on_which_are_fetched(layers: tuple[str, ...], fetched: frozenset[str]) -> tuple[Misconception, ...]:
    from_first = next(place for place, layer in enumerate(layers) if layer in fetched)
    return beliefs(
        ("an image is one file", frozenset(layers),
         "An image is a manifest and its layers. The server asks only for the layers that it lacks."),
        ("a layer of another image is fetched again", frozenset(layers) - {layers[0]},
         "The server uses a layer on its disk, no matter which image brought it."),
        ("from the first new layer on, all layers are fetched", frozenset(layers[from_first:]),
         "The server looks for each layer by itself. A layer above a new one may be there already."),
        ("nothing is fetched, because the parts are known", frozenset(),
         "The server has to fetch what its other image doesn't have."),
        unless=fetched,
    )  # fmt: skip


def bytes_fetched(dice: random.Random) -> Problem:
    """Ask how much is fetched in two pulls."""
    world, stacks, had, pulled = half_there(dice)
    second = world.mb(world.travelled(world.pull(pulled)))
    whole = [sum(world.sizes[layer] for layer in layers) for layers in stacks.values()]
    total = whole[0] * MB + second
    misconceptions = beliefs(
        ("each pull fetches its image", sum(whole), "The second pull finds some of its layers on the server's disk."),
        ("the second pull is all that counts", second // MB,
         "That's the second pull alone. The first one found an empty disk and fetched everything."),
        ("the larger image has it all", max(whole), "That's one image. The other one has layers of its own."),
    )  # fmt: skip
    return Problem(
        text=f"An empty server pulls {had}, and then {pulled}. How many megabytes of layers does it fetch in all?",
        answer=Number(total, "MB"),
        misconceptions=misconceptions,
        hints=("The first pull fetches everything.", "For the second, add up the layers that the first didn't bring."),
        why=f"The first pull fetches {whole[0]} MB, and the second {second // MB} MB.",
        given=world.table(stacks),
    )


def what_is_asked(dice: random.Random) -> Problem:
    """Ask how many requests a pull makes, by what the machine has."""
    world, stacks, had, pulled = half_there(dice)
    again = dice.random() < 0.4
    reference = had if again else pulled
    report = world.pull(reference)
    blobs = [exchange for exchange in report.conversation if "/blobs/" in exchange.request.path]
    layers = stacks[reference]
    return Problem(
        text=(
            f"A server has {had}. It pulls {reference}{' again' if again else ''}. "
            "How many requests for blobs does it send? (The two images have one small config in common.)"
        ),
        answer=Number(len(blobs), "requests"),
        misconceptions=_beliefs_on_what_is_asked(layers, blobs),
        hints=(
            "The request for the manifest comes first. It isn't a request for a blob.",
            "Then there is one request for each blob that the server lacks.",
        ),
        why=f"The server lacks {len(blobs)} of {len(layers) + 1} blobs. The request for the manifest comes on top.",
        given=world.table(stacks),
    )


def _beliefs_on_what_is_asked(layers: tuple[str, ...], blobs: list[Exchange]) -> tuple[Misconception, ...]:
    return beliefs(
        ("the registry sends the image in one answer", 1,
         "There is no request for a whole image. The client asks for each blob by its digest."),
        ("every layer is asked for", len(layers), "The server doesn't ask for what is on its disk."),
        ("every layer and the config are asked for", len(layers) + 1,
         "The server doesn't ask for what is on its disk, and that includes the config."),
        ("a second pull asks for all blobs again, to compare them", 2 * len(layers),
         "The digests in the manifest say which blobs are the same. Nobody has to fetch a blob to compare it."),
        unless=len(blobs),
    )  # fmt: skip


WHO = (
    ("works out which layers are missing", "the client", "compares the manifest with what it has on its disk"),
    ("checks that the bytes of a layer that arrived fit its digest", "the client", "hashes what arrived"),
    ("lays the layers over each other", "the client", "unpacks them in the manifest's order"),
    ("chooses the image for the machine's platform", "the client", "reads the index"),
    ("says which manifest a tag points at", "the registry", "keeps the tags"),
    ("refuses a push whose digest does not fit", "the registry", "hashes what was uploaded"),
    ("refuses a manifest whose blobs are missing", "the registry", "looks for each of them"),
    ("merges two layers into one", "nobody", "layers stay as they were pushed"),
    ("keeps a list of the layers that each client has", "nobody", "the registry knows only its own blobs"),
    ("compares the files of two layers", "nobody", "whole archives are compared by their digests"),
)


def who_does_it(dice: random.Random) -> Problem:
    """Ask for which of a few tasks the client is responsible."""
    tasks = [*dice.sample(WHO[:4], 2), *dice.sample(WHO[4:7], 2), *dice.sample(WHO[7:], 1)]
    dice.shuffle(tasks)
    asked = dice.choice(("the client", "the registry"))
    right = frozenset(task for task, who, _ in tasks if who == asked)
    other = frozenset(task for task, who, _ in tasks if who not in (asked, "nobody"))
    nobody = frozenset(task for task, who, _ in tasks if who == "nobody")
    misconceptions = beliefs(
        ("the registry works out what a client lacks", other,
         "It's the other way round. Work that needs the client's disk is done by the client. Work that needs the "
         "registry's storage is done by the registry."),
        ("one of the two does everything", frozenset(task for task, _, _ in tasks),
         "The two share the work. Each does what only it can know."),
        ("somebody must do it", right | nobody,
         "Nobody does one of these. Layers are never opened or merged on the way."),
    )  # fmt: skip
    return Problem(
        text=f"Which of these does {asked} do?",
        answer=SomeOf(right, tuple(task for task, _, _ in tasks)),
        misconceptions=misconceptions,
        hints=("Who knows what is on the machine's disk? Only the machine.", "Nobody does one of these tasks."),
        why=("; ".join(f"{who} {how}" for _, who, how in tasks if who != "nobody") + "."),
        given=Table(("task",), tuple((task,) for task, _, _ in tasks)),
    )


def stacking_order(dice: random.Random) -> Problem:
    """Ask in which order layers are stacked that arrived in a different one."""
    world, stacks, _, pulled = half_there(dice)
    layers = stacks[pulled]
    arrived = tuple(sorted(layers, key=lambda layer: world.sizes[layer]))
    manifest = world.machine("fresh")
    world.pull(pulled, "fresh")
    digests = [layer.digest for layer in manifest.manifest(f"{HOST}/{pulled}").layers]
    right = tuple(next(name for name in layers if world.layer(name).digest == digest) for digest in digests)
    rows = tuple((place, layer) for place, layer in enumerate(arrived, 1))
    return Problem(
        text=(
            f"A client fetches the layers of {pulled} side by side, and the small ones arrive first. "
            f"The image was built as {' + '.join(layers)}. In which order are the layers unpacked, from the base up?"
        ),
        answer=Order(right),
        misconceptions=_beliefs_on_stacking_order(arrived, right),
        hints=("Which document lists the layers in order?", "The manifest lists them from the base up."),
        why="It is the manifest's order, no matter when each layer arrived (image-spec, manifest.md, layers).",
        given=Table(("arrived as", "layer"), rows),
    )


def _beliefs_on_stacking_order(arrived: tuple[str, ...], right: tuple[str, ...]) -> tuple[Misconception, ...]:
    return beliefs(
        ("the order of download is the order of stacking", arrived,
         "A layer that arrived first may belong on top. The manifest says which layer is below which."),
        ("the top layer is laid first", right[::-1],
         "A layer changes what is below it, so the base has to be there first."),
    )  # fmt: skip


def order_of_messages(dice: random.Random) -> Problem:
    """Ask what a pull asks for next, after some of its requests were answered."""
    world, stacks, had, pulled = half_there(dice)
    report = world.pull(pulled)
    shown = dice.randint(1, len(report.conversation) - 1)
    asked = _asked_in_order(world, report)
    right = asked[shown]
    options = tuple(dict.fromkeys(("manifest", *stacks[pulled], "nothing, because it is done")))
    rows = tuple((number, what) for number, what in enumerate(asked[:shown], 1))
    return Problem(
        text=(
            f"A server that has {had} pulls {pulled}. So far, these requests were answered. What does it ask for "
            "next? (This client asks for one layer after the other, from the base up.)"
        ),
        answer=OneOf(right, options),
        misconceptions=_beliefs_on_order_of_messages(stacks, pulled, had, right),
        hints=(
            "Without the manifest, nobody knows which layers there are.",
            "After the manifest comes the first missing layer, from the base up.",
        ),
        why=f"The server lacks {', '.join(layer for layer in stacks[pulled] if layer not in stacks[had])}.",
        given=Table(("request", "for"), rows),
    )


def _asked_in_order(world: NamedLayers, report: Transfer) -> list[str]:
    """Name what a pull asked for."""
    names = {world.layer(layer).digest: layer for layer in world.sizes}
    asked = []
    for exchange in report.conversation:
        last = exchange.request.path.rpartition("/")[2]
        kind = (
            "manifest"
            if "/manifests/" in exchange.request.path
            else "blob"
            if "/blobs/" in exchange.request.path
            else ""
        )
        what = names.get(Digest(last), "config") if kind == "blob" else kind or "version check"
        asked.append(what)
    return asked


def _beliefs_on_order_of_messages(
    stacks: dict[str, tuple[str, ...]], pulled: str, had: str, right: str
) -> tuple[Misconception, ...]:
    here = next(layer for layer in stacks[pulled] if layer in stacks[had])
    return beliefs(
        ("what is there is asked for too", here,
         f"The server has {here} from {had}. A client doesn't ask for what it has."),
        ("the manifest is asked for after each layer", "manifest",
         "One manifest lists all layers. The client reads it once, before the layers."),
        ("the registry sends the rest by itself", "nothing, because it is done",
         "A registry only answers. The client has to ask for everything that it wants."),
        ("the top layer comes first", stacks[pulled][-1],
         "This client asks from the base up. Look which of the missing layers is next."),
        unless=right,
    )  # fmt: skip


EXERCISES = (
    Exercise("pull.which-are-fetched", "predict", "Which layers are fetched?", ("pull.fetch",), which_are_fetched),
    Exercise("pull.bytes-fetched", "predict", "Two pulls", ("pull.fetch",), bytes_fetched),
    Exercise("pull.how-many-requests", "predict", "How many requests?", ("pull.trace", "pull.fetch"), what_is_asked),
    Exercise("pull.what-next", "find", "What is asked for next?", ("pull.trace",), order_of_messages),
    Exercise("pull.who", "explain", "Whose work is it?", ("pull.who",), who_does_it),
    Exercise("pull.stacking", "explain", "Arrived first, stacked where?", ("pull.order",), stacking_order),
    Exercise("pull.pin", "construct", "A name that never moves", ("pull.trace",), pin_it),
)
