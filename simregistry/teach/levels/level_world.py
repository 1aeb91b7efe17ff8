"""The bench of a level: registries, machines and layers with names, and the commands that act on them.

A command is a line with its place in front: ``laptop: docker push registry.example/web:1``, or ``registry: delete tag
web:1``. The first kind goes to the ``docker`` of this package, which acts on the machine's client; a level has its own
``build``, by recipe. The second kind is what people who run a registry do. The layers are nominal: they have a name and
a size, and no bytes. A recipe states which layers a build makes.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from simregistry.client.client import Client
from simregistry.client.docker_commands import COMMANDS, DockerCommand, UsageError, Wording, argument, docker_parser
from simregistry.client.push import RegistryMemory, error_text
from simregistry.client.transfer_report import PullReport, PushReport, Transfer
from simregistry.connect.copy_image import LocalRepository, copy_image
from simregistry.errors import InvalidValue, SimRegistryError
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageIndex, ImageManifest, Manifest
from simregistry.oci.messages import Request, shorten
from simregistry.oci.reference import Reference
from simregistry.registry.gc.inventory import take_inventory
from simregistry.registry.gc.sweep import sweep
from simregistry.registry.products.distribution_3.collector import DISTRIBUTION_3
from simregistry.registry.registry import Registry
from simregistry.registry.storage.repository import Repository
from simregistry.study.examples.small_images import SmallImage, SmallIndex, nominal_layer, push_small, put_small
from simregistry.teach.levels.level_state import MACHINES, REGISTRIES, Image, Images, LevelState, Stack

MB = 10**6
# The commands that a level may allow, and how each is written.
VERBS = {
    "build": "MACHINE: docker build -t NAME RECIPE",
    "push": "MACHINE: docker push NAME", "pull": "MACHINE: docker pull NAME", "tag": "MACHINE: docker tag NAME NAME",
    "rmi": "MACHINE: docker rmi NAME", "delete tag": "registry: delete tag REPOSITORY:TAG",
    "delete manifest": "registry: delete manifest REPOSITORY:TAG", "gc": "registry: gc",
    "gc --delete-untagged": "registry: gc --delete-untagged", "copy": "registry: copy REPOSITORY:TAG REPOSITORY:TAG",
}  # fmt: skip
RECIPE_PARSER = docker_parser(
    "build", "Build an image by a recipe.", argument("-t", "--tag", required=True), argument("recipe")
)


@dataclass(frozen=True, slots=True)
class RecipeBuild:
    """A build by a recipe: the layers that the image has, and those that the machine did not have before."""

    stack: Stack
    new: Stack


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
    # The layers of each manifest that was read before. A digest never changes its meaning, so copies share this.
    read: dict[Digest, Stack] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for name in MACHINES:
            self.machines.setdefault(name, Client(registries=list(self.registries.values())))

    def descriptor(self, layer: str) -> Descriptor:
        """Describe a layer by its name."""
        return nominal_layer(layer, self.sizes[layer] * MB)

    def image(self, stack: Stack) -> SmallImage:
        """Make an image of these layers."""
        return SmallImage.of_nominal(map(self.descriptor, stack))

    def put(self, machine: str, reference: str, stack: Stack) -> None:
        """Put an image on a machine, as if it had been built there."""
        put_small(self.machines[machine].store, reference, self.image(stack))

    def fill(self, registry: str, name: str, image: Image) -> None:
        """Push an image or an index into a registry, from no machine of the level."""
        repository, _, tag = name.partition(":")
        if isinstance(image, tuple):
            push_small(self.registries[registry], repository, tag, self.image(image))
        else:
            index = SmallIndex.of_platforms({platform: self.image(stack) for platform, stack in image.items()})
            push_small(self.registries[registry], repository, tag, index)

    def copy(self) -> LevelWorld:
        """Make a bench in the same state that changes independently of this one."""
        registries = {name: registry.copy() for name, registry in self.registries.items()}
        twin = LevelWorld(self.sizes, self.recipes, registries, {}, self.sent, self.fetched, self.read)
        for name, machine in self.machines.items():
            store, other = machine.store, twin.machines[name].store
            other.blobs, other.images = dict(store.blobs), dict(store.images)
            twin.machines[name].memories = {
                host: RegistryMemory(
                    {digest: list(places) for digest, places in memory.seen.items()}, dict(memory.unfinished)
                )
                for host, memory in machine.memories.items()
            }
        return twin

    def run(self, line: str) -> str:
        """Carry out a command and say what it did; raises SimRegistryError if it cannot be done."""
        who, colon, rest = (part.strip() for part in line.strip().partition(":"))
        words = rest.split()
        if who in self.machines and colon and words[:1] == ["docker"] and len(words) > 2:
            return self._docker(who, words[1], words[2:])
        if who in self.registries and words:
            return self._registry(who, words)
        raise InvalidValue("command", line[:100], f"write it as {'; '.join(VERBS.values())}")

    def docker_commands(self, who: str) -> dict[str, DockerCommand]:
        """List the commands of ``docker`` that a level knows: the package's own with other words, and its build."""
        sentences: dict[str, Wording] = {
            "push": _pushed,
            "pull": _pulled,
            "tag": _tagged,
            "rmi": partial(_removed, who),
        }
        build = DockerCommand(RECIPE_PARSER, self._build, partial(_built, who))
        return {"build": build} | {verb: replace(COMMANDS[verb], word=word) for verb, word in sentences.items()}

    def _docker(self, who: str, verb: str, words: Sequence[str]) -> str:
        commands, client = self.docker_commands(who), self.machines[who]
        if verb not in commands:
            raise InvalidValue("docker command", verb[:60], f"use one of {', '.join(commands)}")
        command = commands[verb]
        try:
            arguments = command.read(words)
        except UsageError:
            raise InvalidValue("command", verb, f"write it as {VERBS[verb]}") from None
        report = command.act(client, arguments)
        if isinstance(report, PushReport):
            self.sent += _megabytes(report)
        if isinstance(report, PullReport):
            self.fetched += _megabytes(report)
        return command.word(client, arguments, report)

    def _build(self, client: Client, arguments: Namespace) -> RecipeBuild:
        recipe = arguments.recipe
        if recipe not in self.recipes:
            raise InvalidValue("recipe", recipe[:60], f"there is {', '.join(self.recipes) or 'none here'}")
        stack = self.recipes[recipe]
        new = tuple(layer for layer in stack if self.descriptor(layer).digest not in client.store.blobs)
        put_small(client.store, str(Reference.parse(arguments.tag)), self.image(stack))
        return RecipeBuild(stack, new)

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
                raise SimRegistryError(f"{who} answers {answer.status}: {shorten(error_text(answer))}")
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
        """Look at everything: names, what they name, shelves, and the megabytes moved."""
        names = {self.descriptor(layer).digest: layer for layer in self.sizes}
        images: dict[str, Images] = {place: {} for place in (*REGISTRIES, *MACHINES)}
        untagged: list[tuple[str, str, Image]] = []
        shelves = {}
        for which, registry in self.registries.items():
            repositories = registry.storage.repositories
            images[which] = {
                image.name: _image(image.manifest, repositories[image.repository], names) for image in registry.images()
            }
            shelves[which] = tuple(sorted(names[digest] for digest in registry.storage.blobs if digest in names))
            for name, repository in sorted(repositories.items()):
                tagged = _reached_from_tags(repository)
                bare = [manifest for digest, manifest in repository.manifests.items() if digest not in tagged]
                untagged += [(which, name, _image(manifest, repository, names)) for manifest in bare]
        for who, client in self.machines.items():
            for digest in client.store.images.values():
                if digest not in self.read:
                    self.read[digest] = _layers(client.store.manifest(digest), names)
            images[who] = {name: self.read[digest] for name, digest in sorted(client.store.images.items())}
        stored = sum(self.sizes[layer] for layer in shelves["registry"])
        return LevelState(images, tuple(sorted(untagged, key=repr)), shelves, stored, self.sent, self.fetched)


