"""The upload endpoints: end-4 to end-6, end-11, end-13 and end-14 of the distribution-spec."""

from __future__ import annotations

from simregistry.errors import DigestInvalid, InvalidValue, SpecError
from simregistry.oci.content import digest_of
from simregistry.oci.digest import Digest
from simregistry.oci.messages import Request, Response
from simregistry.registry.storage.storage import Storage
from simregistry.registry.storage.upload_session import WRONG_DIGEST, BlobUpload


def post_upload(storage: Storage, request: Request, name: str) -> Response:
    """Begin an upload (end-4a), or take a whole blob in this one request (end-4b)."""
    if "digest" not in request.query:
        return _opened(storage, name)
    digest = parse_digest(request.query["digest"])
    got = digest_of(request.body, digest.algorithm)
    if got != digest:
        raise DigestInvalid(f"the body's digest is {got}, not {digest}", {"expected": digest, "got": got})
    storage.keep(name, request.body, digest)
    return _created(name, digest)


def mount_blob(storage: Storage, request: Request, name: str) -> Response:
    """Link a blob that another repository has, so that no byte travels.

    distribution-spec, "Mounting a blob from another repository": "The registry MAY treat the from parameter as
    optional, and it MAY cross-mount the blob if it can be found"; if it "is unable to mount the requested blob, it
    SHOULD return a 202", and an upload has begun.
    """
    digest = parse_digest(request.query["mount"])
    holder = storage.holder(digest, request.query.get("from", ""))
    if holder is None:
        return _opened(storage, name)
    storage.repository_to_write(name).link(digest, holder.blobs[digest])
    return _created(name, digest)


def patch_upload(storage: Storage, request: Request, name: str, upload: str) -> Response:
    """Take the next chunk, or all of a stream where no Content-Range is given."""
    session = storage.uploads.get(name, upload)
    _append(session, request)
    storage.uploads.move(session, request.method)
    return _progress(202, session)


def put_upload(storage: Storage, request: Request, name: str, upload: str) -> Response:
    """Close an upload: verify its digest; from now on the blob can be read."""
    session = storage.uploads.get(name, upload)
    digest = parse_digest(request.query.get("digest", ""))
    # The closing request may bring the last chunk, or all of the blob.
    _append(session, request)
    try:
        content = session.finish(digest)
    except DigestInvalid:
        # Bytes that are wrong stay wrong: the session ends here, and the client has to begin again.
        storage.uploads.move(session, WRONG_DIGEST)
        raise
    storage.uploads.move(session, request.method)
    storage.keep(name, content, digest)
    return _created(name, digest)


def get_upload(storage: Storage, request: Request, name: str, upload: str) -> Response:
    """Say how far an upload got, so that a client can go on from there."""
    session = storage.uploads.get(name, upload)
    storage.uploads.move(session, request.method)
    return _progress(204, session)


def delete_upload(storage: Storage, request: Request, name: str, upload: str) -> Response:
    """Cancel an upload and forget its bytes."""
    storage.uploads.move(storage.uploads.get(name, upload), request.method)
    return Response(204, {})


def parse_digest(text: str) -> Digest:
    """Read a digest of a request, or raise DigestInvalid."""
    try:
        return Digest(text)
    except InvalidValue as error:
        raise DigestInvalid(str(error), {"digest": text[:140]}) from None


def _append(session: BlobUpload, request: Request) -> None:
    try:
        session.append(request.body, request.header("Content-Range"))
    except SpecError as error:
        # distribution-spec, "Pushing a blob in chunks": "A GET request may be used to retrieve the current valid
        # offset and upload location"; a refusal carries both already.
        error.headers |= {"Location": _location(session), "Range": session.range}
        raise


def _location(session: BlobUpload) -> str:
    return f"/v2/{session.repository}/blobs/uploads/{session.id}"


def _opened(storage: Storage, name: str) -> Response:
    return _progress(202, storage.uploads.open(name))


def _progress(status: int, session: BlobUpload) -> Response:
    headers = {"Location": _location(session), "Range": session.range, "Docker-Upload-UUID": session.id}
    return Response(status, headers | ({"Content-Length": "0"} if status != 204 else {}))


def _created(name: str, digest: Digest) -> Response:
    headers = {"Location": f"/v2/{name}/blobs/{digest}", "Docker-Content-Digest": digest, "Content-Length": "0"}
    return Response(201, headers)
