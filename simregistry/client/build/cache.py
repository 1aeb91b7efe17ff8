"""The build cache: what a step's result is remembered by, and why it was found or not.

1. A step is looked up by what lies below it, by its text with variables put in, and by the content of the files it
   copies. Times do not count.
2. Nothing is known of what a command does: a cached ``apt-get update`` stays as it was, whatever the world has become.
3. A step that was not found changes what lies below the next one, so from there on nothing is found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from simregistry.oci.config import History, Runtime
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.entry import Entry


@dataclass(frozen=True, slots=True)
class CachedStep:
    """What a step left: a layer or none, the runtime after it, and its line in the history, if it has one."""

    layer: Descriptor | None
    diff_id: Digest | None
    runtime: Runtime
    history: History | None
    assumed: bool


@dataclass(frozen=True, slots=True)
class CacheLookup:
    """What a step is looked up by."""

    parent: str
    text: str
    files: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def key(self) -> str:
        """Name the step.

        >>> CacheLookup("", "RUN a").key == CacheLookup("", "RUN a", {"app.py": "1"}).key
        False
        """
        lines = [self.parent, self.text, *(f"{path} {print_}" for path, print_ in sorted(self.files.items()))]
        return hashlib.sha256("\0".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


# Where a step stands: the image's name without its tag, the number of the stage, the number in it. Without the tag, as
# the build of v2 is compared with that of v1.
Place = tuple[str, int, int]


@dataclass(slots=True)
class BuildCache:
    """Steps by key, and for each place in a Dockerfile what was looked up there before."""

    steps: dict[str, CachedStep] = field(default_factory=dict)
    places: dict[Place, CacheLookup] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def find(self, look: CacheLookup) -> CachedStep | None:
        """Give what a step left the last time, if there was one."""
        return self.steps.get(look.key)

    def reason(self, place: Place, look: CacheLookup, *, followed_a_miss: bool) -> str:
        """Say why a step was not found, by comparing with what stood at its place in the build before."""
        before = self.places.get(place)
        if place[0] not in self.names:
            return "first build"
        if followed_a_miss:
            return "a step before it changed"
        if before is None or before.text != look.text:
            return "new instruction" if before is None else "instruction changed"
        if before.files != look.files:
            changed = sorted(p for p in before.files.keys() | look.files if before.files.get(p) != look.files.get(p))
            more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
            return f"files changed: {', '.join(changed[:3])}{more}"
        if before.parent != look.parent:
            return "a step before it changed" if place[2] else "its base changed"
        return "not in the cache"


def fingerprints(files: Mapping[str, Entry]) -> dict[str, str]:
    """Name each file by its kind, mode, owner and content; times do not count.

    A file written anew with the same content is the same file to the cache.
    """
    return {
        path: hashlib.sha256(f"{e.kind} {e.mode} {e.uid}:{e.gid} {e.target} ".encode() + e.content).hexdigest()
        for path, e in files.items()
    }
