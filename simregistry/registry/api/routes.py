"""The registry's API as a table: which request goes to which handler, and what it may answer.

The rows are those of the distribution-spec 1.1 ("Endpoints", end-1 to end-14). A lesson's list of endpoints and a
server's routes are both made from this table, so they can't differ from what is carried out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from simregistry.errors import NameInvalid, SpecError, Unsupported
from simregistry.oci.messages import Request, Response
from simregistry.registry.api import blobs, lists, manifests, uploads
from simregistry.registry.api.refusal import fit_to_method, refused
from simregistry.registry.storage.storage import Storage
from simregistry.table import Table

# distribution-spec, "Pulling manifests": "<name> MUST match the following regular expression". "Many clients impose a
# limit of 255 characters"; CNCF distribution's registry does too.
NAME = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")
LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One row: a method and a path pattern, what they do, who does it, and the statuses of success and failure.

    ``query`` is the parameter that tells this row from another of the same method and path: a mount from an upload.
    """

    id: str
    method: str
    path: str
    does: str
    handler: Callable[..., Response]
    success: tuple[int, ...]
    failures: tuple[int, ...]
    query: str = ""

    @property
    def shown(self) -> str:
        """The path as a list of endpoints shows it."""
        return f"{self.path}?{self.query}=" if self.query else self.path


# HEAD has the handler of GET: `handle` leaves the content out, so the headers of the two can't differ.
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
        "end-4", "POST", "/v2/<name>/blobs/uploads/", "begin an upload", uploads.post_upload,
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
        "end-11", "POST", "/v2/<name>/blobs/uploads/", "mount a blob", uploads.mount_blob,
        (201, 202), (400, 404), query="mount",
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
    """Make a path pattern of the table into a regular expression."""
    # Subtle: a name may have slashes in it, so it takes as much as it can. The fixed words after it say where it ends:
    # in /v2/blobs/uploads/blobs/uploads/ the repository is called blobs/uploads.
    pattern = re.escape(path).replace("<name>", "(?P<name>.+)")
    return re.compile(re.sub(r"<(digest|reference|upload)>", r"(?P<\1>[^/]+)", pattern))


# Rows with a query come first: a mount is a POST to the uploads, and would else be taken for the beginning of one.
ROUTES = tuple(
    (endpoint, _pattern(endpoint.path)) for endpoint in sorted(ENDPOINTS, key=lambda endpoint: not endpoint.query)
)


def handle(storage: Storage, request: Request) -> Response:
    """Answer a request: find its row, call its handler, and put a refusal into the specification's error JSON."""
    try:
        response = _dispatch(storage, request)
    except SpecError as error:
        return refused(error, request)
    return fit_to_method(response, request)


def match(request: Request) -> tuple[Endpoint | None, dict[str, str]]:
    """Find the row that a request is for, and the parts of its path; None where there is none.

    >>> match(Request("GET", "/v2/team/app/tags/list"))[1]
    {'name': 'team/app'}
    >>> match(Request("POST", "/v2/app/blobs/uploads/", {"mount": "sha256:…", "from": "other"}))[0].id
    'end-11'
    """
    # The first row that fits answers, so the order of ROUTES counts.
    for endpoint, pattern in ROUTES:
        if endpoint.method != request.method or (endpoint.query and endpoint.query not in request.query):
            continue
        if parts := pattern.fullmatch(request.path):
            return endpoint, parts.groupdict()
    return None, {}


def _dispatch(storage: Storage, request: Request) -> Response:
    endpoint, parts = match(request)
    # The parts of the path go to the handler by name: <digest> in the table is the parameter `digest`.
    if endpoint is not None:
        return endpoint.handler(storage, request, **check_parts(parts))
    # RFC 9110, section 15.5.6: who asks with the wrong method is told the right ones. A path that is in no row is 404.
    if at_this_path := [endpoint for endpoint, pattern in ROUTES if pattern.fullmatch(request.path)]:
        allowed = ", ".join(sorted({endpoint.method for endpoint in at_this_path}))
        message = f"this endpoint does not accept {request.method}; it accepts {allowed}"
        error = Unsupported(message, {"allowed": allowed})
        error.headers["Allow"] = allowed
        raise error
    raise Unsupported(f"no endpoint {request.path[:140]!r}", status=404)


def is_name(text: str) -> bool:
    """Say whether a text can be a repository's name (distribution-spec, "Pulling manifests", <name>)."""
    return len(text) <= LONGEST_NAME and NAME.fullmatch(text) is not None


def check_parts(parts: dict[str, str]) -> dict[str, str]:
    """Check the parts of a path before any handler sees them: no handler has to doubt a name or a digest.

    Raises NameInvalid or DigestInvalid.
    """
    name = parts.get("name")
    if name is not None and not is_name(name):
        rule = "lower-case letters and digits, parts divided by / and . _ - inside a part, at most 255 characters"
        raise NameInvalid(f"{name[:140]!r} isn't a repository name: {rule}", {"name": name[:140]})
    if "digest" in parts:
        return parts | {"digest": uploads.parse_digest(parts["digest"])}
    return parts


def endpoints_table() -> Table:
    """Show the API, a line an endpoint."""
    return Table(
        ("id", "method", "path", "does", "success", "failures"),
        tuple(
            (e.id, e.method, e.shown, e.does, "/".join(map(str, e.success)), "/".join(map(str, e.failures)))
            for e in ENDPOINTS
        ),
    )
