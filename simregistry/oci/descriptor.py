"""Descriptors: media type, digest and size, all that it takes to fetch content and to trust it (descriptor.md)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simregistry.errors import InvalidValue
from simregistry.oci.digest import Digest
from simregistry.oci.limits import LARGEST_SIZE


@dataclass(frozen=True, slots=True)
class Platform:
    """The operating system and the processor that an image is built for (image-spec image-index.md, "platform").

    >>> str(Platform.parse("linux/arm64/v8"))
    'linux/arm64/v8'
    """

    os: str
    architecture: str
    variant: str = ""
    os_version: str = ""

    @classmethod
    def parse(cls, text: str) -> Platform:
        """Read ``os/architecture`` or ``os/architecture/variant``."""
        parts = text.split("/")
        if not 2 <= len(parts) <= 3 or not all(parts):
            raise InvalidValue("platform", text, "write os/architecture or os/architecture/variant, as linux/amd64")
        return cls(*parts)

    @classmethod
    def from_json(cls, obj: Any) -> Platform:
        """Read a platform from a descriptor's JSON, or raise InvalidValue."""
        _need(isinstance(obj, dict), "platform", obj, "must be an object")
        return cls(*(_string(obj, key) for key in ("os", "architecture", "variant", "os.version")))

    def to_json(self) -> dict[str, str]:
        """Write the platform as a descriptor has it, without its empty fields."""
        pairs = {"architecture": self.architecture, "os": self.os}
        optional = {"os.version": self.os_version, "variant": self.variant}
        return pairs | {key: value for key, value in optional.items() if value}

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A pointer to content, with the proof of what it points at: the digest, and the size in bytes.

    >>> Descriptor.of(b"{}", "application/vnd.oci.empty.v1+json").size
    2
    """

    media_type: str
    digest: Digest
    size: int
    annotations: Mapping[str, str] = field(default_factory=dict, hash=False)
    artifact_type: str = ""
    platform: Platform | None = None
    data: bytes | None = None
    urls: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", Digest(self.digest))
        whole = isinstance(self.size, int) and not isinstance(self.size, bool)
        fits = whole and 0 <= self.size <= LARGEST_SIZE
        _need(fits, "size", self.size, "must be a whole number of bytes, 0 to 2^63-1")
        _need(isinstance(self.media_type, str), "mediaType", self.media_type, "must be a string")

    @classmethod
    def of(cls, data: bytes, media_type: str, *, algorithm: str = "sha256") -> Descriptor:
        """Describe some bytes."""
        return cls(media_type, Digest.of(data, algorithm), len(data))

    @classmethod
    def from_json(cls, obj: Any) -> Descriptor:
        """Read a descriptor from parsed JSON, or raise InvalidValue that names the wrong property."""
        _need(isinstance(obj, dict), "descriptor", obj, "must be an object with mediaType, digest and size")
        for key in ("mediaType", "digest", "size"):
            _need(key in obj, "descriptor", obj, f"has no {key}, which is REQUIRED (image-spec descriptor.md)")
        platform = obj.get("platform")
        return cls(
            media_type=_string(obj, "mediaType"),
            digest=Digest(obj["digest"]),
            size=obj["size"],
            annotations=annotations_of(obj),
            artifact_type=_string(obj, "artifactType"),
            platform=None if platform is None else Platform.from_json(platform),
            data=_data(obj.get("data")),
            urls=_urls(obj.get("urls")),
        )

    def to_json(self) -> dict[str, Any]:
        """Write the properties in the specification's order, without empty ones."""
        optional = {
            "urls": list(self.urls),
            "annotations": dict(self.annotations),
            "data": base64.b64encode(self.data).decode() if self.data is not None else None,
            "artifactType": self.artifact_type,
            "platform": self.platform.to_json() if self.platform else None,
        }
        required = {"mediaType": self.media_type, "digest": str(self.digest), "size": self.size}
        return required | {key: value for key, value in optional.items() if value}


def annotations_of(obj: dict[str, Any]) -> dict[str, str]:
    """Read annotations: "a string-string map" (image-spec annotations.md, "Rules")."""
    value = obj.get("annotations")
    if value is None:
        return {}
    fits = isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
    _need(fits, "annotations", value, "must map texts to texts")
    return dict(value)


def _need(fits: bool, what: str, value: object, rule: str) -> None:
    """Raise InvalidValue unless a value fits its rule."""
    if not fits:
        raise InvalidValue(what, value, rule)


def _string(obj: dict[str, Any], key: str) -> str:
    """Read a string; a missing one is empty."""
    value = obj.get(key, "")
    _need(isinstance(value, str), key, value, "must be a string")
    return str(value)


def _urls(value: Any) -> tuple[str, ...]:
    """Read the places where the content can be had too; most descriptors name none."""
    fits = value is None or (isinstance(value, list) and all(isinstance(url, str) for url in value))
    _need(fits, "urls", value, "must be a list of texts")
    return tuple(value or ())


def _data(value: Any) -> bytes | None:
    """Read the content itself, if the descriptor brings it along."""
    if value is None:
        return None
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise InvalidValue("data", value, "must be base64 (image-spec descriptor.md, data)") from None
