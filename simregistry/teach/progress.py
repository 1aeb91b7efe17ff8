"""A learner's progress: a small file beside the notebooks, in plain JSON, that can be read, moved and deleted.

It holds what was tried and how well it went, and no time, no name and no machine. Where it cannot be written nothing
is lost but the memory: an exercise never fails over it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simregistry.errors import SimRegistryError

FILE = "simregistry-progress.json"
FIRST_LESSON = "00-start-here.ipynb"
# Whoever runs the notebooks to check them, and not to learn, sets this to "off".
SWITCH = "SIMREGISTRY_PROGRESS"
KINDS = ("exercises", "questions", "levels", "steps")
LARGEST_FILE = 1_000_000


@dataclass(frozen=True, slots=True)
class Done:
    """What is known of one thing: how often it was tried, and the best score, from 0 to 1."""

    tries: int
    best: float


Record = dict[str, dict[str, Done]]


def place(here: Path | None = None) -> Path:
    """Find where the file belongs: in the folder of the lessons above this one, else here."""
    here = (here or Path.cwd()).resolve()
    folder = next((each for each in (here, *here.parents) if (each / FIRST_LESSON).is_file()), here)
    return folder / FILE


def read_progress(path: Path) -> Record:
    """Read a record; raises SimRegistryError saying what to do about a file that is none."""
    if not path.exists():
        return {kind: {} for kind in KINDS}
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ValueError("it is too large")
        said = json.loads(path.read_text("utf-8"))
        return {kind: {str(id): _done(each) for id, each in said.get(kind, {}).items()} for kind in KINDS}
    except (OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise SimRegistryError(f"{path.name} is no record of progress ({error}); move it away to begin anew") from None


def _done(said: Mapping[str, Any]) -> Done:
    tries, best = said["tries"], said["best"]
    if isinstance(tries, bool) or not isinstance(tries, int) or tries < 1:
        raise ValueError(f"tries is {tries!r}")
    if isinstance(best, bool) or not isinstance(best, int | float) or not 0 <= best <= 1:
        raise ValueError(f"best is {best!r}")
    return Done(tries, float(best))


def note_try(kind: str, id: str, score: float, path: Path | None = None) -> None:
    """Write down one try. What cannot be read is left alone, what cannot be written is not: a lesson goes on."""
    if path is None and os.environ.get(SWITCH) == "off":
        return
    where = path or place()
    with suppress(SimRegistryError, OSError):
        record = read_progress(where)
        before = record[kind].get(id, Done(0, 0.0))
        record[kind][id] = Done(before.tries + 1, round(max(before.best, min(1.0, max(0.0, score))), 3))
        _write(where, record)


def _write(path: Path, record: Record) -> None:
    # Another name first: a kernel that is stopped in the middle leaves the old record whole.
    other = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        other.write_text(json.dumps(to_json(record), indent=1) + "\n", "utf-8")
        other.replace(path)
    finally:
        other.unlink(missing_ok=True)


def to_json(record: Record) -> dict[str, object]:
    """Give plain values, as they stand in the file."""
    return {
        kind: {id: {"tries": done.tries, "best": done.best} for id, done in sorted(found.items())}
        for kind, found in record.items()
    }


def solved(record: Record, kind: str, ids: Iterable[str]) -> tuple[int, int]:
    """Count how many of some things were done right, and how many were tried."""
    found = record[kind]
    known = [found[id] for id in ids if id in found]
    return sum(done.best == 1 for done in known), len(known)
