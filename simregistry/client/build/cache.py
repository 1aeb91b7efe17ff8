"""The build cache: how it recognizes a step, and why a step was in it or not.

1. The key of a step is made of the step before it, the step's text with its variables replaced, and the content of the
   files that it copies. Times do not count.
2. The cache does not know what a command does. A cached ``apt-get update`` stays as it was, however old it is.
3. A step that is not in the cache has a new key, and so has every step after it: from there on everything is built.
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
    """The result of a step: a layer or none, the runtime defaults after it, and its line in the history, if any."""

    layer: Descriptor | None
    diff_id: Digest | None
    runtime: Runtime
    history: History | None
    assumed: bool


@dataclass(frozen=True, slots=True)
class CacheLookup:
    """What the key of a step is made of: the key of the step before, the text, and a hash of each copied file."""

    parent: str
    text: str
    files: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def key(self) -> str:
        """The step's name in the cache.

        >>> CacheLookup("", "RUN a").key == CacheLookup("", "RUN a", {"app.py": "1"}).key
        False
        """
        lines = [self.parent, self.text, *(f"{path} {file_hash}" for path, file_hash in sorted(self.files.items()))]
        return hashlib.sha256("\0".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


# The place of a step: the image's name without its tag, the number of the stage, and the number of the step in it. The
# tag is left out, because the build of v2 is compared with the build of v1.
Place = tuple[str, int, int]


@dataclass(slots=True)
class BuildCache:
    """The steps by key, for each place the step of the last build there, and the names that were built before."""

    steps: dict[str, CachedStep] = field(default_factory=dict)
    places: dict[Place, CacheLookup] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    # For each place the keys of the RUNs that ran there, the first one first: each of them ran at a time of its own.
    runs: dict[Place, list[str]] = field(default_factory=dict)

    def find(self, look: CacheLookup) -> CachedStep | None:
        """Return the result of a step if it was built before, else None."""
        return self.steps.get(look.key)

    def reason(self, place: Place, look: CacheLookup, *, followed_a_miss: bool) -> str:
        """Say why a step is not in the cache, by comparing it with the step at its place in the build before."""
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
    """Hash each file's kind, mode, owner and content.

    Times do not count, so a file that was written again with the same content is the same file to the cache.
    """
    return {
        path: hashlib.sha256(f"{e.kind} {e.mode} {e.uid}:{e.gid} {e.target} ".encode() + e.content).hexdigest()
        for path, e in files.items()
    }
