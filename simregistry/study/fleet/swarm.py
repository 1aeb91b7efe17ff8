"""A swarm: machines that have pieces of a blob give them to machines that lack them, one piece at a time.

Time goes in steps; a step is the time that one piece takes. In each step a machine takes at most one piece and gives at
most one, and an origin gives at most one. A machine knows a few others, asks them in a random order, and takes a piece
that it lacks. That is the core of every swarm. Left out are how machines learn of each other, slow hosts and lost
pieces, so the last machines of a real swarm need longer than those here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simregistry.errors import InvalidValue
from simregistry.study.population.dice import Dice, Integers

# Machines times pieces: the table of who has what is a byte for each.
MOST_CELLS = 40_000_000
# A table of who has which piece: one row for each host, one column for each piece.
Booleans = np.ndarray[tuple[int, int], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Swarm:
    """The second at which each machine had all pieces, sorted, and how many pieces the origins gave.

    ``floor`` is the time that one machine alone would need at full speed.
    """

    seconds: tuple[float, ...]
    floor: float
    origin_pieces: int
    pieces: int

    def percentile(self, percent: float) -> float:
        """Return the seconds until ``percent`` percent of the machines have everything."""
        return self.seconds[max(0, -(-len(self.seconds) * int(percent * 1000) // 100_000) - 1)]

    @property
    def origin_copies(self) -> float:
        """How often the whole blob left the origins, in copies."""
        return self.origin_pieces / self.pieces


def swarm(
    machines: int, size: int, rate: float, *, piece: int = 4_194_304, origins: int = 5, known: int = 10, seed: int = 1
) -> Swarm:
    """Spread ``size`` bytes over machines that send and receive ``rate`` bytes a second each.

    >>> outcome = swarm(64, 64_000_000, 8e6, piece=1_000_000)
    >>> outcome.floor, outcome.seconds[0] >= 8.0
    (8.0, True)
    """
    pieces = -(-size // piece)
    if machines < 1 or pieces < 1 or machines * pieces > MOST_CELLS or not rate > 0:
        raise InvalidValue("swarm", f"{machines} machines, {pieces} pieces", "give fewer machines or larger pieces")
    dice = Dice(seed)
    # have[i, p]: host i has piece p. The hosts are the machines, and after them the origins, which have everything.
    have = np.zeros((machines + origins, pieces), dtype=bool)
    have[machines:] = True
    # Each machine knows some machines at random, and one of the origins.
    friends = dice.below(machines * known, machines).reshape(machines, known)
    friends[:, 0] = machines + np.arange(machines) % origins
    lacking = np.full(machines, pieces, dtype=np.int64)
    last_step = np.zeros(machines, dtype=np.int64)
    step = origin_pieces = 0
    while lacking.any():
        step += 1
        (takers, taken), from_origins = _step(dice, have, friends, lacking, origins)
        # No machine takes two pieces in one step, so no entry of ``takers`` comes twice.
        have[takers, taken] = True
        lacking[takers] -= 1
        last_step[takers[lacking[takers] == 0]] = step
        origin_pieces += from_origins
    ended = sorted((last_step * (piece / rate)).tolist())
    # A step is the time of a whole piece. If the size is no multiple of it, the last piece is shorter than that.
    short = (pieces * piece - size) / rate
    floor = size / rate
    return Swarm(tuple(max(seconds - short, floor) for seconds in ended), floor, origin_pieces, pieces)


def _step(
    dice: Dice,
    have: Booleans,
    friends: Integers,
    lacking: Integers,
    origins: int,
) -> tuple[tuple[Integers, Integers], int]:
    """Play one step: match machines that ask with hosts that give, at most one piece each way.

    Returns the machines that take a piece with the pieces they take, and how many pieces the origins gave.
    """
    machines = len(friends)
    free = np.ones(len(have), dtype=bool)
    asking = np.flatnonzero(lacking)
    takers: list[Integers] = []
    taken: list[Integers] = []
    # Everybody asks their friends in turn, beginning with a random one.
    beginning = dice.below(machines, friends.shape[1])
    for turn in range(friends.shape[1]):
        if not len(asking):
            break
        giver = friends[asking, (beginning[asking] + turn) % friends.shape[1]]
        # Several may ask the same giver: the first of them in a random order is heard, if the giver is still free.
        # ``heard`` are places in ``asking``, as ``order`` is.
        order = np.argsort(dice.raw(len(asking)), kind="stable")
        heard = order[np.unique(giver[order], return_index=True)[1]]
        heard = heard[free[giver[heard]]]
        piece, served = _choose_pieces(dice, have[giver[heard]] & ~have[asking[heard]])
        takers.append(asking[heard[served]])
        taken.append(piece[served])
        free[giver[heard[served]]] = False
        # Who got nothing asks the next friend.
        asking = np.setdiff1d(asking, takers[-1], assume_unique=True)
    from_origins = int((~free[machines:]).sum())
    return (np.concatenate(takers), np.concatenate(taken)), from_origins


def _choose_pieces(dice: Dice, offered: Booleans) -> tuple[Integers, NDArray[np.bool_]]:
    """Choose for each row a random one of the offered pieces; say in which rows there was any."""
    rows, pieces = offered.shape
    # Turn each row by a random start, and take the first piece that is offered from there on.
    start = dice.below(rows, pieces)
    turned = np.take_along_axis(offered, (start[:, None] + np.arange(pieces)) % pieces, axis=1)
    piece = (start + turned.argmax(axis=1)) % pieces
    # Subtle: argmax is 0 in a row without any offer as well, so look whether the piece was really offered.
    return piece, offered[np.arange(rows), piece]
