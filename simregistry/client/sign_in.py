"""Sign in: what a client does with a 401, message by message, and with a 429.

1. The registry says where a token can be had and what for. The client fetches it there and asks again.
2. A token is kept for the purpose it was fetched for, and fetched again when it no longer counts.
3. Passwords and tokens travel and are never written down: the conversation shows ``***`` in their place.
4. They go to the registry and to the token service that it names, over TLS or to this machine, and nowhere else.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode

from simregistry.client.challenge import Challenge, Realm
from simregistry.client.transport import NetworkTransport, Recorder, Transport
from simregistry.errors import ContentUnavailable, InvalidValue, TransferFailed
from simregistry.oci.content import bytes_of
from simregistry.oci.json_document import read_document
from simregistry.oci.limits import LARGEST_TOKEN_ANSWER
from simregistry.oci.messages import Request, Response

BLOT = "***"
# A token is a line of visible characters (RFC 6750, section 2.1).
TOKEN = re.compile(r"[!-~]+")
# What an identity token is sent in, and by whom (RFC 6749, sections 6 and 2.3.1).
FORM = "application/x-www-form-urlencoded"
CLIENT = "simregistry"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Keep a name and a password, or an identity token, or neither; never show a secret.

    A registry that signs people in by itself gives ``docker login`` an identity token, good for fetching other tokens.
    ``missing`` says why there are none, for whoever is asked to sign in.
    """

    user: str = ""
    password: str = field(default="", repr=False)
    identity: str = field(default="", repr=False, kw_only=True)
    missing: str = field(default="", repr=False, compare=False, kw_only=True)

    @property
    def basic(self) -> str:
        """Write them as an Authorization header has them (RFC 7617); "" without a name."""
        joined = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return f"Basic {joined}" if self.user else ""


@dataclass(slots=True)
class Keyring:
    """Keep what a client has for one registry: credentials, and the tokens that it got."""

    credentials: Credentials = Credentials()
    tokens: dict[str, str] = field(default_factory=dict, repr=False)
    # Whether the registry wants name and password themselves.
    basic: bool = False

    def authorization(self, request: Request) -> str:
        """Choose the Authorization header that a request is sent with; "" where there is nothing to show yet."""
        if token := self.tokens.get(purpose(request)):
            return f"Bearer {token}"
        return self.credentials.basic if self.basic else ""


@dataclass(slots=True)
class SigningRecorder(Recorder):
    """Record a conversation, sign in where a 401 asks for it, and wait after a 429 as often as ``patience`` says.

    ``wait`` is told the seconds; on a simulated clock they pass at once. ``transports`` are the lines that the client
    has, by address. One of them reaches the token service if the registry's own line can't reach other hosts.
    """

    keyring: Keyring = field(default_factory=Keyring)
    transports: Mapping[str, Transport] = field(default_factory=dict, repr=False)
    patience: int = 0
    wait: Callable[[float], None] = field(default=lambda seconds: None, repr=False)

    def __post_init__(self) -> None:
        # If two sign in over one line, the inner one hides a refusal from the outer: a wrong password passes for right.
        if isinstance(self.transport, SignedTransport):
            raise InvalidValue("transport", type(self.transport).__name__, "signs in by itself; give the one inside it")

    def send(self, request: Request, note: str = "") -> Response:
        """Carry a request; where the registry asks who is there, sign in and ask again."""
        # 1. Ask with what was good for such a request before, or with nothing.
        response = self._sent(request, note)
        # 2. A 401 says how to sign in. Do that once. If it isn't enough, the second 401 is the answer.
        if response.status == 401 and self._signed_in(response.header("WWW-Authenticate"), request):
            response = self._sent(request, note)
        # 3. A 429 says how long to wait before the next try.
        for _ in range(self.patience):
            after = response.header("Retry-After")
            if response.status != 429 or not after.isdecimal():
                break
            self.wait(float(after))
            response = self._sent(request, f"again, after {after} s")
        # 4. A 401 may be for want of credentials that this machine has, but can't use. Say so.
        given = self.keyring.credentials
        if response.status == 401 and given.missing and not (given.identity and self.keyring.authorization(request)):
            raise TransferFailed(f"{request.line}: 401, sign in first; {given.missing}", self.conversation)
        return response

    def _signed_in(self, text: str, request: Request) -> bool:
        """Answer a 401; False where there is nothing (more) to answer with."""
        challenges = Challenge.parse_all(text)
        bearers = [way.parameters for way in challenges if way.scheme == "bearer" and "realm" in way.parameters]
        # A token comes first: with one, the password goes to the token service alone and not along with each request.
        if bearers:
            token = self._fetch_token(bearers[0])
            if token:
                self.keyring.tokens[purpose(request)] = token
            return bool(token)
        # Else the registry wants the password itself. Once it was shown and refused, showing it again is no use.
        basic = any(way.scheme == "basic" for way in challenges)
        answered = basic and bool(self.keyring.credentials.user) and not self.keyring.basic
        self.keyring.basic = self.keyring.basic or answered
        return answered

    def _fetch_token(self, wanted: Mapping[str, str]) -> str:
        """Ask the token service that a challenge names; "" where it gives none."""
        # Find the token service. Send nothing where a stranger could read it, or to a host that nobody named.
        realm = Realm.parse(wanted["realm"])
        if realm is None:
            raise self._stopped(f"it names a token service at {wanted['realm'][:100]!r}, which isn't an address")
        if not realm.secured:
            raise self._stopped(f"it asks for credentials over a line that is not secured: {wanted['realm'][:100]}")
        transport = self._line_to(realm)
        # Say who wants the token, for which registry and for what. Only a client with a name shows its password.
        given, asked = self.keyring.credentials, {key: wanted[key] for key in ("service", "scope") if key in wanted}
        if given.identity:
            response = self._written(transport, _exchange(realm, asked), "fetch a token", {}, given.identity)
        else:
            request = Request.to("GET", realm.target)
            named = {"account": given.user} if given.user else {}
            request = replace(request, query={**request.query, **named, **asked}, largest=LARGEST_TOKEN_ANSWER)
            secret = {"Authorization": given.basic} if given.user else {}
            response = self._written(transport, request, "fetch a token", secret)
        # The token is in the body, so the conversation keeps the body's length alone.
        blank = Response(response.status, response.headers, b"*" * len(response.body))
        self.exchanges[-1] = replace(self.exchanges[-1], response=blank)
        return token_in(response)

    def _line_to(self, realm: Realm) -> Transport:
        """Choose the transport that reaches a token service, and never one that leads to another host."""
        if isinstance(self.transport, NetworkTransport):
            return self.transport.elsewhere(realm.origin)
        if realm.address not in self.transports:
            reached = ", ".join(sorted(self.transports)) or "no host"
            raise self._stopped(f"its token service is at {realm.address}, and this client reaches {reached}")
        return self.transports[realm.address]

    def _stopped(self, why: str) -> TransferFailed:
        return TransferFailed(f"cannot sign in to the registry: {why}; nothing was sent there", self.conversation)

    def _sent(self, request: Request, note: str) -> Response:
        shown = self.keyring.authorization(request)
        return self._written(self.transport, request, note, {"Authorization": shown} if shown else {})

    def _written(
        self, transport: Transport, request: Request, note: str, secret: Mapping[str, str], identity: str = ""
    ) -> Response:
        """Carry a request with what is secret, in its headers or at the end of its form, and write it down without."""
        whole = replace(request, headers={**request.headers, **secret})
        blotted = {key: f"{value.partition(' ')[0]} {BLOT}" for key, value in secret.items()}
        request = replace(request, headers={**request.headers, **blotted})
        if identity:
            whole = replace(whole, body=bytes_of(whole.body) + quote(identity, safe="").encode())
            request = replace(request, body=bytes_of(request.body) + BLOT.encode())
        return Recorder(_Blotting(transport, whole), self.exchanges).send(request, note)


