"""Images from one place to another: what a source gives, what a target takes, and the copy between them.

1. Bytes in, same bytes out: manifests are copied as they are, so every digest stays.
2. Blobs first, manifests after them, an index after the images it names, the name last: at no moment does the target
   name something that it does not have whole.
3. Nothing is believed: size and digest of each blob are checked as it passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from simregistry.connect.disk import checked_content
from simregistry.errors import DigestMismatch, ImageUnknown, InvalidValue
from simregistry.oci.content import Content, digest_of
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.limits import DEEPEST_COPY
from simregistry.oci.manifest import ImageManifest, Manifest
from simregistry.oci.media_types import NONDISTRIBUTABLE
from simregistry.oci.reference import TAG
from simregistry.registry.gc.inventory import Holding, Inventory, references_of
from simregistry.registry.storage.storage import Storage
from simregistry.table import Table, TableReport

Progress = Callable[[str, int], None]


class Source(Protocol):
    """A place to read images from."""

    def names(self) -> tuple[str, ...]:
        """List what it has by name, in order."""

    def resolve(self, name: str) -> Digest:
        """Find the manifest of a name; "" is the only image there is. Raises ImageUnknown saying what there is."""

    def manifest(self, digest: Digest) -> Manifest:
        """Read a manifest or an index; raises InvalidValue or ImageUnknown."""

    def blob(self, blob: Descriptor) -> Content:
        """Read a blob; raises ImageUnknown where it is not here."""

    def referrers(self, digest: Digest) -> tuple[Digest, ...]:
        """List the manifests here whose subject this one is."""


class Target(Protocol):
    """A place to write images to."""

    def has(self, digest: Digest) -> bool:
        """Say whether a blob is there already, whole: a broken one is not, and is put again."""

    def put_blob(self, blob: Descriptor, content: Content) -> None:
        """Keep a blob; a large one is hashed as its pieces are read, and the last raises if the digest is another."""

    def put_manifest(self, manifest: Manifest, name: str | None) -> None:
        """Keep a manifest whose content is there, and let a name point at it."""


@dataclass(frozen=True, slots=True, repr=False)
class CopyReport(TableReport):
    """What a copy did: blobs and bytes copied, blobs that were there already, and manifests that the source lacks."""

    name: str
    digest: Digest
    blobs: int
    bytes: int
    already: int
    missing: tuple[Digest, ...] = ()

    def table(self) -> Table:
        """Show it in a line."""
        row = (self.name, self.digest.short, self.blobs, self.bytes, self.already, len(self.missing))
        columns = ("image", "digest", "blobs copied", "bytes", "there already", "not in the source")
        # Only an index whose platforms are not all here (a sparse one) lacks anything.
        return Table(columns, (row,)) if self.missing else Table(columns[:-1], (row[:-1],))


def copy_image(
    source: Source,
    name: str,
    target: Target,
    as_name: str | None = None,
    progress: Progress | None = None,
    *,
    referrers: bool = False,
) -> CopyReport:
    """Copy an image, or an index with all its images; ``progress`` is told each blob with its bytes.

    With ``referrers`` what refers to them comes along: signatures, and what signs those. An index some of whose
    manifests the source lacks (a sparse one) is copied with what is there. Raises DigestMismatch where a blob is not
    what its descriptor says, and what source and target raise; an image is named in the target only when all of it is
    there.
    """
    top = source.resolve(name)
    if as_name is None:
        names = source.names()
        as_name = name or (names[0] if len(names) == 1 else "")
    missing: list[Digest] = []
    manifests = list(walk_manifests(source, top, missing))
    if referrers:
        manifests += _referring(source, manifests, missing)
    copied = already = total = 0
    for blob in _needed(manifests):
        if target.has(blob.digest):
            already += 1
            continue
        target.put_blob(blob, verified_blob(blob, source.blob(blob)))
        copied, total = copied + 1, total + blob.size
        if progress:
            progress(blob.digest.short, blob.size)
    for manifest in reversed(manifests[1:]):
        target.put_manifest(manifest, None)
    target.put_manifest(manifests[0], as_name)
    return CopyReport(as_name, top, copied, total, already, tuple(missing))


def _referring(source: Source, manifests: list[Manifest], missing: list[Digest]) -> list[Manifest]:
    """Find what refers to any of these, what refers to that, and so on, each once."""
    seen = {manifest.digest for manifest in manifests}
    found: list[Manifest] = []
    waiting = list(manifests)
    while waiting:
        for digest in source.referrers(waiting.pop(0).digest):
            for manifest in walk_manifests(source, digest, missing) if digest not in seen else ():
                if manifest.digest not in seen:
                    seen.add(manifest.digest)
                    found.append(manifest)
                    waiting.append(manifest)
    return found


def walk_manifests(source: Source, top: Digest, missing: list[Digest] | None = None) -> Iterator[Manifest]:
    """Go through a manifest and all below it, each once, those that name before those that are named.

    What an index names and the source lacks is added to ``missing``; without such a list it raises ImageUnknown.
    """
    seen: set[Digest] = set()
    level = [top]
    for _ in range(DEEPEST_COPY):
        following: list[Digest] = []
        for digest in level:
            if digest in seen:
                continue
            seen.add(digest)
            try:
                manifest = source.manifest(digest)
            except ImageUnknown:
                if missing is None or digest == top:
                    raise
                missing.append(digest)
                continue
            yield manifest
            if not isinstance(manifest, ImageManifest):
                following += [child.digest for child in manifest.manifests]
        level = following
        if not level:
            return
    raise InvalidValue("index", top, f"names indexes more than {DEEPEST_COPY} deep, or itself")


def _needed(manifests: Iterable[Manifest]) -> Iterator[Descriptor]:
    seen: set[Digest] = set()
    for manifest in manifests:
        for blob in manifest.blobs if isinstance(manifest, ImageManifest) else ():
            if blob.digest not in seen and blob.media_type not in NONDISTRIBUTABLE:
                seen.add(blob.digest)
                yield blob


def verified_blob(blob: Descriptor, content: Content) -> Content:
    """Return content that is what its descriptor says, or raise DigestMismatch or InvalidValue.

    A large file is not read for it: its pieces are hashed while the target writes them, and the last one raises.
    """
    if len(content) != blob.size:
        raise InvalidValue("blob", blob.digest, f"has {len(content):,} bytes, its descriptor says {blob.size:,}")
    checked = checked_content(content, blob.digest)
    if checked is not content:
        return checked
    got = digest_of(content, blob.digest.algorithm)
    if got != blob.digest:
        raise DigestMismatch(blob.digest, str(got))
    return content


def only_name(names: tuple[str, ...], name: str, where: str) -> str:
    """Find a name among those there are; "" is the only one. Raises ImageUnknown."""
    if name in names:
        return name
    if not name and len(names) == 1:
        return names[0]
    raise ImageUnknown(f"{name or '(no name given)'} in {where}", names[:20])


@dataclass(frozen=True, slots=True)
class LocalRepository:
    """One repository of a simulated registry's storage, as a source and as a target."""

    storage: Storage
    repository: str

    def names(self) -> tuple[str, ...]:
        """List its tags."""
        repository = self.storage.repositories.get(self.repository)
        return tuple(sorted(repository.tags)) if repository else ()

    def resolve(self, name: str) -> Digest:
        """Find what a tag points at."""
        return self.storage.repository(self.repository).tags[only_name(self.names(), name, self.repository)]

    def manifest(self, digest: Digest) -> Manifest:
        """Return a manifest that the repository has, or raise ImageUnknown."""
        manifest = self.storage.repository(self.repository).manifests.get(digest)
        if manifest is None:
            raise ImageUnknown(f"manifest {digest} in {self.repository}", self.names()[:20])
        return manifest

    def blob(self, blob: Descriptor) -> Content:
        """Return a blob of the shelf, or raise KeyError."""
        return self.storage.blobs.get(blob.digest)

    def referrers(self, digest: Digest) -> tuple[Digest, ...]:
        """List what refers to a manifest, as the API does."""
        repository = self.storage.repositories.get(self.repository)
        return tuple(repository.referrers.get(digest, ())) if repository else ()

    def has(self, digest: Digest) -> bool:
        """Say whether the repository may use a blob that is on the shelf."""
        repository = self.storage.repositories.get(self.repository)
        return repository is not None and digest in repository.blobs and digest in self.storage.blobs

    def put_blob(self, blob: Descriptor, content: Content) -> None:
        """Put it on the shelf and link it."""
        self.storage.keep(self.repository, content, blob.digest)

    def put_manifest(self, manifest: Manifest, name: str | None) -> None:
        """Take the manifest as the API does, which refuses one without its blobs, and a name that isn't a tag."""
        if name is not None and not TAG.fullmatch(name):
            raise InvalidValue(
                "tag", name, "letters, digits, _ . - and at most 128 of them; say which tag it is to get"
            )
        self.storage.put_manifest(self.repository, manifest.digest, manifest, name)


def inventory_of_source(source: Source) -> Inventory:
    """Take stock of a source: its names as the tags of one repository, its blobs by what the manifests say of them."""
    blobs: dict[Digest, int] = {}
    references: dict[Digest, tuple[Digest, ...]] = {}
    indexes: set[Digest] = set()
    tags = {name: source.resolve(name) for name in source.names()}
    for manifest in (manifest for top in dict.fromkeys(tags.values()) for manifest in walk_manifests(source, top, [])):
        blobs[manifest.digest] = manifest.size
        references[manifest.digest] = references_of(manifest)
        if isinstance(manifest, ImageManifest):
            blobs |= {blob.digest: blob.size for blob in manifest.blobs}
        else:
            indexes.add(manifest.digest)
    holding = Holding("", tuple(references), tags, tuple(blobs))
    return Inventory(blobs, {"": holding}, references, frozenset(indexes))
