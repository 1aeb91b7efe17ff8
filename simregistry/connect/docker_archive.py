"""Read and write archives of ``docker save``, in two forms.

1. The old form is a tar with ``manifest.json``, which lists for each image a config, the layers' tars and its tags.
2. Docker 25 and later write an OCI layout into the same tar.

The archive is not unpacked. Its members are listed once, and each is read from its place in the tar when it is needed.
A member that could lead out of the archive or mean two things (``..``, absolute names, devices, a name that is there
twice, a sparse file) is refused.
"""

from __future__ import annotations

import io
import posixpath
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

from simregistry.connect.copy_image import only_name
from simregistry.connect.disk import content_of, pieces_from, write_whole
from simregistry.connect.oci_layout import REF_NAME, VERSION, read_index
from simregistry.connect.tar_members import GZIP, checked_members, open_plain
from simregistry.errors import ImageUnknown, InvalidValue, SimRegistryError
from simregistry.oci import json_document
from simregistry.oci.content import Content, pieces_of
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.limits import LARGEST_DOCUMENT
from simregistry.oci.manifest import ImageIndex, ImageManifest, Manifest, parse_manifest
from simregistry.oci.media_types import OCI_CONFIG, OCI_LAYER, OCI_LAYER_GZIP
from simregistry.oci.reference import Reference
from simregistry.oci.tar_headers import CheckedTar


