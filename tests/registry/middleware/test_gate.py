"""Signing in and rights: the dance, the tokens, and a matrix of every endpoint, role and repository."""

from __future__ import annotations

import base64
import itertools
import json
import re
from dataclasses import replace

import pytest

from simregistry import Client, Digest, Registry, Request
from simregistry.client.sign_in import Credentials
from simregistry.errors import InvalidValue, TransferFailed
from simregistry.oci.media_types import OCI_MANIFEST
from simregistry.oci.messages import Response
from simregistry.registry.api.routes import ENDPOINTS
from simregistry.registry.clock import Clock
from simregistry.registry.middleware.accounts import ACTIONS, Access, Account, Grant
from simregistry.registry.middleware.gate import BasicGate, BearerGate
from simregistry.registry.middleware.scope import Scope, needed
from simregistry.registry.middleware.tokens import TokenService
from simregistry.study.examples.small_images import SmallImage, push_small

HOST = "registry.example"
ACCESS = Access(
    accounts=(
        Account("owner", "o"),
        Account("writer", "w", groups=("team",)),
        Account("reader", "r"),
        Account("outsider", "x"),
        Account("bot", "b", robot=True),
    ),
    grants=(
        Grant("owner", "*/app*", ACTIONS),
        Grant("team", "private/*", ("push",)),
        Grant("reader", "private/*"),
        Grant("bot", "private/app", ("delete",)),
    ),
    public=("public/*",),
    listers=("owner", "outsider"),
)
SECRET = b"a layer of two repositories"
# The image that each repository has.
IMAGE = SmallImage.of_bytes([SECRET])


def filled() -> Registry:
    """A registry with one image in a public and in a private repository."""
    registry = Registry()
    for name in ("public/app", "private/app"):
        push_small(registry, name, "v1", IMAGE)
    return registry


def bearer(registry: Registry, life: float = 300, clock: Clock | None = None) -> Registry:
    """The registry behind a gate that wants tokens."""
    tokens = TokenService(ACCESS, HOST, life, clock or Clock())
    return replace(registry, middleware=(BearerGate(tokens, f"https://{HOST}/token"),))


def basic(registry: Registry) -> Registry:
    """The registry behind a gate that wants names and passwords."""
    return replace(registry, middleware=(BasicGate(ACCESS),))


ROLES = {"nobody": None, "owner": "o", "writer": "w", "reader": "r", "outsider": "x", "bot": "b", "writer, wrong": "no"}
REPOSITORIES = ("public/app", "private/app", "private/missing", "public/missing")


def asked(name: str) -> dict[str, Request]:
    """A request to each endpoint, and to the mounts."""
    digest = Digest.of(SECRET)
    filled_in = {
        "<name>": name,
        "<digest>": digest,
        "<reference>": "v1",
        "<upload>": "6f1b9a0e-0000-4000-8000-000000000000",
    }
    requests = {}
    for endpoint in ENDPOINTS:
        path = re.sub(r"<\w+>", lambda match: filled_in[match[0]], endpoint.path)
        body = IMAGE.manifest.raw if endpoint.method == "PUT" and "manifests" in path else b""
        requests[f"{endpoint.method} {endpoint.path}"] = Request(
            endpoint.method, path, {}, {"Content-Type": OCI_MANIFEST} if body else {}, body
        )
    uploads = f"/v2/{name}/blobs/uploads/"
    for source in ("private/app", "public/app", "private/missing"):
        requests[f"mount from {source}"] = Request("POST", uploads, {"mount": digest, "from": source})
    requests["mount from anywhere"] = Request("POST", uploads, {"mount": digest})
    return requests


def credentials(role: str) -> str:
    """A role's Basic header; "" for nobody."""
    password = ROLES[role]
    return "" if password is None else Credentials(role.partition(",")[0], password).basic


def with_token(registry: Registry, request: Request, role: str) -> Request:
    """Fetch a token for just what a request takes, and put it in; nobody gets an anonymous one."""
    shown = credentials(role)
    query = {"service": HOST, "scope": " ".join(map(str, needed(request)))}
    answer = registry.handle(Request("GET", "/token", query, {"Authorization": shown} if shown else {}))
    if answer.status != 200:
        assert answer.status == 401
        return request
    token = json.loads(answer.body)["token"]
    return replace(request, headers={**request.headers, "Authorization": f"Bearer {token}"})


def with_password(registry: Registry, request: Request, role: str) -> Request:
    """Put name and password in."""
    shown = credentials(role)
    return replace(request, headers={**request.headers, "Authorization": shown}) if shown else request


