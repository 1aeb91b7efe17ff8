"""A fleet of machines pulls an image at the same time: what leaves the registry, and when the last machine has it.

Only the transfer of layers is modelled here. Round trips and unpacking happen on each machine by itself; ``timing`` has
them. A machine fetches some layers at a time over its own link. The registry, the mirror and the cache each have one
link, which all machines share fairly.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import simpy

from simregistry.errors import InvalidValue
from simregistry.study.population.dice import Dice
from simregistry.study.timing.network import Network
from simregistry.table import Table, TableReport, human

# What a machine pulls from; the name after "from_" in the methods of _FleetSimulation.
WAYS = {
    "registry": "every machine pulls from the registry",
    "mirror": "every machine pulls from a mirror that has everything",
    "cache": "every machine pulls through a cache, which fetches each layer once",
    "peers": "each layer leaves the registry a few times, and machines that have it give it on",
}
# The limits of one run, so that a typing error does not fill the memory.
MOST_MACHINES, MOST_LAYERS = 20_000, 500


@dataclass(frozen=True, slots=True)
class Site:
    """The links in bytes a second: the registry's, the mirror's or cache's, each machine's down and up. All chosen.

    A machine fetches ``at_once`` layers at a time. ``seeds`` copies of a layer leave the registry when peers share it.
    Machines start within ``spread`` seconds of each other, drawn from ``seed``.
    """

    registry: float = 1.25e9
    nearby: float = 5e9
    machine_down: float = 125e6
    machine_up: float = 125e6
    at_once: int = 3
    seeds: int = 5
    spread: float = 0.0
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("registry", "nearby", "machine_down", "machine_up"):
            if not getattr(self, name) > 0:
                raise InvalidValue(name, getattr(self, name), "give bytes a second, above 0")
        if self.at_once < 1 or self.seeds < 1 or not 0 <= self.spread < 1e6:
            raise InvalidValue("site", self.at_once, "fetch at least one layer at a time, from at least one seed")


@dataclass(frozen=True, slots=True, repr=False)
class Fleet(TableReport):
    """The outcome: the second at which each machine had all layers, sorted, and the bytes that left each source."""

    way: str
    seconds: tuple[float, ...]
    registry_bytes: int
    nearby_bytes: int
    peer_bytes: int

    @property
    def slowest(self) -> float:
        """Seconds until the last machine has everything."""
        return self.seconds[-1]

    def percentile(self, percent: float) -> float:
        """Return the seconds until ``percent`` percent of the machines have everything."""
        # Rounded up, in whole numbers: 50% of 5 machines are 3 machines, and the third has place 2.
        place = max(0, -(-len(self.seconds) * int(percent * 1000) // 100_000) - 1)
        return self.seconds[place]

    @property
    def saved(self) -> float:
        """The share of the machines' bytes that the registry did not send, 0 to 1."""
        sent = self.registry_bytes + self.nearby_bytes + self.peer_bytes
        # What a cache fetched from the registry reached the machines as bytes of the cache: count it once.
        received = sent - (self.registry_bytes if self.nearby_bytes else 0)
        return 1 - self.registry_bytes / received if received else 0.0

    def row(self) -> tuple[object, ...]:
        """Return the fleet's line of a table."""
        half, most = self.percentile(50), self.percentile(99)
        return (self.way, human(self.registry_bytes), f"{half:.1f}", f"{most:.1f}", f"{self.slowest:.1f}")

    def table(self) -> Table:
        """Show the outcome in one line."""
        title = f"{len(self.seconds):,} machines"
        return Table(
            ("pulling from", "leaves the registry", "half by s", "99% by s", "all by s"), (self.row(),), title=title
        )


def pull_all(
    machines: int, layers: Sequence[int] | Sequence[Sequence[int]], way: str = "registry", site: Site | None = None
) -> Fleet:
    """Let some machines pull the layers of one image, given in bytes, or of several images, one after the other.

    With several images, machine 0 pulls the first image, machine 1 the second, and so on round. Layers at the same
    place of two images are the same layer if their sizes agree: ``[[10, 20], [10, 30]]`` share the first.

    >>> pull_all(10, [125_000_000], site=Site(registry=1.25e8)).slowest
    10.0
    """
    images = _images(machines, layers)
    if way not in WAYS:
        raise InvalidValue("way", way, f"use one of {', '.join(WAYS)}")
    simulation = _FleetSimulation(site or Site(), machines, way)
    for machine in range(machines):
        simulation.environment.process(simulation.machine(machine, images[machine % len(images)]))
    simulation.environment.run()
    # Each link has counted what went over it.
    carried = simulation.network.carried
    return Fleet(
        way,
        seconds=tuple(sorted(simulation.ended)),
        registry_bytes=int(carried(simulation.registry)),
        nearby_bytes=int(carried(simulation.nearby)),
        peer_bytes=int(sum(carried(link) for link in simulation.up)),
    )


