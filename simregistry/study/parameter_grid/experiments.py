"""Experiments for ``run_grid``: functions of plain settings that return seconds and bytes by name."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from simregistry.errors import InvalidValue
from simregistry.study.fleet import Site, pull_all
from simregistry.study.population import Hub, populate
from simregistry.study.timing import ENGINE, Conditions, replay, work_of_layers
from simregistry.study.timing.work import UNPACKING

MOST_LAYERS = 5_000


def pull_seconds(
    size: int,
    layers: int = 1,
    at_a_time: int = 3,
    latency: float = 0.02,
    download: float = 12.5e6,
    each: float = inf,
    unpacking: float = UNPACKING,
) -> dict[str, float]:
    """Compute the seconds of a pull of ``size`` bytes in ``layers`` equal layers, under these conditions.

    >>> pull_seconds(25_000_000, unpacking=0)["seconds"]
    2.08016
    """
    if not 1 <= layers <= MOST_LAYERS or at_a_time < 1:
        raise InvalidValue("layers", layers, f"give from 1 to {MOST_LAYERS:,}, and fetch at least one at a time")
    work = work_of_layers([size // layers] * layers, unpacking)
    conditions = Conditions(latency=latency, download=download, each=each)
    return {"seconds": replay(work, replace(ENGINE, downloads=at_a_time), conditions).seconds}


def fleet_seconds(
    machines: int, way: str, size: int = 333_000_000, layers: int = 4, spread: float = 0.0
) -> dict[str, float]:
    """Compute the seconds until all machines have an image, and the bytes that leave the registry."""
    fleet = pull_all(machines, [size // layers] * layers, way, Site(spread=spread))
    return {"seconds": fleet.slowest, "egress": fleet.registry_bytes}


def hub_saving(images: int, seed: int = 1, **parameters: float) -> dict[str, float]:
    """Compute what sharing layers saves on a made hub: the ratio, and the share of layers that one image uses."""
    sharing = populate(Hub(images=images, seed=seed, **parameters)).sharing()  # type: ignore[arg-type]
    return {"ratio": sharing.ratio, "used once": sharing.used_once, "stored": float(sharing.stored_bytes)}
