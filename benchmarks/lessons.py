"""How long the lessons take, from the first cell to the last."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from row import Row

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def measure(quick: bool) -> list[Row]:
    """Execute the lessons by pytest, one after the other, and compare their outputs on the way."""
    lessons = sorted(NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))[: 1 if quick else None]
    sanitize = NOTEBOOKS.parent / "tests" / "sanitize.cfg"
    options = ["-q", "-p", "no:cacheprovider", "--nbval", "--nbval-current-env", "--nbval-sanitize-with", str(sanitize)]
    command = [sys.executable, "-m", "pytest", *options, *map(str, lessons)]
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | {"SIMREGISTRY_PROGRESS": "off"})
    took = time.perf_counter() - start
    each = f"{took / len(lessons):.1f} s a lesson"
    return [Row(f"all {len(lessons)} lessons" if len(lessons) > 1 else "one lesson", f"{took:.0f} s", each, None,
                "every cell run and compared with its stored output, one lesson after the other")]  # fmt: skip
