"""A real registry as a transport: the same requests over HTTP, with redirects, retries and limits.

So the very ``Client`` of the lessons pushes to and pulls from it: it cannot tell the two apart. A ``Remote`` carries
messages and does nothing else. It knows no account and no token; ``client/sign_in`` answers a 401.

1. No secret leaves for another place than the registry: not to another host or port, and not to the same host over
   plain HTTP. Nor does another place say who is to sign in, and where.
2. Whatever comes is bounded, in bytes and in seconds. A blob has as many bytes as its descriptor says.
3. A link belongs to the address that answered. An upload may go on at another host, without a secret.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from simregistry.client.challenge import Realm, is_local
from simregistry.client.sign_in import FORM, Credentials
from simregistry.client.transport import Transport
from simregistry.connect.deadline import Deadline
from simregistry.errors import ConnectionFailed, InvalidValue, TransferFailed
from simregistry.oci.content import Content, gathered, pieces_of
from simregistry.oci.limits import LARGEST_DOCUMENT, LARGEST_UNPACKED
from simregistry.oci.messages import Request, Response, visible

# Docker Hub is named by one host and answers at another (its clients' own table).
HUB, HUB_HOST = "docker.io", "registry-1.docker.io"
# What is worth another try: the line broke, or the registry says "later" (RFC 9110, section 15.6; RFC 6585, section 4).
LATER = {429, 500, 502, 503, 504}
ELSEWHERE = {301, 302, 303, 307, 308}
PATIENCE = httpx.Timeout(30, read=120)
# Bytes a second that a blob comes or goes with at least: an ISDN line of 1996 was as fast.
SLOWEST = 16 * 1024
PIECE = 64 * 1024
BLOB = re.compile(r"/blobs/[^/]+\Z")
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
    # How long one exchange may take in all. A blob is given the time that a slow line needs for it besides.
    seconds: float = field(default=300, kw_only=True)
    _http: httpx.Client = field(init=False, repr=False)
    _deadline: Deadline = field(init=False, default_factory=Deadline, repr=False)
    # Uploads that the registry began at another host: their paths, and where they are.
    _uploads: dict[str, httpx.URL] = field(init=False, default_factory=dict, repr=False)
    _elsewhere: dict[str, Remote] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        plain = is_local(self.host) if self.plain is None else self.plain
        address = f"{'http' if plain else 'https'}://{HUB_HOST if self.host == HUB else self.host}"
        # A cookie would go on saying who had signed in before. No registry's client keeps any.
        no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))
        read = Realm.parse(address)
        if read is None or read.target != "/" or self.host.endswith("/"):
            raise InvalidValue(
                "host", self.host, "isn't a host; write it with or without a port: registry.example:5000"
            )
        home = httpx.URL(address)
        # A proxy of the environment is on another machine. What is for this one doesn't go there first, and in clear.
        direct = {f"all://[{home.host}]" if ":" in home.host else f"all://{home.host}": None}
        self._http = httpx.Client(
            base_url=home, timeout=PATIENCE, headers=HEADERS, cookies=no_cookies,
            mounts=direct if is_local(self.host) else None,
        )  # fmt: skip

    def send(self, request: Request) -> Response:
        """Carry one request, again after a pause where the registry or the line says so.

        Each pause is twice the last. Raises ConnectionFailed where the line breaks for good, and for an answer that is
        too large, takes too long, or leads nowhere.
        """
        for number in range(self.tries):
            try:
                response = self._sent(request)
            except httpx.TransportError as error:
                if number + 1 == self.tries:
                    why = visible(f"{type(error).__name__}: {error}")
                    raise ConnectionFailed(f"{self.host}: {why}; does a registry answer there?") from error
                self.wait(0.5 * 2**number)
                continue
            except (httpx.InvalidURL, UnicodeError) as error:
                # httpx reads a Location before it is followed, and a name's parts may be too long to be looked up.
                why = visible(str(error))
                raise ConnectionFailed(f"{self.host} has, or redirects to, an address that isn't one: {why}") from None
            if response.status not in LATER or number + 1 == self.tries:
                return response
            after = response.header("Retry-After")
            self.wait(min(60.0, float(after)) if after.isdecimal() else 0.5 * 2**number)
        raise AssertionError("every way out of the loop returns or raises")

    def elsewhere(self, origin: str) -> Transport:
        """Open a line to another host, and keep it for the next time.

        Raises TransferFailed where this line is not secured: whoever sits on it could name any host.
        """
        here = self._http.base_url
        try:
            there = httpx.URL(origin)
        except httpx.InvalidURL:
            raise TransferFailed(f"{self.host} names a token service at {origin!r}, which isn't an address") from None
        if _exposed(here):
            raise TransferFailed(self._unsafe())
        if _place(here) == _place(there):
            return self
        if origin not in self._elsewhere:
            address = origin.partition("://")[2]
            plain = there.scheme == "http"
            other = Remote(address, plain=plain, tries=self.tries, wait=self.wait, seconds=self.seconds)
            self._elsewhere[origin] = other
        return self._elsewhere[origin]

    def close(self) -> None:
        """Close the line, and those that were opened from it."""
        for other in self._elsewhere.values():
            other.close()
        self._http.close()

    def _sent(self, request: Request) -> Response:
        # 1. Where does it go? An upload that began at another host goes on there.
        home = self._http.base_url
        # One slash in front, so that a path which looks like another host's address stays a path here.
        target = self._uploads.get(request.path, home).join("/" + request.line.partition(" ")[2].lstrip("/"))
        # A token counts for whoever has it (RFC 6750, section 5.3), and a password all the more.
        if request.header("Authorization") and _exposed(home):
            raise TransferFailed(self._unsafe())
        headers = dict(request.headers)
        if request.method in ("POST", "PUT", "PATCH"):
            headers["Content-Length"] = str(len(request.body))
        # 2. Send it, and follow where a redirect leads.
        with self._deadline.within(self._allowance(request), f"{self.host}: {visible(request.line)}"):
            for _ in range(REDIRECTS):
                if _place(target) != _place(home):
                    # A blob's bytes often lie in another service's storage, and our token is not its business. The same
                    # host over plain HTTP is another place, too.
                    headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
                answer = self._exchanged(request, target, headers)
                if isinstance(answer, Response):
                    return answer
                self._check_body_may_go(request, target, answer)
                target = answer
        raise ConnectionFailed(f"{self.host} redirects more than {REDIRECTS} times")

    def _exchanged(self, request: Request, target: httpx.URL, headers: dict[str, str]) -> Response | httpx.URL:
        """Send a request to an address; return the answer, or where a redirect leads."""
        body = _cut(request.body) if len(request.body) else None
        traced = {"trace": self._deadline.trace}
        with self._http.stream(request.method, target, headers=headers, content=body, extensions=traced) as answer:
            if answer.status_code in ELSEWHERE and "Location" in answer.headers:
                return self._followed(answer.url, answer.headers["Location"])
            content = gathered(self._bounded(request, answer))
            return Response(answer.status_code, self._headers(answer), content)

    def _bounded(self, request: Request, answer: httpx.Response) -> Iterator[bytes]:
        """Read a body, and stop with ConnectionFailed where it is larger than it may be."""
        # A refusal of a blob is a document, as all others are.
        largest = _largest(request) if answer.status_code in (200, 206) else LARGEST_DOCUMENT
        size = 0
        for piece in answer.iter_raw(PIECE):
            size += len(piece)
            if size > largest:
                raise ConnectionFailed(
                    f"{self.host} answers {visible(request.line)} with more than {largest:,} bytes, and so many are "
                    "read at most: this isn't what was asked for; ask whoever runs the registry"
                )
            yield piece

    def _headers(self, answer: httpx.Response) -> dict[str, str]:
        """Return an answer's headers, with links that count from the registry's own address."""
        headers, home = dict(answer.headers), _place(self._http.base_url)
        # Subtle: another host that could ask for a sign-in would name its own token service, and get the password.
        if _place(answer.url) != home:
            headers.pop("www-authenticate", None)
        if answer.status_code == 202 and headers.get("location"):
            headers["location"] = self._upload(self._followed(answer.url, headers["location"]))
        if "link" in headers:
            headers["link"] = re.sub("<([^<>]*)>", lambda link: f"<{_joined(answer.url, link[1])}>", headers["link"])
        return headers

    def _upload(self, location: httpx.URL) -> str:
        """Return the location of an upload as a path, and remember where that is if it's at another host."""
        home, target = self._http.base_url, location.raw_path.decode("ascii")
        path = target.partition("?")[0]
        if _place(location) == _place(home):
            self._uploads.pop(path, None)
            return target
        if not _fit(home, location):
            raise ConnectionFailed(
                f"{self.host} wants the upload to go on at {_shown(location)}, and nothing was sent there: it's this "
                "machine, or has no TLS; a registry behind a proxy must be told its own address (X-Forwarded-Proto)"
            )
        self._uploads[path] = location
        return str(location)

    def _followed(self, base: httpx.URL, location: str) -> httpx.URL:
        """Resolve a Location; raise ConnectionFailed where it isn't an address of HTTP."""
        try:
            target = base.join(location)
        except (httpx.InvalidURL, ValueError):
            target = httpx.URL()
        if Realm.parse(_shown(target)) is None:
            raise ConnectionFailed(
                f"{self.host} leads to {visible(location[:100])!r}, which isn't an address of HTTP; "
                "ask whoever runs the registry"
            )
        return target

    def _check_body_may_go(self, request: Request, here: httpx.URL, there: httpx.URL) -> None:
        """Keep a body from where it doesn't belong, and a form, which has a token in it, from any other place."""
        secret = request.header("Content-Type") == FORM and _place(here) != _place(there)
        if secret or (len(request.body) and not _fit(here, there)):
            raise ConnectionFailed(
                f"{self.host} redirects what is sent to {_shown(there)}, which isn't the place it was meant for; "
                "nothing was sent there: ask whoever runs the registry"
            )

    def _allowance(self, request: Request) -> float:
        """Say how many seconds an exchange may take: more for the bytes of a blob."""
        expected = _largest(request) if BLOB.search(request.path) and request.method == "GET" else 0
        return self.seconds + (expected + len(request.body)) / SLOWEST

    def _unsafe(self) -> str:
        return (
            f"nobody can sign in to {self.host} over plain HTTP: others could read the password and the token on the "
            "way; have it served over TLS"
        )


