"""Load a registry from disk: a storage folder of CNCF distribution, an OCI layout or a ``docker save`` archive."""

from __future__ import annotations

import re
from pathlib import Path

from simregistry.connect.copy_image import LocalRepository, Source, copy_image
from simregistry.connect.disk import content_of
from simregistry.connect.storage_folder import find_root, read_storage
from simregistry.errors import DigestMismatch, InvalidValue
from simregistry.oci.content import Content
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import parse_manifest
from simregistry.oci.reference import Reference, is_repository_name
from simregistry.registry.gc.inventory import Fault
from simregistry.registry.storage.storage import Storage


def load_storage(path: str | Path) -> tuple[Storage, tuple[Fault, ...]]:
    """Read a storage folder with all its bytes; what is not as it should be is left out, and returned as faults.

    Raises NotAStorageFolder. The folder is not changed; large blobs stay in it and are read when they are wanted.
    """
    inventory, root, storage = read_storage(path), find_root(path), Storage()
    faults = list(inventory.all_faults())
    # 1. Bytes: a file's name is a claim, and each is hashed.
    for digest in inventory.blobs:
        try:
            storage.blobs.put(_content(root, digest), digest)
        except (DigestMismatch, OSError) as error:
            faults.append(Fault(f"blob {digest}", f"left out: {error}"))
    for holding in inventory.holdings.values():
        # 2. Links and manifests, of what is on the shelf. Nothing is checked: the registry that wrote it let them in.
        repository = storage.repository_to_write(holding.name)
        for digest in (digest for digest in holding.links if digest in storage.blobs):
            repository.link(digest, storage.blobs.size(digest))
        for digest in (digest for digest in holding.revisions if digest in storage.blobs):
            try:
                raw = storage.blobs.get(digest)
                manifest = parse_manifest(raw if isinstance(raw, bytes) else b"")
            except InvalidValue as error:
                faults.append(Fault(f"manifest {digest} of {holding.name}", f"left out: {error}"))
                continue
            # distribution-spec, "Enabling the Referrers API": those pushed before a registry had it may be listed too.
            repository.add_manifest(digest, manifest)
        # 3. Tags last. An empty folder of tags says that there were some once, and a collector asks for that.
        if holding.tags is not None:
            repository.note_tags()
        for tag, digest in (holding.tags or {}).items():
            if digest in repository.manifests:
                repository.point_tag(tag, digest)
    return storage, tuple(faults)


def _content(root: Path, digest: Digest) -> Content:
    path = root / "blobs" / digest.algorithm / digest.encoded[:2] / digest.encoded / "data"
    return content_of(path, 0, path.stat().st_size)


def load_images(source: Source, place: Path) -> Storage:
    """Copy every named image of a layout or an archive: a reference goes to its repository, a bare tag to the place's.

    A layout in the folder ``Web App`` whose index names ``v1`` becomes ``web-app:v1``.
    """
    storage = Storage()
    fallback = re.sub(r"[^a-z0-9]+", "-", place.name.removesuffix(".tar").lower()).strip("-") or "image"
    for name in source.names():
        repository, tag = fallback, name
        if "/" in name:
            reference = Reference.parse(name)
            repository, tag = reference.repository, reference.tag or "latest"
        if not is_repository_name(repository):
            raise InvalidValue("repository", repository, "lower-case letters and digits, parts divided by /")
        copy_image(source, name, LocalRepository(storage, repository), tag)
    return storage