@dataclass(slots=True)
class DockerArchive:
    """An archive to read images from."""

    path: Path
    _members: dict[str, tarfile.TarInfo] = field(init=False)
    _tar: tarfile.TarFile = field(init=False)
    # The manifests that are known: read so far, or made from the old form.
    _manifests: dict[Digest, Manifest] = field(default_factory=dict, init=False)
    # In the old form a blob's file can have any name: its name by the digest that we computed.
    _places: dict[Digest, str] = field(default_factory=dict, init=False)
    _digests: dict[str, Digest] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.path = Path(self.path)
        try:
            self._tar = CheckedTar(open_plain(self.path))
            self._members = dict(checked_members(self._tar))
        except SimRegistryError:
            raise
        # Subtle: for broken bytes tarfile and gzip raise a dozen kinds of exception (struct, value, overflow, EOF).
        except Exception as error:
            rule = f"isn't a tar archive, or it is broken ({type(error).__name__}: {error})"
            raise InvalidValue("archive", str(self.path), rule) from None
        if "manifest.json" not in self._members and "index.json" not in self._members:
            raise InvalidValue("archive", str(self.path), "has neither manifest.json nor index.json: not docker save's")
        # Docker 25 and later write both forms. Prefer the layout: it has the real manifests, with their digests.
        if "index.json" in self._members and "oci-layout" in self._members:
            self._read_layout()
        else:
            self._read_old_form()

    def names(self) -> tuple[str, ...]:
        """List the references, in full."""
        return tuple(sorted(self._digests))

    def resolve(self, name: str) -> Digest:
        """Find an image by its reference, in full or short; "" means the only image there is."""
        reference = str(Reference.parse(name)) if name and name not in self._digests else name
        return self._digests[only_name(self.names(), reference, str(self.path))]

    def manifest(self, digest: Digest) -> Manifest:
        """Read a manifest; the old form has none, so there it is made from what the archive says."""
        if digest not in self._manifests:
            raw = self._document(_place(digest))
            # A file's name says which digest it should have. Only the bytes say which it has.
            digest.verify(raw)
            self._manifests[digest] = parse_manifest(raw)
        return self._manifests[digest]

    def blob(self, blob: Descriptor) -> Content:
        """Read a blob from its place in the archive."""
        return self._content(self._places.get(blob.digest, _place(blob.digest)))

    def referrers(self, digest: Digest) -> tuple[Digest, ...]:
        """Find the manifests that refer to a manifest, among the images that have a name."""
        subjects = ((image, self.manifest(image).subject) for image in self._digests.values())
        return tuple(image for image, subject in subjects if subject is not None and subject.digest == digest)

    def _read_layout(self) -> None:
        """Read the names of the images from the layout's index."""
        index = read_index(self._document("index.json"), self.path)
        for entry in index.manifests:
            # Docker writes the whole reference into an annotation of containerd's, and the tag alone into OCI's.
            name = entry.annotations.get("io.containerd.image.name") or entry.annotations.get(REF_NAME, "")
            self._digests[str(Reference.parse(name)) if name else entry.digest] = entry.digest

    def _read_old_form(self) -> None:
        """Read ``manifest.json``, and make a manifest for each image that it lists."""
        # The document is a list, and our reader, which bounds size and nesting, takes an object: wrap it.
        document = json_document.read_document(b'{"images":' + self._document("manifest.json") + b"}", "manifest.json")
        if not isinstance(document["images"], list):
            raise InvalidValue("manifest.json", str(document["images"])[:80], "must be a list of images")
        for image in document["images"]:
            manifest = self._image_of(image)
            self._manifests[manifest.digest] = manifest
            names = [str(Reference.parse(name)) for name in _list(image, "RepoTags")]
            # An image without a tag is found by its digest.
            self._digests |= dict.fromkeys(names or [manifest.digest], manifest.digest)

    def _image_of(self, image: Any) -> ImageManifest:
        """Make the manifest of an entry: the manifest's digest is ours, config and layers keep theirs."""
        lists = (*_list(image, "Layers"), *_list(image, "RepoTags")) if isinstance(image, dict) else (None,)
        if None in lists or not all(isinstance(text, str) for text in (image.get("Config"), *lists)):
            rule = "each image needs a Config, and lists of Layers and RepoTags, all strings"
            raise InvalidValue("manifest.json", str(image)[:80], rule)
        config = self._describe(image["Config"], OCI_CONFIG)
        return ImageManifest.of(config, [self._describe(layer, OCI_LAYER) for layer in _list(image, "Layers")])

    def _describe(self, place: str, media_type: str) -> Descriptor:
        """Hash a member, and return its descriptor."""
        hasher, size, first_bytes = Digest.hasher(), 0, b""
        for piece in self._pieces(place):
            first_bytes = first_bytes or piece[:2]
            hasher.update(piece)
            size += len(piece)
        digest = Digest.of_hash(hasher)
        self._places[digest] = place
        # The old form does not say whether a layer is compressed, so look at its first bytes.
        if media_type == OCI_LAYER and first_bytes == GZIP:
            media_type = OCI_LAYER_GZIP
        return Descriptor(media_type, digest, size)

    def _member(self, place: str) -> tarfile.TarInfo:
        """Find a member, through links inside the archive: old archives link a layer that two images share."""
        name = posixpath.normpath(place)
        # Subtle: links can lead in a circle. No real archive has more than one after the other, so eight are enough.
        for _ in range(8):
            member = self._members.get(name)
            if member is None:
                raise ImageUnknown(f"{place} in {self.path}", tuple(sorted(self._members)[:10]))
            if member.isreg():
                return member
            # A symbolic link counts from its own folder, a hard link from the root of the archive.
            folder = posixpath.dirname(name) if member.issym() else ""
            name = posixpath.normpath(posixpath.join(folder, member.linkname))
        raise InvalidValue("archive", place, "links run in a circle")

    def _pieces(self, place: str) -> Iterator[bytes]:
        # Only a folder has no stream, and _member finds files.
        stream = self._tar.extractfile(self._member(place))
        assert stream is not None
        yield from pieces_from(stream)

    def _content(self, place: str) -> Content:
        """Return a member as content that is read from the archive when it is needed."""
        # In an uncompressed tar a member's bytes are one part of the file, without gaps.
        member, stream = self._member(place), self._tar.fileobj
        assert stream is not None
        return content_of(cast(IO[bytes], stream), member.offset_data, member.size)

    def _document(self, place: str) -> bytes:
        if self._member(place).size > LARGEST_DOCUMENT:
            raise InvalidValue(place, f"{self._member(place).size:,} bytes", f"at most {LARGEST_DOCUMENT:,} are read")
        return b"".join(self._pieces(place))


