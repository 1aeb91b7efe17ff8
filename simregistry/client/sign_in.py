"""Signing in: what a client does with a 401, message by message, and with a 429.

1. The registry says where a token is to be had and what for; the client fetches it there and asks again.
2. A token is kept for what it was fetched for, and fetched anew when it no longer counts.
3. Names, passwords and tokens travel, and are never written down: the conversation has them blotted out.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from simregistry.client.transport import Recorder, Transport
from simregistry.errors import ContentUnavailable
from simregistry.oci.content import bytes_of
from simregistry.oci.messages import Request, Response

# key="value" or key=value, as in RFC 9110, section 11.2.
PARAMETER = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')
BLOT = "***"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A name and a password, or neither; neither is ever shown."""

    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def basic(self) -> str:
        """The value of an Authorization header (RFC 7617); "" without a name."""
        joined = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return f"Basic {joined}" if self.user else ""


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a 401 asks for: the scheme, and its parameters.

    >>> Challenge.parse('Bearer realm="https://auth.example/token",service="registry.example"').parameters["service"]
    'registry.example'
    """

    scheme: str
    parameters: Mapping[str, str]

    @classmethod
    def parse(cls, text: str) -> Challenge:
        """Read a WWW-Authenticate header; what cannot be read is left out."""
        scheme, _, rest = text.partition(" ")
        return cls(scheme.lower(), {key: quoted or plain for key, quoted, plain in PARAMETER.findall(rest)})


@dataclass(slots=True)
class Keyring:
    """What a client has for one registry: credentials, and the tokens that it got."""

    credentials: Credentials = Credentials()
    tokens: dict[str, str] = field(default_factory=dict, repr=False)
    # Whether the registry wants name and password themselves.
    basic: bool = False


@dataclass(slots=True)
class SigningRecorder(Recorder):
    """A recorder that answers a 401, and waits after a 429 as often as ``patience`` says.

    ``wait`` is told the seconds; on a simulated clock they pass at once.
    """

    keyring: Keyring = field(default_factory=Keyring)
    elsewhere: Mapping[str, Transport] = field(default_factory=dict, repr=False)
    patience: int = 0
    wait: Callable[[float], None] = field(default=lambda seconds: None, repr=False)

    def send(self, request: Request, note: str = "") -> Response:
        """Carry a request; where a token is asked for, fetch one and ask again."""
        response = self._sent(request, note)
        if response.status == 401 and self._answered(response.header("WWW-Authenticate"), request):
            response = self._sent(request, note)
        for _ in range(self.patience):
            after = response.header("Retry-After")
            if response.status != 429 or not after.isdecimal():
                break
            self.wait(float(after))
            response = self._sent(request, f"again, after {after} s")
        return response

    def _sent(self, request: Request, note: str) -> Response:
        held = self.keyring.tokens.get(purpose(request))
        shown = f"Bearer {held}" if held else self.keyring.credentials.basic if self.keyring.basic else ""
        return self._written(self.transport, request, note, {"Authorization": shown} if shown else {})

    def _written(self, transport: Transport, request: Request, note: str, secret: Mapping[str, str]) -> Response:
        """Carry a request with what is secret, and write it down without."""
        whole = replace(request, headers={**request.headers, **secret})
        blotted = {key: f"{value.partition(' ')[0]} {BLOT}" for key, value in secret.items()}
        recorder = Recorder(_Blotting(transport, whole), self.exchanges)
        return recorder.send(replace(request, headers={**request.headers, **blotted}), note)

    def _answered(self, text: str, request: Request) -> bool:
        """Answer a challenge; False where there is nothing (more) to answer with."""
        challenge, given = Challenge.parse(text), self.keyring.credentials
        if challenge.scheme == "basic":
            answered = bool(given.user) and not self.keyring.basic
            self.keyring.basic = self.keyring.basic or answered
            return answered
        if challenge.scheme != "bearer" or "realm" not in challenge.parameters:
            return False
        token = self._fetched(challenge.parameters)
        if token:
            self.keyring.tokens[purpose(request)] = token
        return bool(token)

    def _fetched(self, wanted: Mapping[str, str]) -> str:
        place, given = urlsplit(wanted["realm"]), self.keyring.credentials
        asked = {"account": given.user} if given.user else {}
        asked |= {key: wanted[key] for key in ("service", "scope") if key in wanted}
        secret = {"Authorization": given.basic} if given.user else {}
        transport = self.elsewhere.get(place.netloc, self.transport)
        response = self._written(transport, Request("GET", place.path or "/", asked), "fetch a token", secret)
        # The token is in the body: what was written down of it keeps its length alone.
        blank = Response(response.status, response.headers, b"*" * len(response.body))
        self.exchanges[-1] = replace(self.exchanges[-1], response=blank)
        try:
            said = json.loads(bytes_of(response.body)) if response.status == 200 else {}
        except (ValueError, ContentUnavailable):
            return ""
        token = (said.get("token") or said.get("access_token")) if isinstance(said, dict) else None
        return token if isinstance(token, str) else ""


@dataclass(frozen=True, slots=True)
class _Blotting:
    """A line on which the whole request travels in place of the one that is written down."""

    transport: Transport
    whole: Request

    def send(self, request: Request) -> Response:
        return self.transport.send(self.whole)


def purpose(request: Request) -> str:
    """Name what a token for a request is kept under: what is mounted, the repository, and what is done there.

    >>> purpose(Request("PUT", "/v2/team/app/manifests/v1"))
    'team/app write'
    """
    found = re.fullmatch(r"/v2/(.+?)/(?:blobs(?:/uploads)?|manifests|tags|referrers)/[^/]*", request.path)
    kind = {"GET": "read", "HEAD": "read", "DELETE": "delete"}.get(request.method, "write")
    source = request.query.get("from", "")
    return f"{found[1]} {kind}{' from ' + source if source else ''}" if found else request.path
