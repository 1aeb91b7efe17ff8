"""The build cache: what a step's result is remembered by, and why it was found or not.

Builds know nothing of what a command does: a RUN is looked up by its text and by what lies below it, a COPY by the
content of the files it copies. So a cached ``apt-get update`` stays as it was, whatever the world has become.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from simregistry.oci.config import History, Runtime
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.entry import Entry


@dataclass(frozen=True, slots=True)
class CachedStep:
    """What a step left: a layer or none, the runtime after it, and the files it copied, to tell what changed."""

    layer: Descriptor | None
    diff_id: Digest | None
    runtime: Runtime
    history: History
    assumed: bool
    files: dict[str, str] = field(default_factory=dict, hash=False)


@dataclass(slots=True)
class BuildCache:
    """Steps by key, and for each place in a Dockerfile what was there before."""

    steps: dict[str, CachedStep] = field(default_factory=dict)
    places: dict[tuple[str, int], tuple[str, str, dict[str, str]]] = field(default_factory=dict)

    def reason(self, place: tuple[str, int], parent: str, text: str, files: dict[str, str]) -> str:
        """Say why a step was not found, by comparing with what stood at its place in the build before."""
        before = self.places.get(place)
        if before is None:
            return "first build"
        old_parent, old_text, old_files = before
        if old_text != text:
            return "instruction changed"
        if old_files != files:
            changed = sorted(p for p in old_files.keys() | files.keys() if old_files.get(p) != files.get(p))
            more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
            return f"files changed: {', '.join(changed[:3])}{more}"
        return "a step before it changed" if old_parent != parent else "not in the cache"


def key_of(parent: str, text: str, files: dict[str, str]) -> str:
    """Name a step: by what lies below, what it says, and what it copies."""
    lines = [parent, text, *(f"{path} {print_}" for path, print_ in sorted(files.items()))]
    return hashlib.sha256("\0".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def fingerprints(files: dict[str, Entry]) -> dict[str, str]:
    """Name each file by its kind, mode and content; times do not count.

    A file written anew with the same content is the same file to the cache.
    """
    return {
        path: hashlib.sha256(f"{e.kind} {e.mode} {e.target} ".encode() + e.content).hexdigest()
        for path, e in files.items()
    }
