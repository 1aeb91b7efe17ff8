"""Stored once: bytes with and without sharing, and what two images need to share a layer."""

from __future__ import annotations

import random

from simregistry.oci.entry import file
from simregistry.oci.layer import Changeset
from simregistry.registry.gc.inventory import take_inventory
from simregistry.registry.gc.reports import shares
from simregistry.registry.storage_report import Figures
from simregistry.table import Table
from simregistry.teach.answers import Number, OneOf, SomeOf
from simregistry.teach.exercises.named_layers import BASES, LIBRARIES, MB, RUNTIMES, SERVICES, NamedLayers, draw_sizes
from simregistry.teach.problem import Exercise, Misconception, Problem, beliefs


def team(dice: random.Random, services: int) -> tuple[NamedLayers, dict[str, tuple[str, ...]]]:
    """Draw services on one base, some of them with a runtime in common, and push them all."""
    names = dice.sample(SERVICES, services)
    base, runtimes = dice.choice(BASES), dice.sample(RUNTIMES, 2)
    stacks: dict[str, tuple[str, ...]] = {name: (base, dice.choice(runtimes), f"{name}-code") for name in names}
    world = NamedLayers(draw_sizes(dice, dict.fromkeys(layer for stack in stacks.values() for layer in stack)))
    for name, stack in stacks.items():
        world.push(f"{name}:1", stack)
    return world, stacks


def stored_bytes(dice: random.Random) -> Problem:
    """Ask what the registry stores for a few images on one base."""
    world, stacks = team(dice, 3)
    report = world.registry.storage_report().layers
    distinct = dict.fromkeys(layer for stack in stacks.values() for layer in stack)
    return Problem(
        text="You push these images to an empty registry. How many megabytes of layers does it store?",
        answer=Number(report.stored_bytes, "MB"),
        misconceptions=_beliefs_on_stored_bytes(stacks, world, report),
        hints=(
            "Write down each layer's name once, no matter how many images have it.",
            "Then add up their sizes.",
            f"There are {len(distinct)} different layers.",
        ),
        why=f"{len(distinct)} layers are stored, each once. Unshared, they would take {report.logical_bytes // MB} MB.",
        given=world.table(stacks),
    )


def _beliefs_on_stored_bytes(
    stacks: dict[str, tuple[str, ...]], world: NamedLayers, report: Figures
) -> tuple[Misconception, ...]:
    longest = max(sum(world.sizes[name] for name in stack) for stack in stacks.values())
    tops = sum(world.sizes[stack[-1]] for stack in stacks.values())
    return beliefs(
        ("ten images take ten times the space", report.logical_bytes // MB,
         "That's the sum if each image kept its own layers. A layer that two images have is stored once."),
        ("only the largest image counts", longest,
         "That's the largest image. The others have layers that it doesn't have."),
        ("only the code is kept", tops,
         "That's the code alone. The base and the runtimes are stored too, once each."),
    )  # fmt: skip


def saved_bytes(dice: random.Random) -> Problem:
    """Ask what sharing saves."""
    world, stacks = team(dice, 4)
    report = world.registry.storage_report().layers
    base = stacks[next(iter(stacks))][0]
    misconceptions = beliefs(
        ("saved is what is stored", report.stored_bytes // MB,
         "That's what is stored. The saving is the sum without sharing, minus what is stored."),
        ("the shared layer is saved once an image", len(stacks) * world.sizes[base],
         f"One of the {len(stacks)} copies of {base} is stored, so it isn't saved. Runtimes may be shared too."),
        ("nothing is saved", 0, f"Every image has {base}, and it is stored once."),
    )  # fmt: skip
    return Problem(
        text="How many megabytes does sharing save here, compared with storing each image with all of its layers?",
        answer=Number(report.saved_bytes, "MB"),
        misconceptions=misconceptions,
        hints=(
            "A layer that n images have is saved n − 1 times.",
            "Go through the layers one by one. How many images have each of them?",
            f"Begin with {base}, which {len(stacks)} images have.",
        ),
        why=f"Without sharing, it would be {report.logical_bytes // MB} MB. Stored are {report.stored_bytes // MB} MB.",
        given=world.table(stacks),
    )


def new_bytes(dice: random.Random) -> Problem:
    """Ask what one more image adds."""
    world, stacks = team(dice, 3)
    own = world.registry.storage_report().layers.stored_bytes
    first = next(iter(stacks.values()))
    extra = {f"{name}-code" for name in stacks}
    top = "wiki-code"
    grown, added, gain = _push_one_more(world, dice, top, stacks, first, own)
    return Problem(
        text=(
            f"You push one more image, wiki:1. Its layers are {first[0]}, {first[1]} and {top} "
            f"({grown.sizes[top]} MB). How many more megabytes of layers does the registry store then?"
        ),
        answer=Number(gain, "MB"),
        misconceptions=_beliefs_on_new_bytes(added, grown, first, top),
        hints=(
            "Which of its three layers does no other image have?",
            f"The registry has {len(world.sizes)} layers. Look for each of the three by its name.",
            f"The code of the other images is in {', '.join(sorted(extra))}.",
        ),
        why=f"Only {top} is new to the registry.",
        given=grown.table(stacks),
    )


