"""The path: twelve steps in order, each with its words and its scenarios."""

from __future__ import annotations

import tomllib
from importlib.resources import files

from simregistry.errors import InvalidValue
from simregistry.table import Table
from simregistry.teach import progress
from simregistry.teach.build_your_own.scenario import PartScenario
from simregistry.teach.build_your_own.scenarios_gc import MARK, SWEEP
from simregistry.teach.build_your_own.scenarios_manifest import MANIFEST_CHECK
from simregistry.teach.build_your_own.scenarios_pull import PULL
from simregistry.teach.build_your_own.scenarios_stack import STACK
from simregistry.teach.build_your_own.scenarios_store import BLOB_STORE, RESUME
from simregistry.teach.build_your_own.scenarios_token import TOKEN
from simregistry.teach.build_your_own.scenarios_transfer import MISSING, PUSH
from simregistry.teach.build_your_own.scenarios_values import DIGEST, REFERENCE
from simregistry.teach.build_your_own.step import PartStep, PartTask
from simregistry.teach.reveals import Reveal

SCENARIOS: dict[str, tuple[PartScenario, ...]] = {
    "digest": DIGEST, "reference": REFERENCE, "blob_store": BLOB_STORE, "manifest_check": MANIFEST_CHECK,
    "missing": MISSING, "push": PUSH, "pull": PULL, "stack": STACK, "mark": MARK, "sweep": SWEEP, "token": TOKEN,
    "resume": RESUME,
}  # fmt: skip


def _read() -> dict[str, PartTask]:
    text = files("simregistry.teach.build_your_own").joinpath("steps.toml").read_text(encoding="utf-8")
    steps_read = tomllib.loads(text)["step"]
    tasks = (PartTask(**(words | {"hints": tuple(words["hints"])}), number=i) for i, words in enumerate(steps_read, 1))
    return {task.id: task for task in tasks}


TASKS = _read()


def unwatched(id: str) -> PartStep:
    """Take a step of which nothing is recorded; raises InvalidValue for one that is not on the path.

    >>> unwatched("digest").task.signature
    'def digest(content)'
    """
    if id not in TASKS:
        raise InvalidValue("step", id, f"take one of {', '.join(TASKS)}")
    return PartStep(TASKS[id], SCENARIOS[id])


def step(id: str) -> PartStep:
    """Take a step; each version that is checked is recorded as a try in the learner's progress."""
    attempt = unwatched(id)
    attempt.on_try = _record
    return attempt


def _record(id: str, reveal: Reveal) -> None:
    progress.note_try("steps", id, reveal.score)


def steps() -> Table:
    """List the path."""
    rows = tuple((task.number, task.id, task.signature, len(SCENARIOS[task.id])) for task in TASKS.values())
    return Table(("step", "id", "you write", "scenarios"), rows)
