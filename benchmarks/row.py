"""A line of the results, and how a figure is taken: several rounds in turn, the middle of them."""

from __future__ import annotations

import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """What was measured, beside what, and their ratio; ``goal`` is what should be kept, ``better`` less or more."""

    name: str
    ours: str
    beside: str
    ratio: float | None
    says: str
    goal: str = ""
    better: str = "less"


def seconds(action: Callable[[], object]) -> float:
    """How long something takes, once."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def in_turn(rounds: int, *actions: Callable[[], object]) -> list[float]:
    """Carry actions out in turn, so that no one has the warmer machine; gives the middle of each one's seconds."""
    found: list[list[float]] = [[] for _ in actions]
    for number in range(rounds):
        order = range(len(actions)) if number % 2 else range(len(actions) - 1, -1, -1)
        for which in order:
            found[which].append(seconds(actions[which]))
    return [statistics.median(each) for each in found]


def peak() -> int:
    """The most bytes this process has held, by VmHWM where there is one: ``ru_maxrss`` also counts what started it."""
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"VmHWM:\s+(\d+)", status.read_text())):
        return int(found[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def alone(script: str, *arguments: object) -> str:
    """Run a file of this folder in a process of its own, for a peak of memory of its own; gives what it printed."""
    command = [sys.executable, str(Path(__file__).parent / script), *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
