"""The scene of a race: a registry in the middle of things, and the invariant that must hold after every step."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace

from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageIndex, Manifest
from simregistry.registry.storage.repository import required
from simregistry.registry.storage.storage import Storage

REPOSITORY = "app"


@dataclass(slots=True)
class RaceScene:
    """A registry in the middle of things: its storage, the time, and what has been promised to whom.

    ``promised`` has each tag whose push was acknowledged and that nobody deleted. ``cache`` is a front end's memory of
    blobs that it has seen, None for one that always looks; ``busy`` the manifests between check and write.
    """

    storage: Storage = field(default_factory=Storage)
    clock: int = 0
    written: dict[Digest, int] = field(default_factory=dict)
    promised: dict[str, Digest] = field(default_factory=dict)
    cache: set[Digest] | None = None
    read_only: bool = False
    busy: set[Digest] = field(default_factory=set)
    signs: dict[str, int] = field(default_factory=dict)
    counter: int = 0
    names: Mapping[Digest, str] = field(default_factory=dict)

    def copy(self) -> RaceScene:
        """Make a scene in the same state that changes independently of this one."""
        return replace(
            self,
            storage=self.storage.copy(),
            written=dict(self.written),
            promised=dict(self.promised),
            cache=None if self.cache is None else set(self.cache),
            busy=set(self.busy),
            signs=dict(self.signs),
        )

    def key(self) -> Hashable:
        """Return everything that tells this scene from another: a search visits each state once."""
        repositories = tuple(
            (name, tuple(sorted(r.tags.items())), frozenset(r.manifests), frozenset(r.blobs))
            for name, r in sorted(self.storage.repositories.items())
        )
        cache = None if self.cache is None else frozenset(self.cache)
        small = (tuple(sorted(self.written.items())), tuple(sorted(self.promised.items())))
        rest = (cache, self.read_only, frozenset(self.busy), tuple(sorted(self.signs.items())))
        return repositories, frozenset(self.storage.blobs), self.clock, small, rest

    def name(self, digest: Digest) -> str:
        """Say what a digest is, where the scene has a name for it."""
        return self.names.get(digest, digest.short)

    def add(self, content: bytes) -> Digest:
        """Put a blob on the shelf and link it, at this moment."""
        digest = Digest.of(content)
        self.storage.keep(REPOSITORY, content, digest)
        self.written[digest] = self.clock
        if self.cache is not None:
            self.cache.add(digest)
        return digest

    def has(self, digest: Digest) -> bool:
        """Answer an existence check, by the cache where there is one."""
        repository = self.storage.repositories.get(REPOSITORY)
        # A cache that says yes is believed, even after a collector has taken the blob.
        if self.cache is not None and digest in self.cache:
            return True
        if repository is None or digest not in self.storage.blobs:
            return False
        return digest in repository.blobs or digest in repository.manifests

    def write(self, manifest: Manifest, tag: str | None) -> None:
        """Write a manifest whose blobs were checked before, and point the tag at it."""
        self.storage.keep_manifest(REPOSITORY, manifest.digest, manifest, tag)
        self.written[manifest.digest] = self.clock
        if tag is not None:
            self.promised[tag] = manifest.digest
        self.busy.discard(manifest.digest)


def every_promise_kept(scene: RaceScene) -> str:
    """Say which promise is broken: every acknowledged tag must be there, with every byte that a pull of it needs."""
    tags = scene.storage.repository_to_write(REPOSITORY).tags
    for tag, digest in sorted(scene.promised.items()):
        if tags.get(tag) != digest:
            return f"the acknowledged push of {tag} is gone"
        if missing := _missing(scene, digest):
            return f"{tag} cannot be pulled: the {scene.name(missing)} is gone"
    return ""


def _missing(scene: RaceScene, digest: Digest) -> Digest | None:
    manifest = scene.storage.repositories[REPOSITORY].manifests.get(digest)
    if manifest is None or digest not in scene.storage.blobs:
        return digest
    for needed in required(manifest):
        if isinstance(manifest, ImageIndex):
            if missing := _missing(scene, needed.digest):
                return missing
        elif needed.digest not in scene.storage.blobs:
            return needed.digest
    return None
