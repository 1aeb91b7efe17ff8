"""Turns of the lesson on collection: marks made by hand, and the rules of a team (``team_rules``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from simregistry.client.client import Client
from simregistry.errors import SimRegistryError
from simregistry.oci.content import Nominal
from simregistry.oci.digest import Digest
from simregistry.oci.messages import shorten
from simregistry.registry.gc.inventory import take_inventory
from simregistry.registry.gc.mark import mark
from simregistry.registry.registry import Registry
from simregistry.study.examples.small_images import SmallImage, nominal_layer, push_blobs, push_small
from simregistry.table import Table, count
from simregistry.teach.answers import SomeOf
from simregistry.teach.reveals import Reveal
from simregistry.teach.turns.team_rules import rules_of_a_team
from simregistry.teach.turns.turn import Turn
from simregistry.teach.unread import Unread

# Each manifest with what it names; a tag with the manifest that it points at.
MANIFESTS = {
    "shop-1": ("alpine", "fonts", "shop-code-1"),
    "shop-2": ("alpine", "python", "shop-code-2"),
    "shop-3": ("debian", "python", "shop-code-3"),
    "mail-1": ("debian", "mail-code-1"),
}
TAGS = {"shop:stable": "shop-2", "mail:v1": "mail-1"}
# A push brought it, and broke off before its manifest came.
LOOSE = "shop-code-4"
SIZES = {"alpine": 4_000_000, "debian": 30_000_000, "fonts": 9_000_000, "python": 40_000_000}
CODE_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class NamedShelf:
    """A registry whose manifests and layers have names."""

    registry: Registry
    names: Mapping[str, Digest]

    def kept(self) -> frozenset[str]:
        """Name all that the package's own mark reaches from the tags."""
        inventory = take_inventory(self.registry.storage)
        marks = mark(inventory, ((digest, tag) for tag, digest in inventory.tags()))
        return frozenset(name for name, digest in self.names.items() if digest in marks)

    def size(self, name: str) -> int:
        """Say how many bytes it has in the storage."""
        return self.registry.storage.blobs.size(self.names[name])

    def without(self, gone: Sequence[str]) -> Registry:
        """Delete these from a copy of the registry, as a sweep would."""
        registry = self.registry.copy()
        for name in gone:
            for repository in registry.storage.repositories.values():
                repository.drop_manifest(self.names[name])
            registry.storage.blobs.delete(self.names[name])
        return registry


@cache
def named_shelf() -> NamedShelf:
    """Push the images, those without a tag by digest, and a layer that no manifest names."""
    registry, names = Registry("registry.example"), dict[str, Digest]()
    tags = {manifest: tag.partition(":")[2] for tag, manifest in TAGS.items()}
    for name, layers in MANIFESTS.items():
        described = {layer: nominal_layer(layer, SIZES.get(layer, CODE_BYTES)) for layer in layers}
        image = SmallImage.of_nominal(described.values())
        push_small(registry, name.partition("-")[0], tags.get(name), image)
        names |= {name: image.manifest.digest} | {layer: one.digest for layer, one in described.items()}
    loose = nominal_layer(LOOSE, CODE_BYTES)
    push_blobs(registry, "shop", {loose.digest: Nominal(loose.digest, loose.size)})
    return NamedShelf(registry, dict(sorted((names | {LOOSE: loose.digest}).items())))


def mark_by_hand() -> Turn:
    """Ask which manifests and layers stay, sweep the others, and pull every tag."""
    shelf = named_shelf()
    rows: list[tuple[object, ...]] = [(tag, "tag", manifest) for tag, manifest in TAGS.items()]
    rows += [(name, "manifest", ", ".join(layers)) for name, layers in MANIFESTS.items()]
    rows.append((LOOSE, "layer", None))
    return Turn(
        "collection.mark",
        "The table has all tags and manifests of a registry, and what each of them names. The last row is a layer of a "
        "push that broke off yesterday. You are the collector, and your option is --delete-untagged. So only manifests "
        "with a tag are roots. Write the names of all manifests and layers that get a mark. Everything that you leave "
        "out is swept from a copy of the registry, and then every tag is pulled.",
        play_marks,
        str(sorted(shelf.kept())),
        "A manifest with a tag gets a mark, and so does everything that it names. One marked manifest is enough to "
        "keep a layer.",
        (
            "Begin at the two tags. Which manifests do they point at?",
            "Write down these two manifests and everything that they name. Then you are done.",
            "A manifest that no tag points at keeps none of its layers. Another manifest may keep some of them.",
        ),
        Table(("name", "what it is", "points at, or names"), tuple(rows)),
    )


def play_marks(answer: object) -> Reveal:
    """Sweep what was not marked, pull each tag, and look for what nothing leads to."""
    shelf = named_shelf()
    options = tuple(shelf.names)
    marked = SomeOf(frozenset(), options).read(answer)
    if isinstance(marked, Unread):
        return marked.reveal(answer, f"a set of names, some of {', '.join(options)}")
    right = shelf.kept()
    swept = shelf.without([name for name in options if name not in marked])
    pulls = {tag: _pull(swept, tag) for tag in TAGS}
    needless = [name for name in options if name in marked and name not in right]
    shown = (
        *(f"{tag}: {refusal or 'can be pulled'}" for tag, refusal in pulls.items()),
        *(f"{name}: it has a mark, but no tag leads to it" for name in needless),
    )
    score = sum((name in marked) is (name in right) for name in options) / len(options)
    broken = [tag for tag, refusal in pulls.items() if refusal]
    if broken:
        return Reveal(f"Not yet: after your sweep, {' and '.join(broken)} can't be pulled.", False, score, shown)
    if needless:
        wasted = count(sum(map(shelf.size, needless)))
        return Reveal(f"Not yet: every tag can be pulled, but {wasted} bytes stay for nothing.", False, score, shown)
    freed = count(sum(shelf.size(name) for name in options if name not in marked))
    return Reveal(f"Right: every tag can be pulled, and {freed} bytes are free.", True, 1.0, shown)


def _pull(registry: Registry, tag: str) -> str:
    """Pull a tag on an empty machine; return the refusal, or "" where it went well."""
    try:
        Client(registries=[registry]).pull(f"{registry.host}/{tag}")
    except SimRegistryError as error:
        return shorten(str(error))
    return ""


TURNS = {"mark": mark_by_hand, "rules-of-your-own": rules_of_a_team}
