"""Run the search again and store its tries: ``python -m simregistry.study.capstone``."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor

from simregistry.study.capstone.search import FILE, SEEDS, search

if __name__ == "__main__":
    with ProcessPoolExecutor() as pool:
        tries = search(SEEDS, pool)
    lines = ",\n".join(f'"{seed}": {json.dumps(points)}' for seed, points in tries.items())
    FILE.write_text(f"{{\n{lines}\n}}\n", "utf-8")
