"""Tags, retention, collection: what a deletion frees, what keeps a blob, which rules take which tags."""

from __future__ import annotations

import random

from simregistry.client.client import Client
from simregistry.errors import SimRegistryError
from simregistry.oci.messages import Request
from simregistry.registry.gc.inventory import take_inventory
from simregistry.registry.gc.reports import freed_by, why
from simregistry.registry.products.distribution_3.collector import DISTRIBUTION_3
from simregistry.registry.registry import Registry
from simregistry.teach.answers import Number, OneOf, SomeOf
from simregistry.teach.exercises import retention_rules
from simregistry.teach.exercises.collector_versions import old_or_new_collector
from simregistry.teach.exercises.named_layers import BASES, HOST, MB, RUNTIMES, SERVICES, NamedLayers, draw_sizes
from simregistry.teach.problem import Exercise, Misconception, Problem, beliefs


def versions(dice: random.Random) -> tuple[NamedLayers, dict[str, tuple[str, ...]]]:
    """Draw three versions of one image and one of another, and push them."""
    name, other = dice.sample(SERVICES, 2)
    base, runtimes = dice.choice(BASES), dice.sample(RUNTIMES, 2)
    stacks: dict[str, tuple[str, ...]] = {
        f"{name}:1": (base, runtimes[0], f"{name}-code 1"),
        f"{name}:2": (base, runtimes[0], f"{name}-code 2"),
        f"{name}:3": (base, runtimes[1], f"{name}-code 3"),
        f"{other}:1": (base, dice.choice(runtimes), f"{other}-code"),
    }
    world = NamedLayers(draw_sizes(dice, dict.fromkeys(layer for stack in stacks.values() for layer in stack)))
    for reference, layers in stacks.items():
        world.push(reference, layers)
    return world, stacks


def delete_tag_by_api(world: NamedLayers, reference: str) -> None:
    """Delete a tag by the registry's API."""
    name, _, tag = reference.partition(":")
    world.registry.handle(Request("DELETE", f"/v2/{name}/manifests/{tag}"))


def what_is_freed(dice: random.Random) -> Problem:
    """Ask how many megabytes deleting some tags frees, once all is collected."""
    world, stacks = versions(dice)
    chosen = dice.sample(list(stacks), dice.choice((1, 2)))
    freed = freed_by(take_inventory(world.registry.storage), chosen) // MB * MB
    asked, misconceptions = _beliefs_on_what_is_freed(chosen, stacks, world, freed)
    return Problem(
        text=(
            f"Somebody deletes the tag{'s' * (len(chosen) > 1)} {' and '.join(chosen)}. Then a collector deletes "
            "everything that no tag leads to. How many megabytes of layers does that free?"
        ),
        answer=Number(freed, "MB"),
        misconceptions=misconceptions,
        hints=("Which layers do the images that stay need?", "Look for layers that are only in the deleted rows."),
        why=(
            f"That frees {freed // MB} MB. The deleted images add up to {asked} MB, but a shared layer counts once, "
            "and images that stay keep theirs."
        ),
        given=world.table(stacks),
    )


