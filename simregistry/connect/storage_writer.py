"""Write a simulated registry as a storage folder of CNCF distribution, so that the real one can serve it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from simregistry.connect.disk import checked_content
from simregistry.connect.storage_folder import VERSION_2
from simregistry.errors import SimRegistryError
from simregistry.oci.content import Content, pieces_of
from simregistry.oci.digest import Digest
from simregistry.registry.storage.repository import Repository
from simregistry.registry.storage.storage import Storage


class FolderNotEmpty(SimRegistryError):
    """There is something at the place to write to; nothing was written."""


def write_storage(storage: Storage, path: str | Path) -> Path:
    """Write a storage folder and return its path.

    Raises FolderNotEmpty, ContentUnavailable for a nominal blob, and DigestMismatch for a file that changed meanwhile.
    The folder is written beside its place and moved there when it is complete, so nobody ever sees a half-written one.
    """
    target = Path(path)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FolderNotEmpty(f"{target} is not empty: give a new folder, so that no registry's storage is written over")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        for place, content in _files(storage):
            file = draft / VERSION_2 / place
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("wb") as stream:
                stream.writelines(pieces_of(content))
        for name, repository in storage.repositories.items():
            # The real registry makes these folders with the first blob and the first tag, and never removes them.
            (draft / VERSION_2 / "repositories" / name / "_layers").mkdir(parents=True, exist_ok=True)
            if repository.ever_tagged:
                (draft / VERSION_2 / "repositories" / name / "_manifests" / "tags").mkdir(parents=True, exist_ok=True)
        for part in ("blobs", "repositories"):
            (draft / VERSION_2 / part).mkdir(parents=True, exist_ok=True)
        # mkdtemp makes a folder that only its owner may read, but the registry may run as a different user.
        draft.chmod(0o755)
        os.replace(draft, target)
    except BaseException:  # also for Ctrl-C
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return target


def _files(storage: Storage) -> Iterator[tuple[str, Content]]:
    """List every file of the folder: its path below ``v2``, and its content."""
    for digest in sorted(storage.blobs):
        place = f"blobs/{digest.algorithm}/{digest.encoded[:2]}/{digest.encoded}/data"
        # A large blob of a loaded folder is still a file there, which may have changed since.
        yield place, checked_content(storage.blobs.get(digest), digest)
    for name, repository in sorted(storage.repositories.items()):
        for place, digest in _links(repository):
            yield f"repositories/{name}/{place}/link", digest.encode()


def _links(repository: Repository) -> Iterator[tuple[str, Digest]]:
    """List every link of a repository: its folder, and the digest that is its content (registry/storage/paths.go)."""
    for digest in sorted(repository.blobs):
        yield f"_layers/{_in_folders(digest)}", digest
    for digest in sorted(repository.manifests):
        yield f"_manifests/revisions/{_in_folders(digest)}", digest
    for tag, digest in sorted(repository.tags.items()):
        yield f"_manifests/tags/{tag}/current", digest
        yield f"_manifests/tags/{tag}/index/{_in_folders(digest)}", digest


def _in_folders(digest: Digest) -> str:
    return f"{digest.algorithm}/{digest.encoded}"
