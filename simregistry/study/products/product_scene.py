"""Set up what every scenario begins with: an empty registry of a product, a client, and small images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simregistry.client.client import Client
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageIndex, ImageManifest
from simregistry.oci.messages import Request, Response
from simregistry.registry.clock import Clock
from simregistry.registry.products.product import Product
from simregistry.registry.registry import Registry
from simregistry.study.examples.small_images import SmallImage, SmallIndex, push_small

HOST = "registry.example"
# The sizes of the two layers in bytes. They differ, so a figure shows which layer it counts.
BASE, CODE = 4_000, 1_000


@dataclass(frozen=True, slots=True)
class ScenarioOutcome:
    """The result of a scenario in one product: a sentence, figures, and where the behaviour is described."""

    product: Product
    summary: str
    facts: Mapping[str, Any]
    sources: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Write it as plain values for a program to read; what is unknown is null."""
        return {
            "title": self.product.title,
            "summary": self.summary,
            "facts": dict(self.facts),
            "sources": list(self.sources),
        }


@dataclass(slots=True)
class ProductScene:
    """A registry of a product with a clock, and a laptop that reaches it."""

    product: Product
    clock: Clock = field(default_factory=Clock)
    registry: Registry = field(init=False)
    laptop: Client = field(init=False)

    def __post_init__(self) -> None:
        self.registry = Registry.product(self.product.name, HOST, clock=self.clock)
        self.laptop = Client(registries=[self.registry])

    def push(self, name: str, code: str, base: str = "base", *, tags: tuple[str, ...] = ()) -> ImageManifest:
        """Build a small image, ``base`` under ``code``, and push it under a name and more tags of its repository."""
        repository = name.partition(":")[0]
        # In some products an owner has to create the repository before anybody can push to it.
        self.registry.storage.repository_to_write(repository)
        files = {"base": _filled(base, BASE), "code": _filled(code, CODE)}
        self.laptop.build(f"{HOST}/{name}", "FROM scratch\nCOPY base /\nCOPY code /\n", files)
        self.laptop.push(f"{HOST}/{name}")
        for tag in tags:
            self.laptop.tag(f"{HOST}/{name}", f"{HOST}/{repository}:{tag}")
            self.laptop.push(f"{HOST}/{repository}:{tag}")
        return self.laptop.manifest(f"{HOST}/{name}")

    def push_index(self, name: str) -> ImageIndex:
        """Push an image for each of two platforms by its digest, and an index over them under a tag."""
        repository, _, tag = name.partition(":")
        self.registry.storage.repository_to_write(repository)
        images = []
        for platform in ("linux/amd64", "linux/arm64"):
            machine = Client(platform=platform)
            machine.build(f"{HOST}/{name}", "FROM scratch\nCOPY base /\n", {"base": _filled(platform, BASE)})
            images.append(SmallImage.of_store(machine.store, f"{HOST}/{name}"))
        index = SmallIndex.of(images)
        push_small(self.registry, repository, tag, index)
        return index.manifest

    def ask(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Response:
        """Send one request to the registry."""
        return self.registry.handle(Request(method, path, {}, dict(headers or {}), body))

    def pullable(self, repository: str, reference: str) -> bool:
        """Check whether an image, or each image of an index, can be pulled whole."""
        answer = self.ask("GET", f"/v2/{repository}/manifests/{reference}")
        if not answer.ok:
            return False
        manifest = self.registry.manifest(repository, answer.header("Docker-Content-Digest"))
        if isinstance(manifest, ImageIndex):
            return all(self.pullable(repository, child.digest) for child in manifest.manifests)
        return all(self.ask("HEAD", f"/v2/{repository}/blobs/{blob.digest}").ok for blob in manifest.blobs)

    def untagged(self, repository: str) -> tuple[Digest, ...]:
        """List the manifests of a repository that no tag points at."""
        held = self.registry.storage.repositories[repository]
        return tuple(sorted(digest for digest in held.manifests if digest not in held.tags.values()))


def _filled(mark: str, size: int) -> bytes:
    text = f"{mark} ".encode()
    return (text * (size // len(text) + 1))[:size]