def rights(role: str, scope: Scope) -> bool:
    """The table, in its own words: who may do what. Nothing is taken from the code that is tested."""
    table = {
        "public": {"nobody": {"pull"}, "owner": {"pull", "push", "delete"}, "writer": {"pull"}, "reader": {"pull"},
                   "outsider": {"pull"}, "bot": {"pull"}},
        "private": {"nobody": set(), "owner": {"pull", "push", "delete"}, "writer": {"pull", "push"}, "reader": {"pull"},
                    "outsider": set(), "bot": {"delete"}},
    }  # fmt: skip
    if "wrong" in role:
        return False
    if scope.kind == "registry":
        return role in ("owner", "outsider")
    granted = table[scope.name.partition("/")[0]][role]
    if scope.name.endswith("missing") and role in ("owner", "bot"):
        granted = {"pull"} if scope.name.startswith("public") else set()
    return set(scope.actions) <= granted


CELLS = [
    (gate, role, name, what)
    for gate, role, name in itertools.product(("basic", "bearer"), ROLES, REPOSITORIES)
    for what in asked("x")
]


def answer(gate: str, role: str, name: str, what: str) -> tuple[Response, Request]:
    """One cell's answer, from a registry of its own."""
    registry = (basic if gate == "basic" else bearer)(filled())
    request = asked(name)[what]
    sent = (with_password if gate == "basic" else with_token)(registry, request, role)
    return registry.handle(sent), request


def test_nothing_is_allowed_that_the_table_does_not_allow():
    """Every endpoint by every role on public, private and missing repositories, with passwords and with tokens."""
    assert len(CELLS) == 2 * 7 * 4 * 20
    for cell in CELLS:
        gate, role, _, what = cell
        response, request = answer(*cell)
        may = all(rights(role, scope) for scope in needed(request))
        turned_away = response.status in (401, 403)
        if what == "GET /v2/":
            # The ping says who is to sign in; where tokens are used an anonymous one will do.
            may = "wrong" not in role and (gate == "bearer" or role != "nobody")
        assert turned_away is not may, (cell, response)
        if gate == "basic" and turned_away:
            assert response.status == (401 if role == "nobody" or "wrong" in role else 403), cell
        if turned_away and response.status == 401:
            assert response.header("WWW-Authenticate").startswith("Basic" if gate == "basic" else "Bearer realm="), cell


def test_who_may_not_read_a_repository_cannot_tell_whether_it_is_there():
    """The answer for a private repository is that for a missing one, byte for byte, but for its name."""
    compared = 0
    for gate, role, what in itertools.product(("basic", "bearer"), ROLES, asked("x")):
        there, request = answer(gate, role, "private/app", what)
        if all(rights(role, scope) for scope in needed(request)):
            continue
        missing, other = answer(gate, role, "private/missing", what)
        if all(rights(role, scope) for scope in needed(other)):
            continue

        def plain(response: Response) -> str:
            text = f"{response.status} {sorted(response.headers.items())} {bytes(response.body).decode()}"
            text = text.replace("private/missing", "NAME").replace("private/app", "NAME")
            return re.sub(r"'Content-Length', '\d+'", "", text)

        assert plain(there) == plain(missing), (gate, role, what)
        compared += 1
    assert compared > 100


def test_a_mount_does_not_betray_what_the_asker_may_not_read():
    """From a private repository: refused. From anywhere: an upload begins, as for a blob that is nowhere."""
    for gate in (basic, bearer):
        registry = gate(filled())
        # This blob is in private/app alone.
        hidden, nowhere = Digest.of(b"hidden"), Digest.of(b"nowhere")
        registry.storage.keep("private/app", b"hidden", hidden)
        access = replace(ACCESS, grants=(*ACCESS.grants, Grant("outsider", "own/*", ("push",))))
        guard = registry.middleware[0]
        guard = (
            replace(guard, access=access)
            if isinstance(guard, BasicGate)
            else replace(guard, tokens=TokenService(access, HOST))
        )
        registry = replace(registry, middleware=(guard,))
        authorise = with_password if gate is basic else with_token
        answers = []
        for digest in (hidden, nowhere):
            request = Request("POST", "/v2/own/app/blobs/uploads/", {"mount": digest})
            answers.append(registry.handle(authorise(registry, request, "outsider")))
        assert [answer.status for answer in answers] == [202, 202]
        assert set(answers[0].headers) == set(answers[1].headers)
        request = Request("POST", "/v2/own/app/blobs/uploads/", {"mount": hidden, "from": "private/app"})
        assert registry.handle(authorise(registry, request, "outsider")).status in (401, 403)
        assert (
            hidden
            not in registry.storage.repositories.get("own/app", registry.storage.repositories["public/app"]).blobs
        )


