"""A repository: the names. Which blobs it may use, which manifests it has, and what its tags point at.

1. A blob link says "this repository has this blob"; the bytes are the store's. Reading needs a link, so a blob that
   only another repository has can't be read here.
2. A tag is a pointer that moves; a manifest's digest never does.
3. The methods below are the only writers. Everybody else reads, so a name is never removed in one place and forgotten
   in another.

Two families of methods remove things. ``delete_tag``, ``delete_manifest`` and ``unlink`` answer a client: they refuse
what would leave a hole. The ``drop_`` methods serve collectors and caches: they refuse nothing, and what is already
gone stays gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from simregistry.errors import BlobUnknown, ManifestBlobUnknown, ManifestInvalid, ManifestUnknown, Unsupported
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest, Manifest
from simregistry.oci.media_types import NONDISTRIBUTABLE


@dataclass(slots=True)
class Repository:
    """Blob links, manifests by digest, tags, and who refers to whom.

    >>> app = Repository("app")
    >>> app.link(Digest.of(b"layer"), 5)
    >>> app.blobs == {Digest.of(b"layer"): 5}
    True
    """

    name: str
    _blobs: dict[Digest, int] = field(default_factory=dict)
    _manifests: dict[Digest, Manifest] = field(default_factory=dict)
    _tags: dict[str, Digest] = field(default_factory=dict)
    # From a subject to the manifests that name it. The subject itself may be unknown: it may come later, or never.
    _referrers: dict[Digest, list[Digest]] = field(default_factory=dict)
    _ever_tagged: bool = False

    # Reading. Each of these is the repository's own dict, not a copy: it costs nothing and is always up to date.

    @property
    def blobs(self) -> Mapping[Digest, int]:
        """The blobs that this repository may use, with their bytes."""
        return self._blobs

    @property
    def manifests(self) -> Mapping[Digest, Manifest]:
        """The manifests by digest."""
        return self._manifests

    @property
    def tags(self) -> Mapping[str, Digest]:
        """What each tag points at now."""
        return self._tags

    @property
    def referrers(self) -> Mapping[Digest, Sequence[Digest]]:
        """For each subject, the manifests here that refer to it, in the order in which they came."""
        return self._referrers

    @property
    def ever_tagged(self) -> bool:
        """Whether there was ever a tag here: a collector treats a repository that lost its tags differently."""
        return self._ever_tagged

    def copy(self) -> Repository:
        """Make a repository that has the same content and changes independently of this one."""
        referrers = {subject: list(digests) for subject, digests in self._referrers.items()}
        return Repository(
            self.name, dict(self._blobs), dict(self._manifests), dict(self._tags), referrers, self._ever_tagged
        )

    def resolve(self, reference: str | Digest) -> Digest:
        """Find the manifest that a tag or a digest names, or raise ManifestUnknown saying what there is."""
        digest = reference if isinstance(reference, Digest) else self._tags.get(reference)
        # Subtle: a tag alone is not enough. A race between a push and a collector can leave a tag without its manifest.
        if digest is not None and digest in self._manifests:
            return digest
        if isinstance(reference, Digest):
            raise ManifestUnknown(f"no manifest {reference} in {self.name}", {"digest": reference})
        have = ", ".join(sorted(self._tags)[:10]) or "no tag at all"
        raise ManifestUnknown(f"no tag {reference} in {self.name}; it has {have}", {"tag": reference})

    def children(self, digest: Digest) -> tuple[Digest, ...]:
        """List the manifests that an index of this repository names; none for an image."""
        manifest = self._manifests.get(digest)
        if manifest is None or isinstance(manifest, ImageManifest):
            return ()
        return tuple(child.digest for child in manifest.manifests)

    def walk(self, digest: Digest) -> Iterator[tuple[Digest, ImageManifest]]:
        """Go through the images below a manifest: itself, or an index's children at any depth, each once."""
        seen: set[Digest] = set()
        waiting = [digest]
        while waiting:
            here = waiting.pop()
            manifest = self._manifests.get(here)
            # A sparse index names images that nobody has pushed here; one image may stand in two indexes.
            if manifest is None or here in seen:
                continue
            seen.add(here)
            if isinstance(manifest, ImageManifest):
                yield here, manifest
            else:
                waiting.extend(child.digest for child in reversed(manifest.manifests))

    # Writing.

    def link(self, digest: Digest, size: int) -> None:
        """Let this repository use a blob of the store that has this many bytes."""
        self._blobs[digest] = size

    def unlink(self, digest: Digest) -> None:
        """Remove a blob from this repository; refused while one of its manifests needs it."""
        if digest not in self._blobs:
            raise BlobUnknown(f"no blob {digest} in {self.name}", {"digest": digest})
        self._refuse_while_used(digest, "blob")
        self.drop_link(digest)

    def drop_link(self, digest: Digest) -> None:
        """Forget a blob, whoever needs it."""
        self._blobs.pop(digest, None)

    def put_manifest(self, digest: Digest, manifest: Manifest, tag: str | None) -> None:
        """Add a manifest whose content this repository has, and point the tag at it.

        This looks at the names alone. ``Storage.put_manifest`` also looks whether the bytes are still in the store.
        """
        for needed in required(manifest):
            self.check_present(needed)
        self.add_manifest(digest, manifest, tag)

    def add_manifest(self, digest: Digest, manifest: Manifest, tag: str | None = None) -> None:
        """Add a manifest without a check: for a cache, which has the manifest before its blobs, and for loading."""
        # A manifest that comes a second time refers to its subject once all the same.
        if digest not in self._manifests and manifest.subject is not None:
            self._referrers.setdefault(manifest.subject.digest, []).append(digest)
        self._manifests[digest] = manifest
        if tag is not None:
            self.point_tag(tag, digest)

    def delete_manifest(self, digest: Digest) -> None:
        """Delete a manifest and the tags that point at it; refused while an index needs it. The blobs stay."""
        self.resolve(digest)
        self._refuse_while_used(digest, "manifest")
        self.drop_manifest(digest)

    def drop_manifest(self, digest: Digest) -> None:
        """Forget a manifest and its tags, whatever index names it: some products delete this way."""
        for tag in [tag for tag, target in self._tags.items() if target == digest]:
            del self._tags[tag]
        self.drop_revision(digest)

    def drop_revision(self, digest: Digest) -> None:
        """Forget a manifest but not its tags: a tag that came meanwhile then points at nothing, as in a real race."""
        manifest = self._manifests.pop(digest, None)
        if manifest is None or manifest.subject is None:
            return
        subject = manifest.subject.digest
        others = [referrer for referrer in self._referrers.get(subject, ()) if referrer != digest]
        if others:
            self._referrers[subject] = others
        else:
            self._referrers.pop(subject, None)

    def point_tag(self, tag: str, digest: Digest) -> None:
        """Let a tag point at a manifest; what it pointed at before stays here without it."""
        self._tags[tag] = digest
        self._ever_tagged = True

    def note_tags(self) -> None:
        """Note that there were tags here once: a storage folder tells, even when none is left."""
        self._ever_tagged = True

    def delete_tag(self, tag: str) -> None:
        """Delete a tag, or raise ManifestUnknown; the manifest stays."""
        self.resolve(tag)
        self.drop_tag(tag)

    def drop_tag(self, tag: str) -> None:
        """Forget a tag, wherever it points."""
        self._tags.pop(tag, None)

    def tamper(self, digest: Digest, manifest: Manifest) -> None:
        """Put another manifest under a digest, as a failing disk or an intruder would, to see who notices."""
        self._manifests[digest] = manifest

    # Refusing.

    def check_present(self, needed: Descriptor) -> None:
        """Raise if a descriptor names what is not here, or what is here with another size."""
        child = self._manifests.get(needed.digest)
        size = len(child.raw) if child is not None else self._blobs.get(needed.digest)
        if size is None:
            message = f"{self.name} has no {needed.digest}, which the manifest names; push it first"
            raise ManifestBlobUnknown(message, {"digest": needed.digest})
        if size != needed.size:
            message = f"the manifest says {needed.digest} has {needed.size} bytes; it has {size}"
            raise ManifestInvalid(message, {"digest": needed.digest, "expected": size, "got": needed.size})

    def _refuse_while_used(self, digest: Digest, what: str) -> None:
        user = next((d for d, m in self._manifests.items() if any(c.digest == digest for c in required(m))), None)
        if user is not None:
            raise Unsupported(f"{what} {digest} is needed by {user}; delete that first", {"needed_by": user})


def required(manifest: Manifest) -> tuple[Descriptor, ...]:
    """List what must be here before a manifest may come in.

    A non-distributable layer may stay with its owner (image-spec layer.md, "Non-Distributable Layers"), and a subject
    may come later: distribution-spec, "Push": "A registry MUST initially accept an otherwise valid manifest with a
    subject field that references a manifest that does not exist in the repository".
    """
    if isinstance(manifest, ImageManifest):
        return tuple(blob for blob in manifest.blobs if blob.media_type not in NONDISTRIBUTABLE)
    return manifest.manifests
