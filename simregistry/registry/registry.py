"""A registry: a function from requests to responses over a storage, and read-only views of what is in it.

A Registry keeps nothing itself: two over one Storage are two front ends of one service, and what one began the other
can finish.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simregistry.errors import ManifestUnknown
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import Manifest
from simregistry.oci.messages import Request, Response
from simregistry.registry.api import routes
from simregistry.registry.middleware.gate import BasicGate, BearerGate
from simregistry.registry.middleware.middleware import Middleware, pass_through
from simregistry.registry.products.opening import middleware_of
from simregistry.registry.products.product import product
from simregistry.registry.storage.storage import Storage
from simregistry.registry.storage_report import StorageReport, storage_report
from simregistry.table import ShowsTable, Table


@dataclass(frozen=True, slots=True)
class TaggedImage:
    """What one tag points at."""

    repository: str
    tag: str
    digest: Digest
    manifest: Manifest

    @property
    def name(self) -> str:
        """Repository and tag, as people write them."""
        return f"{self.repository}:{self.tag}"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of a registry at one moment, as plain values: to compare, to draw, to rewind."""

    tags: Mapping[str, Mapping[str, Digest]]
    manifests: Mapping[str, tuple[Digest, ...]]
    links: Mapping[str, tuple[Digest, ...]]
    shelf: Mapping[Digest, int]
    uploads: Mapping[str, int]

    @property
    def stored_bytes(self) -> int:
        """Bytes on the shelf."""
        return sum(self.shelf.values())


@dataclass(frozen=True, slots=True, repr=False)
class Registry(ShowsTable):
    """A registry at a host name, over a storage of its own or one that it shares.

    >>> Registry("registry.example").handle(Request("GET", "/v2/")).status
    200
    """

    host: str = "registry.example"
    storage: Storage = field(default_factory=Storage, repr=False)
    # What a request passes through before it comes to the API, outermost first: a gate, a limit, a product's rules.
    middleware: tuple[Middleware, ...] = field(default=(), repr=False)

    @classmethod
    def product(cls, name: str, host: str = "registry.example", **options: Any) -> Registry:
        """Open an empty registry that behaves as a known product does; ``options`` are those of ``middleware_of``.

        >>> registry = Registry.product("docker-hub")
        >>> registry.handle(Request("DELETE", "/v2/app/manifests/v1")).status
        404
        """
        return cls(host, middleware=middleware_of(product(name), host, **options))

    def handle(self, request: Request) -> Response:
        """Answer one request (distribution-spec, "Endpoints")."""
        return pass_through(self.middleware, self.storage, request)

    def refusal(self, request: Request) -> Response | None:
        """Say before a request's body is read how it will be refused; None where the gates let it in.

        Whoever has not signed in must not be able to fill the memory with a body that is refused in the end.
        """
        gates = tuple(layer for layer in self.middleware if isinstance(layer, BasicGate | BearerGate))
        admitted = Response(100)
        answer = pass_through(gates, self.storage, request, lambda _: admitted)
        if answer is not admitted:
            return answer
        # No endpoint at this path takes a body, however long it is.
        return None if routes.match(request)[0] else routes.handle(self.storage, request)

    def repositories(self) -> tuple[str, ...]:
        """Names of the repositories, in order."""
        return tuple(sorted(self.storage.repositories))

    def tags(self, repository: str) -> tuple[str, ...]:
        """Tags of a repository, in order; raises NameUnknown."""
        return tuple(sorted(self.storage.repository(repository).tags))

    def manifest(self, repository: str, reference: str) -> Manifest:
        """Return what a tag or a digest names; raises NameUnknown or ManifestUnknown."""
        names = self.storage.repository(repository)
        return names.manifests[names.resolve(Digest(reference) if ":" in reference else reference)]

    def images(self) -> tuple[TaggedImage, ...]:
        """Every tag with what it points at, in order."""
        return tuple(
            TaggedImage(name, tag, digest, self.storage.repositories[name].manifests[digest])
            for name in self.repositories()
            for tag, digest in sorted(self.storage.repositories[name].tags.items())
        )

    def image(self, name: str) -> TaggedImage:
        """Find ``repository:tag``, or raise ManifestUnknown saying what there is."""
        images = {image.name: image for image in self.images()}
        if name not in images:
            have = ", ".join(sorted(images)[:10]) or "nothing yet"
            raise ManifestUnknown(f"no image {name}; there is {have}", {"name": name})
        return images[name]

    def storage_report(self) -> StorageReport:
        """Count what is kept against what the images would take each on its own, in bytes."""
        return storage_report(self.storage)

    def snapshot(self) -> Snapshot:
        """Take the state down as plain values."""
        # Sorted and copied: two snapshots are equal if the registries are, and neither changes later.
        repositories = {name: self.storage.repositories[name] for name in self.repositories()}
        return Snapshot(
            tags={name: dict(sorted(repository.tags.items())) for name, repository in repositories.items()},
            manifests={name: tuple(sorted(repository.manifests)) for name, repository in repositories.items()},
            links={name: tuple(sorted(repository.blobs)) for name, repository in repositories.items()},
            shelf={digest: self.storage.blobs.size(digest) for digest in sorted(self.storage.blobs)},
            uploads={session.id: session.received for session in self.storage.uploads},
        )

    def copy(self) -> Registry:
        """Make a registry with a storage of its own that has the same content, to rewind to or to try things on."""
        return Registry(self.host, self.storage.copy(), self.middleware)

    def table(self) -> Table:
        """Show every tag, a line each."""
        rows = tuple((image.repository, image.tag, image.digest.short) for image in self.images())
        return Table(("repository", "tag", "digest"), rows, title=self.host)
