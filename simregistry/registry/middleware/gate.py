"""The gate: it refuses whoever has not signed in or may not do what they ask, and tells them nothing of what there is.

1. The answer depends on the name asked for and on the asker's rights, never on whether the repository exists.
2. A mount looks only where the asker may read. Where it finds nothing there, an upload begins.
3. What an asker may not list is in no list, and in no error's text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from simregistry.errors import Denied, NameUnknown, SpecError, Unauthorized
from simregistry.oci.digest import Digest
from simregistry.oci.messages import Request, Response
from simregistry.registry.api import routes
from simregistry.registry.api.refusal import refused
from simregistry.registry.middleware.accounts import PULL, Access, Account
from simregistry.registry.middleware.middleware import NextHandler
from simregistry.registry.middleware.scope import Scope, needed
from simregistry.registry.middleware.tokens import PATH, Token, TokenService, signed_in
from simregistry.registry.storage.storage import Storage


@dataclass(frozen=True, slots=True)
class BasicGate:
    """Ask for a name and a password with each request (RFC 7617): 401 without them, 403 for who may not do this."""

    access: Access
    realm: str = "Registry"

    def answer(self, storage: Storage, next_handler: NextHandler, request: Request) -> Response:
        """Let a request in, or refuse it."""
        if refusal := _misnamed(request):
            return refusal
        # Who is there? Wrong credentials are refused whatever is asked for, so that a typing error shows at once.
        account = None
        if shown := request.header("Authorization"):
            account = signed_in(self.access, shown)
            if account is None:
                return refused(self._challenge("incorrect username or password"), request)
        # The ping needs no right, but a client learns from its 401 that it has to sign in here.
        if account is None and request.path == "/v2/" and self.access.public != ("*",):
            return refused(self._challenge("authentication required"), request)
        # What may they do? 401 invites whoever is not signed in to do so; for all others 403 is the last word.
        if not all(_allows(self.access, account, scope) for scope in needed(request)):
            if account is None:
                return refused(self._challenge("authentication required"), request)
            return refused(Denied("requested access to the resource is denied"), request)
        return _within_reach(self.access, account, storage, next_handler, request)

    def _challenge(self, message: str) -> SpecError:
        error = Unauthorized(message)
        error.headers["WWW-Authenticate"] = f'Basic realm="{self.realm}"'
        return error


# What looks at a token, given the scopes that the request needs and the service: it returns a problem, or "".
TokenCheck = Callable[[Token, tuple[Scope, ...], TokenService], str]


def token_problem(token: Token, scopes: tuple[Scope, ...], tokens: TokenService) -> str:
    """Say what is wrong with a token, in the words of RFC 6750, section 3.1; "" where it opens all of this."""
    if not token.fresh(tokens.clock()) or token.service != tokens.service:
        return "invalid_token"
    return "" if all(token.grants(scope) for scope in scopes) else "insufficient_scope"


@dataclass(frozen=True, slots=True)
class BearerGate:
    """Ask for a token with each request (RFC 6750); the 401 names the service that gives them.

    Too little is 401 as well, with ``error="insufficient_scope"``: CNCF distribution answers so, where RFC 6750 would
    have 403, and its client reads it as "denied" (registry/client/errors.go).
    """

    tokens: TokenService
    realm: str
    check: TokenCheck = token_problem

    def answer(self, storage: Storage, next_handler: NextHandler, request: Request) -> Response:
        """Let a request in, refuse it, or answer for the token service, which has the same address here."""
        # Before any check: who has no token yet must be able to fetch one.
        if request.path == PATH:
            return self.tokens.answer(request)
        if refusal := _misnamed(request):
            return refusal
        scopes = needed(request)
        kind, _, text = request.header("Authorization").partition(" ")
        # Another scheme's credentials count as none.
        shown = text if kind.lower() == "bearer" else ""
        token = self.tokens.find(shown)
        # No token: the answer says where to get one, and for which scopes. This is how a client learns what to ask for.
        if token is None:
            return refused(self._challenge(scopes, "invalid_token" if shown else ""), request)
        if problem := self.check(token, scopes, self.tokens):
            return refused(self._challenge(scopes, problem), request)
        # Subtle: the account's rights as they are now. Who lost a right keeps it until the token ends, except for what
        # lists and mounts show.
        access = self.tokens.access
        account = access.account(token.account)
        return _within_reach(access, account, storage, next_handler, request, token)

    def _challenge(self, scopes: tuple[Scope, ...], problem: str) -> SpecError:
        """Say where to get a token, and for what (distribution, "Token Authentication Specification")."""
        detail = [
            {"Type": s.kind, "Class": "", "Name": s.name, "Action": action} for s in scopes for action in s.actions
        ]
        error = Unauthorized("authentication required", detail or None)
        parts = {"realm": self.realm, "service": self.tokens.service}
        parts |= {"scope": " ".join(map(str, scopes))} if scopes else {}
        parts |= {"error": problem} if problem else {}
        challenge = ",".join(f'{key}="{_quotable(value)}"' for key, value in parts.items())
        error.headers["WWW-Authenticate"] = f"Bearer {challenge}"
        return error


def _misnamed(request: Request) -> Response | None:
    """Refuse a name that no repository can have, whoever asks: it tells nobody what there is."""
    try:
        routes.check_parts(routes.match(request)[1])
    except SpecError as error:
        return refused(error, request)
    return None


def _quotable(text: str) -> str:
    """Leave out what would end a quoted string or fits no header (RFC 9110, section 5.5); names come from a request."""
    return "".join(character for character in text if " " <= character <= "~" and character not in '"\\')


def _allows(access: Access, account: Account | None, scope: Scope) -> bool:
    if scope.kind != "repository":
        return access.may_list(account)
    return set(scope.actions) <= access.allowed(account, scope.name)


def _within_reach(
    access: Access, account: Account | None, storage: Storage, next_handler: NextHandler, request: Request,
    token: Token | None = None,
) -> Response:  # fmt: skip
    """Pass a request on, with all that it could learn from cut down to what the asker may read."""

    def readable(name: str) -> bool:
        covered = token is None or token.grants(Scope("repository", name, (PULL,)))
        return covered and PULL in access.allowed(account, name)

    request = replace(request, account=account.name if account else "")
    if request.path == "/v2/_catalog":
        # What is listed is what the account may read; a token for the catalogue has no scope for each repository.
        listed = (repository for repository in storage.repositories if PULL in access.allowed(account, repository))
        return routes.handle(storage.restricted_to(listed), request)
    if request.query.get("mount") and not request.query.get("from") and request.method == "POST":
        request = _mounting_from(storage, request, readable)
    return _discreet(next_handler(request), request)


def _mounting_from(storage: Storage, request: Request, readable: Callable[[str], bool]) -> Request:
    """Turn a mount from anywhere into one from a repository that the asker may read, or into a plain upload."""
    # Without this, a mount answers 201 for any digest that the registry has: somebody who knows the digest of a private
    # layer could link it to a repository of their own and pull it.
    query = dict(request.query)
    try:
        digest = Digest(query["mount"])
    except ValueError:
        return request
    for name, repository in sorted(storage.repositories.items()):
        if digest in repository.blobs and readable(name):
            return replace(request, query=query | {"from": name})
    del query["mount"]
    return replace(request, query=query)


def _discreet(response: Response, request: Request) -> Response:
    """Leave out of a refusal which other repositories there are: that is for those who may list them."""
    body = response.body
    if response.status == 404 and isinstance(body, bytes) and b'"NAME_UNKNOWN"' in body[:64]:
        return refused(NameUnknown("no such repository"), request)
    return response
