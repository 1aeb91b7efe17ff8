"""Draw a made hub and report on its sharing, once, in a process of its own.

    python benchmarks/hub.py [IMAGES]

Prints as JSON: the references, the seconds of drawing and of the report, and the peak of memory in bytes.
"""

from __future__ import annotations

import json
import sys
import time

from row import peak

from simregistry.study.population import Hub, populate


def main() -> None:
    """Measure, and print."""
    start = time.perf_counter()
    hub = populate(Hub(images=int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, seed=1))
    drawn = time.perf_counter()
    hub.sharing()
    print(json.dumps([hub.references, drawn - start, time.perf_counter() - drawn, peak()]))


if __name__ == "__main__":
    main()
