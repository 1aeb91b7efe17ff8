"""A real registry as a transport: the same requests over HTTP, with tokens, redirects, retries and time limits.

So the very ``Client`` of the lessons pushes to and pulls from it: it cannot tell the two apart.
"""

from __future__ import annotations

import base64
import json
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from simregistry.client.sign_in import Challenge, Credentials
from simregistry.client.transport import Transport
from simregistry.connect.copy_image import Source, only_name
from simregistry.errors import ImageUnknown, InvalidValue, TransferFailed
from simregistry.oci.content import Content, bytes_of, gathered, pieces_of
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageIndex, Manifest, parse_manifest
from simregistry.oci.media_types import ACCEPT, OCI_INDEX
from simregistry.oci.messages import Request, Response

# Docker Hub is named by one host and answers at another (its clients' own table).
HUB, HUB_HOST = "docker.io", "registry-1.docker.io"
LOCAL = re.compile(r"(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?")
# What is worth another try: the line broke, or the registry says "later" (RFC 9110, section 15.6; RFC 6585, section 4).
LATER = {429, 500, 502, 503, 504}
PATIENCE = httpx.Timeout(30, read=120)
REDIRECTS = 5
LARGEST_DOCUMENT = 4 * 1024 * 1024


def docker_credentials(host: str, file: Path | None = None) -> Credentials:
    """Read what ``docker login`` wrote for a host; empty where there is nothing, or where a helper program holds it."""
    folder = Path(os.environ.get("DOCKER_CONFIG", Path.home() / ".docker"))
    try:
        auths = json.loads((file or folder / "config.json").read_text(encoding="utf-8")).get("auths", {})
    except (OSError, ValueError, AttributeError):
        return Credentials()
    for key in (host, f"https://{host}", *(["https://index.docker.io/v1/"] if host == HUB else [])):
        entry = auths.get(key) if isinstance(auths, dict) else None
        if isinstance(entry, dict) and isinstance(entry.get("auth"), str):
            user, _, password = base64.b64decode(entry["auth"]).decode("utf-8", "replace").partition(":")
            return Credentials(user, password)
    return Credentials()


@dataclass(slots=True)
class Remote:
    """A registry at a host. ``plain`` speaks HTTP without TLS, which is the default for this machine alone.

    What it sends of its own, to get a token or to follow a redirect, is in no conversation: no secret is ever shown.
    """

    host: str
    credentials: Credentials | None = None
    plain: bool | None = None
    tries: int = 4
    wait: Callable[[float], None] = field(default=time.sleep, repr=False)
    _token: str = field(default="", repr=False)
    _http: httpx.Client = field(init=False, repr=False)

    def __post_init__(self) -> None:
        plain = bool(LOCAL.fullmatch(self.host)) if self.plain is None else self.plain
        address = f"{'http' if plain else 'https'}://{HUB_HOST if self.host == HUB else self.host}"
        if self.credentials is None:
            self.credentials = docker_credentials(self.host)
        self._http = httpx.Client(base_url=address, timeout=PATIENCE, follow_redirects=False)

    def send(self, request: Request) -> Response:
        """Carry one request; raises ConnectionError where the line breaks for good."""
        response = self._tried(request)
        if response.status == 401 and self._sign_in(response.header("WWW-Authenticate")):
            response = self._tried(request)
        return response

    def close(self) -> None:
        """Close the line."""
        self._http.close()

    def _tried(self, request: Request) -> Response:
        """Send it, again after a pause where the registry or the line says so; each pause is twice the last."""
        for number in range(self.tries):
            try:
                response = self._sent(request)
            except httpx.TransportError as error:
                if number + 1 == self.tries:
                    raise ConnectionError(f"{self.host}: {type(error).__name__}: {error}") from error
                self.wait(0.5 * 2**number)
                continue
            if response.status not in LATER or number + 1 == self.tries:
                return response
            after = response.header("Retry-After")
            self.wait(min(60.0, float(after)) if after.isdecimal() else 0.5 * 2**number)
        raise AssertionError("every way out of the loop returns or raises")

    def _sent(self, request: Request) -> Response:
        headers = dict(request.headers) | ({"Authorization": self._token} if self._token else {})
        if request.method in ("POST", "PUT", "PATCH"):
            headers["Content-Length"] = str(len(request.body))
        target = request.line.partition(" ")[2]
        for _ in range(REDIRECTS):
            body = iter(pieces_of(request.body)) if len(request.body) else None
            with self._http.stream(request.method, target, headers=headers, content=body) as answer:
                if answer.status_code not in (301, 302, 303, 307, 308) or "Location" not in answer.headers:
                    return Response(answer.status_code, dict(answer.headers), gathered(answer.iter_raw()))
                target = str(answer.url.join(answer.headers["Location"]))
            if urlsplit(target).netloc != self._http.base_url.netloc.decode():
                # A blob's bytes often lie in another service's storage; our token is not its business.
                headers.pop("Authorization", None)
        raise ConnectionError(f"{self.host} redirects more than {REDIRECTS} times")

    def _sign_in(self, challenge: str) -> bool:
        """Answer a 401's challenge (RFC 6750; distribution, "Token Authentication"); says whether to go on."""
        asked = Challenge.parse(challenge)
        given, wanted = self.credentials or Credentials(), asked.parameters
        if asked.scheme == "basic" and given.user and self._token != given.basic:
            self._token = given.basic
            return True
        if asked.scheme != "bearer" or "realm" not in wanted:
            return False
        if urlsplit(wanted["realm"]).scheme != "https" and not LOCAL.match(urlsplit(wanted["realm"]).netloc):
            raise TransferFailed(f"{self.host} asks for credentials over a line that is not secured: {wanted['realm']}")
        query = {key: wanted[key] for key in ("service", "scope") if key in wanted}
        headers = {"Authorization": given.basic} if given.user else {}
        answer = self._http.get(wanted["realm"], params=query, headers=headers)
        told: Any = answer.json() if answer.status_code == 200 else {}
        token = told.get("token") or told.get("access_token") if isinstance(told, dict) else None
        if not isinstance(token, str):
            return False
        self._token = f"Bearer {token}"
        return True


