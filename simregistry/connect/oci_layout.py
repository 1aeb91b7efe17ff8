"""OCI image layouts: a folder with ``oci-layout``, ``index.json`` and ``blobs`` (image-spec image-layout.md)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from simregistry.connect.copy_image import only_name
from simregistry.connect.disk import content_of, write_whole
from simregistry.errors import ImageUnknown, InvalidValue
from simregistry.oci import json_document
from simregistry.oci.content import Content, digest_of, pieces_of
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.limits import LARGEST_DOCUMENT
from simregistry.oci.manifest import ImageIndex, Manifest, parse_manifest
from simregistry.oci.media_types import INDEXES, MANIFESTS

# image-spec annotations.md, "Pre-Defined Annotation Keys": "Name of the reference for a target".
REF_NAME = "org.opencontainers.image.ref.name"
VERSION = "1.0.0"


@dataclass(slots=True)
class OciLayout:
    """A layout on a disk, to read from and to write to; the first thing that is written to it creates it."""

    path: Path
    index: ImageIndex = field(init=False)
    # What each manifest is referred to by; None until somebody asks.
    _referrers: dict[Digest, list[Digest]] | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.path = Path(self.path)
        self.index = self._read_index()

    def names(self) -> tuple[str, ...]:
        """List the names of the images in the index."""
        return tuple(name for name, _ in self.entries() if name)

    def entries(self) -> tuple[tuple[str, Descriptor], ...]:
        """List the images in the index, each with its name; "" for one without a name."""
        images = (entry for entry in self.index.manifests if entry.media_type in MANIFESTS | INDEXES)
        return tuple((entry.annotations.get(REF_NAME, ""), entry) for entry in images)

    def unnamed(self) -> tuple[Digest, ...]:
        """List the entries of the index without a name, each once: images, and what refers to images."""
        return tuple(dict.fromkeys(entry.digest for name, entry in self.entries() if not name))

    def resolve(self, name: str) -> Digest:
        """Find an image by its name or its digest; "" means the only image there is, whatever names it has.

        A signature or a bill of materials refers to an image, and is not counted as an image here.
        """
        entries = self.entries()
        if not name:
            images = {entry.digest for _, entry in (entries if len(entries) == 1 else self._without_referrers())}
            if len(images) == 1:
                return images.pop()
        if any(entry.digest == name for _, entry in entries):
            return Digest(name)
        full_name = only_name(self.names(), name, str(self.path))
        return next(entry.digest for entry_name, entry in entries if entry_name == full_name)

    def manifest(self, digest: Digest) -> Manifest:
        """Read a manifest, and check that its bytes have the digest."""
        raw = _read(self._file(digest), LARGEST_DOCUMENT, f"manifest {digest}")
        digest.verify(raw)
        return parse_manifest(raw)

    def blob(self, blob: Descriptor) -> Content:
        """Read a blob, a small one at once and a large one in pieces."""
        file = self._file(blob.digest)
        if not file.is_file():
            raise ImageUnknown(f"blob {blob.digest} in {self.path}", ())
        size = file.stat().st_size
        if size != blob.size:
            raise InvalidValue("blob", blob.digest, f"has {size:,} bytes on disk, its descriptor says {blob.size:,}")
        return content_of(file, 0, size)

    def referrers(self, digest: Digest) -> tuple[Digest, ...]:
        """Find the manifests that refer to a manifest; a layout has no list of them, so this reads every entry once."""
        if self._referrers is None:
            self._referrers = {}
            for _, entry in self.entries():
                if (subject := self._subject(entry.digest)) is not None:
                    self._referrers.setdefault(subject, []).append(entry.digest)
        return tuple(dict.fromkeys(self._referrers.get(digest, ())))

    def has(self, digest: Digest) -> bool:
        """Say whether the layout has a blob whole: a file of that name may have other bytes since a disk was full."""
        file = self._file(digest)
        return file.is_file() and digest_of(content_of(file, 0, file.stat().st_size), digest.algorithm) == digest

    def put_blob(self, blob: Descriptor, content: Content) -> None:
        """Write a blob beside its place, and move it there when it is complete."""
        self._create()
        self._write(self._file(blob.digest), content)

    def put_manifest(self, manifest: Manifest, name: str | None) -> None:
        """Write a manifest; with a name, also write an entry of the index, in place of an older one of that name.

        A manifest that refers to another one gets an entry without a name, because nothing else leads to it.
        """
        self._create()
        self._write(self._file(manifest.digest), manifest.raw)
        self._referrers = None
        if name is None and manifest.subject is not None:
            name = ""
        if name is not None:
            entry = replace(manifest.descriptor, annotations={REF_NAME: name} if name else {})
            others = [old for old in self.index.manifests if not _replaces(entry, old)]
            self.index = ImageIndex.of([*others, entry], annotations=self.index.annotations)
            self._write(self.path / "index.json", self.index.raw)

    def _without_referrers(self) -> tuple[tuple[str, Descriptor], ...]:
        return tuple((name, entry) for name, entry in self.entries() if self._subject(entry.digest) is None)

    def _subject(self, digest: Digest) -> Digest | None:
        """Read what a manifest refers to; None for an image, and for what the index names and the layout lacks."""
        try:
            subject = self.manifest(digest).subject
        except ImageUnknown:
            return None
        return None if subject is None else subject.digest

    def _file(self, digest: Digest) -> Path:
        # A digest's grammar has no slash and no dot-dot, so this never leaves the layout.
        return self.path / "blobs" / digest.algorithm / digest.encoded

    def _read_index(self) -> ImageIndex:
        marker = self.path / "oci-layout"
        if not marker.exists():
            if self.path.exists() and (not self.path.is_dir() or any(self.path.iterdir())):
                raise InvalidValue("OCI layout", str(self.path), "has no file oci-layout: it is something else")
            return ImageIndex.of([])
        version = json_document.read_document(_read(marker, LARGEST_DOCUMENT, "oci-layout"), "oci-layout")
        if version.get("imageLayoutVersion") != VERSION:
            raise InvalidValue("imageLayoutVersion", version.get("imageLayoutVersion"), f"must be {VERSION}")
        raw = _read(self.path / "index.json", LARGEST_DOCUMENT, "index.json")
        return read_index(raw, self.path)

    def _create(self) -> None:
        """Create the layout if it is not there yet; the marker comes last, after everything that it promises."""
        if not (self.path / "oci-layout").exists():
            self.path.mkdir(parents=True, exist_ok=True)
            self._write(self.path / "index.json", self.index.raw)
            self._write(self.path / "oci-layout", json_document.write_document({"imageLayoutVersion": VERSION}))

    def _write(self, file: Path, content: Content) -> None:
        # A draft that a crash leaves among the blobs ends "umoci gc", which takes every file there for a digest.
        with write_whole(file, self.path) as stream:
            stream.writelines(pieces_of(content))


def read_index(raw: bytes, place: Path) -> ImageIndex:
    """Read an ``index.json``; raise InvalidValue if it is no index."""
    index = parse_manifest(raw)
    if not isinstance(index, ImageIndex):
        raise InvalidValue("index.json", str(place), "must be an image index (image-spec image-layout.md)")
    return index


def _replaces(entry: Descriptor, old: Descriptor) -> bool:
    """Say whether an entry replaces an old one: same name, or both without a name and the same digest."""
    name, old_name = entry.annotations.get(REF_NAME, ""), old.annotations.get(REF_NAME, "")
    return name == old_name and (bool(name) or entry.digest == old.digest)


def _read(file: Path, most: int, what: str) -> bytes:
    if file.is_symlink() or not file.is_file():
        raise ImageUnknown(f"{what} in {file.parent}", ())
    if file.stat().st_size > most:
        raise InvalidValue(what, f"{file.stat().st_size:,} bytes", f"at most {most:,} are read")
    return file.read_bytes()
