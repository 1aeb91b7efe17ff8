"""Read archives of ``docker save``, in two forms.

1. The old form is a tar with ``manifest.json``, which lists for each image a config, the layers' tars and its tags.
2. Docker 25 and later write an OCI layout into the same tar.

The archive is not unpacked. Its members are listed once, and each is read from its place in the tar when it is needed.
A member that could lead out of the archive or mean two things (``..``, absolute names, devices, a name that is there
twice, a sparse file) is refused.
"""

from __future__ import annotations

import posixpath
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

from simregistry.connect.config_check import check_config, unpacked_digest
from simregistry.connect.copy_image import only_name
from simregistry.connect.disk import content_of, pieces_from
from simregistry.connect.docker_archive_writer import place_of
from simregistry.connect.oci_layout import REF_NAME, read_index
from simregistry.connect.tar_members import GZIP, checked_members, open_plain
from simregistry.errors import ImageUnknown, InvalidValue, SimRegistryError
from simregistry.oci import json_document
from simregistry.oci.config import ImageConfig
from simregistry.oci.content import Content
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.limits import LARGEST_DOCUMENT
from simregistry.oci.manifest import ImageManifest, Manifest, parse_manifest
from simregistry.oci.media_types import OCI_CONFIG, OCI_LAYER, OCI_LAYER_GZIP, OCI_LAYER_ZSTD
from simregistry.oci.reference import TAG, Reference
from simregistry.oci.tar_headers import CheckedTar

