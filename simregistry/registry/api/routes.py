"""The registry's API as a table: which request goes to which handler, and what it may answer.

The rows are those of the distribution-spec 1.1 ("Endpoints", end-1 to end-14). A lesson's list of endpoints and a
server's routes are both made from this table, so they cannot part from what is carried out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from simregistry.errors import NameInvalid, SpecError, Unsupported
from simregistry.oci.messages import Request, Response
from simregistry.registry.api import blobs, lists, manifests, uploads
from simregistry.registry.storage.storage import Storage
from simregistry.table import Table

# distribution-spec, "Pulling manifests": "<name> MUST match the following regular expression". "Many clients impose a
# limit of 255 characters"; CNCF distribution's registry does too.
NAME = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")
LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One row: a method and a path pattern, what they do, who does it, and the statuses of success and failure."""

    id: str
    method: str
    path: str
    does: str
    handler: Callable[..., Response]
    success: tuple[int, ...]
    failures: tuple[int, ...]


ENDPOINTS = (
    Endpoint("end-1", "GET", "/v2/", "is this a registry?", lists.ping, (200,), (404, 401)),
    Endpoint("end-2", "GET", "/v2/<name>/blobs/<digest>", "read a blob", blobs.get_blob, (200, 206), (404, 416)),
    Endpoint("end-2", "HEAD", "/v2/<name>/blobs/<digest>", "is the blob there?", blobs.get_blob, (200,), (404,)),
    Endpoint(
        "end-3", "GET", "/v2/<name>/manifests/<reference>", "read a manifest", manifests.get_manifest,
        (200,), (404,),
    ),
    Endpoint(
        "end-3", "HEAD", "/v2/<name>/manifests/<reference>", "is it there?", manifests.get_manifest, (200,), (404,)
    ),
    Endpoint(
        "end-4", "POST", "/v2/<name>/blobs/uploads/", "begin an upload, or mount", uploads.post_upload,
        (201, 202), (400, 404),
    ),
    Endpoint(
        "end-5", "PATCH", "/v2/<name>/blobs/uploads/<upload>", "send a chunk", uploads.patch_upload,
        (202,), (404, 416),
    ),
    Endpoint(
        "end-6", "PUT", "/v2/<name>/blobs/uploads/<upload>", "close the upload", uploads.put_upload,
        (201,), (400, 404, 416),
    ),
    Endpoint(
        "end-7", "PUT", "/v2/<name>/manifests/<reference>", "write a manifest", manifests.put_manifest,
        (201,), (400, 404, 413),
    ),
    Endpoint("end-8", "GET", "/v2/<name>/tags/list", "list the tags", lists.list_tags, (200,), (404,)),
    Endpoint(
        "end-9", "DELETE", "/v2/<name>/manifests/<reference>", "delete a tag or a manifest",
        manifests.delete_manifest, (202,), (400, 404, 405),
    ),
    Endpoint(
        "end-10", "DELETE", "/v2/<name>/blobs/<digest>", "give a blob up", blobs.delete_blob, (202,), (404, 405)
    ),
    Endpoint(
        "end-12", "GET", "/v2/<name>/referrers/<digest>", "who refers to it?", lists.list_referrers, (200,), (400,)
    ),
    Endpoint(
        "end-13", "GET", "/v2/<name>/blobs/uploads/<upload>", "how far is the upload?", uploads.get_upload,
        (204,), (404,),
    ),
    Endpoint(
        "end-14", "DELETE", "/v2/<name>/blobs/uploads/<upload>", "cancel the upload", uploads.delete_upload,
        (204,), (404,),
    ),
    Endpoint("-", "GET", "/v2/_catalog", "list the repositories", lists.list_repositories, (200,), (401,)),
)  # fmt: skip


def _pattern(path: str) -> re.Pattern[str]:
    """Make a path pattern of the table into a regular expression; only a name may hold slashes."""
    text = re.escape(path).replace("<name>", "(?P<name>.+)")
    return re.compile(re.sub(r"<(digest|reference|upload)>", r"(?P<\1>[^/]+)", text))


ROUTES = tuple((endpoint, _pattern(endpoint.path)) for endpoint in ENDPOINTS)


def handle(storage: Storage, request: Request) -> Response:
    """Answer a request: find its row, call its handler, and put a refusal into the specification's error JSON."""
    try:
        response = _dispatch(storage, request)
    except SpecError as error:
        return refused(error, request)
    return _without_content(response) if request.method == "HEAD" else response


def refused(error: SpecError, request: Request) -> Response:
    """Put a refusal into the specification's error JSON ("Error Codes")."""
    body = error.to_json()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))} | error.headers
    response = Response(error.status, headers, body)
    return _without_content(response) if request.method == "HEAD" else response


def match(request: Request) -> tuple[Endpoint | None, dict[str, str]]:
    """Find the row that a request is for, and the parts of its path; None where there is none.

    >>> match(Request("GET", "/v2/team/app/tags/list"))[1]
    {'name': 'team/app'}
    """
    for endpoint, pattern in ROUTES:
        if endpoint.method == request.method and (found := pattern.fullmatch(request.path)):
            return endpoint, found.groupdict()
    return None, {}


def _without_content(response: Response) -> Response:
    # RFC 9110, section 9.3.2: HEAD sends the headers that GET would, and no content.
    return Response(response.status, response.headers)


def _dispatch(storage: Storage, request: Request) -> Response:
    endpoint, parts = match(request)
    if endpoint is not None:
        return endpoint.handler(storage, request, **_parameters(parts))
    if found := [endpoint for endpoint, pattern in ROUTES if pattern.fullmatch(request.path)]:
        allowed = ", ".join(sorted({endpoint.method for endpoint in found}))
        error = Unsupported(f"{request.method} is not done here; {allowed} is", {"allowed": allowed})
        error.headers["Allow"] = allowed
        raise error
    raise Unsupported(f"no endpoint {request.path[:140]!r}", status=404)


def _parameters(found: dict[str, str]) -> dict[str, str]:
    name = found.get("name")
    if name is not None and (len(name) > LONGEST_NAME or not NAME.fullmatch(name)):
        rule = "lower-case letters and digits, parts divided by / and . _ - inside a part, at most 255 characters"
        raise NameInvalid(f"{name[:140]!r} is no repository name: {rule}", {"name": name[:140]})
    if "digest" in found:
        return found | {"digest": uploads.parse_digest(found["digest"])}
    return found


def endpoints_table() -> Table:
    """Show the API, a line an endpoint."""
    return Table(
        ("id", "method", "path", "does", "success", "failures"),
        tuple(
            (e.id, e.method, e.path, e.does, "/".join(map(str, e.success)), "/".join(map(str, e.failures)))
            for e in ENDPOINTS
        ),
    )
