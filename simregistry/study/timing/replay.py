"""A push or a pull over a network, second by second."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Any

import simpy

from simregistry.errors import InvalidValue
from simregistry.study.timing.client_defaults import ENGINE, ClientDefaults
from simregistry.study.timing.network import Network
from simregistry.study.timing.timeline import Span, Timeline, What
from simregistry.study.timing.work import Chain, RequestStep, Work
from simregistry.table import Table, TableReport

Process = Generator[simpy.Event, Any, Any]
FIRST, LAST = "manifest", "manifest, last"


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the client works under; the defaults are chosen: 100 Mbit/s down, 40 up, 20 ms away, a plain disk.

    ``latency`` is a round trip in seconds; the rest is bytes a second. ``gunzip`` counts uncompressed bytes, for each
    unpacker its own; ``disk`` is shared by all of them. ``each`` is the most that one transfer gets, as where a server
    limits every connection. A new line takes ``open_round_trips`` (TCP one, TLS 1.3 one).
    """

    latency: float = 0.02
    download: float = 12.5e6
    upload: float = 5e6
    gunzip: float = 150e6
    disk: float = 200e6
    each: float = inf
    open_round_trips: int = 2

    def __post_init__(self) -> None:
        for name in ("download", "upload", "gunzip", "disk", "each"):
            if not getattr(self, name) > 0:
                raise InvalidValue(name, getattr(self, name), "give bytes a second, above 0")
        if not 0 <= self.latency < inf or self.open_round_trips < 0:
            raise InvalidValue("latency", self.latency, "give seconds from 0, and round trips from 0")


def replay(
    work: Work,
    client: ClientDefaults = ENGINE,
    conditions: Conditions | None = None,
    faults: Mapping[str, int] | None = None,
) -> Timeline:
    """Let the work take its time; ``faults`` says how often a chain's transfer fails before it succeeds.

    >>> from simregistry.study.timing.work import work_of_layers
    >>> replay(work_of_layers([25_000_000], unpacking=0), conditions=Conditions(latency=0)).seconds
    2.00016
    """
    desk = _Desk(client, conditions or Conditions(), dict(faults or {}))
    if strange := sorted(set(desk.faults) - {chain.name for chain in work.chains}):
        raise InvalidValue("faults", strange[0], f"use one of {', '.join(chain.name for chain in work.chains)}")
    everything = desk.environment.process(desk.all(work))
    desk.environment.run(everything)
    spans = tuple(sorted(desk.spans, key=lambda span: span.start))
    order = (FIRST, *(chain.name for chain in work.chains), LAST)
    names = tuple(name for name in order if any(span.name == name for span in spans))
    return Timeline(client.name, names, spans, desk.environment.now, desk.failed)


class _Desk:
    """One client at work."""

    def __init__(self, client: ClientDefaults, conditions: Conditions, faults: dict[str, int]) -> None:
        self.environment = simpy.Environment()
        self.client, self.conditions, self.faults = client, conditions, faults
        self.network = Network(self.environment)
        self.down = self.network.link(conditions.download)
        self.up = self.network.link(conditions.upload)
        self.disk = self.network.link(conditions.disk)
        self.unpackers = simpy.Resource(self.environment, client.unpackers)
        self.spans: list[Span] = []
        self.failed = ""

    def all(self, work: Work) -> Process:
        yield from self.open(FIRST)
        for step in work.before:
            yield from self.step(FIRST, step)
        at_once = self.client.uploads if work.up > work.down else self.client.downloads
        slots = simpy.Store(self.environment)
        for number in range(at_once):
            # The line that asked for the manifest is open already.
            slots.put(number > 0)
        unpacked: simpy.Event | None = None
        running = []
        for chain in work.chains:
            mine = self.environment.event()
            running.append(self.environment.process(self.chain(chain, slots, unpacked, mine)))
            # With one unpacker each layer waits for its parent; with several, a snapshotter that can rebase is needed.
            unpacked = mine if self.client.unpackers == 1 else None
        yield self.environment.all_of(running)
        for step in () if self.failed else work.after:
            yield from self.step(LAST, step)

    def chain(self, chain: Chain, slots: simpy.Store, parent: simpy.Event | None, mine: simpy.Event) -> Process:
        new_line = yield slots.get()
        if new_line:
            yield from self.open(chain.name)
        for failures in range(1, self.faults.get(chain.name, 0) + 1):
            if failures >= self.client.attempts:
                self.failed = self.failed or chain.name
                break
            yield from self.span(chain.name, "wait", self.environment.timeout(self.client.wait(failures)))
        else:
            for step in chain.steps:
                yield from self.step(chain.name, step)
        slots.put(False)
        if parent is not None:
            yield parent
        if chain.unpacked and self.client.unpacks and not self.failed:
            with self.unpackers.request() as turn:
                yield turn
                written = self.network.transfer(chain.unpacked, [self.disk], self.conditions.gunzip)
                yield from self.span(chain.name, "unpack", written)
        mine.succeed()

    def open(self, name: str) -> Process:
        seconds = self.conditions.latency * self.conditions.open_round_trips
        yield from self.span(name, "open", self.environment.timeout(seconds))

    def step(self, name: str, step: RequestStep) -> Process:
        if step.up:
            yield from self.span(name, "transfer", self.network.transfer(step.up, [self.up], self.conditions.each))
        yield from self.span(name, "ask", self.environment.timeout(self.conditions.latency))
        if step.down:
            down = self.network.transfer(step.down, [self.down], self.conditions.each)
            yield from self.span(name, "transfer", down)

    def span(self, name: str, what: What, event: simpy.Event) -> Process:
        start = self.environment.now
        yield event
        if self.environment.now > start:
            self.spans.append(Span(name, what, start, self.environment.now))


@dataclass(frozen=True, slots=True, repr=False)
class Bound(TableReport):
    """What bounds a pull or push: how long it takes as it is, and with each thing made free."""

    seconds: float
    without: Mapping[str, float]

    @property
    def by(self) -> str:
        """What would save most if it were free."""
        return min(self.without, key=lambda name: (self.without[name], name))

    def table(self) -> Table:
        """Show the seconds left with each thing free, and those it would save."""
        rows = tuple((name, f"{left:.2f}", f"{self.seconds - left:.2f}") for name, left in self.without.items())
        title = f"{self.seconds:.2f} s as it is; most would be saved by: {self.by}"
        return Table(("free of charge", "takes s", "saves s"), rows, title=title)


def bound(work: Work, client: ClientDefaults = ENGINE, conditions: Conditions | None = None) -> Bound:
    """Say what bounds it, by taking one thing away at a time."""
    given = conditions or Conditions()
    free = {
        "network": replace(given, download=1e15, upload=1e15, each=inf),
        "unpacking": replace(given, gunzip=1e15, disk=1e15),
        "round trips": replace(given, latency=0.0),
    }
    without = {name: replay(work, client, each).seconds for name, each in free.items()}
    return Bound(replay(work, client, given).seconds, without)


def compare_clients(
    works: Mapping[str, Work], clients: Iterable[ClientDefaults], conditions: Conditions | None = None
) -> Table:
    """Show the seconds of several works by several clients."""
    chosen = tuple(clients)
    rows = tuple(
        (name, *(f"{replay(work, client, conditions).seconds:.2f}" for client in chosen))
        for name, work in works.items()
    )
    return Table(("what", *(f"{client.name}, s" for client in chosen)), rows)
