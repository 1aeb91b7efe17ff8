"""The learner's own copy of the course: notebooks without outputs, kept apart from those that the project stores.

1. What a learner has written is never overwritten. A lesson that they did not edit is replaced by its new version.
2. An edited lesson stays, and its new version is put beside it, with a line that says so.
3. What counts as edited is what is in the cells: running, saving or folding a notebook is no edit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simregistry.errors import InvalidValue, SimRegistryError

# What was put into the copy, by path: the hash of each notebook's cells.
VERSIONS = ".simregistry-versions.json"


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What became of one file of the copy; ``beside`` is the new version's path where the learner's stays."""

    path: Path
    what: str
    beside: Path | None = None

    @property
    def line(self) -> str:
        """Say it, where a learner should know; empty for what is as it was."""
        if self.beside is not None:
            return f"{self.path.name} was changed by you and stays. Its new version is beside it: {self.beside.name}"
        return f"{self.path.name} has a new version" if self.what == "replaced" else ""


def refresh(source: Path, target: Path) -> tuple[Refreshed, ...]:
    """Bring a learner's copy up to date with the lessons in ``source``; raises SimRegistryError for no notebook."""
    target.mkdir(parents=True, exist_ok=True)
    versions = _versions(target)
    refreshed = []
    for path in _pages(source):
        name = path.relative_to(source).as_posix()
        fresh = learners_page(path)
        refreshed.append(_refresh_one(target / name, fresh, versions.get(name, "")))
        versions[name] = cells_hash(fresh)
    (target / VERSIONS).write_text(json.dumps(versions, indent=1, sort_keys=True) + "\n", "utf-8")
    return tuple(refreshed)


def fresh_lesson(source: Path, target: Path, beginning: str) -> Refreshed:
    """Put a lesson into the copy as new, and keep the learner's under another name.

    Raises InvalidValue where no lesson, or more than one, begins so: "05" or "05-push".
    """
    lessons = [path for path in _pages(source) if path.parent == source and path.name.startswith(beginning)]
    if not beginning or len(lessons) != 1:
        names = ", ".join(path.stem for path in _pages(source) if path.parent == source and path.suffix == ".ipynb")
        raise InvalidValue("lesson", beginning, f"say which one by the beginning of its name: {names}")
    mine = target / lessons[0].name
    kept = None
    if mine.exists():
        kept = _free_name(mine, "yours")
        mine.rename(kept)
    mine.write_bytes(learners_page(lessons[0]))
    return Refreshed(mine, "fresh", kept)


def _pages(source: Path) -> Iterator[Path]:
    """List the pages and pictures of the course; what begins with a dot is Jupyter's own."""
    for path in sorted(source.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(source).parts)
        if path.suffix in (".ipynb", ".md", ".png") and not hidden:
            yield path


def _refresh_one(mine: Path, fresh: bytes, before: str) -> Refreshed:
    if not mine.exists():
        mine.parent.mkdir(parents=True, exist_ok=True)
        mine.write_bytes(fresh)
        return Refreshed(mine, "new")
    now = cells_hash(fresh)
    if now in (before, _hash_of_file(mine)):
        return Refreshed(mine, "as it was")
    if _hash_of_file(mine) == before:
        mine.write_bytes(fresh)
        return Refreshed(mine, "replaced")
    beside = mine.with_name(f"{mine.stem}.new{mine.suffix}")
    beside.write_bytes(fresh)
    return Refreshed(mine, "edited", beside)


def _free_name(path: Path, word: str) -> Path:
    """Find a name that is not taken: 05-push.yours.ipynb, 05-push.yours-2.ipynb, ..."""
    number = 1
    while True:
        candidate = path.with_name(f"{path.stem}.{word}{'' if number == 1 else f'-{number}'}{path.suffix}")
        if not candidate.exists():
            return candidate
        number += 1


def learners_page(path: Path) -> bytes:
    """Read a page as a learner gets it: a notebook without outputs, counts and widget state, anything else as it is."""
    if path.suffix != ".ipynb":
        return path.read_bytes()
    notebook = _notebook(path)
    for cell in notebook["cells"]:
        if cell.get("cell_type") == "code":
            cell["outputs"], cell["execution_count"] = [], None
    notebook.get("metadata", {}).pop("widgets", None)
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()


def _notebook(path: Path) -> dict[str, Any]:
    try:
        notebook = json.loads(path.read_bytes())
    except ValueError as error:
        raise SimRegistryError(f"{path.name} cannot be read as a notebook: {error}") from None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise SimRegistryError(f"{path.name} isn't a notebook: it has no list of cells")
    return notebook


def cells_hash(page: bytes) -> str:
    """Hash what a page says: of a notebook the kinds and sources of its cells, else all of it.

    >>> one = b'{"cells": [{"cell_type": "code", "source": ["1"], "outputs": []}]}'
    >>> cells_hash(one) == cells_hash(one.replace(b'"outputs": []', b'"outputs": ["run"]'))
    True
    """
    try:
        notebook = json.loads(page)
        cells = [(cell["cell_type"], "".join(cell["source"]).rstrip()) for cell in notebook["cells"]]
    except (ValueError, KeyError, TypeError):
        return hashlib.sha256(page).hexdigest()
    # An empty cell at the end is where JupyterLab leaves the cursor.
    while cells and not cells[-1][1]:
        cells.pop()
    return hashlib.sha256(json.dumps(cells, ensure_ascii=False).encode()).hexdigest()


def _hash_of_file(path: Path) -> str:
    try:
        return cells_hash(path.read_bytes())
    except OSError:
        return ""


def _versions(target: Path) -> dict[str, str]:
    """Read what was put into the copy before; without a list that can be read, every page is the learner's."""
    try:
        versions = json.loads((target / VERSIONS).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    known = versions if isinstance(versions, Mapping) else {}
    return {str(name): str(digest) for name, digest in known.items()}