def _images(machines: int, layers: Sequence[int] | Sequence[Sequence[int]]) -> list[list[int]]:
    """Check the arguments, and return a list of images, each a list of layer sizes."""
    if not 1 <= machines <= MOST_MACHINES:
        raise InvalidValue("machines", machines, f"give a whole number from 1 to {MOST_MACHINES:,}")
    lists = [list(item) if isinstance(item, Sequence) else [item] for item in layers]
    # A list of numbers is one image; a list of lists is several.
    images = lists if layers and isinstance(layers[0], Sequence) else [[size for (size,) in lists]]
    if not images or any(not 1 <= len(image) <= MOST_LAYERS or min(image) < 0 for image in images):
        raise InvalidValue("layers", len(lists), f"give from 1 to {MOST_LAYERS} sizes in bytes for each image")
    return images


# A SimPy process: a generator that yields events and goes on when they happen.
Process = Generator[simpy.Event, Any, Any]
# A layer is known by its place in the image and its bytes.
Layer = tuple[int, int]


class _FleetSimulation:
    """The machines, the links, and who has which layer. Each method is a process, except for the first."""

    def __init__(self, site: Site, machines: int, way: str) -> None:
        self.site, self.way = site, way
        self.environment = simpy.Environment()
        self.network = Network(self.environment)
        self.registry, self.nearby = self.network.link(site.registry), self.network.link(site.nearby)
        self.down = [self.network.link(site.machine_down) for _ in range(machines)]
        self.up = [self.network.link(site.machine_up) for _ in range(machines if way == "peers" else 0)]
        self.starts = [raw / 2**32 * site.spread for raw in Dice(site.seed).raw(machines).tolist()]
        # When each machine had everything, in the order in which they ended.
        self.ended: list[float] = []
        # Cache: the arrival of each layer that it has asked for, in the past or still to come.
        self.cached: dict[Layer, simpy.Event] = {}
        # Peers: for each layer a queue of those that can give it and are free. None stands for the registry.
        self.givers: dict[Layer, simpy.Store] = {}

    def machine(self, machine: int, image: Sequence[int]) -> Process:
        """Start a machine, and fetch all layers of its image."""
        yield self.environment.timeout(self.starts[machine])
        slots = simpy.Resource(self.environment, self.site.at_once)
        # All layers are asked for at once; the slots let a few of them through at a time.
        yield self.environment.all_of(
            [self.environment.process(self.layer(machine, slots, (n, size))) for n, size in enumerate(image)]
        )
        self.ended.append(self.environment.now)

    def layer(self, machine: int, slots: simpy.Resource, layer: Layer) -> Process:
        """Fetch one layer when a slot is free, by the method that the way names."""
        with slots.request() as turn:
            yield turn
            yield from getattr(self, f"from_{self.way}")(machine, layer)

    def from_registry(self, machine: int, layer: Layer) -> Process:
        """Send a layer from the registry."""
        yield self.network.transfer(layer[1], [self.registry, self.down[machine]])

    def from_mirror(self, machine: int, layer: Layer) -> Process:
        """Send a layer from the mirror, which has all layers from the start."""
        yield self.network.transfer(layer[1], [self.nearby, self.down[machine]])

    def from_cache(self, machine: int, layer: Layer) -> Process:
        """Send a layer from the cache, once the cache has it."""
        # The first machine to ask makes the cache fetch the layer. Without this table every machine that asks before
        # the layer has arrived would make it fetch the layer again.
        if layer not in self.cached:
            self.cached[layer] = self.network.transfer(layer[1], [self.registry])
        if not self.cached[layer].processed:
            yield self.cached[layer]
        yield self.network.transfer(layer[1], [self.nearby, self.down[machine]])

    def from_peers(self, machine: int, layer: Layer) -> Process:
        """Send a layer from a machine that has it and is free, or from the registry while its copies last."""
        givers = self.givers.get(layer)
        if givers is None:
            givers = self.givers[layer] = simpy.Store(self.environment)
            for _ in range(self.site.seeds):
                givers.put(None)
        # The store hands out givers in the order in which they became free, and lets a machine wait if none is.
        giver = yield givers.get()
        source = self.registry if giver is None else self.up[giver]
        yield self.network.transfer(layer[1], [source, self.down[machine]])
        # Now two machines can give the layer, the giver and this one. The registry does not return to the queue: each
        # of its copies is sent once, and that is what keeps its traffic low.
        if giver is not None:
            givers.put(giver)
        givers.put(machine)


def compare_ways(
    machines: int, layers: Sequence[int], site: Site | None = None, ways: Sequence[str] = tuple(WAYS)
) -> Table:
    """Pull in every way, and show the outcomes side by side."""
    fleets = [pull_all(machines, layers, way, site) for way in ways]
    title = f"{machines:,} machines pull {human(sum(layers))} at once"
    return Table(
        ("pulling from", "leaves the registry", "half by s", "99% by s", "all by s"),
        tuple(fleet.row() for fleet in fleets), title=title,
    )  # fmt: skip
