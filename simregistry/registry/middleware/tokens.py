"""The token service: it gives whoever asks, with a password or without, a token for what they may do.

Messages as in CNCF distribution's "Token Authentication Specification" (GET) and "OAuth2 Token Authentication" (POST).
A token is opaque to the client there, and so it is here: a string that only the service can make. Docker Hub's is a
signed JSON document, so that the registry need not ask the service; here the two share a table instead.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections import deque
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from simregistry.errors import InvalidValue, SpecError, Unauthorized, Unsupported
from simregistry.oci import json_document
from simregistry.oci.content import bytes_of
from simregistry.oci.messages import Request, Response
from simregistry.registry.clock import Clock, Now
from simregistry.registry.middleware.accounts import Access, Account
from simregistry.registry.middleware.scope import CATALOGUE, Scope

PATH = "/token"
LARGEST_FORM = 64 * 1024
# So many tokens of one account are remembered; its oldest go first, and it asks again. Each account has its own share,
# so that nobody can push out the tokens of somebody else. Nobody in particular counts as one account.
MOST_TOKENS = 10_000
# The longest list of scopes that is read, in characters.
LONGEST_SCOPES = 8_192


@dataclass(frozen=True, slots=True)
class Token:
    """What a token stands for; the string itself is never shown."""

    account: str
    service: str
    access: tuple[Scope, ...]
    issued: float
    life: float

    def fresh(self, now: float) -> bool:
        """Say whether it still counts."""
        # Subtle: at the very second of its end it is over.
        return now < self.issued + self.life

    def grants(self, scope: Scope) -> bool:
        """Say whether it covers a scope."""
        # A token may have several entries for one name, and their actions add up. Names are compared whole: a token for
        # team/app opens nothing in team/app/x.
        actions = {a for own in self.access if (own.kind, own.name) == (scope.kind, scope.name) for a in own.actions}
        return set(scope.actions) <= actions or "*" in actions


@dataclass(slots=True)
class TokenService:
    """Make tokens for one registry (``service``), each good for ``life`` seconds.

    ``key`` makes the tokens' strings: a served registry is given a secret one, so that nobody can guess a token.
    """

    access: Access
    service: str = "registry.example"
    life: float = 300
    clock: Now = field(default_factory=Clock, repr=False)
    key: bytes = field(default=b"for teaching", repr=False)
    tokens: dict[str, Token] = field(default_factory=dict, repr=False)
    refreshing: dict[str, str] = field(default_factory=dict, repr=False)
    # The tokens of each account, the oldest first.
    _given: dict[str, deque[str]] = field(default_factory=dict, repr=False)
    _made: int = 0

    def find(self, text: str) -> Token | None:
        """Find a token by its string; None where it was never given, or is forgotten."""
        return self.tokens.get(text)

    def answer(self, request: Request) -> Response:
        """Answer a request for a token."""
        try:
            if request.method == "GET":
                return self._by_get(request)
            if request.method == "POST":
                return self._by_form(request)
            raise Unsupported(f"the token service does not accept {request.method}; it accepts GET and POST")
        except InvalidValue as error:
            return _json(400, {"errors": [{"code": "UNSUPPORTED", "message": str(error)}]})
        except SpecError as error:
            return Response(error.status, {"Content-Type": "application/json"} | error.headers, error.to_json())

    def _by_get(self, request: Request) -> Response:
        # Who shows nothing gets a token too, for what anybody may do. Wrong credentials are another thing, and refused:
        # a client that mistypes its password must not go on as nobody.
        shown = request.header("Authorization")
        account = None
        if shown:
            account = signed_in(self.access, shown)
            if account is None:
                raise Unauthorized("incorrect username or password")
        scopes = _scopes(request.query.get("scope", ""))
        answer = self._granted(account, request.query.get("service", ""), scopes)
        if account is not None and request.query.get("offline_token") == "true":
            answer["refresh_token"] = self._refresh_token(account)
        return _json(200, answer)

    def _by_form(self, request: Request) -> Response:
        if len(request.body) > LARGEST_FORM:
            raise InvalidValue("form", f"{len(request.body):,} bytes", f"at most {LARGEST_FORM:,} are read")
        form = dict(parse_qsl(bytes_of(request.body).decode("utf-8", "replace"), keep_blank_values=True))
        # RFC 6749: a password (section 4.3), or a refresh token (section 6), which stands for a password typed before.
        kind = form.get("grant_type", "")
        if kind == "password":
            account = self.access.sign_in(form.get("username", ""), form.get("password", ""))
        elif kind == "refresh_token":
            account = self.access.account(self.refreshing.get(form.get("refresh_token", ""), ""))
        else:
            raise InvalidValue("grant_type", kind, "write password or refresh_token")
        if account is None:
            raise Unauthorized("incorrect username or password, or an unknown refresh token")
        answer = self._granted(account, form.get("service", ""), _scopes(form.get("scope", "")))
        if form.get("access_type") == "offline" or kind == "refresh_token":
            answer["refresh_token"] = form.get("refresh_token") or self._refresh_token(account)
        return _json(200, answer)

    def _granted(self, account: Account | None, service: str, scopes: tuple[Scope, ...]) -> dict[str, object]:
        """Grant as much of what is asked for as is allowed: a token for less, or for nothing, is no error here."""
        # Subtle: 200, even for nothing. The registry refuses later, in words that don't tell a repository that is
        # hidden from one that does not exist.
        access = tuple(self._allowed(account, scope) for scope in scopes)
        token = Token(account.name if account else "", service, access, self.clock(), self.life)
        text = self._text("token")
        self.tokens[text] = token
        given = self._given.setdefault(token.account, deque())
        given.append(text)
        if len(given) > MOST_TOKENS:
            self.tokens.pop(given.popleft(), None)
        return {"token": text, "access_token": text, "expires_in": int(self.life)}

    def _allowed(self, account: Account | None, scope: Scope) -> Scope:
        if str(scope) == CATALOGUE:
            return scope if self.access.may_list(account) else Scope(scope.kind, scope.name, ())
        allowed = self.access.allowed(account, scope.name) if scope.kind == "repository" else frozenset()
        return Scope(scope.kind, scope.name, tuple(action for action in scope.actions if action in allowed))

    def _refresh_token(self, account: Account) -> str:
        text = self._text("refresh")
        self.refreshing[text] = account.name
        return text

    def _text(self, kind: str) -> str:
        # No dice in the core: the key makes it unguessable, the running number makes it different from every other.
        self._made += 1
        return hmac.digest(self.key, f"{kind} {self._made}".encode(), "sha256").hex()


def _scopes(text: str) -> tuple[Scope, ...]:
    if len(text) > LONGEST_SCOPES:
        raise InvalidValue("scope", f"{len(text):,} characters", f"at most {LONGEST_SCOPES:,} are read")
    return Scope.parse_all(text)


def signed_in(access: Access, header: str) -> Account | None:
    """Find whose a Basic Authorization header is (RFC 7617, section 2); None where it is nobody's."""
    kind, _, text = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        # The first colon ends the name, so a password may have colons in it.
        name, _, password = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return access.sign_in(name, password)


def _json(status: int, document: dict[str, object]) -> Response:
    body = json_document.write_document(document)
    return Response(status, {"Content-Type": "application/json", "Content-Length": str(len(body))}, body)
