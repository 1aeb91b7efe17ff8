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
            f"{' and '.join(chosen)} {'is' if len(chosen) == 1 else 'are'} deleted; "
            "then a collector takes everything that no tag reaches. How many megabytes of layers does that free?"
        ),
        answer=Number(freed, "MB"),
        misconceptions=misconceptions,
        hints=("Which layers do the images that stay have?", "What goes is what stands in the deleted rows alone."),
        why=f"{freed // MB} of {asked} MB: the rest is shared with images that stay.",
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
        0: ("deleting a tag frees nothing, ever", 0, "The tag alone frees nothing; here a collector ran after it."),
        tops: ("only the code goes", tops, "A layer below goes too, where no other image has it."),
    }
    misconceptions = beliefs(*by_megabytes.values(), unless=freed // MB)
    return asked, misconceptions


def what_is_swept(dice: random.Random) -> Problem:
    """Ask which layers a collector takes, with and without untagged manifests."""
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
            f"The tag {gone} is deleted (the tag, not the manifest). CNCF distribution 3 collects garbage {option}. "
            "Which layers does it take?"
        ),
        answer=SomeOf(swept, everything),
        misconceptions=_beliefs_on_what_is_swept(gone, full, stacks, untagged, swept),
        hints=(
            "Where does this collector begin: at tags alone, or at every manifest?",
            "With the option, at tags and what they reach; without it, at every manifest of a repository.",
        ),
        why=f"{len(swept)} layers have no way to them from a root.",
        given=world.table(stacks),
    )


def _beliefs_on_what_is_swept(
    gone: str, full: frozenset[str], stacks: dict[str, tuple[str, ...]], untagged: bool, swept: frozenset[str]
) -> tuple[Misconception, ...]:
    name = gone.partition(":")[0]
    return beliefs(
        ("deleting a tag frees its layers", full,
         "The manifest is still in its repository, and without --delete-untagged every manifest is a root."),
        ("a collector takes the whole image", frozenset(stacks[gone]),
         "What other images need stays." if untagged else
         "The manifest lost its tag and is still there; it keeps all its layers."),
        ("untagged means unreferenced, so nothing can be taken", frozenset(),
         "With --delete-untagged a manifest without a tag is no root: what only it reaches goes."),
        ("it takes what is old", frozenset(stacks[f"{name}:1"][-1:]),
         "Age plays no part: only whether a way leads to it."),
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
            f"The tag {gone} was deleted, and a collector ran with --delete-untagged. "
            f"{layer} is on the shelf still. What keeps it?"
        ),
        answer=OneOf(right, tuple(shown)),
        misconceptions=misconceptions,
        hints=(
            f"Which tags that are left have an image with {layer}?",
            "A way begins at a tag, goes to a manifest, and from there to the layer.",
        ),
        why=f"The tags that reach it: {', '.join(keepers)}.",
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
        f"tag {gone} → its manifest → {layer}": "That tag is deleted; a way begins at what is there.",
        f"{layer} is young": "Age plays no part in what is kept here.",
        f"repository {gone.partition(':')[0]} → {layer}": (
            "A link says that the repository may read the blob. It keeps nothing: marking begins at manifests."
        ),
    }
    if others:
        options[f"tag {others[0]} → its manifest → {layer}"] = f"{others[0]} does not have {layer}."
    return right, options


def _keepers(world: NamedLayers, layer: str, stacks: dict[str, tuple[str, ...]]) -> list[str]:
    """Find the tags that reach a layer."""
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
            f"A disk lost one blob: the bytes of {lost}. Which tags can no longer be pulled by a machine that has "
            "nothing?"
        ),
        answer=SomeOf(broken, tuple(stacks)),
        misconceptions=_beliefs_on_broken_shelf(stacks, lost, broken),
        hints=("Which rows have this layer?", "A layer is kept once; whoever names it misses it."),
        why=f"{len(broken)} of {len(stacks)} images name {lost}.",
        given=world.table(stacks),
    )


def _beliefs_on_broken_shelf(
    stacks: dict[str, tuple[str, ...]], lost: str, broken: frozenset[str]
) -> tuple[Misconception, ...]:
    first = next(reference for reference in stacks if lost in stacks[reference])
    return beliefs(
        ("a tag that is listed can be pulled", frozenset(),
         "The tag and the manifest are there; the pull ends with 404 at the blob."),
        ("only the image that brought it is broken", frozenset({first}),
         "The blob was kept once, for all images that name it."),
        ("everything is broken", frozenset(stacks), "Images that do not name it are whole."),
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
        "What does the collector take?",
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
