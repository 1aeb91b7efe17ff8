"""Manifests: the config and layers of one image, and the index over several (image-spec manifest.md, image-index.md).

1. The raw bytes are kept as they came, and only those are hashed. The same JSON, written again, may be other bytes.
2. A value is checked once, when it is made. From then on, what it says can be trusted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simregistry.errors import InvalidValue
from simregistry.oci import json_document
from simregistry.oci.descriptor import Descriptor, annotations_of
from simregistry.oci.digest import Digest
from simregistry.oci.media_types import INDEXES, MANIFESTS, OCI_INDEX, OCI_MANIFEST


@dataclass(frozen=True, slots=True)
class ImageManifest:
    """One image: its config, and its layers from the base up.

    image-spec manifest.md, layers: "The array MUST have the base layer at index 0. Subsequent layers MUST then follow
    in stack order".
    """

    raw: bytes = field(repr=False)
    media_type: str
    config: Descriptor
    layers: tuple[Descriptor, ...]
    subject: Descriptor | None = None
    artifact_type: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict, hash=False)
    digest: Digest = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", Digest.of(self.raw))

    @classmethod
    def of(
        cls,
        config: Descriptor,
        layers: Iterable[Descriptor],
        *,
        media_type: str = OCI_MANIFEST,
        subject: Descriptor | None = None,
        artifact_type: str = "",
        annotations: Mapping[str, str] | None = None,
    ) -> ImageManifest:
        """Make a manifest, and write it as canonical JSON: only written bytes have a digest.

        >>> from simregistry.oci.media_types import OCI_CONFIG
        >>> ImageManifest.of(Descriptor.of(b"{}", OCI_CONFIG), []).layers
        ()
        """
        body = {"config": config.to_json(), "layers": [layer.to_json() for layer in layers]}
        manifest = parse_manifest(_document(media_type, body, subject, artifact_type, annotations))
        assert isinstance(manifest, ImageManifest)
        return manifest

    @property
    def size(self) -> int:
        """Bytes of the manifest itself."""
        return len(self.raw)

    @property
    def descriptor(self) -> Descriptor:
        """The descriptor that points at this manifest."""
        return Descriptor(self.media_type, self.digest, self.size)

    @property
    def blobs(self) -> tuple[Descriptor, ...]:
        """All that the image needs besides the manifest: the layers from the base up, then the config."""
        return (*self.layers, self.config)

    @property
    def image_bytes(self) -> int:
        """Bytes of config and layers, as they travel."""
        return sum(blob.size for blob in self.blobs)

    @property
    def kind(self) -> str:
        """What the content is for: the artifact type, or else the config's media type.

        distribution-spec, "Listing Referrers": "If the artifactType is empty or missing in the image manifest, the
        value of artifactType MUST be set to the config descriptor mediaType value."
        """
        return self.artifact_type or self.config.media_type


@dataclass(frozen=True, slots=True)
class ImageIndex:
    """A list of manifests, most often one for each platform: several images under one name."""

    raw: bytes = field(repr=False)
    media_type: str
    manifests: tuple[Descriptor, ...]
    subject: Descriptor | None = None
    artifact_type: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict, hash=False)
    digest: Digest = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", Digest.of(self.raw))

    @classmethod
    def of(
        cls,
        manifests: Iterable[Descriptor],
        *,
        media_type: str = OCI_INDEX,
        subject: Descriptor | None = None,
        artifact_type: str = "",
        annotations: Mapping[str, str] | None = None,
    ) -> ImageIndex:
        """Make an index, and write it as canonical JSON.

        >>> ImageIndex.of([]).manifests
        ()
        """
        body = {"manifests": [child.to_json() for child in manifests]}
        index = parse_manifest(_document(media_type, body, subject, artifact_type, annotations))
        assert isinstance(index, ImageIndex)
        return index

    @property
    def size(self) -> int:
        """Bytes of the index itself."""
        return len(self.raw)

    @property
    def descriptor(self) -> Descriptor:
        """The descriptor that points at this index."""
        return Descriptor(self.media_type, self.digest, self.size)

    @property
    def kind(self) -> str:
        """What the content is for; empty for an index that names no artifact type."""
        return self.artifact_type


Manifest = ImageManifest | ImageIndex


def parse_manifest(raw: bytes, media_type: str | None = None) -> Manifest:
    """Read a manifest or an index, or raise InvalidValue; ``media_type`` is the Content-Type that it came with.

    distribution-spec, "Pushing Manifests": "If a manifest includes a mediaType field, clients MUST set the Content-Type
    header to the value specified by the mediaType field."
    """
    obj = json_document.read_document(raw, "manifest")
    if obj.get("schemaVersion") != 2:
        raise InvalidValue("manifest", obj.get("schemaVersion"), "schemaVersion must be 2 (image-spec manifest.md)")
    if "config" in obj and "manifests" in obj:
        # Subtle: a scanner could read such a document as an image and a runtime as an index, so that the scanner
        # never sees what runs (CVE-2021-41190).
        raise InvalidValue("manifest", sorted(obj), "is an image and an index at once; send one of the two")
    kind = _media_type(obj, media_type)
    if kind in MANIFESTS:
        return _image(raw, obj, kind)
    if kind in INDEXES:
        return _index(raw, obj, kind)
    raise InvalidValue("mediaType", kind, f"isn't one of {', '.join(sorted(MANIFESTS | INDEXES))}")


def _media_type(obj: dict[str, Any], labelled: str | None) -> str:
    """Find out what a document is: it says so itself, or its sender does, or else its properties show it."""
    inside = obj.get("mediaType")
    if inside is not None and labelled is not None and inside != labelled:
        raise InvalidValue("mediaType", inside, f"but it was sent as {labelled}; the two must be equal")
    media_type = inside or labelled
    if media_type is not None:
        return str(media_type)
    return OCI_INDEX if "manifests" in obj else OCI_MANIFEST


def _image(raw: bytes, obj: dict[str, Any], media_type: str) -> ImageManifest:
    if "config" not in obj:
        raise InvalidValue("manifest", sorted(obj), "has no config, which is REQUIRED (image-spec manifest.md)")
    return ImageManifest(
        raw, media_type, Descriptor.from_json(obj["config"]), _descriptors(obj, "layers"), **_common(obj)
    )


def _index(raw: bytes, obj: dict[str, Any], media_type: str) -> ImageIndex:
    return ImageIndex(raw, media_type, _descriptors(obj, "manifests"), **_common(obj))


def _descriptors(obj: dict[str, Any], key: str) -> tuple[Descriptor, ...]:
    """Read a list of descriptors, which has to be there."""
    descriptors = obj.get(key)
    if not isinstance(descriptors, list):
        rule = f"must be a list of descriptors, though it may be empty; {key} is REQUIRED"
        raise InvalidValue(key, descriptors, rule)
    return tuple(Descriptor.from_json(descriptor) for descriptor in descriptors)


def _common(obj: dict[str, Any]) -> dict[str, Any]:
    """Read the properties that manifests and indexes share."""
    subject = obj.get("subject")
    artifact_type = obj.get("artifactType") or ""
    if not isinstance(artifact_type, str):
        raise InvalidValue("artifactType", artifact_type, "must be a string")
    return {
        "subject": None if subject is None else Descriptor.from_json(subject),
        "artifact_type": artifact_type,
        "annotations": annotations_of(obj),
    }


def _document(
    media_type: str,
    body: dict[str, Any],
    subject: Descriptor | None,
    artifact_type: str,
    annotations: Mapping[str, str] | None,
) -> bytes:
    """Write a document with its properties in the order in which the specification lists them."""
    head: dict[str, Any] = {"schemaVersion": 2, "mediaType": media_type}
    if artifact_type:
        head["artifactType"] = artifact_type
    tail: dict[str, Any] = {}
    if subject is not None:
        tail["subject"] = subject.to_json()
    if annotations:
        tail["annotations"] = dict(sorted(annotations.items()))
    return json_document.write_document(head | body | tail)
