"""The endpoints that list: end-1 (ping), end-8 (tags), end-12 (referrers), and CNCF distribution's catalogue."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from simregistry.errors import Unsupported
from simregistry.oci import json_document
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.media_types import OCI_INDEX
from simregistry.oci.messages import Request, Response
from simregistry.registry.storage.repository import Repository
from simregistry.registry.storage.storage import Storage


def ping(storage: Storage, request: Request) -> Response:
    """Say that this is a registry: a client asks that first, and learns here whether it has to sign in."""
    return _json(200, b"{}", {"Docker-Distribution-Api-Version": "registry/2.0"})


def list_tags(storage: Storage, request: Request, name: str) -> Response:
    """List a repository's tags in order, in pages where ``n`` says so."""
    tags = storage.repository(name).tags
    page, link = _page(request, sorted(tags, key=lexical))
    return _json(200, json_document.write_document({"name": name, "tags": page}), link)


def list_repositories(storage: Storage, request: Request) -> Response:
    """List the repositories: not of the OCI specification, but every client of CNCF distribution knows it."""
    page, link = _page(request, sorted(storage.repositories))
    return _json(200, json_document.write_document({"repositories": page}), link)


def list_referrers(storage: Storage, request: Request, name: str, digest: Digest) -> Response:
    """List the manifests that name this one as their subject; none is an empty list, not an error.

    distribution-spec, "Listing Referrers": "If a query results in no matching referrers, an empty manifest list MUST be
    returned", and a registry that supports the API "MUST NOT return a 404 Not Found".
    """
    repository = storage.repositories.get(name, Repository(name))
    descriptors = [_referrer(repository, referrer) for referrer in sorted(repository.referrers.get(digest, ()))]
    headers = {}
    artifact_type = request.query.get("artifactType", "")
    if artifact_type:
        descriptors = [descriptor for descriptor in descriptors if descriptor.artifact_type == artifact_type]
        # Without this header a client has to filter for itself: it can't know that the registry did.
        headers["OCI-Filters-Applied"] = "artifactType"
    manifests = [descriptor.to_json() for descriptor in descriptors]
    body = json_document.write_document({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests})
    return _json(200, body, headers | {"Content-Type": OCI_INDEX})


def lexical(name: str) -> tuple[str, str]:
    """Make the key that tags are sorted by: "lexical order (i.e. case-insensitive alphanumeric order)".

    >>> sorted(["b", "B1", "a"], key=lexical)
    ['a', 'b', 'B1']
    """
    return name.lower(), name


def _referrer(repository: Repository, digest: Digest) -> Descriptor:
    manifest = repository.manifests[digest]
    return Descriptor(manifest.media_type, digest, manifest.size, manifest.annotations, artifact_type=manifest.kind)


def _page(request: Request, names: list[str]) -> tuple[list[str], dict[str, str]]:
    """Cut a sorted list to the page asked for, with a Link to the next one where there is more.

    distribution-spec, "Listing Tags": "<tagname> will not be included in the results, but up to <int> tags after
    <tagname> will be returned", and "When n is zero, this endpoint MUST return an empty list, and MUST NOT include a
    Link header."
    """
    # Where the last page ended. Its last name need not exist any more: what follows it in the order is the rest.
    last = request.query.get("last", "")
    rest = [name for name in names if lexical(name) > lexical(last)] if last else names
    if "n" not in request.query:
        return rest, {}
    text = request.query["n"]
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Unsupported(f"n must be a whole number, not {text[:40]!r}", {"n": text[:40]}, status=400)
    page = rest[: int(text)]
    if not page or len(page) == len(rest):
        return page, {}
    following = urlencode({"n": text, "last": page[-1]}, quote_via=quote)
    return page, {"Link": f'<{request.path}?{following}>; rel="next"'}


def _json(status: int, body: bytes, headers: dict[str, str]) -> Response:
    return Response(status, {"Content-Type": "application/json", "Content-Length": str(len(body))} | headers, body)
