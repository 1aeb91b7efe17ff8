"""An inventory: what a collector sees of a storage, as plain values, be it simulated or a folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from simregistry.errors import InvalidValue
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageIndex, ImageManifest, Manifest
from simregistry.registry.storage.storage import Storage


@dataclass(frozen=True, slots=True)
class OpenUpload:
    """A blob on its way in: who for, its bytes so far, and when it began (seconds; None where nobody noted it)."""

    repository: str
    id: str
    received: int
    started: float | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in a storage that is not as it should be: where, what, and which step of a collector trips over it.

    ``stops`` names the step by what it reads ("repositories", "name", "manifests", "tags", "layers", "blobs"), and is
    "" for what is only noted.
    """

    place: str
    what: str
    stops: str = ""


@dataclass(frozen=True, slots=True)
class Holding:
    """One repository: its manifests (revisions), what its tags point at now, and the blobs that it is linked to.

    ``revisions`` and ``links`` are those whose content is on the shelf, in the order in which a collector walks them.
    ``tags`` is None where the repository never had one: CNCF distribution makes the folder with the first tag.
    """

    name: str
    revisions: tuple[Digest, ...] = ()
    tags: Mapping[str, Digest] | None = None
    links: tuple[Digest, ...] = ()
    faults: tuple[Fault, ...] = ()

    def why_root(self, tag: str | None) -> str:
        """Say why a manifest stays for its own sake: a tag of this repository, or that the repository has it."""
        return f"{self.name}:{tag}" if tag else f"{self.name}, which has it as a manifest"

    def tagged(self) -> dict[Digest, str]:
        """Map each manifest that a tag points at now to the first such tag."""
        first_tags: dict[Digest, str] = {}
        for tag, digest in (self.tags or {}).items():
            first_tags.setdefault(digest, tag)
        return first_tags


# Frozen, but without slots: `named_by` is worked out once, when somebody asks, and kept beside the fields.
@dataclass(frozen=True)
class Inventory:
    """Blobs with their bytes, repositories in the order of a walk, and what each manifest names.

    ``references`` has a config first and then the layers, or the manifests of one of the ``indexes``.
    ``written`` says when a blob came, where somebody noted it, and ``now`` what time it is (seconds of any clock).
    """

    blobs: Mapping[Digest, int]
    holdings: Mapping[str, Holding]
    references: Mapping[Digest, tuple[Digest, ...]]
    indexes: frozenset[Digest] = frozenset()
    uploads: tuple[OpenUpload, ...] = ()
    unreadable: Mapping[Digest, str] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    written: Mapping[Digest, float] = field(default_factory=dict)
    now: float = 0.0

    @property
    def stored_bytes(self) -> int:
        """Bytes on the shelf."""
        return sum(self.blobs.values())

    def tags(self) -> Iterator[tuple[str, Digest]]:
        """Go through the tags as ``repository:tag``, each with what it points at."""
        for name, holding in self.holdings.items():
            yield from ((f"{name}:{tag}", digest) for tag, digest in (holding.tags or {}).items())

    @cached_property
    def named_by(self) -> Mapping[Digest, tuple[Digest, ...]]:
        """Turn the references round: for each digest, the manifests that name it."""
        # A dict of None keeps the order of the walk, which a set would not, and holds each manifest once.
        namers: dict[Digest, dict[Digest, None]] = {}
        for manifest, references in self.references.items():
            for named in references:
                namers.setdefault(named, {})[manifest] = None
        return {digest: tuple(manifests) for digest, manifests in namers.items()}

    def is_manifest(self, digest: Digest) -> bool:
        """Say whether some repository has it as a manifest, readable or not."""
        return digest in self.references or digest in self.unreadable

    def all_faults(self) -> tuple[Fault, ...]:
        """List what is not as it should be: in the storage, in each repository, in each manifest."""
        inside = [fault for holding in self.holdings.values() for fault in holding.faults]
        unread = [Fault(f"manifest {digest}", problem, "manifests") for digest, problem in self.unreadable.items()]
        return (*self.faults, *inside, *unread)

    def find(self, text: str) -> Digest:
        """Find a digest by its first digits, or raise InvalidValue: none, or several, begin so."""
        prefix = text if ":" in text else f"sha256:{text}"
        # What a manifest names can be asked about too, even if its bytes are not here.
        known = self.blobs.keys() | self.named_by.keys()
        matches = sorted(digest for digest in known if digest.startswith(prefix))
        # Several digests may begin so. A whole digest is meant even then.
        if len(matches) != 1 and prefix not in matches:
            some = f"{len(matches)} digests begin so: give more of it"
            raise InvalidValue("digest", text, some if matches else "no blob of this storage begins so")
        return matches[0]

    def manifests(self) -> tuple[str, ...]:
        """List every manifest of every repository as ``repository@digest``, sorted."""
        holdings = self.holdings.items()
        return tuple(sorted(f"{name}@{digest}" for name, holding in holdings for digest in holding.revisions))


def references_of(manifest: Manifest) -> tuple[Digest, ...]:
    """Say which digests a manifest names: the config and the layers, or an index's manifests.

    The subject is not one of them: distribution-spec, "Deleting Manifests", leaves to the registry what becomes of a
    referrer, and CNCF distribution's collectors do not follow it.
    """
    # The config comes first: who wants the layers alone leaves the first one out.
    if isinstance(manifest, ImageManifest):
        return (manifest.config.digest, *(layer.digest for layer in manifest.layers))
    return tuple(child.digest for child in manifest.manifests)


def take_inventory(storage: Storage) -> Inventory:
    """Look through a simulated registry's storage; nothing in it is changed."""
    # Sorted throughout: a collector's order is a fact that lessons print, and a set has none.
    shelf = {digest: storage.blobs.size(digest) for digest in sorted(storage.blobs)}
    holdings: dict[str, Holding] = {}
    references: dict[Digest, tuple[Digest, ...]] = {}
    indexes: set[Digest] = set()
    # The order of a walk through folders: "/" sorts before any letter, and in plain text "-" and "." come before "/".
    for name in sorted(storage.repositories, key=lambda name: name.split("/")):
        repository = storage.repositories[name]
        # Names whose bytes are gone are left out, as the real walk leaves them out (linkedblobstore.go, Enumerate).
        holdings[name] = Holding(
            name,
            revisions=tuple(digest for digest in sorted(repository.manifests) if digest in shelf),
            tags=dict(sorted(repository.tags.items())) if repository.ever_tagged else None,
            links=tuple(digest for digest in sorted(repository.blobs) if digest in shelf),
        )
        # What each manifest names is read once, whichever repositories have it.
        references |= {digest: references_of(manifest) for digest, manifest in repository.manifests.items()}
        indexes |= {digest for digest, manifest in repository.manifests.items() if isinstance(manifest, ImageIndex)}
    # An upload is no blob yet, so no collector counts its bytes; how old it is, only a folder knows.
    uploads = tuple(OpenUpload(session.repository, session.id, session.received) for session in storage.uploads)
    return Inventory(shelf, holdings, references, frozenset(indexes), uploads)
