"""The bench of a level: registries, machines and layers with names, and the commands that act on them.

A command is a line in the words of ``docker`` or of whoever runs a registry, with the machine in front:
``laptop: docker push registry.example/web:1``, ``registry: delete tag web:1``. Each is carried out by the client and
the registry of this package. The layers are nominal: a name and a size, and no bytes; what a recipe builds is stated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from simregistry.client.client import Client
from simregistry.client.push import RegistryMemory, said_by
from simregistry.connect.copy_image import LocalRepository, copy_image
from simregistry.errors import InvalidValue, SimRegistryError
from simregistry.oci.content import Nominal
from simregistry.oci.descriptor import Descriptor, Platform
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageIndex, ImageManifest, Manifest
from simregistry.oci.media_types import OCI_EMPTY, OCI_LAYER_GZIP
from simregistry.oci.messages import Request, shorten
from simregistry.oci.reference import Reference
from simregistry.registry.gc.inventory import take_inventory
from simregistry.registry.gc.sweep import sweep
from simregistry.registry.products.distribution_3.collector import DISTRIBUTION_3
from simregistry.registry.registry import Registry
from simregistry.registry.storage.repository import Repository
from simregistry.teach.levels.level_state import MACHINES, REGISTRIES, Image, Images, LevelState, Stack

MB = 10**6
# What may stand in a level's list of allowed commands, and how each is written.
VERBS = {
    "build": "MACHINE: docker build -t NAME RECIPE",
    "push": "MACHINE: docker push NAME", "pull": "MACHINE: docker pull NAME", "tag": "MACHINE: docker tag NAME NAME",
    "rmi": "MACHINE: docker rmi NAME", "delete tag": "registry: delete tag REPOSITORY:TAG",
    "delete manifest": "registry: delete manifest REPOSITORY:TAG", "gc": "registry: gc",
    "gc --delete-untagged": "registry: gc --delete-untagged", "copy": "registry: copy REPOSITORY:TAG REPOSITORY:TAG",
}  # fmt: skip
WORDS = {"build": 3, "push": 1, "pull": 1, "tag": 2, "rmi": 1}


@dataclass(slots=True)
class LevelWorld:
    """Registries and machines, the layers they may hold by name (megabytes), and the recipes that make layers."""

    sizes: Mapping[str, int]
    recipes: Mapping[str, Stack] = field(default_factory=dict)
    registries: dict[str, Registry] = field(
        default_factory=lambda: {name: Registry(host) for name, host in REGISTRIES.items()}
    )
    machines: dict[str, Client] = field(default_factory=dict)
    sent: int = 0
    fetched: int = 0
    # The layers of each manifest that was read before. A digest names the same ones for ever, so copies share this.
    read: dict[Digest, Stack] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for name in MACHINES:
            self.machines.setdefault(name, Client(registries=list(self.registries.values())))

    def descriptor(self, layer: str) -> Descriptor:
        """Describe a layer by its name and size."""
        size = self.sizes[layer] * MB
        return Descriptor(OCI_LAYER_GZIP, Digest.of(f"{layer} {size}".encode()), size)

    def put(self, machine: str, reference: str, stack: Stack) -> ImageManifest:
        """Put an image on a machine, as if it had been built there."""
        store = self.machines[machine].store
        described = [self.descriptor(layer) for layer in stack]
        store.blobs.update({each.digest: Nominal(each.digest, each.size) for each in described})
        config = Descriptor.of(store.content(store.put_blob(b"{}")), OCI_EMPTY)
        manifest = ImageManifest.of(config, described)
        store.put_image(reference, manifest)
        return manifest

    def fill(self, registry: str, name: str, image: Image) -> None:
        """Put an image or an index into a registry from a machine that nobody sees."""
        hand = LevelWorld(self.sizes, registries=self.registries)
        reference = f"{REGISTRIES[registry]}/{name}"
        if isinstance(image, tuple):
            hand.put("laptop", reference, image)
            hand.machines["laptop"].push(reference)
            return
        repository, _, tag = name.partition(":")
        shelf, children = LocalRepository(self.registries[registry].storage, repository), []
        for platform, stack in image.items():
            manifest = hand.put("laptop", reference, stack)
            for blob in manifest.blobs:
                shelf.put_blob(blob, hand.machines["laptop"].store.blobs[blob.digest])
            shelf.put_manifest(manifest, None)
            children.append(replace(manifest.descriptor, platform=Platform.parse(platform)))
        shelf.put_manifest(ImageIndex.of(children), tag)

    def copy(self) -> LevelWorld:
        """Give a bench of its own in the same state."""
        registries = {name: each.copy() for name, each in self.registries.items()}
        made = LevelWorld(self.sizes, self.recipes, registries, {}, self.sent, self.fetched, self.read)
        for name, machine in self.machines.items():
            store, other = machine.store, made.machines[name].store
            other.blobs, other.images = dict(store.blobs), dict(store.images)
            made.machines[name].memories = {
                host: RegistryMemory(
                    {digest: list(places) for digest, places in memory.seen.items()}, dict(memory.unfinished)
                )
                for host, memory in machine.memories.items()
            }
        return made

    def run(self, line: str) -> str:
        """Carry out a command; gives what was said, or raises SimRegistryError for what cannot be done."""
        who, colon, rest = (part.strip() for part in line.strip().partition(":"))
        words = rest.split()
        if who in self.machines and colon and words[:1] == ["docker"] and len(words) > 2:
            return self._docker(who, words[1], words[2:])
        if who in self.registries and words:
            return self._registry(who, words)
        raise InvalidValue("command", line[:100], f"write it as {'; '.join(VERBS.values())}")

    def _docker(self, who: str, verb: str, names: Sequence[str]) -> str:
        client = self.machines[who]
        if verb not in WORDS:
            raise InvalidValue("docker command", verb[:60], f"use one of {', '.join(WORDS)}")
        if len(names) != WORDS[verb] or (verb == "build" and names[0] != "-t"):
            raise InvalidValue("command", verb, f"write it as {VERBS[verb]}")
        if verb == "build":
            return self._build(who, names[1], names[2])
        if verb == "push":
            push = client.push(names[0])
            moved = sum(blob.size for blob in push.layers if blob.outcome == "sent") // MB
            self.sent += moved
            return f"pushed {names[0]}: {moved} MB of layers sent"
        if verb == "pull":
            pull = client.pull(names[0])
            moved = sum(blob.size for blob in pull.layers if blob.outcome == "fetched") // MB
            self.fetched += moved
            return f"pulled {names[0]}: {moved} MB of layers fetched"
        if verb == "tag":
            client.tag(names[0], names[1])
            return f"{names[1]} names what {names[0]} names"
        client.remove(names[0])
        return f"{who} has no {names[0]} any more"

    def _build(self, who: str, name: str, recipe: str) -> str:
        if recipe not in self.recipes:
            raise InvalidValue("recipe", recipe[:60], f"there is {', '.join(self.recipes) or 'none here'}")
        stack, held = self.recipes[recipe], self.machines[who].store.blobs
        new = [layer for layer in stack if self.descriptor(layer).digest not in held]
        self.put(who, str(Reference.parse(name)), stack)
        return f"built {name} by {recipe}: {' + '.join(stack)}; {len(new)} of {len(stack)} layers are new to {who}"

    def _registry(self, who: str, words: Sequence[str]) -> str:
        registry = self.registries[who]
        if hosted := [word for word in words if word.startswith(f"{registry.host}/")]:
            raise InvalidValue("name", hosted[0][:100], "inside a registry write REPOSITORY:TAG, without its host")
        if words[0] == "gc" and list(words[1:]) in ([], ["--delete-untagged"]):
            plan = DISTRIBUTION_3.plan(take_inventory(registry.storage), delete_untagged=len(words) == 2)
            freed = sweep(registry.storage, plan) // MB
            return f"{who} collected: {freed} MB freed"
        if words[0] == "delete" and len(words) == 3 and words[1] in ("tag", "manifest"):
            name, _, tag = words[2].partition(":")
            target = tag if words[1] == "tag" else str(registry.image(words[2]).digest)
            answer = registry.handle(Request("DELETE", f"/v2/{name}/manifests/{target}"))
            if not answer.ok:
                raise SimRegistryError(f"{who} answers {answer.status}: {shorten(said_by(answer))}")
            return f"deleted the {words[1]} {words[2]}"
        if words[0] == "copy" and len(words) == 3:
            # The shelf itself is no door: what the API would refuse as a name is refused here.
            one, other = (Reference.parse(f"{registry.host}/{word}") for word in words[1:])
            if one.digest or other.digest:
                raise InvalidValue("name", " ".join(words[1:])[:100], "write REPOSITORY:TAG, without a digest")
            storage = registry.storage
            copy_image(
                LocalRepository(storage, one.repository), one.tag, LocalRepository(storage, other.repository), other.tag
            )
            return f"copied {words[1]} to {words[2]} inside {who}"
        raise InvalidValue("command", " ".join(words)[:100], "use delete tag, delete manifest, gc or copy")

    def state(self) -> LevelState:
        """Look at everything."""
        names = {self.descriptor(layer).digest: layer for layer in self.sizes}
        images: dict[str, Images] = {place: {} for place in (*REGISTRIES, *MACHINES)}
        untagged: list[tuple[str, str, Image]] = []
        shelves = {}
        for which, registry in self.registries.items():
            held = registry.storage.repositories
            images[which] = {
                each.name: _image(each.manifest, held[each.repository], names) for each in registry.images()
            }
            shelves[which] = tuple(sorted(names[digest] for digest in registry.storage.blobs if digest in names))
            for name, repository in sorted(held.items()):
                bare = [each for digest, each in repository.manifests.items() if digest not in _led_to(repository)]
                untagged += [(which, name, _image(each, repository, names)) for each in bare]
        for who, client in self.machines.items():
            for digest in client.store.images.values():
                if digest not in self.read:
                    self.read[digest] = _layers(client.store.manifest(digest), names)
            images[who] = {name: self.read[digest] for name, digest in sorted(client.store.images.items())}
        stored = sum(self.sizes[layer] for layer in shelves["registry"])
        return LevelState(images, tuple(sorted(untagged, key=repr)), shelves, stored, self.sent, self.fetched)


def _layers(manifest: Manifest | None, names: Mapping[Digest, str]) -> Stack:
    return tuple(names[layer.digest] for layer in manifest.layers) if isinstance(manifest, ImageManifest) else ()


def _image(manifest: Manifest, repository: Repository, names: Mapping[Digest, str]) -> Image:
    if not isinstance(manifest, ImageIndex):
        return _layers(manifest, names)
    # An index goes on naming a manifest that was deleted: what is missing is shown as no layers at all.
    return {str(child.platform): _layers(repository.manifests.get(child.digest), names) for child in manifest.manifests}


def _led_to(repository: Repository) -> set[Digest]:
    """Give what a tag leads to: its manifest, and what that lists where it is an index."""
    found = set(repository.tags.values())
    tops = [repository.manifests[digest] for digest in found]
    return found | {child.digest for top in tops if isinstance(top, ImageIndex) for child in top.manifests}