def _push_one_more(
    world: NamedLayers,
    dice: random.Random,
    top: str,
    stacks: dict[str, tuple[str, ...]],
    first: tuple[str, ...],
    own: int,
) -> tuple[NamedLayers, tuple[str, str, str], int]:
    """Push the images and one more, and say how much the registry grew."""
    grown = NamedLayers({**world.sizes, **draw_sizes(dice, (top,), 100, 140)})
    for name, stack in stacks.items():
        grown.push(f"{name}:1", stack)
    added = (first[0], first[1], top)
    grown.push("wiki:1", added)
    gain = grown.registry.storage_report().layers.stored_bytes - own
    return grown, added, gain


def _beliefs_on_new_bytes(
    added: tuple[str, str, str], grown: NamedLayers, first: tuple[str, ...], top: str
) -> tuple[Misconception, ...]:
    return beliefs(
        ("the whole image is added", sum(grown.sizes[name] for name in added),
         f"The registry has {first[0]} and {first[1]} already, and doesn't store them twice."),
        ("another repository shares nothing but the base", grown.sizes[top] + grown.sizes[first[1]],
         f"{first[1]} is there too. It doesn't matter which repository a layer was pushed to. Only its digest counts."),
        ("nothing is added", 0, f"The registry doesn't have {top} yet."),
    )  # fmt: skip


def shared_layers(dice: random.Random) -> Problem:
    """Ask which layers two images have in common, when their descriptions are alike."""
    base, runtime, library = dice.choice(BASES), dice.choice(RUNTIMES), dice.choice(LIBRARIES)
    service, other_service = dice.sample(SERVICES, 2)
    # The same package installed a second time makes a different archive, because the files have other times.
    again = dice.choice((runtime, library))
    left = (base, runtime, library, f"{service}-code")
    right = (
        base,
        *(f"{name} again" if name == again else name for name in (runtime, library)),
        f"{other_service}-code",
    )
    digests, common = _in_common(dice, left, right, service, other_service)
    rows = _rows_of_layers(service, left, other_service, right, digests)
    dice.shuffle(rows)
    return Problem(
        text="Which layers do the two images share? Name them by digest.",
        answer=SomeOf(common, tuple(dict.fromkeys(row[2] for row in rows))),
        misconceptions=_beliefs_on_shared_layers(left, right, digests, base),
        hints=(
            "Look only at the digests, and not at what is in the layers.",
            "A digest that both images have is a shared layer.",
        ),
        why="Only the digest decides. The same bytes have the same digest.",
        given=Table(("image", "what is in it", "digest"), tuple(rows)),
    )


def _in_common(
    dice: random.Random, left: tuple[str, ...], right: tuple[str, ...], service: str, other_service: str
) -> tuple[dict[str, str], frozenset[str]]:
    """Push both images, pull both, and compare their layers."""
    world = NamedLayers(draw_sizes(dice, dict.fromkeys((*left, *right))))
    digests = {name: world.layer(name).digest.short for name in world.sizes}
    world.push(f"{service}:1", left)
    world.push(f"{other_service}:1", right)
    pulled = [world.pull(f"{name}:1", f"a machine for {name}") for name in (service, other_service)]
    first, second = (world.named(layer.digest for layer in transfer.layers) for transfer in pulled)
    common = frozenset(digests[name] for name in first & second)
    return digests, common


def _rows_of_layers(
    service: str, left: tuple[str, ...], other_service: str, right: tuple[str, ...], digests: dict[str, str]
) -> list[tuple[str, str, str]]:
    """Write a row for each layer of the two images."""
    return [
        (image, name.removesuffix(" again"), digests[name])
        for image, stack in ((service, left), (other_service, right))
        for name in stack
    ]


def _beliefs_on_shared_layers(
    left: tuple[str, ...], right: tuple[str, ...], digests: dict[str, str], base: str
) -> tuple[Misconception, ...]:
    looks_alike = frozenset(digests[name] for name in (*left[:-1], *right[:-1]))
    return beliefs(
        ("images with the same packages share layers", looks_alike,
         "The same package in two different archives has two digests and is stored twice. Only the digest decides."),
        ("images of two repositories share nothing", frozenset(),
         "The repository doesn't matter, only the digest. Some rows have the same digest."),
        ("only the base is shared", frozenset({digests[base]}),
         f"{base} is shared, but it isn't the only one. Both images have one more digest in common."),
    )  # fmt: skip


