"""Figures of time: lazy pulling, many machines at once, and waiting before giving up."""

from __future__ import annotations

from functools import cache

from simregistry.study.fleet import Site, Swarm, pull_all, swarm
from simregistry.study.published.figure import Figure
from simregistry.study.timing import CONTAINERD, CRANE, ENGINE, Chain, Conditions, RequestStep, Work, replay

NYDUS = "nydus docs/nydus-zran.md, node:19.0 at 3 MB/s"
KRAKEN = "github.com/uber/kraken README"
ANT = "d7y.io blog, 1 May 2023, Ant Group, a file of 1 GB"
MOBY = "moby daemon/config/config.go, xfer/download.go"
NATIVE_SECONDS, NATIVE_BYTES = 11.0, 21_180_000
RATE = 3e6


def fetch_seconds(size: int) -> float:
    """Compute by the timing model how many seconds ``size`` bytes take at 3 MB/s, with nothing to unpack."""
    work = Work((), (Chain("image", (RequestStep("GET blob", down=size),)),))
    return replay(work, CRANE, Conditions(latency=0.0, download=RATE)).seconds


def start_seconds(size: int) -> float:
    """Compute the seconds until a container has started: its transfer, and the rest of the native row.

    The published row of the native format took 11 s. What its transfer does not explain is the start of the program and
    everything else, and is taken to be the same for all formats.
    """
    return fetch_seconds(size) + NATIVE_SECONDS - fetch_seconds(NATIVE_BYTES)


@cache
def kraken_swarm() -> Swarm:
    """Spread 3 GB over 2,600 machines of 300 MB/s each; pieces of 8 MiB and ten known peers are chosen."""
    return swarm(2_600, 3_000_000_000, 300e6, piece=8 * 1024 * 1024, origins=5, known=10)


def one_registry_seconds() -> float:
    """Let the same machines pull from one registry with a link of 10 Gb/s; return when the last one is done."""
    return pull_all(2_600, [1_500_000_000] * 2, "registry", Site(registry=1.25e9, machine_down=300e6)).slowest


def ant_group_seconds(clients: int) -> float:
    """Let some clients fetch 1 GB at the same time, and return when the last one is done.

    The row of 1 client sets each client's speed (63 s for 1 GB), the row of 50 that of the origin (145 s for 50 GB).
    """
    return pull_all(clients, [1_000_000_000], "registry", Site(registry=50e9 / 145, machine_down=1e9 / 63)).slowest


def engine_gives_up_seconds() -> float:
    """Let one layer fail at every attempt, and return when the engine gives up."""
    work = Work((), (Chain("layer", (RequestStep("GET blob", down=1),)),))
    return replay(work, ENGINE, Conditions(latency=0.0), {"layer": ENGINE.attempts}).seconds


SWARM = "2,600 machines, 3 GB, 300 MB/s each way, 5 origins (published); pieces of 8 MiB, 10 known peers (chosen)"
FIGURES = (
    Figure(
        "nydus-native", "lazy start of the native format: 21.18 MB read", NATIVE_SECONDS, "s", "C", "input", NYDUS,
        "the row itself: what it takes beside its bytes is what the others are given",
        lambda: start_seconds(NATIVE_BYTES),
    ),
    Figure(
        "nydus-full", "full pull of 353.05 MB", 126.0, "s", "C", "result", NYDUS,
        "bytes, 3 MB/s, and the native row's rest", lambda: start_seconds(353_050_000),
    ),
    Figure(
        "slacker-read", "share of an image that is read when it starts", 0.064, "share", "C", "result",
        "Harter et al., FAST 2016, mean of 57 programs", "another study's image: Nydus's node:19.0, 21.18 of 353.05 MB",
        lambda: NATIVE_BYTES / 353_050_000,
    ),
    Figure(
        "nydus-zran", "lazy start by an index beside the gzip layers: 28.78 MB read", 15.0, "s", "C", "result", NYDUS,
        "bytes, 3 MB/s, and the native row's rest", lambda: start_seconds(28_780_000),
    ),
    Figure(
        "kraken-registry", "one registry at 10 Gb/s for 2,600 machines and 3 GB", 6240.0, "s", "D", "result", KRAKEN,
        "the links; shared fairly by all", one_registry_seconds,
    ),
    Figure(
        "kraken-p50", "half of 2,600 machines have 3 GB", 10.0, "s", "C", "result", KRAKEN, SWARM,
        lambda: kraken_swarm().percentile(50),
    ),
    Figure(
        "kraken-p99", "99% of 2,600 machines have 3 GB", 18.0, "s", "C", "result", KRAKEN, SWARM,
        lambda: kraken_swarm().percentile(99),
        why="the model has no slow host, no announcing to a tracker and no lost piece; the real tail does",
    ),
    Figure(
        "ant-1", "one client fetches 1 GB", 63.0, "s", "C", "input", ANT, "the row itself: a client's own rate",
        lambda: ant_group_seconds(1),
    ),
    Figure(
        "ant-5", "five clients fetch 1 GB at once", 63.0, "s", "C", "result", ANT,
        "the rows of 1 and of 50 clients", lambda: ant_group_seconds(5),
    ),
    Figure(
        "ant-50", "fifty clients fetch 1 GB at once", 145.0, "s", "C", "input", ANT,
        "the row itself: what the origin gives to all", lambda: ant_group_seconds(50),
    ),
    Figure(
        "engine-gives-up", "the engine's waits before it gives a layer up", 50.0, "s", "D", "result", MOBY,
        "5 attempts; the n-th failure is followed by n x 5 s", engine_gives_up_seconds,
    ),
    Figure(
        "engine-downloads", "layers that the engine downloads at once", 3, "layers", "C", "input", MOBY, "put in",
        lambda: ENGINE.downloads,
    ),
    Figure(
        "engine-uploads", "layers that the engine uploads at once", 5, "layers", "C", "input", MOBY, "put in",
        lambda: ENGINE.uploads,
    ),
    Figure(
        "containerd-unpacks", "layers that containerd unpacks at once", 1, "layers", "C", "input",
        "containerd plugins/transfer/plugin.go", "put in", lambda: CONTAINERD.unpackers,
    ),
    Figure(
        "crane-tries", "times that crane tries a request", 3, "tries", "C", "input",
        "go-containerregistry pkg/v1/remote/options.go", "put in", lambda: CRANE.attempts,
    ),
)  # fmt: skip
