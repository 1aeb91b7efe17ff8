"""The storage behind a registry: everything that lasts. A front end over it keeps nothing of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field

from simregistry.errors import ManifestBlobUnknown, NameUnknown
from simregistry.oci.content import Content
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import Manifest
from simregistry.registry.storage.blob_store import Blobs, BlobStore
from simregistry.registry.storage.repository import Repository, required
from simregistry.registry.storage.upload_session import Uploads

# What decides whether a manifest may come in: it raises what the registry is to answer, or returns and says nothing.
ManifestCheck = Callable[[Manifest, Repository, Blobs], None]


def check_content(manifest: Manifest, repository: Repository, blobs: Blobs) -> None:
    """Raise if a manifest names something that this repository does not have whole.

    distribution-spec, "Push": "A registry MAY reject a manifest uploaded to the manifest endpoint with descriptors
    in other fields that reference a manifest or blob that does not exist in the registry." This one always does,
    so that whatever has a tag can be pulled whole.
    """
    for needed in required(manifest):
        repository.check_present(needed)
        # Subtle: the link can be here and the bytes gone, if a collector swept them and left the link.
        if needed.digest not in blobs:
            message = f"{needed.digest}, which the manifest names, was swept; push it again"
            raise ManifestBlobUnknown(message, {"digest": needed.digest})


@dataclass(slots=True)
class Storage:
    """One blob store under all repositories, and the uploads under way.

    Every part can be somebody else's: a blob store that keeps ``Blobs``' promises, uploads with a session of another
    kind, another check of the manifests that come in.

    >>> storage = Storage()
    >>> storage.keep("app", b"layer", Digest.of(b"layer"))
    >>> list(storage.repositories), storage.blobs.stored_bytes
    (['app'], 5)
    """

    blobs: Blobs = field(default_factory=BlobStore)
    uploads: Uploads = field(default_factory=Uploads)
    check_manifest: ManifestCheck = check_content
    _repositories: dict[str, Repository] = field(default_factory=dict)

    @property
    def repositories(self) -> Mapping[str, Repository]:
        """The repositories by name: to read. They come and go by the methods below."""
        return self._repositories

    def repository(self, name: str) -> Repository:
        """Find a repository, or raise NameUnknown saying which there are."""
        if name not in self._repositories:
            have = ", ".join(sorted(self._repositories)[:10]) or "none yet"
            raise NameUnknown(f"no repository {name}; there is {have}", {"name": name})
        return self._repositories[name]

    def repository_to_write(self, name: str) -> Repository:
        """Find a repository, or create it: a repository begins with the first content that is put into it."""
        if name not in self._repositories:
            self._repositories[name] = Repository(name)
        return self._repositories[name]

    def drop_repository(self, name: str) -> None:
        """Forget a repository with all its names; the bytes stay until a collector sweeps them."""
        self._repositories.pop(name, None)

    def keep(self, name: str, content: Content, digest: Digest) -> None:
        """Put verified content on the shelf and link it to a repository: from now on the blob can be read there."""
        self.blobs.put(content, digest)
        self.repository_to_write(name).link(digest, len(content))

    def put_manifest(self, name: str, digest: Digest, manifest: Manifest, tag: str | None) -> None:
        """Take a manifest whose content is all here, and point the tag at it; a refused one changes nothing."""
        # A repository that is not there has no blobs either. It is created only if the manifest passes.
        repository = self._repositories.get(name) or Repository(name)
        self.check_manifest(manifest, repository, self.blobs)
        self.keep_manifest(name, digest, manifest, tag)

    def keep_manifest(self, name: str, digest: Digest, manifest: Manifest, tag: str | None) -> None:
        """Take a manifest as it is: a cache gets it before the blobs that it names."""
        # Bytes first, names after them: at no moment does a name lead to nothing.
        self.blobs.put(manifest.raw, digest)
        self.repository_to_write(name).add_manifest(digest, manifest, tag)

    def holder(self, digest: Digest, source: str = "") -> Repository | None:
        """Find a repository that has a blob: the one named, or any; None where there is none."""
        if digest not in self.blobs:
            return None
        candidates = self._repositories.values() if not source else filter(None, [self._repositories.get(source)])
        return next((repository for repository in candidates if digest in repository.blobs), None)

    def restricted_to(self, names: Iterable[str]) -> Storage:
        """Make a storage that shows only some repositories, over the same blobs and uploads."""
        shown = {name: self._repositories[name] for name in names}
        return Storage(self.blobs, self.uploads, self.check_manifest, shown)

    def copy(self) -> Storage:
        """Make a storage that has the same content and changes independently; what cannot change is shared."""
        repositories = {name: repository.copy() for name, repository in self._repositories.items()}
        return Storage(self.blobs.copy(), deepcopy(self.uploads), self.check_manifest, repositories)
