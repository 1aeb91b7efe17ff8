"""A learner's progress: a small file beside the notebooks, in plain JSON, that can be read, moved and deleted.

It holds what was tried and how well it went, and no time, no name and no machine. Where it cannot be written nothing
is lost but the memory: an exercise never fails over it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simregistry.errors import SimRegistryError

FILE = "simregistry-progress.json"
FIRST_LESSON = "00-start-here.ipynb"
# Whoever runs the notebooks to check them, and not to learn, sets this to "off".
SWITCH = "SIMREGISTRY_PROGRESS"
KINDS = ("exercises", "questions", "levels", "steps", "turns")
# Predictions are kept beside them: what was committed, and how sure somebody was.
PREDICTIONS = "predictions"
LARGEST_FILE = 1_000_000


@dataclass(frozen=True, slots=True)
class Done:
    """What is known of one thing: how often it was tried, and the best score, from 0 to 1."""

    tries: int
    best: float


@dataclass(frozen=True, slots=True)
class Committed:
    """A prediction that somebody committed to, or skipped (``answer`` None).

    ``answer`` is plain JSON: a number, a string, or a list of strings. ``sure`` is how sure they were, in the words of
    the form; ``right`` is None until it was revealed.
    """

    answer: Any
    sure: str = ""
    right: bool | None = None


Record = dict[str, dict[str, Done]]


def place(here: Path | None = None) -> Path:
    """Find where the file belongs: in the folder of the lessons above this one, else here."""
    here = (here or Path.cwd()).resolve()
    folder = next((each for each in (here, *here.parents) if (each / FIRST_LESSON).is_file()), here)
    return folder / FILE


def read_progress(path: Path) -> Record:
    """Read a record; raises SimRegistryError saying what to do about a file that is none."""
    with _readable(path) as document:
        return {kind: {str(id): _done(entry) for id, entry in document.get(kind, {}).items()} for kind in KINDS}
    raise AssertionError("the block above returns or raises")


def read_predictions(path: Path) -> dict[str, Committed]:
    """Read what was predicted, by the questions' keys; raises SimRegistryError as ``read_progress`` does."""
    with _readable(path) as document:
        return {str(key): _committed(entry) for key, entry in document.get(PREDICTIONS, {}).items()}
    raise AssertionError("the block above returns or raises")


@contextmanager
def _readable(path: Path) -> Iterator[dict[str, Any]]:
    """Read the file's document, empty where there is no file; whatever is wrong with it becomes one kind of error."""
    try:
        yield _document(path)
    except (OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise SimRegistryError(
            f"{path.name} isn't a record of progress ({error}); move it away to begin again"
        ) from None


def _document(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    if path.stat().st_size > LARGEST_FILE:
        raise ValueError("it is too large")
    document = json.loads(path.read_text("utf-8"))
    if not isinstance(document, dict):
        raise ValueError("it isn't a JSON object")
    return document


def _done(entry: Mapping[str, Any]) -> Done:
    tries, best = entry["tries"], entry["best"]
    if isinstance(tries, bool) or not isinstance(tries, int) or tries < 1:
        raise ValueError(f"tries is {tries!r}")
    if isinstance(best, bool) or not isinstance(best, int | float) or not 0 <= best <= 1:
        raise ValueError(f"best is {best!r}")
    return Done(tries, float(best))


def _committed(entry: Mapping[str, Any]) -> Committed:
    answer, sure, right = entry["answer"], entry.get("sure", ""), entry.get("right")
    plain = answer is None or isinstance(answer, int | float | str)
    if not plain and not (isinstance(answer, list) and all(isinstance(name, str) for name in answer)):
        raise ValueError(f"answer is {answer!r}")
    if not isinstance(sure, str) or right not in (True, False, None):
        raise ValueError(f"sure is {sure!r}, right is {right!r}")
    return Committed(answer, sure, right)


def note_try(kind: str, id: str, score: float, path: Path | None = None) -> None:
    """Write down one try. What cannot be read is left alone, what cannot be written is not: a lesson goes on."""

    def add(document: dict[str, Any]) -> None:
        tried = document.setdefault(kind, {})
        before = _done(tried[id]) if id in tried else Done(0, 0.0)
        best = round(max(before.best, min(1.0, max(0.0, score))), 3)
        tried[id] = {"tries": before.tries + 1, "best": best}

    _change(add, path)


def note_prediction(key: str, committed: Committed, path: Path | None = None) -> None:
    """Write down a commitment, or that it was revealed."""

    def add(document: dict[str, Any]) -> None:
        entry = {"answer": committed.answer, "sure": committed.sure, "right": committed.right}
        document.setdefault(PREDICTIONS, {})[key] = entry

    _change(add, path)


def _change(change: Callable[[dict[str, Any]], None], path: Path | None) -> None:
    """Read the file, change it, and write it; nobody's lesson stops where that cannot be done."""
    if path is None and os.environ.get(SWITCH) == "off":
        return
    where = path or place()
    with suppress(SimRegistryError, OSError):
        # Read whole first: a file that is no record is somebody's, and is left as it is.
        read_progress(where)
        read_predictions(where)
        document = _document(where)
        change(document)
        _write(where, document)


def _write(path: Path, document: Mapping[str, Any]) -> None:
    ordered = {kind: dict(sorted(document.get(kind, {}).items())) for kind in KINDS}
    if document.get(PREDICTIONS):
        ordered[PREDICTIONS] = dict(sorted(document[PREDICTIONS].items()))
    # Another name first: a kernel that is stopped in the middle leaves the old record whole.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(json.dumps(ordered, indent=1) + "\n", "utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def to_json(record: Record) -> dict[str, object]:
    """Write a record as plain values, as they are in the file."""
    return {
        kind: {id: {"tries": done.tries, "best": done.best} for id, done in sorted(entries.items())}
        for kind, entries in record.items()
    }


def solved(record: Record, kind: str, ids: Iterable[str]) -> tuple[int, int]:
    """Count how many of some things were done right, and how many were tried."""
    found = record[kind]
    known = [found[id] for id in ids if id in found]
    return sum(done.best == 1 for done in known), len(known)
