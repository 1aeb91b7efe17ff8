"""The storage behind a registry: everything that lasts. A front end over it keeps nothing of its own."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field

from simregistry.errors import ManifestBlobUnknown, NameUnknown
from simregistry.oci.content import Content
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import Manifest
from simregistry.registry.storage.blob_store import BlobStore
from simregistry.registry.storage.repository import Repository, required
from simregistry.registry.storage.upload_session import Uploads


@dataclass(slots=True)
class Storage:
    """One blob store under all repositories, and the uploads under way."""

    blobs: BlobStore = field(default_factory=BlobStore)
    repositories: dict[str, Repository] = field(default_factory=dict)
    uploads: Uploads = field(default_factory=Uploads)

    def repository(self, name: str) -> Repository:
        """Find a repository, or raise NameUnknown saying which there are."""
        if name not in self.repositories:
            have = ", ".join(sorted(self.repositories)[:10]) or "none yet"
            raise NameUnknown(f"no repository {name}; there is {have}", {"name": name})
        return self.repositories[name]

    def repository_to_write(self, name: str) -> Repository:
        """Find a repository or found it: it comes to be with the first content that is put into it."""
        return self.repositories.setdefault(name, Repository(name))

    def keep(self, name: str, content: Content, digest: Digest) -> None:
        """Put verified content on the shelf and link it to a repository: from here on the blob is to be seen."""
        self.blobs.put(content, digest)
        self.repository_to_write(name).link(digest, len(content))

    def holder(self, digest: Digest, source: str = "") -> Repository | None:
        """Find a repository that has a blob: the one named, or any; None where there is none."""
        named = [self.repositories[source]] if source in self.repositories else []
        candidates = named if source else list(self.repositories.values())
        return next((each for each in candidates if digest in each.blobs and digest in self.blobs), None)

    def check_shelf(self, name: str, manifest: Manifest) -> None:
        """Raise ManifestBlobUnknown where a repository's link leads to nothing: a collector may have swept it."""
        repository = self.repositories[name]
        for needed in required(manifest):
            linked = needed.digest in repository.blobs or needed.digest in repository.manifests
            if linked and needed.digest not in self.blobs:
                message = f"{needed.digest}, which the manifest names, was swept; push it again"
                raise ManifestBlobUnknown(message, {"digest": needed.digest})

    def copy(self) -> Storage:
        """Give a storage of its own that holds the same; what cannot change is shared."""
        repositories = {name: each.copy() for name, each in self.repositories.items()}
        return Storage(self.blobs.copy(), repositories, deepcopy(self.uploads))
