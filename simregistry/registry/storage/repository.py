"""A repository: the names. Which blobs it may use, which manifests it has, and what its tags point at.

1. A blob link says "this repository has this blob"; the bytes are the store's. Reading needs a link, so a blob that
   only another repository has is not to be read here.
2. A tag is a pointer that moves; a manifest's digest never does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from simregistry.errors import BlobUnknown, ManifestBlobUnknown, ManifestInvalid, ManifestUnknown, Unsupported
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest, Manifest
from simregistry.oci.media_types import NONDISTRIBUTABLE


@dataclass(slots=True)
class Repository:
    """Blob links, manifests by digest, tags, and who refers to whom."""

    name: str
    blobs: dict[Digest, int] = field(default_factory=dict)
    manifests: dict[Digest, Manifest] = field(default_factory=dict)
    tags: dict[str, Digest] = field(default_factory=dict)
    referrers: dict[Digest, list[Digest]] = field(default_factory=dict)
    # A repository that lost its tags and one that never had any are two things to a collector.
    ever_tagged: bool = False

    def copy(self) -> Repository:
        """Give a repository that holds the same and goes its own way."""
        referrers = {subject: list(found) for subject, found in self.referrers.items()}
        return Repository(
            self.name, dict(self.blobs), dict(self.manifests), dict(self.tags), referrers, self.ever_tagged
        )

    def link(self, digest: Digest, size: int) -> None:
        """Let this repository use a blob of the store, of so many bytes."""
        self.blobs[digest] = size

    def resolve(self, reference: str | Digest) -> Digest:
        """Find the manifest that a tag or a digest names, or raise ManifestUnknown saying what there is."""
        digest = reference if isinstance(reference, Digest) else self.tags.get(reference)
        if digest is not None and digest in self.manifests:
            return digest
        if isinstance(reference, Digest):
            raise ManifestUnknown(f"no manifest {reference} in {self.name}", {"digest": reference})
        have = ", ".join(sorted(self.tags)[:10]) or "no tag at all"
        raise ManifestUnknown(f"no tag {reference} in {self.name}; it has {have}", {"tag": reference})

    def put_manifest(self, digest: Digest, manifest: Manifest, tag: str | None) -> None:
        """Take a manifest whose content is all here, and point the tag at it.

        distribution-spec, "Push": "A registry MAY reject a manifest uploaded to the manifest endpoint with descriptors
        in other fields that reference a manifest or blob that does not exist in the registry." This one always does,
        so that whatever has a tag can be pulled whole.
        """
        for needed in required(manifest):
            self.check_present(needed)
        if digest not in self.manifests and manifest.subject is not None:
            self.referrers.setdefault(manifest.subject.digest, []).append(digest)
        self.manifests[digest] = manifest
        if tag is not None:
            self.tags[tag] = digest
            self.ever_tagged = True

    def delete_manifest(self, digest: Digest) -> None:
        """Forget a manifest and the tags that point at it; the blobs stay."""
        self.resolve(digest)
        self._refuse_while_used(digest, "manifest")
        self.drop_manifest(digest)

    def drop_manifest(self, digest: Digest) -> None:
        """Forget a manifest and its tags, whatever index names it: some registries do."""
        manifest = self.manifests.pop(digest)
        self.tags = {tag: target for tag, target in self.tags.items() if target != digest}
        if manifest.subject is not None:
            self.referrers[manifest.subject.digest].remove(digest)

    def delete_tag(self, tag: str) -> None:
        """Forget a tag; the manifest stays."""
        self.resolve(tag)
        del self.tags[tag]

    def children(self, digest: Digest) -> tuple[Digest, ...]:
        """Give the manifests that an index of this repository names; none for an image."""
        manifest = self.manifests.get(digest)
        return (
            ()
            if manifest is None or isinstance(manifest, ImageManifest)
            else tuple(m.digest for m in manifest.manifests)
        )

    def unlink(self, digest: Digest) -> None:
        """Give a blob up; refused while one of this repository's manifests needs it."""
        if digest not in self.blobs:
            raise BlobUnknown(f"no blob {digest} in {self.name}", {"digest": digest})
        self._refuse_while_used(digest, "blob")
        del self.blobs[digest]

    def _refuse_while_used(self, digest: Digest, what: str) -> None:
        user = next((d for d, m in self.manifests.items() if any(c.digest == digest for c in required(m))), None)
        if user is not None:
            raise Unsupported(f"{what} {digest} is needed by {user}; delete that first", {"needed_by": user})

    def check_present(self, needed: Descriptor) -> None:
        """Refuse a manifest that names what is not here, or is here with another size."""
        child = self.manifests.get(needed.digest)
        size = len(child.raw) if child is not None else self.blobs.get(needed.digest)
        if size is None:
            message = f"{self.name} has no {needed.digest}, which the manifest names; push it first"
            raise ManifestBlobUnknown(message, {"digest": needed.digest})
        if size != needed.size:
            message = f"the manifest says {needed.digest} has {needed.size} bytes; it has {size}"
            raise ManifestInvalid(message, {"digest": needed.digest, "expected": size, "got": needed.size})

    def walk(self, digest: Digest) -> Iterator[tuple[Digest, ImageManifest]]:
        """Go through the images below a manifest: itself, or an index's children at any depth, each once."""
        seen: set[Digest] = set()
        waiting = [digest]
        while waiting:
            here = waiting.pop()
            manifest = self.manifests.get(here)
            if manifest is None or here in seen:
                continue
            seen.add(here)
            if isinstance(manifest, ImageManifest):
                yield here, manifest
            else:
                waiting.extend(child.digest for child in reversed(manifest.manifests))


def required(manifest: Manifest) -> tuple[Descriptor, ...]:
    """Say what must be here before a manifest may come in.

    A non-distributable layer may stay with its owner (image-spec layer.md, "Non-Distributable Layers"), and a subject
    may come later: distribution-spec, "Push": "A registry MUST initially accept an otherwise valid manifest with a
    subject field that references a manifest that does not exist in the repository".
    """
    if isinstance(manifest, ImageManifest):
        return tuple(blob for blob in manifest.blobs if blob.media_type not in NONDISTRIBUTABLE)
    return manifest.manifests