def _beliefs_on_what_is_freed(
    chosen: list[str], stacks: dict[str, tuple[str, ...]], world: NamedLayers, freed: int
) -> tuple[int, tuple[Misconception, ...]]:
    """Add up the images as if each were alone, and list the beliefs."""
    asked = sum(world.sizes[layer] for reference in chosen for layer in stacks[reference])
    distinct = sum(world.sizes[layer] for layer in {layer for reference in chosen for layer in stacks[reference]})
    tops = sum(world.sizes[stacks[reference][-1]] for reference in chosen)
    # Where two answers are equal, the belief that stands later takes the other's place.
    by_megabytes = {
        asked: ("bytes of an image = bytes freed by deleting it", asked, "Layers that other images need stay."),
        distinct: ("each layer of it goes, once", distinct, "Some of these layers are in images that stay."),
        0: ("deleting a tag frees nothing, ever", 0, "Deleting the tag frees nothing. But then a collector ran."),
        tops: ("only the code goes", tops, "A layer below the code goes too, if no other image has it."),
    }
    misconceptions = beliefs(*by_megabytes.values(), unless=freed // MB)
    return asked, misconceptions


def what_is_swept(dice: random.Random) -> Problem:
    """Ask which layers a collector deletes, with and without the option for untagged manifests."""
    world, stacks = versions(dice)
    gone = dice.choice(list(stacks))
    delete_tag_by_api(world, gone)
    untagged = dice.random() < 0.5
    plan = DISTRIBUTION_3.plan(take_inventory(world.registry.storage), delete_untagged=untagged)
    swept = world.named(plan.swept)
    full = world.named(DISTRIBUTION_3.plan(take_inventory(world.registry.storage), delete_untagged=True).swept)
    everything = tuple(dict.fromkeys(layer for stack in stacks.values() for layer in stack))
    option = "with --delete-untagged" if untagged else "without --delete-untagged"
    return Problem(
        text=(
            f"Somebody deletes the tag {gone}, but not its manifest. Then the collector of CNCF distribution 3 runs "
            f"{option}. Which layers does it delete?"
        ),
        answer=SomeOf(swept, everything),
        misconceptions=_beliefs_on_what_is_swept(gone, full, stacks, untagged, swept),
        hints=(
            "Does this collector begin at every manifest, or only at those with a tag?",
            "With the option it begins at manifests with a tag. Without it, it begins at every manifest.",
        ),
        why=f"Of {len(everything)} layers, {len(swept)} can't be reached from a root.",
        given=world.table(stacks),
    )


def _beliefs_on_what_is_swept(
    gone: str, full: frozenset[str], stacks: dict[str, tuple[str, ...]], untagged: bool, swept: frozenset[str]
) -> tuple[Misconception, ...]:
    name = gone.partition(":")[0]
    return beliefs(
        ("deleting a tag frees its layers", full,
         "The manifest is still in its repository. Without --delete-untagged every manifest is a root."),
        ("a collector takes the whole image", frozenset(stacks[gone]),
         "Layers that other images need stay." if untagged else
         "The manifest lost its tag but is still there, so it keeps all its layers."),
        ("untagged means unreferenced, so nothing can be taken", frozenset(),
         "With --delete-untagged a manifest without a tag isn't a root. Everything that only it leads to goes."),
        ("it takes what is old", frozenset(stacks[f"{name}:1"][-1:]),
         "The collector doesn't look at the age. It asks whether a way leads there."),
        unless=swept,
    )  # fmt: skip


def why_still_here(dice: random.Random) -> Problem:
    """Ask for the path that keeps a blob."""
    world, stacks = versions(dice)
    gone = dice.choice(list(stacks)[:2])
    layer = dice.choice(stacks[gone][:2])
    delete_tag_by_api(world, gone)
    keepers = _keepers(world, layer, stacks)
    right, options = _ways_to(stacks, layer, keepers, gone)
    shown = list(options)
    dice.shuffle(shown)
    misconceptions = beliefs(*((option, option, message) for option, message in options.items()), unless=right)
    return Problem(
        text=(
            f"Somebody deleted the tag {gone}, and a collector ran with --delete-untagged. "
            f"The layer {layer} is still in the registry's storage. What keeps it?"
        ),
        answer=OneOf(right, tuple(shown)),
        misconceptions=misconceptions,
        hints=(
            f"Which of the tags that are left have an image with {layer}?",
            "A way begins at a tag. It goes to a manifest and from there to the layer.",
        ),
        why=f"These tags lead to it: {', '.join(keepers)}.",
        given=world.table(stacks),
    )


def _ways_to(
    stacks: dict[str, tuple[str, ...]], layer: str, keepers: list[str], gone: str
) -> tuple[str, dict[str, str]]:
    """List the right way and wrong ones, each with what to say to it."""
    holders = [reference for reference in stacks if layer in stacks[reference]]
    right = f"tag {keepers[0]} → its manifest → {layer}"
    others = [reference for reference in stacks if reference not in holders]
    options = {
        right: "",
        f"tag {gone} → its manifest → {layer}": "That tag is deleted, so no way begins there.",
        f"{layer} is young": "This collector doesn't look at the age.",
        f"repository {gone.partition(':')[0]} → {layer}": (
            "A link says that the repository may use the blob. It keeps nothing, because marking begins at manifests."
        ),
    }
    if others:
        options[f"tag {others[0]} → its manifest → {layer}"] = f"The image {others[0]} doesn't have {layer}."
    return right, options


def _keepers(world: NamedLayers, layer: str, stacks: dict[str, tuple[str, ...]]) -> list[str]:
    """Find the tags that lead to a layer."""
    inventory = take_inventory(world.registry.storage)
    ways = why(inventory, world.layer(layer).digest)
    return [reference for reference in stacks if any(way[0].endswith(reference) for way in ways)]


def broken_shelf(dice: random.Random) -> Problem:
    """Ask which tag is broken by a blob that was lost."""
    world, stacks = versions(dice)
    everything = tuple(dict.fromkeys(layer for stack in stacks.values() for layer in stack))
    lost = dice.choice(everything)
    world.registry.storage.blobs.delete(world.layer(lost).digest)
    broken = frozenset(reference for reference in stacks if _fails(world.registry, reference))
    return Problem(
        text=(
            f"The registry's disk has lost one blob, the layer {lost}. Which tags can an empty machine no longer pull?"
        ),
        answer=SomeOf(broken, tuple(stacks)),
        misconceptions=_beliefs_on_broken_shelf(stacks, lost, broken),
        hints=("Which rows have this layer?", "A layer is kept once. Every image that names it needs it."),
        why=f"{len(broken)} of {len(stacks)} images name {lost}.",
        given=world.table(stacks),
    )


def _beliefs_on_broken_shelf(
    stacks: dict[str, tuple[str, ...]], lost: str, broken: frozenset[str]
) -> tuple[Misconception, ...]:
    first = next(reference for reference in stacks if lost in stacks[reference])
    return beliefs(
        ("a tag that is listed can be pulled", frozenset(),
         "The tag and the manifest are there. But the registry answers 404 when the client asks for the blob."),
        ("only the image that brought it is broken", frozenset({first}),
         "The blob was kept once, for all images that name it."),
        ("everything is broken", frozenset(stacks), "Images that don't name it are whole."),
        unless=broken,
    )  # fmt: skip


def _fails(registry: Registry, reference: str) -> bool:
    try:
        Client(registries=[registry]).pull(f"{HOST}/{reference}")
    except (SimRegistryError, ConnectionError):
        return True
    return False


EXERCISES = (
    Exercise("collection.what-is-freed", "predict", "What is freed?", ("collection.frees",), what_is_freed),
    Exercise(
        "collection.what-is-swept",
        "predict",
        "What does the collector delete?",
        ("collection.frees", "collection.why"),
        what_is_swept,
    ),
    Exercise("collection.why-still-here", "explain", "Why is it still here?", ("collection.why",), why_still_here),
    *retention_rules.EXERCISES,
    Exercise(
        "collection.two-versions",
        "explain",
        "Two versions of one collector",
        ("collection.versions",),
        old_or_new_collector,
    ),
    Exercise("collection.lost-blob", "find", "A blob is lost", ("collection.why",), broken_shelf),
)
