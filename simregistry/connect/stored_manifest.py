"""Read what a manifest on a disk names, as leniently and as strictly as CNCF distribution reads it."""

from __future__ import annotations

import json
from typing import Any

from simregistry.errors import InvalidValue
from simregistry.oci.digest import Digest
from simregistry.oci.limits import LARGEST_DOCUMENT
from simregistry.oci.media_types import DOCKER_LIST, DOCKER_MANIFEST, INDEXES, MANIFESTS, OCI_INDEX, OCI_MANIFEST

KNOWN = MANIFESTS | INDEXES | {""}


def stored_references(raw: bytes) -> tuple[bool, tuple[Digest, ...]]:
    """Say whether a stored manifest is an index, and list what it names; raise InvalidValue if no collector reads it.

    A document that could be both, an image with ``manifests`` or an index with ``layers``, is refused: two readers
    would see different images in it (the image-spec's advisory GHSA-77vh-xpmg-72qh).
    """
    body = _object(raw)
    version, media_type = body.get("schemaVersion"), body.get("mediaType", "")
    if version == 1 and "fsLayers" in body:
        raise InvalidValue("manifest", media_type, "schema 1 is obsolete; collectors of version 3 do not read it")
    if version != 2:
        raise InvalidValue("manifest", version, "unrecognized manifest schema version")
    if not isinstance(media_type, str) or media_type not in KNOWN:
        raise InvalidValue("manifest", media_type, "unrecognized manifest content type")
    is_list = "manifests" in body
    if is_list and ("layers" in body or "config" in body):
        raise InvalidValue("manifest", media_type, "it is an image and an index at once")
    if media_type in (OCI_INDEX, DOCKER_LIST) and not is_list and ("layers" in body or "config" in body):
        raise InvalidValue("manifest", media_type, "expected index but found manifest")
    if media_type in (OCI_MANIFEST, DOCKER_MANIFEST) and is_list:
        raise InvalidValue("manifest", media_type, "expected manifest but found index")
    if is_list or media_type in INDEXES:
        return True, tuple(_digest(child) for child in _list(body, "manifests"))
    return False, (_digest(body.get("config")), *(_digest(layer) for layer in _list(body, "layers")))


def _object(raw: bytes) -> dict[str, Any]:
    if len(raw) > LARGEST_DOCUMENT:
        raise InvalidValue("manifest", f"{len(raw)} bytes", f"a manifest has at most {LARGEST_DOCUMENT}")
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InvalidValue("manifest", raw[:40], f"it is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise InvalidValue("manifest", raw[:40], "it is not a JSON object")
    return body


def _list(body: dict[str, Any], key: str) -> list[Any]:
    value = body.get(key) or []
    if not isinstance(value, list):
        raise InvalidValue("manifest", key, "must be a list")
    return value


def _digest(descriptor: object) -> Digest:
    digest = descriptor.get("digest") if isinstance(descriptor, dict) else None
    return Digest(digest if isinstance(digest, str) else "")
