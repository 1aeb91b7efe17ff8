"""A real registry as a transport: the same requests over HTTP, with redirects, retries and time limits.

So the very ``Client`` of the lessons pushes to and pulls from it: it cannot tell the two apart. A ``Remote`` carries
messages and does nothing else. It knows no account and no token; ``client/sign_in`` answers a 401.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from simregistry.client.challenge import is_local
from simregistry.client.sign_in import Credentials
from simregistry.client.transport import Transport
from simregistry.errors import TransferFailed
from simregistry.oci.content import gathered, pieces_of
from simregistry.oci.messages import Request, Response

# Docker Hub is named by one host and answers at another (its clients' own table).
HUB, HUB_HOST = "docker.io", "registry-1.docker.io"
# What is worth another try: the line broke, or the registry says "later" (RFC 9110, section 15.6; RFC 6585, section 4).
LATER = {429, 500, 502, 503, 504}
PATIENCE = httpx.Timeout(30, read=120)
REDIRECTS = 5
# Bytes are asked for as they are: a digest is of them, and a small answer can't unpack to a huge one.
HEADERS = {"Accept-Encoding": "identity"}


@dataclass(slots=True)
class Remote:
    """Carry messages to the registry at a host, and its answers back.

    ``plain`` speaks HTTP without TLS. Unless it's given, that is done with this machine alone. ``credentials`` are for
    whoever signs in over this line and has none of its own; the line itself never sends them.
    """

    host: str
    credentials: Credentials = field(default=Credentials(), repr=False)
    plain: bool | None = field(default=None, kw_only=True)
    tries: int = field(default=4, kw_only=True)
    wait: Callable[[float], None] = field(default=time.sleep, repr=False, kw_only=True)
    _http: httpx.Client = field(init=False, repr=False)
    _elsewhere: dict[str, Remote] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        plain = is_local(self.host) if self.plain is None else self.plain
        address = f"{'http' if plain else 'https'}://{HUB_HOST if self.host == HUB else self.host}"
        # A cookie would go on saying who had signed in before. No registry's client keeps any.
        no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))
        self._http = httpx.Client(base_url=address, timeout=PATIENCE, headers=HEADERS, cookies=no_cookies)

    def send(self, request: Request) -> Response:
        """Carry one request, again after a pause where the registry or the line says so.

        Each pause is twice the last. Raises ConnectionError where the line breaks for good.
        """
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

    def elsewhere(self, origin: str) -> Transport:
        """Open a line to another host, and keep it for the next time.

        Raises TransferFailed where this line is not secured: whoever sits on it could name any host.
        """
        here, there = self._http.base_url, httpx.URL(origin)
        if _exposed(here):
            raise TransferFailed(self._unsafe())
        if _place(here) == _place(there):
            return self
        if origin not in self._elsewhere:
            address = origin.partition("://")[2]
            self._elsewhere[origin] = Remote(address, plain=there.scheme == "http", tries=self.tries, wait=self.wait)
        return self._elsewhere[origin]

    def close(self) -> None:
        """Close the line, and those that were opened from it."""
        for other in self._elsewhere.values():
            other.close()
        self._http.close()

    def _sent(self, request: Request) -> Response:
        # A token counts for whoever has it (RFC 6750, section 5.3), and a password all the more.
        if request.header("Authorization") and _exposed(self._http.base_url):
            raise TransferFailed(self._unsafe())
        headers = dict(request.headers)
        if request.method in ("POST", "PUT", "PATCH"):
            headers["Content-Length"] = str(len(request.body))
        # One slash in front, so that a path which looks like another host's address stays a path here.
        target: str | httpx.URL = "/" + request.line.partition(" ")[2].lstrip("/")
        for _ in range(REDIRECTS):
            body = iter(pieces_of(request.body)) if len(request.body) else None
            with self._http.stream(request.method, target, headers=headers, content=body) as answer:
                if answer.status_code not in (301, 302, 303, 307, 308) or "Location" not in answer.headers:
                    return Response(answer.status_code, dict(answer.headers), gathered(answer.iter_raw()))
                target = answer.url.join(answer.headers["Location"])
            if _place(target) != _place(answer.url):
                # A blob's bytes often lie in another service's storage, and our token is not its business. The same
                # host over plain HTTP is another place, too.
                headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
        raise ConnectionError(f"{self.host} redirects more than {REDIRECTS} times")

    def _unsafe(self) -> str:
        return (
            f"nobody can sign in to {self.host} over plain HTTP: others could read the password and the token on the "
            "way; have it served over TLS"
        )


def _place(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _exposed(url: httpx.URL) -> bool:
    """Say whether others could read what goes there."""
    return url.scheme != "https" and not is_local(url.netloc.decode())
