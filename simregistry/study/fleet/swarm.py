"""A swarm: machines that have some pieces of a blob give them to those that lack them, in steps of one piece's time.

In each step every machine takes at most one piece and gives at most one, and so does each origin; a machine knows a few
others, asks them in a random order, and takes a piece that it lacks. That is the core of every swarm; who is told about
whom and when, slow hosts and lost pieces are left out, so a real swarm's tail is longer than this one's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simregistry.errors import InvalidValue
from simregistry.study.population.dice import Dice, Integers

MOST_CELLS = 40_000_000


@dataclass(frozen=True, slots=True)
class Swarm:
    """Seconds at which each machine had everything, in order, and how many copies' worth the origins gave."""

    seconds: tuple[float, ...]
    floor: float
    origin_pieces: int
    pieces: int

    def percentile(self, percent: float) -> float:
        """Seconds until so many percent of the machines have everything."""
        return self.seconds[max(0, -(-len(self.seconds) * int(percent * 1000) // 100_000) - 1)]

    @property
    def origin_copies(self) -> float:
        """Whole copies of the blob that left the origins."""
        return self.origin_pieces / self.pieces


def swarm(
    machines: int, size: int, rate: float, *, piece: int = 4_194_304, origins: int = 5, known: int = 10, seed: int = 1
) -> Swarm:
    """Share ``size`` bytes among machines of ``rate`` bytes a second, each way.

    >>> found = swarm(64, 64_000_000, 8e6, piece=1_000_000)
    >>> found.floor, found.seconds[0] >= 8.0
    (8.0, True)
    """
    pieces = -(-size // piece)
    if machines < 1 or pieces < 1 or machines * pieces > MOST_CELLS or not rate > 0:
        raise InvalidValue("swarm", f"{machines} machines, {pieces} pieces", "give fewer machines or larger pieces")
    dice = Dice(seed)
    givers = machines + origins
    have = np.zeros((givers, pieces), dtype=bool)
    have[machines:] = True
    friends = dice.below(machines * known, machines).reshape(machines, known)
    # Each machine knows one of the origins as well.
    friends[:, 0] = machines + np.arange(machines) % origins
    lacking = np.full(machines, pieces, dtype=np.int64)
    done = np.zeros(machines, dtype=np.int64)
    step = origin_pieces = 0
    while lacking.any():
        step += 1
        taken, given = _step(dice, have, friends, lacking, origins)
        have[taken[0], taken[1]] = True
        origin_pieces += given
        lacking[taken[0]] -= 1
        done[taken[0][lacking[taken[0]] == 0]] = step
    seconds = sorted((done * (piece / rate)).tolist())
    # The last piece is short where the size is no multiple, and a step is a whole piece's time.
    short = (pieces * piece - size) / rate
    return Swarm(tuple(max(each - short, size / rate) for each in seconds), size / rate, origin_pieces, pieces)


def _step(
    dice: Dice,
    have: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
    friends: Integers,
    lacking: Integers,
    origins: int,
) -> tuple[tuple[Integers, Integers], int]:
    """Match askers and givers, at most one piece each way; gives who takes which piece, and how many origins gave."""
    machines, pieces = len(friends), have.shape[1]
    free = np.ones(len(have), dtype=bool)
    asking = np.flatnonzero(lacking)
    takers: list[Integers] = []
    chosen: list[Integers] = []
    # Everybody asks whom they know, one after the other, from a random one on.
    at = dice.below(machines, friends.shape[1])
    for turn in range(friends.shape[1]):
        if not len(asking):
            break
        giver = friends[asking, (at[asking] + turn) % friends.shape[1]]
        # Of several that ask one giver the first in a random order is served.
        order = np.argsort(dice.raw(len(asking)), kind="stable")
        first = order[np.unique(giver[order], return_index=True)[1]]
        first = first[free[giver[first]]]
        offered = have[giver[first]] & ~have[asking[first]]
        # A random one of the pieces on offer: the first at or after a random place, going round.
        start = dice.below(len(first), pieces)
        turned = np.take_along_axis(offered, (start[:, None] + np.arange(pieces)) % pieces, axis=1)
        piece = (start + turned.argmax(axis=1)) % pieces
        served = offered[np.arange(len(first)), piece]
        takers.append(asking[first[served]])
        chosen.append(piece[served])
        free[giver[first[served]]] = False
        asking = np.setdiff1d(asking, takers[-1], assume_unique=True)
    given = int((~free[machines:]).sum())
    return (np.concatenate(takers), np.concatenate(chosen)), given
