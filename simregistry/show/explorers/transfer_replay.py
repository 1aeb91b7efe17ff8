"""A push or a pull that can be stopped after any message, and what both sides have then.

Nothing is worked out here. A real client talks to a real registry, over a line that really breaks. The registry's
state after some messages is that of a fresh registry which got the same requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from simregistry.client.client import Client
from simregistry.client.image_store import ImageStore
from simregistry.client.transport import BrokenLine, InProcess
from simregistry.errors import InvalidValue, TransferFailed
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.messages import Conversation, Exchange
from simregistry.oci.reference import Reference
from simregistry.registry.registry import Registry

NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Journey:
    """Which image travels which way, and what was there before it.

    ``cuts`` says for each attempt that failed how many messages got through. ``whole`` says whether the last attempt
    goes through.
    """

    direction: str
    image: str
    before: str = NOTHING
    dialect: str = "crane"
    chunk_bytes: int = 0
    cuts: tuple[int, ...] = ()
    whole: bool = True


@dataclass(frozen=True, slots=True)
class ImagePart:
    """A blob or the manifest of the image that travels."""

    name: str
    digest: Digest
    size: int


@dataclass(frozen=True)
class TransferReplay:
    """All attempts to push or pull one image: what was said, and the registry and the client at the end.

    ``start`` is the registry before the first message. ``had`` and ``listed`` are the blobs and the images that the
    client had then.
    """

    source: Registry
    journey: Journey
    start: Registry
    had: frozenset[Digest]
    listed: frozenset[str]
    registry: Registry
    client: Client
    attempts: tuple[Conversation, ...]
    manifest: ImageManifest

    @classmethod
    def of(cls, source: Registry, journey: Journey) -> TransferReplay:
        """Make a journey: each attempt that is cut fails, and the last one goes through if it is to."""
        pushed = journey.direction == "push"
        registry, client = (_before_push if pushed else _before_pull)(source, journey)
        # A pull changes nothing in a registry, so a copy would be the same.
        start = registry.copy() if pushed else registry
        had, listed = frozenset(client.store.blobs), frozenset(client.store.images)
        reference = name_at_host(source, journey.image)
        move = client.push if pushed else client.pull
        attempts = []
        for cut in journey.cuts:
            client.transports[source.host] = BrokenLine(InProcess(registry), after=cut)
            try:
                attempts.append(move(reference).conversation)
            except TransferFailed as stopped:
                attempts.append(_said(stopped))
        client.transports[source.host] = InProcess(registry)
        if journey.whole:
            attempts.append(move(reference).conversation)
        parsed = Reference.parse(reference)
        manifest = source.image(f"{parsed.repository}:{parsed.tag}").manifest
        if not isinstance(manifest, ImageManifest):
            raise InvalidValue("image", journey.image, "use an image for one platform; this is an index")
        return cls(source, journey, start, had, listed, registry, client, tuple(attempts), manifest)

    @cached_property
    def reference(self) -> Reference:
        """The image's full name."""
        return Reference.parse(name_at_host(self.source, self.journey.image))

    @cached_property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All messages of all attempts, in order."""
        return tuple(exchange for attempt in self.attempts for exchange in attempt)

    @cached_property
    def subjects(self) -> tuple[Digest | None, ...]:
        """For each message the blob or the manifest that it is about; None for the question whether this is a registry.

        A request that belongs to an upload has no digest in its line. It is about the same blob as the one before it.
        """
        parts = (self.manifest.digest, *(blob.digest for blob in self.manifest.blobs))
        subjects: list[Digest | None] = []
        for exchange in self.exchanges:
            line = exchange.request.line
            digest = next((digest for digest in parts if str(digest) in line), None)
            if digest is None and "/manifests/" in line:
                digest = self.manifest.digest
            follows = digest is None and exchange.request.path != "/v2/" and subjects
            subjects.append(subjects[-1] if follows else digest)
        return tuple(subjects)

    def steps(self, folded: bool) -> tuple[int, ...]:
        """Number the messages at which a step ends: all of them, or the last one of those about the same blob."""
        last = len(self.exchanges)
        if not folded:
            return tuple(range(last + 1))
        starts = self._starts()
        ends = [n for n in range(1, last) if n in starts or self.subjects[n] != self.subjects[n - 1]]
        return (0, *ends, *([last] if last else []))

    def _starts(self) -> tuple[int, ...]:
        """Number the messages that were said before each attempt."""
        return tuple(sum(len(attempt) for attempt in self.attempts[:n]) for n in range(len(self.attempts)))

    def attempt_start(self, messages: int) -> int:
        """Number the messages that were said before the attempt which is under way after some messages."""
        return max((start for start in self._starts() if start < messages), default=0)

    @cached_property
    def registries(self) -> tuple[Registry, ...]:
        """Give a fresh registry the requests one by one, and copy it after each; one that never arrived is left out."""
        registry, copies = self.start.copy(), [self.start]
        for exchange in self.exchanges:
            if exchange.response is not None:
                registry.handle(exchange.request)
            copies.append(registry.copy())
        return tuple(copies)

    def registry_at(self, messages: int) -> Registry:
        """Return the registry as it is after some messages; a pull leaves it as it was."""
        return self.start if self.journey.direction == "pull" else self.registries[messages]

    def arrived_at(self, messages: int) -> frozenset[Digest]:
        """Name what a pull has brought and not stored yet; a client whose pull fails drops it."""
        said = self.exchanges[self.attempt_start(messages) : messages]
        if self.ended(messages) or any(exchange.response is None for exchange in said):
            return frozenset()
        about = zip(self.subjects[self.attempt_start(messages) :], said, strict=False)
        return frozenset(digest for digest, exchange in about if digest is not None and exchange.status == 200)

    def ended(self, messages: int) -> bool:
        """Say whether the transfer has gone through after some messages."""
        return self.journey.whole and messages >= len(self.exchanges)

    def cut_at(self, messages: int) -> TransferReplay:
        """Cut the line after some messages; what was said after them is never said."""
        before = [start for start in self._starts() if start <= messages]
        # The cut ends the attempt that is under way; attempts that failed before it stay as they were.
        cuts = (*self.journey.cuts[: len(before) - 1], messages - before[-1])
        return TransferReplay.of(self.source, replace(self.journey, cuts=cuts, whole=False))

    def tried_again(self) -> TransferReplay:
        """Let the client try once more, on a line that holds."""
        return TransferReplay.of(self.source, replace(self.journey, whole=True))

    def client_at(self, messages: int) -> Client:
        """Return the client as it is after some messages: with a line that breaks there, unless it is done."""
        broken = any(exchange.response is None for exchange in self.exchanges[messages - 1 : messages])
        return self.client if self.ended(messages) or broken else self.cut_at(messages).client

    def parts(self, layer_names: Sequence[str] = ()) -> tuple[ImagePart, ...]:
        """List the image's parts from the base up: its layers, each once, then config and manifest."""
        layers = tuple({layer.digest: layer for layer in self.manifest.layers}.values())
        fits = len(layer_names) == len(layers)
        names = layer_names if fits else [f"layer {number}" for number in range(1, len(layers) + 1)]
        parts = [ImagePart(name, layer.digest, layer.size) for name, layer in zip(names, layers, strict=True)]
        config, manifest = self.manifest.config, self.manifest
        parts.append(ImagePart("config", config.digest, config.size))
        return (*parts, ImagePart("manifest", manifest.digest, manifest.size))