def test_the_catalogue_lists_what_the_asker_may_read():
    """And an error's text names no repository."""
    for gate, authorise in ((basic, with_password), (bearer, with_token)):
        registry = gate(filled())
        for role, seen in (("owner", ["private/app", "public/app"]), ("outsider", ["public/app"])):
            catalogue = registry.handle(authorise(registry, Request("GET", "/v2/_catalog"), role))
            assert json.loads(catalogue.body)["repositories"] == seen
        missing = registry.handle(authorise(registry, Request("GET", "/v2/public/missing/tags/list"), "outsider"))
        assert missing.status == 404 and b"private" not in missing.body


def test_the_dance_is_401_token_200():
    """distribution, "Token Authentication Specification": the challenge names realm, service and scope."""
    registry = bearer(filled())
    laptop = Client(registries=[registry])
    pulled = laptop.pull(f"{HOST}/public/app:v1").conversation
    asked = pulled[3].response
    assert asked.header("WWW-Authenticate") == (
        f'Bearer realm="https://{HOST}/token",service="{HOST}",scope="repository:public/app:pull"'
    )
    assert [(e.request.line.partition("?")[0], e.status) for e in pulled][:6] == [
        ("GET /v2/", 401),
        ("GET /token", 200),
        ("GET /v2/", 200),
        ("GET /v2/public/app/manifests/v1", 401),
        ("GET /token", 200),
        ("GET /v2/public/app/manifests/v1", 200),
    ]
    assert sum(e.status == 401 for e in pulled) == 2


def test_login_push_pull_and_logout():
    """Right, wrong, and none again."""
    for gate in (basic, bearer):
        registry = gate(Registry(HOST))
        laptop = Client(registries=[registry])
        laptop.build(f"{HOST}/private/app:v1", "FROM scratch\nCOPY hello /\n", {"hello": "hi"})
        with pytest.raises(TransferFailed):
            laptop.push(f"{HOST}/private/app:v1")
        with pytest.raises(TransferFailed, match="does not know writer"):
            laptop.login(HOST, "writer", "wrong")
        laptop.login(HOST, "writer", "w")
        assert laptop.push(f"{HOST}/private/app:v1").digest == registry.manifest("private/app", "v1").digest
        laptop.logout(HOST)
        with pytest.raises(TransferFailed):
            laptop.pull(f"{HOST}/private/app:v1")


def test_no_secret_is_in_a_conversation():
    """Neither password nor token, not even in a repr."""
    secret = "correct horse battery"
    access = replace(ACCESS, accounts=(Account("alice", secret),), grants=(Grant("alice", "*", ACTIONS),))
    tokens = TokenService(access, HOST)
    registries = [replace(Registry(HOST), middleware=(BearerGate(tokens, f"https://{HOST}/token"),)),
                  replace(Registry(HOST), middleware=(BasicGate(access),))]  # fmt: skip
    for registry in registries:
        laptop = Client(registries=[registry])
        conversations = [laptop.login(HOST, "alice", secret)]
        laptop.build(f"{HOST}/app:v1", "FROM scratch\nCOPY hello /\n", {"hello": "hi"})
        conversations.append(laptop.push(f"{HOST}/app:v1").conversation)
        text = (
            "".join(map(repr, (e for conversation in conversations for e in conversation)))
            + repr(laptop.keyrings)
            + repr(tokens)
        )
        assert secret not in text and base64.b64encode(f"alice:{secret}".encode()).decode() not in text
        assert not any(token in text for token in tokens.tokens)


def test_a_token_ends_and_is_fetched_anew():
    """RFC 6750, section 3.1, invalid_token: after its life the client asks for another, and nobody notices."""
    clock = Clock()
    registry = bearer(filled(), life=300, clock=clock)
    laptop = Client(registries=[registry])
    laptop.login(HOST, "reader", "r")
    laptop.pull(f"{HOST}/private/app:v1")
    clock.advance(301)
    again = laptop.pull(f"{HOST}/private/app:v1").conversation
    assert 'error="invalid_token"' in again[0].response.header("WWW-Authenticate")
    assert [e.status for e in again][:3] == [401, 200, 200]


def test_a_token_for_another_service_or_for_less_does_not_count():
    """Wrong audience: invalid_token. Too few actions: insufficient_scope, which the client reads as denied."""
    registry = bearer(filled())
    request = Request("GET", "/v2/private/app/tags/list")
    shown = {"Authorization": credentials("reader")}
    for query, problem in (
        ({"service": "other.example", "scope": "repository:private/app:pull"}, "invalid_token"),
        ({"service": HOST, "scope": "repository:private/other:pull"}, "insufficient_scope"),
        ({"service": HOST}, "insufficient_scope"),
    ):
        token = json.loads(registry.handle(Request("GET", "/token", query, shown)).body)["token"]
        answer = registry.handle(replace(request, headers={"Authorization": f"Bearer {token}"}))
        assert (answer.status, f'error="{problem}"' in answer.header("WWW-Authenticate")) == (401, True)
        assert json.loads(answer.body)["errors"][0]["code"] == "UNAUTHORIZED"


