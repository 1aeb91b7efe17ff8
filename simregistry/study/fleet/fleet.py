"""A fleet pulls an image at once: what leaves the registry, and when the last machine has it.

Layers alone: round trips and unpacking are each machine's own, and ``timing`` has them. A machine fetches some layers
at a time over its own link; registry, mirror and cache each have one link that all share fairly.
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

WAYS = {
    "registry": "every machine pulls from the registry",
    "mirror": "every machine pulls from a mirror that has everything",
    "cache": "every machine pulls through a cache, which fetches each layer once",
    "peers": "each layer leaves the registry a few times, and machines that have it give it on",
}
MOST_MACHINES, MOST_LAYERS = 20_000, 500


@dataclass(frozen=True, slots=True)
class Site:
    """The links, in bytes a second: the registry's, the mirror's or cache's, each machine's down and up. All chosen.

    ``at_once`` layers are fetched at a time by a machine; ``seeds`` copies leave the registry when peers share;
    machines start within ``spread`` seconds of each other, drawn from ``seed``.
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
    """What came of it: seconds at which each machine had everything, in order, and the bytes that left each place."""

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
        """Seconds until so many percent of the machines have everything."""
        place = max(0, -(-len(self.seconds) * int(percent * 1000) // 100_000) - 1)
        return self.seconds[place]

    @property
    def saved(self) -> float:
        """The share of the bytes that the machines took and the registry did not send, 0 to 1."""
        taken = self.registry_bytes + self.nearby_bytes + self.peer_bytes
        fetched_for_all = taken - (self.registry_bytes if self.nearby_bytes else 0)
        return 1 - self.registry_bytes / fetched_for_all if fetched_for_all else 0.0

    def row(self) -> tuple[object, ...]:
        """Give the line of a table."""
        half, most = self.percentile(50), self.percentile(99)
        return (self.way, human(self.registry_bytes), f"{half:.1f}", f"{most:.1f}", f"{self.slowest:.1f}")

    def table(self) -> Table:
        """Show it in a line."""
        title = f"{len(self.seconds):,} machines"
        return Table(
            ("pulling from", "leaves the registry", "half by s", "99% by s", "all by s"), (self.row(),), title=title
        )


def pull_all(
    machines: int, layers: Sequence[int] | Sequence[Sequence[int]], way: str = "registry", site: Site | None = None
) -> Fleet:
    """Let so many machines pull the layers of one image (bytes each), or of several images, which they take in turn.

    Layers at the same place of several images are one layer if their sizes agree: ``[[10, 20], [10, 30]]`` share the
    first.

    >>> pull_all(10, [125_000_000], site=Site(registry=1.25e8)).slowest
    10.0
    """
    images = _images(machines, layers)
    if way not in WAYS:
        raise InvalidValue("way", way, f"use one of {', '.join(WAYS)}")
    run = _Run(site or Site(), machines, way)
    for machine in range(machines):
        run.environment.process(run.machine(machine, images[machine % len(images)]))
    run.environment.run()
    peer_bytes = int(sum(run.network.carried(link) for link in run.up))
    return Fleet(
        way,
        tuple(sorted(run.ended)),
        int(run.network.carried(run.registry)),
        int(run.network.carried(run.nearby)),
        peer_bytes,
    )


def _images(machines: int, layers: Sequence[int] | Sequence[Sequence[int]]) -> list[list[int]]:
    if not 1 <= machines <= MOST_MACHINES:
        raise InvalidValue("machines", machines, f"give a whole number from 1 to {MOST_MACHINES:,}")
    several = [list(each) if isinstance(each, Sequence) else [each] for each in layers]
    images = several if layers and isinstance(layers[0], Sequence) else [[size for (size,) in several]]
    if not images or any(not 1 <= len(image) <= MOST_LAYERS or min(image) < 0 for image in images):
        raise InvalidValue("layers", len(several), f"give from 1 to {MOST_LAYERS} sizes in bytes for each image")
    return images


Process = Generator[simpy.Event, Any, Any]
Layer = tuple[int, int]


class _Run:
    """Machines, links and who has what."""

    def __init__(self, site: Site, machines: int, way: str) -> None:
        self.site, self.way = site, way
        self.environment = simpy.Environment()
        self.network = Network(self.environment)
        self.registry, self.nearby = self.network.link(site.registry), self.network.link(site.nearby)
        self.down = [self.network.link(site.machine_down) for _ in range(machines)]
        self.up = [self.network.link(site.machine_up) for _ in range(machines if way == "peers" else 0)]
        self.starts = [raw / 2**32 * site.spread for raw in Dice(site.seed).raw(machines).tolist()]
        self.ended: list[float] = []
        self.cached: dict[Layer, simpy.Event] = {}
        # For each layer who can give it: free givers wait in the store, most recent last.
        self.givers: dict[Layer, simpy.Store] = {}

    def machine(self, machine: int, image: Sequence[int]) -> Process:
        yield self.environment.timeout(self.starts[machine])
        slots = simpy.Resource(self.environment, self.site.at_once)
        yield self.environment.all_of(
            [self.environment.process(self.layer(machine, slots, (n, size))) for n, size in enumerate(image)]
        )
        self.ended.append(self.environment.now)

    def layer(self, machine: int, slots: simpy.Resource, layer: Layer) -> Process:
        with slots.request() as turn:
            yield turn
            yield from getattr(self, f"from_{self.way}")(machine, layer)

    def from_registry(self, machine: int, layer: Layer) -> Process:
        yield self.network.transfer(layer[1], [self.registry, self.down[machine]])

    def from_mirror(self, machine: int, layer: Layer) -> Process:
        yield self.network.transfer(layer[1], [self.nearby, self.down[machine]])

    def from_cache(self, machine: int, layer: Layer) -> Process:
        # The first to ask makes the cache fetch; whoever asks meanwhile waits for the same bytes.
        if layer not in self.cached:
            self.cached[layer] = self.network.transfer(layer[1], [self.registry])
        if not self.cached[layer].processed:
            yield self.cached[layer]
        yield self.network.transfer(layer[1], [self.nearby, self.down[machine]])

    def from_peers(self, machine: int, layer: Layer) -> Process:
        givers = self.givers.get(layer)
        if givers is None:
            givers = self.givers[layer] = simpy.Store(self.environment)
            for _ in range(self.site.seeds):
                givers.put(None)
        giver = yield givers.get()
        source = self.registry if giver is None else self.up[giver]
        yield self.network.transfer(layer[1], [source, self.down[machine]])
        # Whoever gave may give again, and there is one more now; the registry's own copies are spent.
        if giver is not None:
            givers.put(giver)
        givers.put(machine)


def compare_ways(
    machines: int, layers: Sequence[int], site: Site | None = None, ways: Sequence[str] = tuple(WAYS)
) -> Table:
    """Show all ways side by side."""
    fleets = [pull_all(machines, layers, way, site) for way in ways]
    title = f"{machines:,} machines pull {human(sum(layers))} at once"
    return Table(
        ("pulling from", "leaves the registry", "half by s", "99% by s", "all by s"),
        tuple(fleet.row() for fleet in fleets), title=title,
    )  # fmt: skip