def name_at_host(source: Registry, image: str) -> str:
    """Write an image's name with the registry's host in front."""
    return f"{source.host}/{image}"


def _before_push(source: Registry, journey: Journey) -> tuple[Registry, Client]:
    """Make a registry, and a laptop with the images that has pushed to it what was there before."""
    images = [journey.image] if journey.before == NOTHING else [journey.before, journey.image]
    workshop = Client(registries=[source])
    for image in images:
        workshop.pull(name_at_host(source, image))
    registry = Registry(source.host)
    # The store alone goes to the laptop: what a client remembers of a registry comes from its own pushes.
    store = ImageStore(dict(workshop.store.blobs), dict(workshop.store.images))
    laptop = Client([registry], dialect=journey.dialect, chunk_bytes=journey.chunk_bytes, store=store)
    if journey.before != NOTHING:
        laptop.push(name_at_host(source, journey.before))
    return registry, laptop


def _before_pull(source: Registry, journey: Journey) -> tuple[Registry, Client]:
    """Make a machine that has pulled from the registry what was there before."""
    machine = Client(registries=[source])
    if journey.before != NOTHING:
        machine.pull(name_at_host(source, journey.before))
    return source, machine


def _said(stopped: TransferFailed) -> Conversation:
    """Return what had been said before a transfer stopped."""
    return stopped.conversation if isinstance(stopped.conversation, Conversation) else Conversation()