def test_a_token_grants_what_was_asked_and_is_allowed():
    """distribution, token.md, "Requesting a Token": the intersection; asking for more is no error."""
    registry = bearer(filled())
    query = {
        "service": HOST,
        "scope": "repository:private/app:pull,push,delete repository:public/app:pull registry:catalog:*",
    }
    document = json.loads(
        registry.handle(Request("GET", "/token", query, {"Authorization": credentials("writer")})).body
    )
    token = registry.middleware[0].tokens.find(document["token"])
    assert [str(scope) for scope in token.access] == [
        "repository:private/app:pull,push",
        "repository:public/app:pull",
        "registry:catalog:",
    ]
    assert document["expires_in"] == 300


def test_a_refresh_token_stands_for_the_account():
    """distribution, oauth.md: grant_type=refresh_token; an unknown one is refused."""
    registry = bearer(filled())
    query = {"service": HOST, "offline_token": "true"}
    document = json.loads(
        registry.handle(Request("GET", "/token", query, {"Authorization": credentials("reader")})).body
    )
    form = f"grant_type=refresh_token&service={HOST}&scope=repository:private/app:pull&refresh_token="
    again = registry.handle(Request("POST", "/token", {}, {}, (form + document["refresh_token"]).encode()))
    token = json.loads(again.body)["access_token"]
    request = Request("GET", "/v2/private/app/tags/list", {}, {"Authorization": f"Bearer {token}"})
    assert registry.handle(request).status == 200
    assert registry.handle(Request("POST", "/token", {}, {}, (form + "guess").encode())).status == 401
    for body in (b"", b"grant_type=other", b"\xff" * 100, b"x" * 70_000):
        assert registry.handle(Request("POST", "/token", {}, {}, body)).status == 400


@pytest.mark.parametrize(
    "shown",
    [
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"\xff\xfe").decode(),
        "Bearer",
        "Bearer x",
        "Digest a=b",
        "\u00e9",
    ],
)
def test_nonsense_credentials_are_wrong_ones(shown):
    """401, whatever they are."""
    for gate in (basic, bearer):
        assert (
            gate(filled()).handle(Request("GET", "/v2/public/app/tags/list", {}, {"Authorization": shown})).status
            == 401
        )


def test_a_name_cannot_break_out_of_the_challenge():
    """Quotes and line ends of a path do not come back in the header."""
    answer = bearer(filled()).handle(Request("GET", '/v2/a"\r\nX-Evil: 1/tags/list'))
    assert answer.status == 401
    assert not set("\r\n") & set(answer.header("WWW-Authenticate")) and 'a"' not in answer.header("WWW-Authenticate")


@pytest.mark.parametrize("make", [lambda: Account("a:b", "x"), lambda: Grant("a", "*", ("fly",)), lambda: Scope.parse("nonsense"),
                                  lambda: Access((Account("a", "1"), Account("a", "2")))])  # fmt: skip
def test_what_cannot_be_is_refused(make):
    """With what to write instead."""
    with pytest.raises(InvalidValue):
        make()


def test_the_rights_are_shown_as_a_table():
    """Nobody first."""
    text = str(ACCESS.table(["public/app", "private/app"]))
    assert "(not signed in)" in text and "pull push delete" in text


def test_each_account_has_its_own_share_of_the_tokens(monkeypatch):
    """Ten thousand tokens for nobody in particular push out none of alice's."""
    monkeypatch.setattr("simregistry.registry.middleware.tokens.MOST_TOKENS", 3)
    tokens = TokenService(Access((Account("alice", "secret"),)))
    alice = {"Authorization": "Basic YWxpY2U6c2VjcmV0"}

    def fetch(headers=None) -> str:
        answer = tokens.answer(Request("GET", "/token", {"service": "registry.example"}, headers or {}))
        return json.loads(answer.body)["token"]

    hers = fetch(alice)
    nobodys = [fetch() for _ in range(9)]
    assert tokens.find(hers) and [bool(tokens.find(text)) for text in nobodys] == [False] * 6 + [True] * 3


def test_a_list_of_scopes_without_end_is_not_read():
    """Its length is bounded, as is the number of scopes."""
    answer = TokenService(Access(())).answer(Request("GET", "/token", {"scope": "repository:" + "x" * 9_000 + ":pull"}))
    assert answer.status == 400
