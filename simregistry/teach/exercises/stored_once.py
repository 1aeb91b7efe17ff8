"""Stored once: bytes asked for and bytes kept, sharing and what it hangs on."""

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
    """Ask what a few images on one base take on the shelf."""
    world, stacks = team(dice, 3)
    report = world.registry.storage_report().layers
    distinct = dict.fromkeys(layer for stack in stacks.values() for layer in stack)
    return Problem(
        text="These images are pushed to an empty registry. How many megabytes of layers does it store?",
        answer=Number(report.stored_bytes, "MB"),
        misconceptions=_beliefs_on_stored_bytes(stacks, world, report),
        hints=(
            "Write down each layer's name once, however many images name it.",
            "Then add up their sizes.",
            f"There are {len(distinct)} different layers.",
        ),
        why=(
            f"Each of the {len(distinct)} different layers is kept once; asked for were "
            f"{report.logical_bytes // MB} MB."
        ),
        given=world.table(stacks),
    )


def _beliefs_on_stored_bytes(
    stacks: dict[str, tuple[str, ...]], world: NamedLayers, report: Figures
) -> tuple[Misconception, ...]:
    longest = max(sum(world.sizes[name] for name in stack) for stack in stacks.values())
    tops = sum(world.sizes[stack[-1]] for stack in stacks.values())
    return beliefs(
        ("ten images take ten times the space", report.logical_bytes // MB,
         "That is what the images hold, each on its own. A layer that two of them name is kept once."),
        ("only the largest image counts", longest,
         "That is the largest image. The others have layers that it does not have."),
        ("only the code is kept", tops,
         "That is the code alone. The base and the runtimes are kept as well, once each."),
    )  # fmt: skip


def saved_bytes(dice: random.Random) -> Problem:
    """Ask what sharing saves."""
    world, stacks = team(dice, 4)
    report = world.registry.storage_report().layers
    base = stacks[next(iter(stacks))][0]
    misconceptions = beliefs(
        ("saved is what is stored", report.stored_bytes // MB,
         "That is what is stored. Saved is what was asked for, less what is stored."),
        ("the shared layer is saved once an image", len(stacks) * world.sizes[base],
         f"{base} is kept once, so one of its {len(stacks)} copies is not saved; and runtimes may be shared too."),
        ("nothing is saved", 0, f"Every image has {base}, and it is kept once."),
    )  # fmt: skip
    return Problem(
        text="How many megabytes does sharing save here, against keeping every image on its own?",
        answer=Number(report.saved_bytes, "MB"),
        misconceptions=misconceptions,
        hints=(
            "A layer that n images name is saved n − 1 times.",
            "Go through the layers one by one: how many images name each?",
            f"Begin with {base}: {len(stacks)} images name it.",
        ),
        why=f"Asked for: {report.logical_bytes // MB} MB; stored: {report.stored_bytes // MB} MB.",
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
            f"One more image comes: wiki:1 of {first[0]} + {first[1]} + {top} ({grown.sizes[top]} MB). "
            "By how many megabytes of layers does the registry grow?"
        ),
        answer=Number(gain, "MB"),
        misconceptions=_beliefs_on_new_bytes(added, grown, first, top),
        hints=(
            "Which of its three layers does no other image have?",
            f"The store has {len(world.sizes)} layers; look for each by name.",
            f"The other images' own layers are {', '.join(sorted(extra))}.",
        ),
        why=f"Only {top} is new.",
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
         f"{first[0]} and {first[1]} are on the shelf already, and are not kept twice."),
        ("another repository shares nothing but the base", grown.sizes[top] + grown.sizes[first[1]],
         f"{first[1]} is there too. Which repository brought a layer does not matter: the store goes by digest."),
        ("nothing is added", 0, f"No image has {top} yet."),
    )  # fmt: skip


