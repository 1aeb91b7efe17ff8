"""``docker save`` archives: the old form (``manifest.json`` over a config and layer tars), and that of Docker 25 and
later, which is an OCI layout in a tar as well.

Nothing is unpacked: the archive's members are looked through once, and read where they lie. What could lead out of it
or be two things at once (``..``, absolute names, devices, a name twice, a sparse file) is refused.
"""

from __future__ import annotations

import gzip
import io
import posixpath
import tarfile
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

from simregistry.connect.copy_image import only_name
from simregistry.connect.disk import content_of, pieces_from, write_whole
from simregistry.connect.oci_layout import REF_NAME, VERSION, read_index
from simregistry.errors import ImageUnknown, InvalidValue
from simregistry.oci import json_document
from simregistry.oci.content import Content, pieces_of
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.limits import LARGEST_DOCUMENT
from simregistry.oci.manifest import ImageIndex, ImageManifest, Manifest, parse_manifest
from simregistry.oci.media_types import OCI_CONFIG, OCI_LAYER, OCI_LAYER_GZIP
from simregistry.oci.reference import Reference

# A compressed archive is unpacked to a file without a name. Images shrink to a half or a tenth; what shrank to less
# than a hundredth, and unpacks to more than this (bytes), is taken for a bomb.
BOMB, FLOOR = 100, 1 << 30
GZIP = b"\x1f\x8b"