# The first bytes of a compressed layer, and its media type.
PACKED = {GZIP: OCI_LAYER_GZIP, b"\x28\xb5\x2f\xfd": OCI_LAYER_ZSTD}
# Whoever reads archives most often writes them too, and finds both here.


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
    # What was hashed already: a small archive can name one large member a million times.
    _descriptors: dict[tuple[str, str], Descriptor] = field(default_factory=dict, init=False)
    _diff_ids: dict[tuple[Digest, str], Digest] = field(default_factory=dict, init=False)

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
        if not self._read_layout():
            self._read_old_form()

    def names(self) -> tuple[str, ...]:
        """List the references, in full."""
        return tuple(sorted(self._digests))

    def unnamed(self) -> tuple[Digest, ...]:
        """List the images without a name; among the names each has its digest."""
        return tuple(digest for name, digest in self._digests.items() if name == digest)

    def resolve(self, name: str) -> Digest:
        """Find an image by its reference, in full or short; "" means the only image there is, under all its tags."""
        if not name and len(images := set(self._digests.values())) == 1:
            return images.pop()
        reference = str(Reference.parse(name)) if name and name not in self._digests else name
        return self._digests[only_name(self.names(), reference, str(self.path))]

    def manifest(self, digest: Digest) -> Manifest:
        """Read a manifest; the old form has none, so there it is made from what the archive says."""
        if digest not in self._manifests:
            raw = self._document(place_of(digest))
            # A file's name says which digest it should have. Only the bytes say which it has.
            digest.verify(raw)
            manifest = parse_manifest(raw)
            if isinstance(manifest, ImageManifest):
                self._check_config(manifest)
            self._manifests[digest] = manifest
        return self._manifests[digest]

    def blob(self, blob: Descriptor) -> Content:
        """Read a blob from its place in the archive."""
        return self._content(self._places.get(blob.digest, place_of(blob.digest)))

    def referrers(self, digest: Digest) -> tuple[Digest, ...]:
        """Find the manifests that refer to a manifest, among the images that the archive lists and has."""
        here = [image for image in self._digests.values() if image in self._manifests or self._has(image)]
        subjects = ((image, self.manifest(image).subject) for image in dict.fromkeys(here))
        return tuple(image for image, subject in subjects if subject is not None and subject.digest == digest)

    def _read_layout(self) -> bool:
        """Read the names of the images from the layout's index; return False if only the old form has the images."""
        if "index.json" not in self._members or "oci-layout" not in self._members:
            return False
        raw, old_form = self._document("index.json"), "manifest.json" in self._members
        # Docker 25.0 wrote `"manifests": null` for an image saved by its digest, and a whole manifest.json.
        if old_form and json_document.read_document(raw, "index.json").get("manifests") is None:
            return False
        for entry in read_index(raw, self.path).manifests:
            self._digests[_full_name(entry)] = entry.digest
        # Docker's first builds of version 25 left the layers out of the manifest, though they are in manifest.json.
        if old_form and any(map(self._has_no_layers, set(self._digests.values()))):
            self._digests.clear()
            return False
        return True

    def _has(self, digest: Digest) -> bool:
        return place_of(digest) in self._members

    def _has_no_layers(self, digest: Digest) -> bool:
        """Say whether an entry is an image without a layer, and its config names some."""
        if not self._has(digest):
            return False
        raw = self._document(place_of(digest))
        manifest = parse_manifest(raw)
        if not isinstance(manifest, ImageManifest) or manifest.layers or manifest.config.media_type != OCI_CONFIG:
            return False
        return bool(ImageConfig.parse(self._document(place_of(manifest.config.digest))).diff_ids)

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
        manifest = ImageManifest.of(config, [self._describe(layer, OCI_LAYER) for layer in _list(image, "Layers")])
        self._check_config(manifest)
        return manifest

    def _check_config(self, manifest: ImageManifest) -> None:
        """Refuse an image whose config doesn't fit its layers; what isn't here is missed when it is copied."""
        places = [self._places.get(blob.digest, place_of(blob.digest)) for blob in manifest.blobs]
        if all(place in self._members for place in places):
            check_config(manifest, self._document(places[-1]), self._diff_id)

    def _diff_id(self, layer: Descriptor, algorithm: str) -> Digest:
        """Hash a layer unpacked, once however many images have it."""
        key = (layer.digest, algorithm)
        if key not in self._diff_ids:
            pieces = self._pieces(self._places.get(layer.digest, place_of(layer.digest)))
            self._diff_ids[key] = unpacked_digest(pieces, algorithm)
        return self._diff_ids[key]

    def _describe(self, place: str, media_type: str) -> Descriptor:
        """Hash a member, once however often and by whatever links it is named, and return its descriptor."""
        name = self._name_of(place)
        if (name, media_type) in self._descriptors:
            return self._descriptors[name, media_type]
        hasher, size, first_bytes = Digest.hasher(), 0, b""
        for piece in self._pieces(name):
            first_bytes = first_bytes or piece[:4]
            hasher.update(piece)
            size += len(piece)
        digest = Digest.of_hash(hasher)
        self._places[digest] = name
        # The old form does not say whether a layer is compressed, so look at its first bytes.
        kind = media_type
        if media_type == OCI_LAYER:
            kind = next((packed for magic, packed in PACKED.items() if first_bytes.startswith(magic)), OCI_LAYER)
        self._descriptors[name, media_type] = Descriptor(kind, digest, size)
        return self._descriptors[name, media_type]

    def _name_of(self, place: str) -> str:
        """Find a file's name, through links inside the archive: old archives link a layer that two images share."""
        name = posixpath.normpath(place)
        # Subtle: links can lead in a circle. No real archive has more than one after the other, so eight are enough.
        for _ in range(8):
            member = self._members.get(name)
            if member is None:
                raise ImageUnknown(f"{place} in {self.path}", tuple(sorted(self._members)[:10]))
            if member.isreg():
                return name
            # A symbolic link counts from its own folder, a hard link from the root of the archive.
            folder = posixpath.dirname(name) if member.issym() else ""
            name = posixpath.normpath(posixpath.join(folder, member.linkname))
        raise InvalidValue("archive", place, "links run in a circle")

    def _member(self, place: str) -> tarfile.TarInfo:
        return self._members[self._name_of(place)]

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


def _full_name(entry: Descriptor) -> str:
    """Name an image of the layout's index: by its whole reference, or its bare tag, or its digest if it has no name."""
    # Docker writes the whole reference into an annotation of containerd's, and the tag alone into OCI's. skopeo and
    # buildah write OCI's alone, and what it has there may be a bare tag: no repository of Docker Hub is meant then.
    image_name = entry.annotations.get("io.containerd.image.name", "")
    reference = entry.annotations.get(REF_NAME, "")
    if not image_name and TAG.fullmatch(reference):
        return reference
    name = image_name or reference
    return str(Reference.parse(name)) if name else entry.digest


def _list(image: dict[str, Any], key: str) -> list[Any]:
    """Return a list from an image's entry; return [None], which the caller refuses, for anything but a list."""
    value = image.get(key) or []
    return value if isinstance(value, list) else [None]