@dataclass(slots=True)
class RemoteRepository(Source):
    """One repository of a registry that is reached by messages, as a source and a target of copies."""

    remote: Transport
    repository: str

    def names(self) -> tuple[str, ...]:
        """List its tags, page by page."""
        found: list[str] = []
        path: str = f"/v2/{self.repository}/tags/list"
        while path:
            response = self._asked(Request.to("GET", path), (200,))
            found += json.loads(bytes_of(response.body)).get("tags") or []
            link = re.match(r"<([^>]+)>", response.header("Link"))
            path = link[1] if link else ""
        return tuple(found)

    def resolve(self, name: str) -> Digest:
        """Ask what a tag points at; a digest is its own answer."""
        if ":" in name:
            return Digest(name)
        wanted = name or only_name(self.names(), "", self.repository)
        return self._get_manifest(wanted).digest

    def manifest(self, digest: Digest) -> Manifest:
        """Get a manifest, whose bytes must have the digest that was asked for."""
        manifest = self._get_manifest(digest)
        digest.verify(manifest.raw)
        return manifest

    def blob(self, blob: Descriptor) -> Content:
        """Get a blob."""
        return self._asked(Request("GET", f"/v2/{self.repository}/blobs/{blob.digest}"), (200,)).body

    def has(self, digest: Digest) -> bool:
        """Ask whether the repository has a blob."""
        return self._asked(Request("HEAD", f"/v2/{self.repository}/blobs/{digest}"), (200, 404)).ok

    def put_blob(self, blob: Descriptor, content: Content) -> None:
        """Upload a blob: POST, then PUT with all of it."""
        begun = self._asked(Request("POST", f"/v2/{self.repository}/blobs/uploads/"), (202,))
        place = Request.to("PUT", begun.header("Location"), digest=blob.digest)
        headers = {"Content-Type": "application/octet-stream"}
        self._asked(replace(place, headers=headers, body=content), (201,))

    def put_manifest(self, manifest: Manifest, name: str | None) -> None:
        """Put a manifest, by a tag or by its digest; a registry without referrers gets a tag that lists them."""
        path = f"/v2/{self.repository}/manifests/{name or manifest.digest}"
        response = self._asked(Request("PUT", path, {}, {"Content-Type": manifest.media_type}, manifest.raw), (201,))
        if manifest.subject is not None and not response.header("OCI-Subject"):
            self._list_by_tag(manifest, manifest.subject.digest)

    def referrers(self, digest: Digest) -> tuple[Digest, ...]:
        """Ask what refers to a manifest; where the registry does not say, a tag may (the "Referrers Tag Schema")."""
        response = self.remote.send(Request("GET", f"/v2/{self.repository}/referrers/{digest}"))
        found = parse_manifest(_bounded(response), OCI_INDEX) if response.ok else self._tagged_list(digest)
        return tuple(entry.digest for entry in found.manifests) if isinstance(found, ImageIndex) else ()

    def _tagged_list(self, subject: Digest) -> Manifest:
        try:
            return self._get_manifest(referrers_tag(subject))
        except ImageUnknown:
            return ImageIndex.of([])

    def _list_by_tag(self, manifest: Manifest, subject: Digest) -> None:
        """Add a referrer to the tag's index; two clients at once may lose one, as the specification says itself."""
        index = self._tagged_list(subject)
        if not isinstance(index, ImageIndex):
            raise TransferFailed(f"{referrers_tag(subject)} of {self.repository} is no list of referrers")
        if manifest.digest in {entry.digest for entry in index.manifests}:
            return
        own, kind = manifest.descriptor, manifest.kind
        entry = replace(own, artifact_type=kind, annotations=manifest.annotations)
        self.put_manifest(ImageIndex.of([*index.manifests, entry]), referrers_tag(subject))

    def _get_manifest(self, reference: str) -> Manifest:
        headers = {"Accept": ACCEPT}
        request = Request("GET", f"/v2/{self.repository}/manifests/{reference}", {}, headers)
        response = self._asked(request, (200, 404))
        if response.status == 404:
            raise ImageUnknown(f"{reference} in {self.repository}", ())
        return parse_manifest(_bounded(response), response.header("Content-Type") or None)

    def _asked(self, request: Request, statuses: tuple[int, ...]) -> Response:
        response = self.remote.send(request)
        if response.status not in statuses:
            said = bytes_of(response.body[:300]).decode("utf-8", "replace")
            raise TransferFailed(f"{request.line}: {response.status} {said}".rstrip())
        return response


def referrers_tag(subject: Digest) -> str:
    """Name the tag that lists what refers to a manifest (distribution-spec, "Referrers Tag Schema").

    >>> referrers_tag(Digest("sha256:" + "a" * 64))[:12]
    'sha256-aaaaa'
    """
    return f"{subject.algorithm}-{subject.encoded[:64]}"


def _bounded(response: Response) -> bytes:
    if len(response.body) > LARGEST_DOCUMENT:
        raise InvalidValue("manifest", f"{len(response.body):,} bytes", f"at most {LARGEST_DOCUMENT:,} are read")
    return bytes_of(response.body)