def _megabytes(report: Transfer) -> int:
    """Add up the layers that a push sent or a pull fetched."""
    return sum(layer.size for layer in report.layers if layer.outcome in ("sent", "fetched")) // MB


def _built(who: str, client: Client, arguments: Namespace, report: RecipeBuild) -> str:
    layers = f"{' + '.join(report.stack)}; {len(report.new)} of {len(report.stack)} layers are new to {who}"
    return f"built {arguments.tag} by {arguments.recipe}: {layers}"


def _pushed(client: Client, arguments: Namespace, report: PushReport) -> str:
    return f"pushed {arguments.image}: {_megabytes(report)} MB of layers sent"


def _pulled(client: Client, arguments: Namespace, report: PullReport) -> str:
    return f"pulled {arguments.image}: {_megabytes(report)} MB of layers fetched"


def _tagged(client: Client, arguments: Namespace, report: None) -> str:
    return f"{arguments.target} names what {arguments.source} names"


def _removed(who: str, client: Client, arguments: Namespace, report: object) -> str:
    return f"{who} has no {arguments.image} any more"


def _layers(manifest: Manifest | None, names: Mapping[Digest, str]) -> Stack:
    return tuple(names[layer.digest] for layer in manifest.layers) if isinstance(manifest, ImageManifest) else ()


def _image(manifest: Manifest, repository: Repository, names: Mapping[Digest, str]) -> Image:
    if not isinstance(manifest, ImageIndex):
        return _layers(manifest, names)
    # An index goes on naming a manifest that was deleted: what is missing is shown as no layers at all.
    return {str(child.platform): _layers(repository.manifests.get(child.digest), names) for child in manifest.manifests}


def _reached_from_tags(repository: Repository) -> set[Digest]:
    """Find the manifests that a tag leads to: those it names, and those that an index among them lists."""
    named = set(repository.tags.values())
    tops = [repository.manifests[digest] for digest in named]
    return named | {child.digest for top in tops if isinstance(top, ImageIndex) for child in top.manifests}