def exclusive_bytes(dice: random.Random) -> Problem:
    """Ask how many bytes only one image needs."""
    world, stacks = team(dice, 4)
    chosen = dice.choice(list(stacks))
    share_by_name = {share.name: share for share in shares(take_inventory(world.registry.storage))}
    share = share_by_name[f"{chosen}:1"]
    others = {name for service, stack in stacks.items() if service != chosen for name in stack}
    alone = [name for name in stacks[chosen] if name not in others]
    return Problem(
        text=f"How many megabytes of layers does {chosen} have that no other image needs?",
        answer=Number(share.exclusive_bytes // MB * MB, "MB"),
        misconceptions=_beliefs_on_exclusive_bytes(stacks, chosen, world, alone),
        hints=(
            f"Go through the layers of {chosen}. Which of them are in another row too?",
            "Add up the layers that are only in this row.",
            f"Of its {len(stacks[chosen])} layers, {len(alone)} {'is' if len(alone) == 1 else 'are'} its own.",
        ),
        why=f"Only {chosen} has {' and '.join(alone)}.",
        given=world.table(stacks),
    )


def _beliefs_on_exclusive_bytes(
    stacks: dict[str, tuple[str, ...]], chosen: str, world: NamedLayers, alone: list[str]
) -> tuple[Misconception, ...]:
    whole = sum(world.sizes[name] for name in stacks[chosen])
    return beliefs(
        ("an image's bytes are its own", whole,
         "That's the whole image. Some of its layers are in other images too."),
        ("what is shared is its own too", whole - sum(world.sizes[name] for name in alone),
         "That's the part that other images need too. The question is about the rest."),
    )  # fmt: skip


def same_files(dice: random.Random) -> Problem:
    """Ask whether a file that is in two layers is stored once."""
    path = dice.choice(("etc/ssl/certs.pem", "usr/lib/libssl.so", "usr/share/fonts/sans.ttf", "opt/model.bin"))
    data = bytes([dice.randrange(256) for _ in range(8)]) * dice.randint(40, 120)
    first = Changeset.of({path: data})
    second_layers = {
        "has it at a different path": Changeset.of({f"backup/{path}": data}),
        "gives it other permissions": Changeset.of([file(path, data, mode=0o600)]),
        "has one more file": Changeset.of({path: data, "etc/note": b"1\n"}),
        "is the same in every byte": Changeset.of({path: data}),
    }
    change = dice.choice(tuple(second_layers))
    second = second_layers[change]
    shared = first.diff_id == second.diff_id
    kept = 1 if shared else 2
    reason = "The two archives have the same bytes" if shared else "The two archives have different bytes"
    return Problem(
        text=(
            f"Two layers have the same file, {path}, of {len(data):,} bytes. The second layer {change}. "
            "How many times does the registry store the bytes of this file?"
        ),
        answer=OneOf("once" if kept == 1 else "twice", ("once", "twice", "never")),
        misconceptions=_beliefs_on_same_files(kept),
        hints=("Does the registry compare files, or layers?", "Are the two archives the same in every byte?"),
        why=f"A layer is stored under the digest of its whole archive. {reason}.",
    )


def _beliefs_on_same_files(kept: int) -> tuple[Misconception, ...]:
    return beliefs(
        ("the registry removes duplicate files" if kept == 2 else "every layer is kept by itself",
         "once" if kept == 2 else "twice",
         "A registry compares whole layers by their digests. It never looks inside." if kept == 2 else
         "The two layers have the same bytes, so they have one digest and are stored once."),
        ("a file is not kept, only its hash", "never",
         "The hash is only the name. The bytes have to be stored too, or nobody could pull them."),
    )  # fmt: skip


EXERCISES = (
    Exercise("stored-once.stored-bytes", "predict", "What the registry stores", ("stored-once.bytes",), stored_bytes),
    Exercise("stored-once.saved-bytes", "predict", "What sharing saves", ("stored-once.bytes",), saved_bytes),
    Exercise(
        "stored-once.one-more-image", "predict", "One more image", ("stored-once.bytes", "stored-once.share"), new_bytes
    ),
    Exercise(
        "stored-once.shared-layers",
        "find",
        "Which layers are the same?",
        ("stored-once.share", "stored-once.graph"),
        shared_layers,
    ),
    Exercise("stored-once.own-bytes", "predict", "What only one image needs", ("stored-once.graph",), exclusive_bytes),
    Exercise("stored-once.same-file", "explain", "The same file in two layers", ("stored-once.files",), same_files),
)
