"""Write archives of ``docker save``, in both forms at once: as a layout, and with ``manifest.json``."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simregistry.connect.disk import write_whole
from simregistry.connect.oci_layout import REF_NAME, VERSION
from simregistry.oci import json_document
from simregistry.oci.content import Content, pieces_of
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageIndex, ImageManifest, Manifest
from simregistry.oci.reference import Reference


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
                _add(tar, place_of(digest), self._blobs[digest])
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
        """Write ``manifest.json``; the old form knows no index, so of an index it lists the image of one platform."""
        images: list[Any] = []
        for name, top in sorted(self._images.items()):
            manifest = self._of_one_platform(top)
            if manifest is not None:
                tags = [Reference.parse(name).familiar] if name else None
                images.append({"Config": place_of(manifest.config.digest), "RepoTags": tags,
                               "Layers": [place_of(layer.digest) for layer in manifest.layers]})  # fmt: skip
        # Our writer takes an object, and the document is a list: cut the object off around it.
        return json_document.write_document({"images": images})[len(b'{"images":') : -1]

    def _of_one_platform(self, manifest: Manifest) -> ImageManifest | None:
        """Choose the image for linux/amd64 or else the first one that is here; containerd chooses its own platform."""
        if isinstance(manifest, ImageManifest):
            return manifest
        here = [entry for entry in manifest.manifests if entry.digest in self._manifests]
        here.sort(key=lambda entry: entry.platform is None or str(entry.platform) != "linux/amd64")
        images = (self._of_one_platform(self._manifests[entry.digest]) for entry in here)
        return next((image for image in images if image is not None), None)


def place_of(digest: Digest) -> str:
    """Find where an archive has a blob."""
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