@dataclass(frozen=True, slots=True)
class SignedTransport:
    """Sign in over another transport, for whoever sends messages and keeps no conversation."""

    transport: Transport
    keyring: Keyring = field(default_factory=Keyring)
    transports: Mapping[str, Transport] = field(default_factory=dict, repr=False)

    def send(self, request: Request) -> Response:
        """Carry a request; where the registry asks who is there, sign in and ask again."""
        return SigningRecorder(self.transport, keyring=self.keyring, transports=self.transports).send(request)


@dataclass(frozen=True, slots=True)
class _Blotting:
    """Send the whole request in place of the one that is written down."""

    transport: Transport
    whole: Request

    def send(self, request: Request) -> Response:
        return self.transport.send(self.whole)


def _exchange(realm: Realm, asked: Mapping[str, str]) -> Request:
    """Ask for a token by an identity token, which is yet to be added: it's posted, and never part of an address.

    To OAuth 2 an identity token is a refresh token (RFC 6749, section 6).
    """
    form = urlencode({**asked, "client_id": CLIENT, "grant_type": "refresh_token", "refresh_token": ""})
    request = Request.to("POST", realm.target, {"Content-Type": FORM}, form.encode())
    return replace(request, largest=LARGEST_TOKEN_ANSWER)


def token_in(response: Response) -> str:
    """Read the token in a token service's answer; "" where it holds none.

    >>> token_in(Response(200, {}, b'{"token": "abc", "expires_in": 300}'))
    'abc'
    """
    if response.status != 200 or len(response.body) > LARGEST_TOKEN_ANSWER:
        return ""
    try:
        answer = read_document(bytes_of(response.body), "answer of a token service")
    except (InvalidValue, ContentUnavailable):
        return ""
    # OAuth 2 has one name for it, docker's token service the other, and many write both.
    token = answer.get("token") or answer.get("access_token")
    return token if isinstance(token, str) and TOKEN.fullmatch(token) else ""


def purpose(request: Request) -> str:
    """Name what a token for a request is kept under: what is mounted, the repository, and what is done there.

    >>> purpose(Request("PUT", "/v2/team/app/manifests/v1"))
    'team/app write'
    """
    found = re.fullmatch(r"/v2/(.+?)/(?:blobs(?:/uploads)?|manifests|tags|referrers)/[^/]*", request.path)
    kind = {"GET": "read", "HEAD": "read", "DELETE": "delete"}.get(request.method, "write")
    source = request.query.get("from", "")
    return f"{found[1]} {kind}{' from ' + source if source else ''}" if found else request.path
