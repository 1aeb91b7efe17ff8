"""Figures of a cache in front of each client of IBM's registry: the share of requests and of bytes that hit.

Modelled: a client asks for a new blob with a fixed chance, and otherwise repeats one of its earlier requests, all
equally likely. Sizes are those of ``trace`` (a log-normal body and a Pareto tail). One published row sets the chance;
the other rows are computed.
"""

from __future__ import annotations

import random
from collections import OrderedDict
from functools import cache
from math import exp, log
from statistics import NormalDist

from simregistry.study.published.figure import Figure
from simregistry.study.published.trace import ALPHA, GETS, LARGER, MIB, SOURCE

# The trace has 12,657,108 requests of 14,602 clients, 867 each on average. A sample of the clients is enough.
REQUESTS, CLIENTS = 867, 120
# The chance of a blob that the client never had. It is set so that 64 MiB hit 8.7% of the requests.
NEW_BLOB = 0.585
# The log-normal with 65% of the layers under 1 MB and 80% under 10 MB.
NORMAL = NormalDist()
LOW, HIGH = NORMAL.inv_cdf(0.65), NORMAL.inv_cdf(0.80)
SIGMA = log(10) / (HIGH - LOW)
MU = log(1e6) - LOW * SIGMA


def draw_size(dice: random.Random) -> int:
    """Draw a blob's bytes: 5.9% of the blobs are in the tail above 64 MiB, the others in the body below it."""
    if dice.random() < LARGER[64 * MIB] / GETS:
        return int(64 * MIB * (1 - dice.random()) ** (-1 / ALPHA))
    while True:
        drawn = exp(MU + SIGMA * NORMAL.inv_cdf(min(max(dice.random(), 1e-9), 1 - 1e-9)))
        if drawn < 64 * MIB:
            return max(100, int(drawn))


@cache
def draw_requests() -> tuple[tuple[tuple[int, int], ...], ...]:
    """Draw the requests of each client, as (blob, bytes)."""
    dice = random.Random("caches of clients")
    clients = []
    for _ in range(CLIENTS):
        requests: list[tuple[int, int]] = []
        for number in range(REQUESTS):
            repeats = requests and dice.random() >= NEW_BLOB
            requests.append(requests[dice.randrange(len(requests))] if repeats else (number, draw_size(dice)))
        clients.append(tuple(requests))
    return tuple(clients)


@cache
def hit_shares(budget: int) -> tuple[float, float]:
    """Play all requests through one cache for each client; return the shares of requests and of bytes that hit.

    A cache holds ``budget`` bytes, and drops the blob that was not used for the longest time (LRU).
    """
    count = total = hit = hit_bytes = 0
    for requests in draw_requests():
        # From the least to the most recently used blob, with its bytes.
        cached: OrderedDict[int, int] = OrderedDict()
        used = 0
        for blob, length in requests:
            count, total = count + 1, total + length
            if blob in cached:
                cached.move_to_end(blob)
                hit, hit_bytes = hit + 1, hit_bytes + length
            elif length <= budget:
                cached[blob] = length
                used += length
                while used > budget:
                    used -= cached.popitem(last=False)[1]
    return hit / count, hit_bytes / total


PUBLISHED = {64: (0.087313, 0.017922), 256: (0.161849, 0.094735), 1024: (0.261685, 0.159513)}
GIVEN = "sizes by the tail of the trace; the chance of a new blob, set by the first row"
SOON = "real clients come back soon after they asked, the model's at any time: middling caches hit less here"
WHY = {
    "ibm-lru-256-requests": SOON,
    "ibm-lru-256-bytes": SOON,
    "ibm-lru-1024-bytes": "large blobs come again here as often as small ones; of real clients it seems less often",
}


def _figure(mebibytes: int, column: int, what: str) -> Figure:
    name = f"ibm-lru-{mebibytes}-{what}"
    # The first row is the input: it set NEW_BLOB.
    first = name == "ibm-lru-64-requests"
    return Figure(
        name, f"{what} that hit a cache of {mebibytes:,} MiB a client, least recently used out first",
        PUBLISHED[mebibytes][column], "share", "C3", "input" if first else "result", SOURCE,
        "the row itself: it sets the chance of a new blob" if first else GIVEN,
        lambda: hit_shares(mebibytes * MIB)[column], WHY.get(name, ""),
    )  # fmt: skip


FIGURES = tuple(_figure(m, column, what) for column, what in enumerate(("requests", "bytes")) for m in PUBLISHED)
