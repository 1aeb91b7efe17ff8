"""Load a registry from disk: a storage folder of CNCF distribution, an OCI layout or a ``docker save`` archive."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from simregistry.connect.copy_image import LocalRepository, copy_image
from simregistry.connect.disk import content_of
from simregistry.connect.docker_archive import DockerArchive
from simregistry.connect.oci_layout import OciLayout
from simregistry.connect.storage_folder import find_root, read_storage
from simregistry.errors import DigestMismatch, ImageUnknown, InvalidValue
from simregistry.oci.content import Content
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest, Manifest, parse_manifest
from simregistry.oci.reference import TAG, Reference, is_repository_name
from simregistry.registry.gc.inventory import Fault
from simregistry.registry.storage.blob_store import Blobs
from simregistry.registry.storage.repository import Repository
from simregistry.registry.storage.storage import Storage, check_content


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


def load_images(source: OciLayout | DockerArchive, place: Path, note: Callable[[str], None] | None = None) -> Storage:
    """Copy every image of a layout or an archive, and what refers to them, and return a storage that has it all.

    A whole reference goes to its repository, a bare tag to the place's: a layout in the folder ``Web App`` whose index
    names ``v1`` becomes ``web-app:v1``. An image without a name becomes ``web-app:latest`` if it is alone there, else
    ``web-app:unnamed-`` with the start of its digest. ``note`` is told what got such a name, and what the place lacks.
    """
    say = note or (lambda _text: None)
    # Docker saves an index whole and often the image of one platform alone: what is there can be pulled.
    storage = Storage(check_manifest=_check_images)
    fallback = re.sub(r"[^a-z0-9]+", "-", place.name.removesuffix(".tar").lower()).strip("-") or "image"
    unnamed = source.unnamed()
    for name in (name for name in source.names() if name not in unnamed):
        repository, tag = fallback, name
        if not TAG.fullmatch(name):
            reference = Reference.parse(name)
            repository, tag = reference.repository, reference.tag or "latest"
        if not is_repository_name(repository):
            raise InvalidValue("repository", repository, "lower-case letters and digits, parts divided by /")
        _load(source, name, LocalRepository(storage, repository), tag, say)
    # Referrers come along with what they refer to. If that is elsewhere, they come last and alone.
    images, referrers = _with_and_without_subject(source, unnamed, say)
    alone = len(images) == 1 and fallback not in storage.repositories
    for digest in (digest for digest in images if not _has(storage, digest)):
        tag = "latest" if alone else f"unnamed-{digest.encoded[:12]}"
        say(f"{digest} has no name; it is {fallback}:{tag} here")
        _load(source, digest, LocalRepository(storage, fallback), tag, say)
    for digest in (digest for digest in referrers if not _has(storage, digest)):
        _load(source, digest, _Untagged(storage, fallback), "", say)
    storage.check_manifest = check_content
    return storage


class _Untagged(LocalRepository):
    """A repository that takes images without a tag: they are found by digest, or as referrers."""

    def put_manifest(self, manifest: Manifest, name: str | None) -> None:
        """Take the manifest, and point no tag at it."""
        LocalRepository.put_manifest(self, manifest, None)


def _load(
    source: OciLayout | DockerArchive, name: str, target: LocalRepository, tag: str, say: Callable[[str], None]
) -> None:
    """Copy one image with what refers to it, and say what of it the source lacks."""
    for digest in copy_image(source, name, target, tag, referrers=True).missing:
        say(f"{target.repository}:{tag or name} names {digest}, which is not in the source; the rest can be pulled")


def _check_images(manifest: Manifest, repository: Repository, blobs: Blobs) -> None:
    """Check that an image is here whole; an index may name images that are not."""
    if isinstance(manifest, ImageManifest):
        check_content(manifest, repository, blobs)


def _has(storage: Storage, digest: Digest) -> bool:
    return any(digest in repository.manifests for repository in storage.repositories.values())


def _with_and_without_subject(
    source: OciLayout | DockerArchive, digests: Iterable[Digest], say: Callable[[str], None]
) -> tuple[list[Digest], list[Digest]]:
    """Divide manifests into images and what refers to another manifest; say which are not here."""
    images: list[Digest] = []
    referrers: list[Digest] = []
    for digest in digests:
        try:
            (images if source.manifest(digest).subject is None else referrers).append(digest)
        except ImageUnknown:
            say(f"{digest} is left out: the index names it, and it is not in the source")
    return images, referrers
