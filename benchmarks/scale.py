"""Made hubs, fleets, and mark and plan: how fast, how large, and how they grow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from row import Row, alone, seconds

from simregistry.study.fleet import Site, pull_all

HERE = Path(__file__).parent
FLEET = (
    "servers that pull one of ten images of three layers, three at a time, started within a minute, every link shared "
    "max-min fairly; EdgeSimPy, the nearest peer, is not on the package index"
)
HUB = """
import json, pathlib, re, sys, time
from simregistry.study.population import Hub, populate
start = time.perf_counter()
hub = populate(Hub(images=int(sys.argv[1]), seed=1))
drawn = time.perf_counter()
hub.sharing()
ended = time.perf_counter()
# The kernel's figure of this process alone; what it was forked from does not count.
status = pathlib.Path("/proc/self/status")
peak = int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1]) * 1024 if status.exists() else 0
print(json.dumps([hub.references, drawn - start, ended - drawn, peak]))
"""


def measure(quick: bool) -> list[Row]:
    """Give the rows."""
    return [*hubs(quick), *fleets(quick), *marks(quick)]


def hubs(quick: bool) -> list[Row]:
    """Draw hubs and report on them, each in a process of its own."""
    rows, before = [], 0.0
    # A few more than a million: that is ten million references.
    for images in (1_000, 10_000) if quick else (10_000, 100_000, 1_060_000):
        found = [json.loads(alone(HUB, images)) for _ in range(1 if quick else 3)]
        references, drawn, reported, peak = sorted(found, key=lambda run: run[1] + run[2])[len(found) // 2]
        took = drawn + reported
        told = f"{took:.2f} s, {peak / 1e9:.2f} GB" if peak else f"{took:.2f} s"
        growth = took / before if before else None
        goal = "at most 12.7; under 15 s and 2 GB" if images > 10**6 else ""
        rows.append(Row(f"hub of {images:,} images", told, f"{references:,} references", growth,
                        "drawing it and reporting on its sharing; the ratio is to the line above", goal))  # fmt: skip
        before = took
    return rows


def fleets(quick: bool) -> list[Row]:
    """Let servers pull images of several layers, three at a time, over shared links."""
    rows = []
    for servers in (20, 100) if quick else (100, 1_000, 3_000):
        images = [[20_000_000 + 1_000 * (n % 10), 60_000_000 + n % 10, 5_000_000 + n] for n in range(10)]
        site = Site(spread=60.0)
        took = seconds(lambda: pull_all(servers, images, "registry", site))  # noqa: B023
        pulls = servers * 3
        speed = f"{pulls / took:,.0f} layer pulls a second"
        rows.append(Row(f"fleet of {servers:,}", speed, f"{took:.2f} s", None, FLEET))
    return rows


def marks(quick: bool) -> list[Row]:
    """Mark and plan over an inventory in memory."""
    blobs = 20_000 if quick else 1_000_000
    command = [sys.executable, str(HERE / "mark.py"), "--one", str(blobs)]
    start = time.perf_counter()
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ).stdout.split()
    _ = time.perf_counter() - start
    return [Row(f"mark and plan, {said[0]} blobs", f"{said[4]} million references a second", f"{said[2]} s", None,
                f"{said[1]} references; {said[8]} GB at the peak")]  # fmt: skip
