"""Write a simulated registry as a storage folder of CNCF distribution, so that the real one can serve it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from simregistry.connect.storage_folder import VERSION_2
from simregistry.errors import SimRegistryError
from simregistry.oci.content import Content, pieces_of
from simregistry.oci.digest import Digest
from simregistry.registry.storage.repository import Repository
from simregistry.registry.storage.storage import Storage


class FolderNotEmpty(SimRegistryError):
    """The place to write to holds something already; nothing was written."""


def write_storage(storage: Storage, path: str | Path) -> Path:
    """Write a storage folder; gives its path. Raises FolderNotEmpty, and ContentUnavailable for a nominal blob.

    It is written beside its place and moved there when it is whole, so that nothing half-done is ever to be seen.
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
            # Folders that the real registry makes with the first blob and the first tag, and never takes away again.
            (draft / VERSION_2 / "repositories" / name / "_layers").mkdir(parents=True, exist_ok=True)
            if repository.ever_tagged:
                (draft / VERSION_2 / "repositories" / name / "_manifests" / "tags").mkdir(parents=True, exist_ok=True)
        for part in ("blobs", "repositories"):
            (draft / VERSION_2 / part).mkdir(parents=True, exist_ok=True)
        # A folder made for a draft is its owner's alone; a registry may run as somebody else.
        draft.chmod(0o755)
        os.replace(draft, target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return target


def _files(storage: Storage) -> Iterator[tuple[str, Content]]:
    for digest in sorted(storage.blobs):
        place = f"blobs/{digest.algorithm}/{digest.encoded[:2]}/{digest.encoded}/data"
        yield place, storage.blobs.get(digest)
    for name, repository in sorted(storage.repositories.items()):
        for place, digest in _links(repository):
            yield f"repositories/{name}/{place}/link", digest.encode()


def _links(repository: Repository) -> Iterator[tuple[str, Digest]]:
    """Give each link of a repository: its place, and the digest that is its content (registry/storage/paths.go)."""
    for digest in sorted(repository.blobs):
        yield f"_layers/{_in_folders(digest)}", digest
    for digest in sorted(repository.manifests):
        yield f"_manifests/revisions/{_in_folders(digest)}", digest
    for tag, digest in sorted(repository.tags.items()):
        yield f"_manifests/tags/{tag}/current", digest
        yield f"_manifests/tags/{tag}/index/{_in_folders(digest)}", digest


def _in_folders(digest: Digest) -> str:
    return f"{digest.algorithm}/{digest.encoded}"
