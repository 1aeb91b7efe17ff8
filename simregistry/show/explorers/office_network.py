"""A small office and its registry: who reaches whom over which line, and what passes on each line.

The places are the simulator's own: clients, a pull-through cache, and two registries over one storage. Only the lines
between them are made here. A line counts what passes and hands it on.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from simregistry.client.client import Client
from simregistry.client.transport import RegistryHandler
from simregistry.oci.messages import Request, Response
from simregistry.registry.mirror import PullThrough
from simregistry.registry.registry import Registry
from simregistry.registry.storage.repository import required
from simregistry.registry.storage.storage import Storage
from simregistry.study.examples import webapp

HOST = webapp.HOST
LAPTOPS, CACHE, FRONT_ENDS = ("laptop 1", "laptop 2"), "cache", ("front end A", "front end B")
IMAGES = ("web:v1", "web:v2", "tool:1")
# What nobody has pushed yet: one layer of 250 kB. Clients here send a blob in chunks.
TOOL_DOCKERFILE, TOOL_BYTES, CHUNK = "FROM scratch\nCOPY tool /\n", bytes(range(250)) * 1000, 100_000


class AnswerLost(ConnectionError):
    """A request came in and was done, and its answer never reached the client."""


@dataclass(slots=True)
class FrontEnd:
    """A registry that can be stopped; with ``breaks`` it stops by itself after the next chunk of an upload."""

    name: str
    registry: Registry
    running: bool = True
    breaks: bool = False

    @property
    def host(self) -> str:
        """The host that it answers for."""
        return self.registry.host

    def handle(self, request: Request) -> Response:
        """Answer as the registry does; raise ConnectionError while it is stopped."""
        if not self.running:
            raise ConnectionError(f"{self.name} doesn't answer. Start it, or choose the other one")
        response = self.registry.handle(request)
        if self.breaks and request.method == "PATCH":
            # The chunk is in the storage, and the client never gets the answer.
            self.running = self.breaks = False
            raise AnswerLost(f"{self.name} went down")
        return response


@dataclass(slots=True)
class CountedLine:
    """A line from one place to another that counts the requests that arrive, and body bytes."""

    start: str
    end: str
    handler: RegistryHandler
    requests: int = 0
    up: int = 0
    down: int = 0

    def handle(self, request: Request) -> Response:
        """Hand a request on, and count it unless nobody took it."""
        try:
            response = self.handler.handle(request)
        except AnswerLost:
            self._count(request)
            raise
        self._count(request)
        self.down += response.down
        return response

    def _count(self, request: Request) -> None:
        self.requests += 1
        self.up += request.up


@dataclass(slots=True)
class OfficeNetwork:
    """Two laptops, a cache, and a registry with two front ends over one storage.

    ``front_end`` is the one that new requests go to. ``through_cache`` says whether laptops ask the cache.

    >>> network = OfficeNetwork()
    >>> network.through_cache = True
    >>> network.laptops["laptop 1"].pull("registry.example/web:v1").fetched_bytes == network.left_registry()
    True
    """

    front_end: str = FRONT_ENDS[0]
    through_cache: bool = False
    storage: Storage = field(default_factory=Storage)
    front_ends: dict[str, FrontEnd] = field(init=False)
    cache: PullThrough = field(init=False)
    laptops: dict[str, Client] = field(init=False)
    lines: dict[tuple[str, str], CountedLine] = field(init=False)
    # What one pull of the first image takes out of a registry.
    one_pull: int = field(init=False)

    def __post_init__(self) -> None:
        registries = {name: Registry(HOST, self.storage) for name in FRONT_ENDS}
        self.front_ends = {name: FrontEnd(name, registry) for name, registry in registries.items()}
        self.cache = PullThrough(_Way(self, CACHE), host=HOST)
        self.laptops = {name: Client(registries=[_Way(self, name)], chunk_bytes=CHUNK) for name in LAPTOPS}
        places: dict[str, RegistryHandler] = {CACHE: self.cache, **self.front_ends}
        self.lines = {
            (start, end): CountedLine(start, end, handler)
            for start in (*LAPTOPS, CACHE)
            for end, handler in places.items()
            if start != end
        }
        self._fill(registries[FRONT_ENDS[0]])

    def _fill(self, registry: Registry) -> None:
        """Let a machine that isn't in the picture push the web app; laptop 1 builds a tool and keeps it."""
        builder = Client(registries=[registry])
        for name in IMAGES[:2]:
            webapp.build(builder, name.partition(":")[2])
            builder.push(f"{HOST}/{name}")
        self.laptops[LAPTOPS[0]].build(f"{HOST}/{IMAGES[2]}", TOOL_DOCKERFILE, {"tool": TOOL_BYTES})
        self.one_pull = Client(registries=[registry]).pull(f"{HOST}/{IMAGES[0]}").conversation.down

    def line_from(self, place: str) -> CountedLine:
        """Find the line that a place's next request takes."""
        return self.lines[place, CACHE if self.through_cache and place != CACHE else self.front_end]

    def left_registry(self) -> int:
        """Count the body bytes that the front ends have sent out."""
        return sum(line.down for line in self.lines.values() if line.end in FRONT_ENDS)

    def counts(self) -> dict[tuple[str, str], int]:
        """Count the requests on each line."""
        return {ends: line.requests for ends, line in self.lines.items()}

    def images_at(self, place: str) -> tuple[str, ...]:
        """List the images that a laptop, the cache or the storage has whole, by repository and tag."""
        if place in self.laptops:
            return tuple(sorted(name.removeprefix(f"{HOST}/") for name in self.laptops[place].store.images))
        storage = self.cache.storage if place == CACHE else self.storage
        # Subtle: a cache may have an image's manifest and lack blobs that nobody has asked it for.
        return tuple(
            image.name
            for image in Registry(HOST, storage).images()
            if all(blob.digest in storage.blobs for blob in required(image.manifest))
        )

    def bytes_at(self, place: str) -> int:
        """Count the bytes of the blobs and manifests that a laptop, the cache or the storage keeps."""
        if place in self.laptops:
            return sum(len(content) for content in self.laptops[place].store.blobs.values())
        return (self.cache.storage if place == CACHE else self.storage).blobs.stored_bytes

    def open_uploads(self) -> tuple[int, ...]:
        """List the bytes that wait in each open upload."""
        return tuple(session.received for session in self.storage.uploads)


@dataclass(frozen=True, slots=True)
class _Way:
    """Where a place's requests go: over the line that is chosen at that moment."""

    network: OfficeNetwork = field(repr=False)
    place: str
    host: str = HOST

    def handle(self, request: Request) -> Response:
        """Send it over the line."""
        return self.network.line_from(self.place).handle(request)