def shared_layers(dice: random.Random) -> Problem:
    """Ask which layers two images have in common, when names look alike."""
    base, runtime, library = dice.choice(BASES), dice.choice(RUNTIMES), dice.choice(LIBRARIES)
    service, other_service = dice.sample(SERVICES, 2)
    # The same package installed a second time is another archive: other files below, another moment.
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
            "Look at the digests alone, not at what they hold.",
            "A digest that stands under both images is shared.",
        ),
        why="Sharing hangs on the digest alone: the same bytes, the same name.",
        given=Table(("image", "what it holds", "digest"), tuple(rows)),
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
         "The same package in two archives has two digests, and is kept twice. Only the digest decides."),
        ("images of two repositories share nothing", frozenset(),
         "The store asks for a digest, not for the repository. Some rows have the same digest."),
        ("only the base is shared", frozenset({digests[base]}),
         f"{base} is shared, and it is not all: one more digest stands under both images."),
    )  # fmt: skip


def exclusive_bytes(dice: random.Random) -> Problem:
    """Ask what hangs on one image alone."""
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
            f"Go through the layers of {chosen}: which stand in another row too?",
            "Add up those that stand in this row alone.",
            f"{len(alone)} of its {len(stacks[chosen])} layers are its own.",
        ),
        why=f"Its own: {', '.join(alone)}.",
        given=world.table(stacks),
    )


def _beliefs_on_exclusive_bytes(
    stacks: dict[str, tuple[str, ...]], chosen: str, world: NamedLayers, alone: list[str]
) -> tuple[Misconception, ...]:
    whole = sum(world.sizes[name] for name in stacks[chosen])
    return beliefs(
        ("an image's bytes are its own", whole,
         "That is the whole image. Some of its layers are in other images as well."),
        ("what is shared is its own too", whole - sum(world.sizes[name] for name in alone),
         "That is the part that others need as well; asked is the other part."),
    )  # fmt: skip


def same_files(dice: random.Random) -> Problem:
    """Ask whether two layers that hold the same file are stored once."""
    path = dice.choice(("etc/ssl/certs.pem", "usr/lib/libssl.so", "usr/share/fonts/sans.ttf", "opt/model.bin"))
    data = bytes([dice.randrange(256) for _ in range(8)]) * dice.randint(40, 120)
    change = dice.choice(("another path", "another mode", "one more file", "the same in every byte"))
    first = Changeset.of({path: data})
    second = {
        "another path": lambda: Changeset.of({f"backup/{path}": data}),
        "another mode": lambda: Changeset.of([file(path, data, mode=0o600)]),
        "one more file": lambda: Changeset.of({path: data, "etc/note": b"1\n"}),
        "the same in every byte": lambda: Changeset.of({path: data}),
    }[change]()
    shared = first.diff_id == second.diff_id
    kept = 1 if shared else 2
    reason = "the two archives are the same bytes" if shared else f"{change}: the archives differ, so their digests do"
    return Problem(
        text=(
            f"Two layers hold the file {path}, {len(data):,} bytes, the same in both. The second layer: {change}. "
            "How many times does the registry keep the file's bytes?"
        ),
        answer=OneOf("once" if kept == 1 else "twice", ("once", "twice", "never")),
        misconceptions=_beliefs_on_same_files(kept),
        hints=("What does the store go by: files, or layers?", "Are the two archives the same in every byte?"),
        why=f"A layer is stored under the digest of its whole archive; {reason}.",
    )


def _beliefs_on_same_files(kept: int) -> tuple[Misconception, ...]:
    return beliefs(
        ("the registry removes duplicate files" if kept == 2 else "every layer is kept by itself",
         "once" if kept == 2 else "twice",
         "A registry compares whole layers, by digest; it never looks into them." if kept == 2 else
         "The two layers are the same bytes, so they have one digest and one place."),
        ("a file is not kept, only its hash", "never",
         "The hash is the name; the bytes are kept under it, or nobody could pull them."),
    )  # fmt: skip


EXERCISES = (
    Exercise("stored-once.stored-bytes", "predict", "What the shelf holds", ("stored-once.bytes",), stored_bytes),
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
