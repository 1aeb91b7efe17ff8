"""The bench of a level: registries, machines and layers with names, and the commands that act on them.

A command is a line in the words of ``docker`` or of whoever runs a registry, with the machine in front:
``laptop: docker push registry.example/web:1``, ``registry: delete tag web:1``. Each is carried out by the client and
the registry of this package. The layers are nominal: a name and a size, and no bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field

from simregistry.client.client import Client
from simregistry.connect.images import Shelf, copy_image
from simregistry.errors import InvalidValue, SimRegistryError
from simregistry.oci.content import Nominal
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.media_types import OCI_EMPTY, OCI_LAYER_GZIP
from simregistry.oci.messages import Request
from simregistry.registry.gc.distribution import DISTRIBUTION_3
from simregistry.registry.gc.inventory import take_inventory
from simregistry.registry.gc.sweep import sweep
from simregistry.registry.registry import Registry

MB = 10**6
REGISTRIES = {"registry": "registry.example", "mirror": "mirror.example"}
MACHINES = ("laptop", "server")
# What may stand in a level's list of allowed commands, and how each is written.
VERBS = {
    "push": "MACHINE: docker push NAME", "pull": "MACHINE: docker pull NAME", "tag": "MACHINE: docker tag NAME NAME",
    "rmi": "MACHINE: docker rmi NAME", "delete tag": "registry: delete tag REPOSITORY:TAG",
    "delete manifest": "registry: delete manifest REPOSITORY:TAG", "gc": "registry: gc",
    "gc --delete-untagged": "registry: gc --delete-untagged", "copy": "registry: copy REPOSITORY:TAG REPOSITORY:TAG",
}  # fmt: skip
Stack = tuple[str, ...]
Images = Mapping[str, Stack]


@dataclass(frozen=True, slots=True)
class State:
    """All that a level can ask for: tags and what they name, the shelf, the machines, and the megabytes that moved."""

    tags: Mapping[str, Stack]
    untagged: tuple[str, ...]
    shelves: Mapping[str, tuple[str, ...]]
    machines: Mapping[str, Images]
    sent: int
    fetched: int


@dataclass(slots=True)
class Bench:
    """Registries and machines, and the layers they may hold by name (megabytes)."""

    sizes: Mapping[str, int]
    registries: dict[str, Registry] = field(
        default_factory=lambda: {name: Registry(host) for name, host in REGISTRIES.items()}
    )
    machines: dict[str, Client] = field(default_factory=dict)
    sent: int = 0
    fetched: int = 0

    def __post_init__(self) -> None:
        for name in MACHINES:
            self.machines.setdefault(name, Client(registries=list(self.registries.values())))

    def descriptor(self, layer: str) -> Descriptor:
        """Describe a layer by its name and size."""
        size = self.sizes[layer] * MB
        return Descriptor(OCI_LAYER_GZIP, Digest.of(f"{layer} {size}".encode()), size)

    def put(self, machine: str, reference: str, stack: Stack) -> None:
        """Put an image on a machine, as if it had been built there."""
        store = self.machines[machine].store
        described = [self.descriptor(layer) for layer in stack]
        store.blobs.update({each.digest: Nominal(each.digest, each.size) for each in described})
        config = Descriptor.of(store.content(store.put_blob(b"{}")), OCI_EMPTY)
        store.put_image(reference, ImageManifest.of(config, described))

    def fill(self, registry: str, name: str, stack: Stack) -> None:
        """Put an image into a registry from a machine that nobody sees."""
        hand = Bench(self.sizes, self.registries)
        reference = f"{REGISTRIES[registry]}/{name}"
        hand.put("laptop", reference, stack)
        hand.machines["laptop"].push(reference)

    def copy(self) -> Bench:
        """Give a bench of its own in the same state."""
        made = Bench(
            self.sizes, {name: each.copy() for name, each in self.registries.items()}, {}, self.sent, self.fetched
        )
        for name, machine in self.machines.items():
            store, other = machine.store, made.machines[name].store
            other.blobs, other.images = dict(store.blobs), dict(store.images)
            made.machines[name].memories = deepcopy(machine.memories)
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
        if len(names) != (2 if verb == "tag" else 1):
            raise InvalidValue("command", verb, f"write it as {VERBS.get(verb, VERBS['pull'])}")
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
        if verb == "rmi":
            client.remove(names[0])
            return f"{who} has no {names[0]} any more"
        raise InvalidValue("docker command", verb, "use push, pull, tag or rmi")

    def _registry(self, who: str, words: Sequence[str]) -> str:
        registry = self.registries[who]
        if words[0] == "gc" and list(words[1:]) in ([], ["--delete-untagged"]):
            plan = DISTRIBUTION_3.plan(take_inventory(registry.backend), delete_untagged=len(words) == 2)
            freed = sweep(registry.backend, plan) // MB
            return f"{who} collected: {freed} MB freed"
        if words[0] == "delete" and len(words) == 3 and words[1] in ("tag", "manifest"):
            name, _, tag = words[2].partition(":")
            target = tag if words[1] == "tag" else str(registry.image(words[2]).digest)
            answer = registry.handle(Request("DELETE", f"/v2/{name}/manifests/{target}"))
            if not answer.ok:
                raise SimRegistryError(f"{who} answers {answer.status}: there is no {words[2]}")
            return f"deleted the {words[1]} {words[2]}"
        if words[0] == "copy" and len(words) == 3:
            (source, _, tag), (target, _, new) = words[1].partition(":"), words[2].partition(":")
            copy_image(Shelf(registry.backend, source), tag, Shelf(registry.backend, target), new or "latest")
            return f"copied {words[1]} to {words[2]} inside {who}"
        raise InvalidValue("command", " ".join(words)[:100], "use delete tag, delete manifest, gc or copy")

    def state(self) -> State:
        """Look at everything."""
        names = {self.descriptor(layer).digest: layer for layer in self.sizes}

        def stack(manifest: object) -> Stack:
            return tuple(names[layer.digest] for layer in getattr(manifest, "layers", ()))

        tags = {
            f"{r}: {image.name}": stack(image.manifest)
            for r, each in self.registries.items()
            for image in each.images()
        }
        untagged, shelves = [], {}
        for which, registry in self.registries.items():
            shelves[which] = tuple(sorted(names[digest] for digest in registry.backend.blobs if digest in names))
            for name, repository in sorted(registry.backend.repositories.items()):
                bare = set(repository.manifests) - set(repository.tags.values())
                untagged += [f"{which}: {name}: {' + '.join(stack(repository.manifests[digest]))}" for digest in bare]
        machines = {
            who: {reference: stack(client.manifest(reference)) for reference in sorted(client.store.images)}
            for who, client in self.machines.items()
        }
        return State(tags, tuple(sorted(untagged)), shelves, machines, self.sent, self.fetched)
