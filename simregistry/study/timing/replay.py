"""Replay a push or a pull over a network: which request, transfer and unpacking happens when, and what limits it."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Any

import simpy

from simregistry.errors import InvalidValue
from simregistry.study.timing.client_defaults import ENGINE, ClientDefaults
from simregistry.study.timing.network import Network
from simregistry.study.timing.timeline import Span, SpanKind, Timeline
from simregistry.study.timing.work import Chain, RequestStep, Work
from simregistry.table import Table, TableReport

# A SimPy process: a generator that yields events and goes on when they happen.
Process = Generator[simpy.Event, Any, Any]
# The rows of a timeline for the requests before all blobs and after them.
FIRST, LAST = "manifest", "manifest, last"


@dataclass(frozen=True, slots=True)
class Conditions:
    """The network and the machine of a client; the defaults are chosen: 100 Mbit/s down, 40 up, 20 ms, a plain disk.

    ``latency`` is a round trip in seconds; the rest is bytes a second. ``gunzip`` is the speed of one unpacker, in
    uncompressed bytes; all unpackers share ``disk``. ``each`` is the most that one transfer gets, for a server that
    limits every connection. A new connection takes ``open_round_trips``: one for TCP, one for TLS 1.3.
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
    """Compute when each step of the work happens; ``faults`` says how often a blob's transfer fails before it succeeds.

    >>> from simregistry.study.timing.work import work_of_layers
    >>> replay(work_of_layers([25_000_000], unpacking=0), conditions=Conditions(latency=0)).seconds
    2.00016
    """
    simulation = _TransferSimulation(client, conditions or Conditions(), dict(faults or {}))
    if strange := sorted(set(simulation.faults) - {chain.name for chain in work.chains}):
        raise InvalidValue("faults", strange[0], f"use one of {', '.join(chain.name for chain in work.chains)}")
    whole_work = simulation.environment.process(simulation.all(work))
    simulation.environment.run(whole_work)
    # The rows follow the work, not the clock: the base layer comes first, whichever layer ends first.
    spans = tuple(sorted(simulation.spans, key=lambda span: span.start))
    order = (FIRST, *(chain.name for chain in work.chains), LAST)
    names = tuple(name for name in order if any(span.name == name for span in spans))
    return Timeline(client.name, names, spans, simulation.environment.now, simulation.failed)


class _TransferSimulation:
    """One client at work: its links, its disk, its unpackers, and the spans so far. Each method is a process."""

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
        """Ask for the manifest, then run the chains of all blobs, then send what comes last."""
        yield from self.open(FIRST)
        for step in work.before:
            yield from self.step(FIRST, step)
        # A slot for each transfer that the client runs at a time. A slot says whether its connection has to be opened
        # first; the one that asked for the manifest is open already.
        at_once = self.client.uploads if work.up > work.down else self.client.downloads
        slots = simpy.Store(self.environment)
        for number in range(at_once):
            slots.put(number > 0)
        # All chains start now, and wait for a slot. With one unpacker each layer also waits until its parent is
        # unpacked: a layer is written over the files below it. Several unpackers need a snapshotter that can rebase.
        parent: simpy.Event | None = None
        running = []
        for chain in work.chains:
            finished = self.environment.event()
            running.append(self.environment.process(self.chain(chain, slots, parent, finished)))
            parent = finished if self.client.unpackers == 1 else None
        yield self.environment.all_of(running)
        # A client that had to give up a blob does not send the manifest.
        for step in () if self.failed else work.after:
            yield from self.step(LAST, step)

    def chain(self, chain: Chain, slots: simpy.Store, parent: simpy.Event | None, finished: simpy.Event) -> Process:
        """Transfer one blob in a slot, wait until its parent is unpacked, then unpack it."""
        new_connection = yield slots.get()
        if new_connection:
            yield from self.open(chain.name)
        # Wait after each failure, and give up when no attempt is left.
        for failures in range(1, self.faults.get(chain.name, 0) + 1):
            if failures >= self.client.attempts:
                self.failed = self.failed or chain.name
                break
            yield from self.span(chain.name, "wait", self.environment.timeout(self.client.wait(failures)))
        else:
            # Subtle: the else of a for runs only if the loop was not left by break, so not after giving up.
            for step in chain.steps:
                yield from self.step(chain.name, step)
        # The next blob can be transferred while this one is unpacked, so the slot is free from here on.
        slots.put(False)
        if parent is not None:
            yield parent
        if chain.unpacked and self.client.unpacks and not self.failed:
            with self.unpackers.request() as turn:
                yield turn
                # To unpack is to decompress and to write: the disk is a link, and gunzip the most that a flow gets.
                written = self.network.transfer(chain.unpacked, [self.disk], self.conditions.gunzip)
                yield from self.span(chain.name, "unpack", written)
        # Also after a failure: whoever waits for this layer must not wait for ever.
        finished.succeed()

    def open(self, name: str) -> Process:
        """Open a connection."""
        seconds = self.conditions.latency * self.conditions.open_round_trips
        yield from self.span(name, "open", self.environment.timeout(seconds))

    def step(self, name: str, step: RequestStep) -> Process:
        """Send the request's body, wait one round trip, receive the answer's body."""
        if step.up:
            yield from self.span(name, "transfer", self.network.transfer(step.up, [self.up], self.conditions.each))
        yield from self.span(name, "ask", self.environment.timeout(self.conditions.latency))
        if step.down:
            down = self.network.transfer(step.down, [self.down], self.conditions.each)
            yield from self.span(name, "transfer", down)

    def span(self, name: str, what: SpanKind, event: simpy.Event) -> Process:
        """Wait for an event, and note from when to when that took; nothing that took no time is noted."""
        start = self.environment.now
        yield event
        if self.environment.now > start:
            self.spans.append(Span(name, what, start, self.environment.now))


@dataclass(frozen=True, slots=True, repr=False)
class Bound(TableReport):
    """How long a pull or push takes as it is, and how long if one thing at a time were free."""

    seconds: float
    without: Mapping[str, float]

    @property
    def by(self) -> str:
        """The thing that would save most if it were free."""
        return min(self.without, key=lambda name: (self.without[name], name))

    def table(self) -> Table:
        """Show for each thing how long the work takes without it, and the seconds saved."""
        rows = tuple((name, f"{left:.2f}", f"{self.seconds - left:.2f}") for name, left in self.without.items())
        title = f"{self.seconds:.2f} s as it is; most would be saved by: {self.by}"
        return Table(("free of charge", "takes s", "saves s"), rows, title=title)


def bound(work: Work, client: ClientDefaults = ENGINE, conditions: Conditions | None = None) -> Bound:
    """Find what limits a pull or push: replay it with the network, the unpacking or the round trips made free."""
    given = conditions or Conditions()
    # Each replay makes one thing free: a rate that is practically infinite, or no latency.
    without_one = {
        "network": replace(given, download=1e15, upload=1e15, each=inf),
        "unpacking": replace(given, gunzip=1e15, disk=1e15),
        "round trips": replace(given, latency=0.0),
    }
    without = {name: replay(work, client, changed).seconds for name, changed in without_one.items()}
    return Bound(replay(work, client, given).seconds, without)


def compare_clients(
    works: Mapping[str, Work], clients: Iterable[ClientDefaults], conditions: Conditions | None = None
) -> Table:
    """Show how many seconds each client needs for each piece of work."""
    columns = tuple(clients)
    rows = tuple(
        (name, *(f"{replay(work, client, conditions).seconds:.2f}" for client in columns))
        for name, work in works.items()
    )
    return Table(("what", *(f"{client.name}, s" for client in columns)), rows)
