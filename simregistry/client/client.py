"""The workbench: do what ``docker`` does on a laptop, by sending messages to registries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simregistry.client.build.build import build_image
from simregistry.client.build.cache import BuildCache
from simregistry.client.build.report import BuildReport
from simregistry.client.dialect import dialect_named
from simregistry.client.image_store import ImageStore
from simregistry.client.pull import Pull
from simregistry.client.push import Push, RegistryMemory
from simregistry.client.sign_in import Credentials, Keyring, SigningRecorder
from simregistry.client.transfer_report import PullReport, PushReport
from simregistry.client.transport import InProcess, Recorder, RegistryHandler, Transport
from simregistry.errors import TransferFailed
from simregistry.oci.config import ImageConfig
from simregistry.oci.descriptor import Platform
from simregistry.oci.digest import Digest
from simregistry.oci.entry import Entry
from simregistry.oci.layer import Changeset
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.messages import Conversation, Request
from simregistry.oci.reference import Reference
from simregistry.oci.rootfs import stack
from simregistry.table import Table, human


@dataclass(slots=True)
class Client:
    """Build, push and pull images on a laptop that has a store of its own and reaches registries by their host names.

    >>> from simregistry import Registry
    >>> laptop = Client(registries=[Registry("registry.example")])
    >>> report = laptop.build("registry.example/my-app:v1", "FROM scratch\\nCOPY hello /\\n", {"hello": "hi"})
    >>> len(laptop.push("registry.example/my-app:v1").conversation)
    11
    """

    registries: Iterable[RegistryHandler] = ()
    platform: str = "linux/amd64"
    dialect: str = "crane"
    chunk_bytes: int = 0
    store: ImageStore = field(default_factory=ImageStore)
    transports: dict[str, Transport] = field(default_factory=dict)
    memories: dict[str, RegistryMemory] = field(default_factory=dict, repr=False)
    # The address that registries see, and how often a client tries again when a registry tells it to wait.
    address: str = ""
    patience: int = 0
    wait: Callable[[float], None] = field(default=lambda seconds: None, repr=False)
    keyrings: dict[str, Keyring] = field(default_factory=dict, repr=False)
    # How references are read. A student's own reader may take the place of ours.
    parse: Callable[[str], Reference] = field(default=Reference.parse, repr=False)
    # Who the client is at a host where nobody signed in. With docker_credentials, it is whoever ran `docker login`.
    credentials: Callable[[str], Credentials] = field(default=lambda host: Credentials(), repr=False)
    # The results of earlier builds. Clients that share a store may share them too.
    build_cache: BuildCache = field(default_factory=BuildCache, repr=False)

    def __post_init__(self) -> None:
        for registry in self.registries:
            self.transports.setdefault(registry.host, InProcess(registry, self.address))

    def build(
        self,
        reference: str,
        dockerfile: str,
        context: Mapping[str, bytes | str] | Path | None = None,
        **options: Any,
    ) -> BuildReport:
        """Build an image from a Dockerfile and its context; ``options`` are those of ``build_image.build``.

        If the base image isn't here, the client pulls it first, as ``docker build`` does.
        """
        name = str(self.parse(reference))
        return build_image(
            self.store, name, dockerfile, context or {}, resolve=self._base, build_cache=self.build_cache,
            platform=Platform.parse(self.platform), **options,
        )  # fmt: skip

    def _base(self, reference: str) -> tuple[ImageManifest, ImageConfig]:
        name = str(self.parse(reference))
        if name not in self.store.images:
            self.pull(name)
        manifest = self.store.image(name)
        config = self.store.config(manifest)
        if config is None:
            raise TransferFailed(f"{name} has no config here, so nothing can be built on it")
        return manifest, config

    def tag(self, source: str, target: str) -> None:
        """Put one more name on a local image; no byte is copied."""
        self.store.put_image(str(self.parse(target)), self._image(source))

    def push(self, reference: str, dialect: str | None = None) -> PushReport:
        """Push a local image; raises ImageUnknown, or TransferFailed with the conversation up to there."""
        wanted = self.parse(reference)
        manifest = self.store.image(str(wanted))
        push = Push(
            wire=self._wire(wanted.registry),
            repository=wanted.repository,
            tag=wanted.tag or str(manifest.digest),
            manifest=manifest,
            blobs=self.store.blobs,
            memory=self._memory(wanted.registry),
            dialect=dialect_named(dialect or self.dialect),
            chunk_bytes=self.chunk_bytes,
        )
        return push.run(wanted.familiar)

    def pull(self, reference: str) -> PullReport:
        """Pull an image, and fetch only what isn't here already."""
        wanted = self.parse(reference)
        pull = Pull(
            wire=self._wire(wanted.registry),
            repository=wanted.repository,
            store=self.store,
            memory=self._memory(wanted.registry),
            platform=Platform.parse(self.platform),
        )
        return pull.run(str(wanted), str(wanted.digest or wanted.tag))

    def login(self, host: str, user: str, password: str) -> Conversation:
        """Sign in to a registry as ``docker login`` does, and return what was said; raises TransferFailed if refused.

        The client asks the registry once. It keeps the credentials if the registry accepts them; otherwise it keeps
        those that it had.
        """
        keyring = Keyring(Credentials(user, password))
        wire = self._signing(host, keyring)
        response = wire.send(Request("GET", "/v2/"), "is it me?")
        if response.status != 200:
            raise TransferFailed(f"{host} does not know {user} with this password", wire.conversation)
        self.keyrings[host] = keyring
        return wire.conversation

    def logout(self, host: str) -> None:
        """Forget the credentials and tokens for a registry; from now on the client is nobody there."""
        self.keyrings[host] = Keyring()

    def remove(self, reference: str) -> tuple[Digest, ...]:
        """Remove a local image and the blobs that no other image needs; return their digests."""
        return self.store.remove(str(self.parse(reference)))

    def images(self) -> Table:
        """List the local images, as ``docker images`` does."""
        rows = []
        for name, digest in sorted(self.store.images.items()):
            manifest, reference = self.store.manifest(digest), self.parse(name)
            size = human(sum(layer.size for layer in manifest.layers))
            shown = reference.familiar.removesuffix(f":{reference.tag}")
            rows.append((shown, reference.tag or "<none>", manifest.config.digest.short, size))
        return Table(("repository", "tag", "image id", "size"), tuple(rows))

    def history(self, reference: str) -> Table:
        """List the steps that made an image, newest first, as ``docker history`` does."""
        manifest = self._image(reference)
        config = self.store.config(manifest)
        if config is None:
            return Table(("created by", "layer", "bytes"), ())
        layers = iter(manifest.layers)
        rows = []
        for step in config.history:
            layer = None if step.empty_layer else next(layers, None)
            rows.append((step.created_by, layer.digest.short if layer else "", layer.size if layer else 0))
        return Table(("created by", "layer", "bytes"), tuple(reversed(rows)))

    def inspect(self, reference: str) -> dict[str, Any]:
        """Describe a local image: its names, its layers, and how to run it."""
        manifest = self._image(reference)
        config = self.store.config(manifest)
        tagged = sorted(name for name, digest in self.store.images.items() if digest == manifest.digest)
        names = [self.parse(name) for name in tagged]
        description: dict[str, Any] = {
            "Id": str(manifest.config.digest),
            "RepoTags": [name.familiar for name in names],
            "RepoDigests": sorted({str(name.with_digest(manifest.digest)) for name in names}),
            "Size": manifest.image_bytes,
            "Layers": [str(layer.digest) for layer in manifest.layers],
        }
        if config is not None:
            runtime = {"Os": config.platform.os, "Architecture": config.platform.architecture}
            rootfs = {"Type": "layers", "Layers": [str(diff_id) for diff_id in config.diff_ids]}
            description |= runtime | {"Config": config.runtime.to_json(), "RootFS": rootfs}
        return description

    def manifest(self, reference: str) -> ImageManifest:
        """Return a local image's manifest."""
        return self._image(reference)

    def config(self, reference: str) -> ImageConfig | None:
        """Return a local image's config; None where its bytes are not here."""
        return self.store.config(self._image(reference))

    def layers(self, reference: str) -> tuple[Changeset, ...]:
        """Open a local image's layers, from the base up; raises ContentUnavailable where one is known by name alone."""
        return tuple(Changeset.from_blob(self.store.content(layer.digest)) for layer in self._image(reference).layers)

    def rootfs(self, reference: str) -> dict[str, Entry]:
        """Stack a local image's layers into the tree of files that a container would see."""
        return stack(self.layers(reference))

    def _image(self, reference: str) -> ImageManifest:
        return self.store.image(str(self.parse(reference)))

    def _wire(self, host: str) -> Recorder:
        if host not in self.keyrings:
            # A line may have been given credentials for whoever signs in over it; else the client's own count.
            given = getattr(self.transports.get(host), "credentials", None)
            own = given if isinstance(given, Credentials) and given.user else self.credentials(host)
            self.keyrings[host] = Keyring(own)
        return self._signing(host, self.keyrings[host])

    def _signing(self, host: str, keyring: Keyring) -> Recorder:
        """Make the line for one push, pull or login; raises TransferFailed for a host that no transport reaches."""
        if host not in self.transports:
            reached = ", ".join(sorted(self.transports)) or "none"
            raise TransferFailed(f"no registry answers at {host}; this client reaches {reached}")
        return SigningRecorder(
            self.transports[host], keyring=keyring, transports=self.transports, patience=self.patience, wait=self.wait
        )

    def _memory(self, host: str) -> RegistryMemory:
        return self.memories.setdefault(host, RegistryMemory())

    def __repr__(self) -> str:
        return f"Client({len(self.store.images)} images, registries: {', '.join(sorted(self.transports)) or 'none'})"
