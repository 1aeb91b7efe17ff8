"""Figures of a cache in front of each client of IBM's registry: requests that hit, and bytes that hit.

Modelled: a client asks for a new blob with one chance, else for one of its earlier requests, whichever; sizes are those
of ``trace`` (a log-normal body and a Pareto tail). One row sets the chance; the others come out.
"""

from __future__ import annotations

import random
from collections import OrderedDict
from functools import cache
from math import exp, log
from statistics import NormalDist

from simregistry.study.published.figure import Figure
from simregistry.study.published.trace import ALPHA, GETS, LARGER, MIB, SOURCE

# 12,657,108 requests of 14,602 clients; a sample of the clients is enough.
REQUESTS, CLIENTS = 867, 120
# The chance of a blob that the client never had: so that 64 MiB hit 8.7% of the requests.
NEW = 0.585
NORMAL = NormalDist()
LOW, HIGH = NORMAL.inv_cdf(0.65), NORMAL.inv_cdf(0.80)
SIGMA = log(10) / (HIGH - LOW)
MIDDLE = log(1e6) - LOW * SIGMA


def size(dice: random.Random) -> int:
    """Draw a blob's bytes: 5.9% lie in the tail above 64 MiB, the others below it."""
    if dice.random() < LARGER[64 * MIB] / GETS:
        return int(64 * MIB * (1 - dice.random()) ** (-1 / ALPHA))
    while True:
        drawn = exp(MIDDLE + SIGMA * NORMAL.inv_cdf(min(max(dice.random(), 1e-9), 1 - 1e-9)))
        if drawn < 64 * MIB:
            return max(100, int(drawn))


@cache
def requests() -> tuple[tuple[tuple[int, int], ...], ...]:
    """Draw each client's requests, as (blob, bytes)."""
    dice = random.Random("caches of clients")
    found = []
    for _ in range(CLIENTS):
        asked: list[tuple[int, int]] = []
        for number in range(REQUESTS):
            again = asked and dice.random() >= NEW
            asked.append(asked[dice.randrange(len(asked))] if again else (number, size(dice)))
        found.append(tuple(asked))
    return tuple(found)


@cache
def hits(budget: int) -> tuple[float, float]:
    """Play all requests, a cache for each client, least recently used out first; shares of requests and of bytes."""
    count = total = hit = hit_bytes = 0
    for asked in requests():
        held: OrderedDict[int, int] = OrderedDict()
        used = 0
        for blob, length in asked:
            count, total = count + 1, total + length
            if blob in held:
                held.move_to_end(blob)
                hit, hit_bytes = hit + 1, hit_bytes + length
            elif length <= budget:
                held[blob] = length
                used += length
                while used > budget:
                    used -= held.popitem(last=False)[1]
    return hit / count, hit_bytes / total


PUBLISHED = {64: (0.087313, 0.017922), 256: (0.161849, 0.094735), 1024: (0.261685, 0.159513)}
GIVEN = "sizes by the tail of the trace; the chance of a new blob, set by the first row"
SOON = "real clients come back soon after they asked, the model's at any time: middling caches hit less here"
WHY = {
    "ibm-lru-256-requests": SOON,
    "ibm-lru-256-bytes": SOON,
    "ibm-lru-1024-bytes": "large blobs come again here as often as small ones; of real clients it seems less often",
}


def _figure(mebibytes: int, at: int, what: str) -> Figure:
    name = f"ibm-lru-{mebibytes}-{what}"
    first = name == "ibm-lru-64-requests"
    return Figure(
        name, f"{what} that hit a cache of {mebibytes:,} MiB a client, least recently used out first",
        PUBLISHED[mebibytes][at], "share", "C3", "input" if first else "result", SOURCE,
        "the row itself: it sets the chance of a new blob" if first else GIVEN,
        lambda: hits(mebibytes * MIB)[at], WHY.get(name, ""),
    )  # fmt: skip


FIGURES = tuple(_figure(m, at, what) for at, what in enumerate(("requests", "bytes")) for m in PUBLISHED)
