"""Links that flows share fairly, on SimPy's clock.

Max-min fairness, which is what long TCP flows of equal round trip come near to: every flow gets more until a link on
its way is full; what the flows of a full link leave over elsewhere goes to the others. Not modelled: slow start,
losses, packets. Bytes and bytes a second; seconds on the clock of the environment.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np
import simpy

from simregistry.errors import InvalidValue

# Flows that would end within a nanosecond end now: what sums of fractions leave over.
NANOSECOND = 1e-9
LONGEST_PATH = 4


class Network:
    """Links by number, and the flows on them.

    >>> environment = simpy.Environment()
    >>> network = Network(environment)
    >>> link = network.link(100.0)
    >>> both = [network.transfer(200.0, [link]) for _ in range(2)]
    >>> _ = environment.run(both[1])
    >>> environment.now
    4.0
    """

    def __init__(self, environment: simpy.Environment) -> None:
        self.environment = environment
        # Link 0 is full of room: it fills up the paths that are shorter than the longest.
        self._capacity: list[float] = [inf]
        # The same as a column, made anew when a link was added.
        self._column = np.array(self._capacity)
        self._carried: list[float] = [0.0]
        size = 16
        self._left, self._rate, self._most = np.zeros(size), np.zeros(size), np.zeros(size)
        self._path = np.zeros((size, LONGEST_PATH), dtype=np.int64)
        self._events: list[simpy.Event | None] = [None] * size
        self._free = list(range(size))[::-1]
        self._settled_at = environment.now
        self._planned = False
        self._generation = 0

    def link(self, bytes_a_second: float) -> int:
        """Add a link; gives its number."""
        if not bytes_a_second > 0:
            raise InvalidValue("bytes a second", bytes_a_second, "give a number above 0")
        self._capacity.append(float(bytes_a_second))
        self._carried.append(0.0)
        return len(self._capacity) - 1

    def carried(self, link: int) -> float:
        """Give the bytes of all flows that were sent over a link."""
        return self._carried[link]

    def transfer(self, size: float, path: Sequence[int], most: float = inf) -> simpy.Event:
        """Send bytes over links, at most so many a second; gives the event of their arrival."""
        if len(path) > LONGEST_PATH:
            raise InvalidValue("path", len(path), f"use at most {LONGEST_PATH} links")
        event = self.environment.event()
        for link in path:
            self._carried[link] += size
        if size <= 0:
            return event.succeed()
        if not self._free:
            self._grow()
        slot = self._free.pop()
        self._left[slot], self._rate[slot], self._most[slot] = size, 0.0, most
        self._path[slot] = 0
        self._path[slot, : len(path)] = path
        self._events[slot] = event
        self._plan()
        return event

    def _grow(self) -> None:
        size = len(self._left)
        self._left, self._rate, self._most = (
            np.concatenate((c, np.zeros(size))) for c in (self._left, self._rate, self._most)
        )
        self._path = np.concatenate((self._path, np.zeros((size, LONGEST_PATH), dtype=np.int64)))
        self._events += [None] * size
        self._free = list(range(size, 2 * size))[::-1]

    def _plan(self) -> None:
        """Settle once all that happens at this instant has happened."""
        if not self._planned:
            self._planned = True
            self._call(0.0, self._generation)

    def _call(self, delay: float, generation: int) -> None:
        def settle(_: simpy.Event) -> None:
            if generation == self._generation:
                self._settle()

        wake = self.environment.timeout(delay)
        assert wake.callbacks is not None
        wake.callbacks.append(settle)

    def _settle(self) -> None:
        """Move all flows on to now, let those that are through end, share the links anew, and wake up when one ends."""
        self._planned = False
        self._generation += 1
        now = self.environment.now
        self._left -= self._rate * (now - self._settled_at)
        self._settled_at = now
        active = np.flatnonzero(self._most > 0)
        ended = active[self._left[active] <= self._rate[active] * NANOSECOND]
        for slot in ended.tolist():
            event, self._events[slot] = self._events[slot], None
            self._most[slot] = self._rate[slot] = 0.0
            self._free.append(slot)
            assert event is not None
            event.succeed()
        active = np.flatnonzero(self._most > 0)
        if len(active):
            if len(self._column) < len(self._capacity):
                self._column = np.array(self._capacity)
            rates = fair(self._column, self._path[active], self._most[active])
            self._rate[active] = rates
            self._call(float((self._left[active] / rates).min()), self._generation)


def fair(
    capacity: np.ndarray[tuple[int], np.dtype[np.float64]],
    path: np.ndarray[tuple[int, int], np.dtype[np.int64]],
    most: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Share links among flows: fill all equally; whoever meets a full link, or has all it may have, is done.

    >>> fair(np.array([inf, 90.0, 20.0]), np.array([[1, 0], [1, 0], [1, 2]]), np.full(3, inf)).tolist()
    [35.0, 35.0, 20.0]
    """
    rates = np.zeros(len(path))
    left = capacity.copy()
    waiting = np.ones(len(path), dtype=bool)
    while waiting.any():
        users = np.bincount(path[waiting].ravel(), minlength=len(left))
        share = np.where(users > 0, left / np.maximum(users, 1), inf)
        level = min(float(share.min()), float(most[waiting].min()))
        full = share <= level * (1 + NANOSECOND)
        done = waiting & (full[path].any(axis=1) | (most <= level))
        rates[done] = level
        left -= np.bincount(path[done].ravel(), minlength=len(left)) * level
        np.maximum(left, 0.0, out=left)
        left[0] = inf
        waiting &= ~done
    return rates
