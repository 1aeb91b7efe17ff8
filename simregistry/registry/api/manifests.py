"""The manifest endpoints: end-3 (read), end-7 (write) and end-9 (delete) of the distribution-spec."""

from __future__ import annotations

from simregistry.errors import (
    ContentUnavailable,
    DigestInvalid,
    InvalidValue,
    ManifestInvalid,
    ManifestUnknown,
    SizeInvalid,
)
from simregistry.oci.content import bytes_of
from simregistry.oci.digest import Digest
from simregistry.oci.limits import LARGEST_DOCUMENT
from simregistry.oci.manifest import Manifest, parse_manifest
from simregistry.oci.messages import Request, Response
from simregistry.oci.reference import TAG
from simregistry.registry.api.uploads import parse_digest
from simregistry.registry.storage.storage import Storage


def get_manifest(storage: Storage, request: Request, name: str, reference: str) -> Response:
    """Send the manifest that a tag or a digest names, byte for byte as it came."""
    repository = storage.repository(name)
    digest = repository.resolve(_reference(reference, ManifestUnknown))
    manifest = repository.manifests[digest]
    if digest not in storage.blobs:
        raise ManifestUnknown(f"the bytes of {digest} are gone from the shelf", {"digest": digest})
    if not accepts(request.header("Accept"), manifest.media_type):
        message = f"{reference} is a {manifest.media_type}, which the Accept header leaves out"
        raise ManifestUnknown(message, {"mediaType": manifest.media_type})
    headers = {
        "Content-Type": manifest.media_type,
        "Content-Length": str(manifest.size),
        "Docker-Content-Digest": digest,
    }
    return Response(200, headers, manifest.raw)


def put_manifest(storage: Storage, request: Request, name: str, reference: str) -> Response:
    """Take a manifest whose blobs are here; the tag moves at the very end, so a failed push changes nothing."""
    raw = _body(request)
    manifest = _parse(raw, request.header("Content-Type"))
    tag_or_digest = _reference(reference, ManifestInvalid)
    # Under a tag the registry names the manifest itself. Under a digest, the client's name has to be the right one.
    if isinstance(tag_or_digest, Digest):
        tag, digest = None, Digest.of(raw, tag_or_digest.algorithm)
        if digest != tag_or_digest:
            detail = {"expected": tag_or_digest, "got": digest}
            raise DigestInvalid(f"the manifest's digest is {digest}, not {tag_or_digest}", detail)
    else:
        tag, digest = tag_or_digest, manifest.digest
    storage.put_manifest(name, digest, manifest, tag)
    headers = {"Location": f"/v2/{name}/manifests/{digest}", "Docker-Content-Digest": digest, "Content-Length": "0"}
    if manifest.subject is not None:
        # distribution-spec, "Pushing Manifests with Subject": a registry with the referrers API "MUST respond with the
        # response header OCI-Subject: <subject digest>".
        headers["OCI-Subject"] = manifest.subject.digest
    return Response(201, headers)


def delete_manifest(storage: Storage, request: Request, name: str, reference: str) -> Response:
    """Forget a tag, or a manifest with its tags; not a byte of the shelf is freed by either."""
    repository = storage.repository(name)
    tag_or_digest = _reference(reference, ManifestUnknown)
    if isinstance(tag_or_digest, Digest):
        repository.delete_manifest(tag_or_digest)
    else:
        repository.delete_tag(tag_or_digest)
    return Response(202, {"Content-Length": "0"})


def accepts(accept: str, media_type: str) -> bool:
    """Say whether an Accept header (RFC 9110, section 12.5.1) takes a media type; none at all takes every one.

    >>> accepts("application/json, application/*;q=0.5", "application/vnd.oci.image.index.v1+json")
    True
    """
    ranges = [part.partition(";")[0].strip() for part in accept.split(",") if part.strip()]
    kind = media_type.partition("/")[0]
    return not ranges or any(accepted in (media_type, f"{kind}/*", "*/*") for accepted in ranges)


def _reference(text: str, refusal: type[ManifestInvalid] | type[ManifestUnknown]) -> str | Digest:
    """Read a tag or a digest of a path: a digest has a colon, and a tag never has one."""
    if ":" in text:
        return parse_digest(text)
    if not TAG.fullmatch(text):
        raise refusal(
            f"{text[:140]!r} isn't a tag: letters, digits, _ . - and at most 128 of them", {"tag": text[:140]}
        )
    return text


def _body(request: Request) -> bytes:
    if len(request.body) > LARGEST_DOCUMENT:
        message = f"a manifest may have {LARGEST_DOCUMENT:,} bytes; this one has {len(request.body):,}"
        raise SizeInvalid(message, {"limit": LARGEST_DOCUMENT}, status=413)
    try:
        return bytes_of(request.body)
    except ContentUnavailable as error:
        raise ManifestInvalid(f"a manifest must come with its bytes: {error}") from None


def _parse(raw: bytes, content_type: str) -> Manifest:
    media_type = content_type.partition(";")[0].strip()
    try:
        return parse_manifest(raw, media_type or None)
    except InvalidValue as error:
        raise ManifestInvalid(str(error), {"rule": error.rule}) from None
