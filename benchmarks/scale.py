"""Made hubs, fleets, and mark and plan: how fast, how large, and how they grow."""

from __future__ import annotations

import json

from row import Row, alone, in_turn

from simregistry.study.fleet import Site, pull_all

FLEET = (
    "servers that pull one of ten images of three layers, three at a time, started within a minute, every link shared "
    "max-min fairly; EdgeSimPy, the nearest peer, is not on the package index"
)


def measure(quick: bool) -> list[Row]:
    """Give the rows."""
    return [*hubs(quick), *fleets(quick), *marks(quick)]


def hubs(quick: bool) -> list[Row]:
    """Draw hubs and report on them, the sizes in turn, each in a process of its own."""
    # A few more than a million: that is ten million references.
    sizes = (1_000, 10_000) if quick else (10_000, 100_000, 1_060_000)
    found: dict[int, list[list[float]]] = {images: [] for images in sizes}
    for _ in range(1 if quick else 3):
        for images, runs in found.items():
            runs.append(json.loads(alone("hub.py", images)))
    rows, before = [], 0.0
    for images, runs in found.items():
        references, drawn, reported, most = sorted(runs, key=lambda run: run[1] + run[2])[len(runs) // 2]
        took = drawn + reported
        goal = "at most 12; under 15 s and 2 GB" if images > 10**6 else ""
        says = "drawing it and reporting on its sharing" + ("; the ratio is to the hub above" if before else "")
        rows.append(Row(f"hub of {images:,} images", f"{took:.2f} s, {most / 1e9:.2f} GB",
                        f"{references:,} references", took / before if before else None, says, goal))  # fmt: skip
        before = took
    return rows


def fleets(quick: bool) -> list[Row]:
    """Let servers pull images of several layers, three at a time, over shared links."""
    # Layers at the same place are one layer if their sizes agree: these are thirty that no two images share.
    images = [[20_000_000 + n, 60_000_000 + n, 5_000_000 + n] for n in range(10)]
    sizes, site, rows = (20, 100) if quick else (100, 1_000, 3_000), Site(spread=60.0), []
    actions = [lambda servers=servers: pull_all(servers, images, "registry", site) for servers in sizes]
    for servers, took in zip(sizes, in_turn(1 if quick else 3, *actions), strict=True):
        speed = f"{servers * 3 / took:,.0f} layer pulls a second"
        rows.append(Row(f"fleet of {servers:,}", speed, f"{took:.2f} s", None, FLEET))
    return rows


def marks(quick: bool) -> list[Row]:
    """Mark and plan over an inventory in memory, in a process of its own; the middle of the rounds by its seconds."""
    blobs = 20_000 if quick else 1_000_000
    runs = [alone("mark.py", "--one", blobs).split() for _ in range(1 if quick else 3)]
    said = sorted(runs, key=lambda run: float(run[2]))[len(runs) // 2]
    return [Row(f"mark and plan, {said[0]} blobs", f"{said[4]} million references a second", f"{said[2]} s", None,
                f"{said[1]} references; {said[8]} GB at the peak")]  # fmt: skip