def _list(image: dict[str, Any], key: str) -> list[Any]:
    """Return a list from an image's entry; return [None], which the caller refuses, for anything but a list."""
    value = image.get(key) or []
    return value if isinstance(value, list) else [None]


@dataclass(slots=True)
class DockerArchiveWriter:
    """An archive to write images to, in both forms at once; it is written when it is closed."""

    path: Path
    _blobs: dict[Digest, Content] = field(default_factory=dict, init=False)
    _images: dict[str, Manifest] = field(default_factory=dict, init=False)
    _manifests: dict[Digest, Manifest] = field(default_factory=dict, init=False)

    def has(self, digest: Digest) -> bool:
        """Say whether the archive will have a blob."""
        return digest in self._blobs

    def put_blob(self, blob: Descriptor, content: Content) -> None:
        """Add a blob; a large one is read when the archive is written."""
        self._blobs[blob.digest] = content

    def put_manifest(self, manifest: Manifest, name: str | None) -> None:
        """Add a manifest, and the reference that ``docker load`` will give it."""
        # A manifest without a name, such as one of an index, is a blob of the layout and nothing more.
        self._manifests[manifest.digest] = manifest
        self._blobs[manifest.digest] = manifest.raw
        if name is not None:
            self._images[str(Reference.parse(name)) if name else ""] = manifest

    def close(self) -> None:
        """Write the archive beside its place, and move it there when it is complete."""
        self.path = Path(self.path)
        with write_whole(self.path) as stream, tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
            # In the order of digests: the same images give the same archive, byte for byte.
            for digest in sorted(self._blobs):
                _add(tar, _place(digest), self._blobs[digest])
            # New clients read the layout's index, old ones manifest.json. Both name the same files.
            _add(tar, "index.json", self._index().raw)
            _add(tar, "manifest.json", self._old_form())
            _add(tar, "oci-layout", json_document.write_document({"imageLayoutVersion": VERSION}))

    def _index(self) -> ImageIndex:
        entries = []
        for name, manifest in sorted(self._images.items()):
            tag = Reference.parse(name).tag if name else ""
            annotations = {"io.containerd.image.name": name, REF_NAME: tag} if name else {}
            descriptor = manifest.descriptor
            entries.append(Descriptor(descriptor.media_type, descriptor.digest, descriptor.size, annotations))
        return ImageIndex.of(entries)

    def _old_form(self) -> bytes:
        """Write ``manifest.json``; it lists images alone, since the old form knows no index."""
        images: list[Any] = []
        for name, manifest in sorted(self._images.items()):
            if isinstance(manifest, ImageManifest):
                tags = [Reference.parse(name).familiar] if name else None
                images.append({"Config": _place(manifest.config.digest), "RepoTags": tags,
                               "Layers": [_place(layer.digest) for layer in manifest.layers]})  # fmt: skip
        # Our writer takes an object, and the document is a list: cut the object off around it.
        return json_document.write_document({"images": images})[len(b'{"images":') : -1]


def _place(digest: Digest) -> str:
    return f"blobs/{digest.algorithm}/{digest.encoded}"


def _add(tar: tarfile.TarFile, name: str, content: Content) -> None:
    """Add a member; leave time, owner and everything else that differs from run to run at zero."""
    member = tarfile.TarInfo(name)
    member.size = len(content)
    member.mode = 0o444
    tar.addfile(member, _Reader(pieces_of(content)))


class _Reader(io.RawIOBase):
    """Pieces as a file that can be read once, as tarfile wants it."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.pieces = iter(pieces)
        self.buffer = b""

    def read(self, size: int = -1) -> bytes:
        """Return the next ``size`` bytes, or all that are left."""
        # tarfile takes a short read for the end of the file, so collect pieces until there are enough bytes.
        while len(self.buffer) < size or size < 0:
            piece = next(self.pieces, None)
            if piece is None:
                break
            self.buffer += piece
        size = len(self.buffer) if size < 0 else size
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data
