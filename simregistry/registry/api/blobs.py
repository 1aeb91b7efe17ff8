"""The blob endpoints: end-2 (read) and end-10 (delete) of the distribution-spec."""

from __future__ import annotations

import re

from simregistry.errors import BlobUnknown, BlobUploadInvalid
from simregistry.oci.digest import Digest
from simregistry.oci.messages import Request, Response
from simregistry.registry.storage.storage import Storage

# RFC 9110, section 14.1.2: one range of bytes; a list of several is answered whole, which that section allows.
RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})")


def get_blob(storage: Storage, request: Request, name: str, digest: Digest) -> Response:
    """Send a blob that this repository has, whole or the range that was asked for."""
    repository = storage.repository(name)
    # Subtle: both are needed. Without the link the blob is another repository's, and to know its digest is no right to
    # read it. Without the bytes a collector has taken it.
    if digest not in repository.blobs or digest not in storage.blobs:
        raise BlobUnknown(f"no blob {digest} in {name}", {"digest": digest})
    content = storage.blobs.get(digest)
    headers = {
        "Content-Type": "application/octet-stream",
        "Docker-Content-Digest": digest,
        "Accept-Ranges": "bytes",
    }
    stretch = _range(request.header("Range"), len(content)) if request.method == "GET" else None
    if stretch is None:
        return Response(200, headers | {"Content-Length": str(len(content))}, content)
    start, stop = stretch
    headers |= {"Content-Length": str(stop - start), "Content-Range": f"bytes {start}-{stop - 1}/{len(content)}"}
    return Response(206, headers, content[start:stop])


def delete_blob(storage: Storage, request: Request, name: str, digest: Digest) -> Response:
    """Remove a blob from the repository; the bytes stay on the shelf until a collector sweeps them."""
    storage.repository(name).unlink(digest)
    return Response(202, {"Content-Length": "0"})


def _range(text: str, size: int) -> tuple[int, int] | None:
    """Read a Range header as a half-open stretch; None where the whole is to be sent."""
    match = RANGE.fullmatch(text.replace(" ", ""))
    if not match or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    # bytes=-500 is the last 500 bytes; bytes=500- is all from byte 500 on; in bytes=0-499 both ends belong to it.
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1 if last else size)
    if start >= stop:
        error = BlobUploadInvalid(f"range {text} lies outside the blob's {size} bytes", {"size": size}, status=416)
        # RFC 9110, section 15.5.17: a 416 says how long the content is.
        error.headers["Content-Range"] = f"bytes */{size}"
        raise error
    return start, stop