def _largest(request: Request) -> int:
    """Say how many bytes of an answer are read: what the client says, or what fits any document or any blob."""
    if request.largest is not None:
        return request.largest
    return LARGEST_UNPACKED if BLOB.search(request.path) else LARGEST_DOCUMENT


def _cut(body: Content) -> Iterator[bytes]:
    """Cut a body into pieces, so that a deadline is met in the middle of it."""
    for piece in pieces_of(body):
        for start in range(0, len(piece), PIECE):
            yield piece[start : start + PIECE]


def _joined(base: httpx.URL, link: str) -> str:
    """Resolve a link against the address that answered; what can't be resolved stays as it is."""
    try:
        return str(base.join(link))
    except (httpx.InvalidURL, ValueError):
        return link


def _place(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _shown(url: httpx.URL) -> str:
    """Write an address without its path and query, which may hold a signature."""
    return f"{url.scheme}://{url.netloc.decode()}"


def _fit(here: httpx.URL, there: httpx.URL) -> bool:
    """Say whether a body may go on from one place to the other: not to this machine from afar, nor off TLS."""
    local = is_local(there.netloc.decode()) and not is_local(here.netloc.decode())
    return not local and (_exposed(here) or not _exposed(there))


def _exposed(url: httpx.URL) -> bool:
    """Say whether others could read what goes there."""
    return url.scheme != "https" and not is_local(url.netloc.decode())