@dataclass(slots=True)
class DockerArchive:
    """An archive to read images from."""

    path: Path
    _members: dict[str, tarfile.TarInfo] = field(init=False)
    _tar: tarfile.TarFile = field(init=False)
    _manifests: dict[Digest, Manifest] = field(default_factory=dict, init=False)
    _places: dict[Digest, str] = field(default_factory=dict, init=False)
    _named: dict[str, Digest] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.path = Path(self.path)
        try:
            self._tar = tarfile.open(fileobj=_plain(self.path), mode="r:")  # noqa: SIM115 - it is read from later
            self._members = dict(_checked_members(self._tar))
        except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InvalidValue("archive", str(self.path), f"is no tar archive, or a broken one ({error})") from None
        if "manifest.json" not in self._members and "index.json" not in self._members:
            raise InvalidValue("archive", str(self.path), "has neither manifest.json nor index.json: not docker save's")
        if "index.json" in self._members and "oci-layout" in self._members:
            self._read_layout()
        else:
            self._read_old_form()

    def names(self) -> tuple[str, ...]:
        """List the references, in full."""
        return tuple(sorted(self._named))

    def resolve(self, name: str) -> Digest:
        """Find a reference, written in full or short; "" is the only image there is."""
        given = str(Reference.parse(name)) if name and name not in self._named else name
        return self._named[only_name(self.names(), given, str(self.path))]

    def manifest(self, digest: Digest) -> Manifest:
        """Read a manifest; one of the old form is made of what the archive says."""
        if digest not in self._manifests:
            raw = self._document(_place(digest))
            digest.verify(raw)
            self._manifests[digest] = parse_manifest(raw)
        return self._manifests[digest]

    def blob(self, blob: Descriptor) -> Content:
        """Read a blob where it lies."""
        return self._content(self._places.get(blob.digest, _place(blob.digest)))

    def referrers(self, digest: Digest) -> tuple[Digest, ...]:
        """Find what refers to a manifest among the images that have a name."""
        of = ((own, self.manifest(own).subject) for own in self._named.values())
        return tuple(own for own, subject in of if subject is not None and subject.digest == digest)

    def _read_layout(self) -> None:
        index = read_index(self._document("index.json"), self.path)
        for entry in index.manifests:
            # Docker writes the whole reference into an annotation of containerd's, and the tag into OCI's.
            name = entry.annotations.get("io.containerd.image.name") or entry.annotations.get(REF_NAME, "")
            self._named[str(Reference.parse(name)) if name else entry.digest] = entry.digest

    def _read_old_form(self) -> None:
        # A list at the top, where the bounds of our reader are for an object.
        said = json_document.read_document(b'{"images":' + self._document("manifest.json") + b"}", "manifest.json")
        if not isinstance(said["images"], list):
            raise InvalidValue("manifest.json", str(said["images"])[:80], "must be a list of images")
        for image in said["images"]:
            manifest = self._image_of(image)
            self._manifests[manifest.digest] = manifest
            names = [str(Reference.parse(name)) for name in _list(image, "RepoTags")]
            self._named |= dict.fromkeys(names or [manifest.digest], manifest.digest)

    def _image_of(self, image: Any) -> ImageManifest:
        """Make a manifest: the archive has none, so its digest is ours; config and layers keep theirs."""
        lists = (*_list(image, "Layers"), *_list(image, "RepoTags")) if isinstance(image, dict) else (None,)
        if None in lists or not all(isinstance(text, str) for text in (image.get("Config"), *lists)):
            rule = "each image needs a Config, and lists of Layers and RepoTags, all texts"
            raise InvalidValue("manifest.json", str(image)[:80], rule)
        config = self._described(image["Config"], OCI_CONFIG)
        return ImageManifest.of(config, [self._described(layer, OCI_LAYER) for layer in _list(image, "Layers")])

    def _described(self, place: str, media_type: str) -> Descriptor:
        hasher, size, first = Digest.hasher(), 0, b""
        for piece in self._pieces(place):
            first = first or piece[:2]
            hasher.update(piece)
            size += len(piece)
        digest = Digest.of_hash(hasher)
        self._places[digest] = place
        return Descriptor(OCI_LAYER_GZIP if first == GZIP and media_type == OCI_LAYER else media_type, digest, size)

    def _member(self, place: str) -> tarfile.TarInfo:
        """Find a member, through links inside the archive: old archives link a layer that is there twice."""
        name = posixpath.normpath(place)
        for _ in range(8):
            member = self._members.get(name)
            if member is None:
                raise ImageUnknown(f"{place} in {self.path}", tuple(sorted(self._members)[:10]))
            if member.isreg():
                return member
            above = posixpath.dirname(name) if member.issym() else ""
            name = posixpath.normpath(posixpath.join(above, member.linkname))
        raise InvalidValue("archive", place, "links run in a circle")

    def _pieces(self, place: str) -> Iterator[bytes]:
        stream = self._tar.extractfile(self._member(place))
        assert stream is not None
        yield from pieces_from(stream)

    def _content(self, place: str) -> Content:
        member, stream = self._member(place), self._tar.fileobj
        assert stream is not None
        return content_of(cast(IO[bytes], stream), member.offset_data, member.size)

    def _document(self, place: str) -> bytes:
        if self._member(place).size > LARGEST_DOCUMENT:
            raise InvalidValue(place, f"{self._member(place).size:,} bytes", f"at most {LARGEST_DOCUMENT:,} are read")
        return b"".join(self._pieces(place))


def _list(image: dict[str, Any], key: str) -> list[Any]:
    """Give a list of an image's entry; [None] for what is there and is none, so that it is found out."""
    found = image.get(key) or []
    return found if isinstance(found, list) else [None]


def _plain(path: Path) -> IO[bytes]:
    """Open an archive for reading anywhere in it; a compressed one is unpacked into a file without a name first."""
    if not path.is_file():
        raise ImageUnknown(f"archive {path}", ())
    stream = path.open("rb")
    if stream.peek(2)[:2] != GZIP:
        return stream
    plain = tempfile.TemporaryFile()  # noqa: SIM115 - the archive reads from it later
    most = max(FLOOR, BOMB * path.stat().st_size)
    with stream, gzip.GzipFile(fileobj=stream) as unpacked:
        for piece in pieces_from(unpacked):
            if plain.tell() + len(piece) > most:
                plain.close()
                raise InvalidValue("archive", str(path), f"unpacks to more than {most:,} bytes: a bomb, not an image")
            plain.write(piece)
    plain.seek(0)
    return plain


