"""A network of links whose flows share the bandwidth fairly, on SimPy's clock.

The rule is max-min fairness, which long TCP connections with equal round trips come close to. All flows get faster
together until some link is full. The flows over that link keep their rate, and the others share what is left on the
other links. Slow start, losses and packets are not modelled. Sizes are bytes, rates bytes a second, times seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np
import simpy

from simregistry.errors import InvalidValue

# Subtle: sums of fractions leave a rest, and a flow with a rest of 1e-12 bytes would never end. So a flow that would
# end within a nanosecond ends now.
NANOSECOND = 1e-9
# Links on the way of one flow, at most.
LONGEST_PATH = 4


class Network:
    """Links with numbers, and the flows on them.

    Two flows of 200 bytes share a link of 100 bytes a second:

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
        # Link 0 has room without end. A path with fewer than four links is filled up with it.
        self._capacity: list[float] = [inf]
        # The same as an array, built again after a link was added.
        self._capacity_column = np.array(self._capacity)
        self._carried: list[float] = [0.0]
        # One slot for each flow under way: bytes left, rate now, highest rate allowed (0: the slot is free), and path.
        size = 16
        self._left, self._rate, self._most = np.zeros(size), np.zeros(size), np.zeros(size)
        self._path = np.zeros((size, LONGEST_PATH), dtype=np.int64)
        self._events: list[simpy.Event | None] = [None] * size
        self._free = list(range(size))[::-1]
        # When the bytes left were last brought up to date, and whether that is planned for this instant already.
        self._settled_at = environment.now
        self._planned = False
        # Counts the settlings, so that a wake-up planned before the last one can be told from a current one.
        self._generation = 0

    def link(self, bytes_a_second: float) -> int:
        """Add a link; return its number."""
        if not bytes_a_second > 0:
            raise InvalidValue("bytes a second", bytes_a_second, "give a number above 0")
        self._capacity.append(float(bytes_a_second))
        self._carried.append(0.0)
        return len(self._capacity) - 1

    def carried(self, link: int) -> float:
        """Return the bytes of all flows that were sent over a link."""
        return self._carried[link]

    def transfer(self, size: float, path: Sequence[int], most: float = inf) -> simpy.Event:
        """Send ``size`` bytes over some links, at most ``most`` a second; return the event of their arrival."""
        if len(path) > LONGEST_PATH:
            raise InvalidValue("path", len(path), f"use at most {LONGEST_PATH} links")
        event = self.environment.event()
        for link in path:
            self._carried[link] += size
        if size <= 0:
            return event.succeed()
        if not self._free:
            self._grow()
        # The flow takes a slot and stands still there until the links are shared again, at this same instant.
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
            np.concatenate((column, np.zeros(size))) for column in (self._left, self._rate, self._most)
        )
        self._path = np.concatenate((self._path, np.zeros((size, LONGEST_PATH), dtype=np.int64)))
        self._events += [None] * size
        self._free = list(range(size, 2 * size))[::-1]

    def _plan(self) -> None:
        """Plan one settling for the end of this instant, however many flows start in it."""
        # A thousand machines start at the same second. Settling after each of them would cost a thousand times as much.
        if not self._planned:
            self._planned = True
            self._call(0.0, self._generation)

    def _call(self, delay: float, generation: int) -> None:
        """Settle after ``delay`` seconds, unless another settling has come before."""

        def settle(_: simpy.Event) -> None:
            # Subtle: SimPy can't cancel a timeout. If flows came or went since it was planned, it is out of date.
            if generation == self._generation:
                self._settle()

        wake = self.environment.timeout(delay)
        assert wake.callbacks is not None
        wake.callbacks.append(settle)

    def _settle(self) -> None:
        """Bring all flows up to now, end those that have arrived, and share the links among the rest."""
        self._planned = False
        self._generation += 1
        # Since the last settling every flow has moved at a constant rate.
        now = self.environment.now
        self._left -= self._rate * (now - self._settled_at)
        self._settled_at = now
        # End the flows that have nothing left, and free their slots.
        active = np.flatnonzero(self._most > 0)
        ended = active[self._left[active] <= self._rate[active] * NANOSECOND]
        for slot in ended.tolist():
            event, self._events[slot] = self._events[slot], None
            self._most[slot] = self._rate[slot] = 0.0
            self._free.append(slot)
            assert event is not None
            event.succeed()
        # The others get new rates, and keep them until the first of them ends: wake up then.
        active = np.flatnonzero(self._most > 0)
        if len(active):
            if len(self._capacity_column) < len(self._capacity):
                self._capacity_column = np.array(self._capacity)
            rates = max_min_rates(self._capacity_column, self._path[active], self._most[active])
            self._rate[active] = rates
            self._call(float((self._left[active] / rates).min()), self._generation)


def max_min_rates(
    capacity: np.ndarray[tuple[int], np.dtype[np.float64]],
    path: np.ndarray[tuple[int, int], np.dtype[np.int64]],
    most: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Compute the rate of each flow by max-min fairness: raise all rates together until a link, or a flow, is full.

    Three flows share a link of 90, and the third also passes a link of 20. It gets 20, and the others share the rest:

    >>> max_min_rates(np.array([inf, 90.0, 20.0]), np.array([[1, 0], [1, 0], [1, 2]]), np.full(3, inf)).tolist()
    [35.0, 35.0, 20.0]
    """
    rates = np.zeros(len(path))
    left = capacity.copy()
    waiting = np.ones(len(path), dtype=bool)
    while waiting.any():
        # How high can all waiting flows rise together? Up to the smallest equal share of any link.
        users = np.bincount(path[waiting].ravel(), minlength=len(left))
        share = np.where(users > 0, left / np.maximum(users, 1), inf)
        level = min(float(share.min()), float(most[waiting].min()))
        # The flows over a link that is full at this level are done, and so are those that may have no more.
        full = share <= level * (1 + NANOSECOND)
        done = waiting & (full[path].any(axis=1) | (most <= level))
        rates[done] = level
        # Take their share off every link on their way. A rounding error must not make a link negative.
        left -= np.bincount(path[done].ravel(), minlength=len(left)) * level
        np.maximum(left, 0.0, out=left)
        left[0] = inf
        waiting &= ~done
    return rates
