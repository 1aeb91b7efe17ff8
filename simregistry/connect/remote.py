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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from simregistry.client.sign_in import Challenge, Credentials
from simregistry.errors import TransferFailed
from simregistry.oci.content import gathered, pieces_of
from simregistry.oci.messages import Request, Response

# Docker Hub is named by one host and answers at another (its clients' own table).
HUB, HUB_HOST = "docker.io", "registry-1.docker.io"
LOCAL = re.compile(r"(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?")
# What is worth another try: the line broke, or the registry says "later" (RFC 9110, section 15.6; RFC 6585, section 4).
LATER = {429, 500, 502, 503, 504}
PATIENCE = httpx.Timeout(30, read=120)
REDIRECTS = 5


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