def _checked_members(tar: tarfile.TarFile) -> Iterator[tuple[str, tarfile.TarInfo]]:
    seen: set[str] = set()
    for member in tar:
        name = posixpath.normpath(member.name)
        if name.startswith(("/", "../")) or name == ".." or "\0" in name:
            raise InvalidValue("archive member", member.name, "leads out of the archive")
        if member.isdir():
            continue
        if not (member.isreg() or member.issym() or member.islnk()) or member.issparse():
            raise InvalidValue("archive member", member.name, "is neither a plain file nor a link")
        if name in seen:
            raise InvalidValue("archive member", member.name, "is there twice: two readers would see two archives")
        seen.add(name)
        yield name, member


@dataclass(slots=True)
class DockerArchiveWriter:
    """An archive to write images to, in both forms at once; it comes to be, whole, when it is closed."""

    path: Path
    _blobs: dict[Digest, Content] = field(default_factory=dict, init=False)
    _images: dict[str, Manifest] = field(default_factory=dict, init=False)
    _manifests: dict[Digest, Manifest] = field(default_factory=dict, init=False)

    def has(self, digest: Digest) -> bool:
        """Say whether a blob was put already."""
        return digest in self._blobs

    def put_blob(self, blob: Descriptor, content: Content) -> None:
        """Take a blob."""
        self._blobs[blob.digest] = content

    def put_manifest(self, manifest: Manifest, name: str | None) -> None:
        """Take a manifest, and a reference that ``docker load`` will give it."""
        self._manifests[manifest.digest] = manifest
        self._blobs[manifest.digest] = manifest.raw
        if name is not None:
            self._images[str(Reference.parse(name)) if name else ""] = manifest

    def close(self) -> None:
        """Write the archive beside its place, and move it there whole."""
        self.path = Path(self.path)
        with write_whole(self.path) as stream, tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for digest in sorted(self._blobs):
                _add(tar, _place(digest), self._blobs[digest])
            _add(tar, "index.json", self._index().raw)
            _add(tar, "manifest.json", self._old_form())
            _add(tar, "oci-layout", json_document.write_document({"imageLayoutVersion": VERSION}))

    def _index(self) -> ImageIndex:
        entries = []
        for name, manifest in sorted(self._images.items()):
            tag = Reference.parse(name).tag if name else ""
            notes = {"io.containerd.image.name": name, REF_NAME: tag} if name else {}
            described = manifest.descriptor
            entries.append(Descriptor(described.media_type, described.digest, described.size, notes))
        return ImageIndex.of(entries)

    def _old_form(self) -> bytes:
        """Write ``manifest.json``: an index has no place in it, so each of its images stands for itself."""
        images: list[Any] = []
        for name, manifest in sorted(self._images.items()):
            if isinstance(manifest, ImageManifest):
                tags = [Reference.parse(name).familiar] if name else None
                images.append({"Config": _place(manifest.config.digest), "RepoTags": tags,
                               "Layers": [_place(layer.digest) for layer in manifest.layers]})  # fmt: skip
        return json_document.write_document({"images": images})[len(b'{"images":') : -1]


def _place(digest: Digest) -> str:
    return f"blobs/{digest.algorithm}/{digest.encoded}"


def _add(tar: tarfile.TarFile, name: str, content: Content) -> None:
    """Add a member with all that could differ from run to run left at zero."""
    member = tarfile.TarInfo(name)
    member.size = len(content)
    member.mode = 0o444
    tar.addfile(member, _Reader(pieces_of(content)))


class _Reader(io.RawIOBase):
    """Pieces as a file that is read once."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.waiting = iter(pieces)
        self.rest = b""

    def read(self, size: int = -1) -> bytes:
        """Give the next bytes, as many as asked for where there are as many."""
        while len(self.rest) < size or size < 0:
            piece = next(self.waiting, None)
            if piece is None:
                break
            self.rest += piece
        size = len(self.rest) if size < 0 else size
        given, self.rest = self.rest[:size], self.rest[size:]
        return given
