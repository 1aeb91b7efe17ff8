"""Signing in over HTTP is done once, by the client: the line that carries its messages knows no account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from simregistry import Client, Registry, Request
from simregistry.client.sign_in import Credentials, Keyring, SignedTransport
from simregistry.connect.remote import Remote
from simregistry.connect.server import Server
from simregistry.errors import TransferFailed
from simregistry.registry.middleware.accounts import ACTIONS, Access, Account, Grant
from simregistry.registry.middleware.gate import BasicGate, BearerGate
from simregistry.registry.middleware.tokens import TokenService

ACCESS = Access((Account("ann", "right"),), (Grant("ann", "*", ACTIONS),))
DOCKERFILE = "FROM scratch\nCOPY hello /\n"


@pytest.fixture(params=["bearer", "basic"])
def gated(request, served: Server) -> Server:
    """A served registry that ann alone may use."""
    tokens = TokenService(ACCESS, served.address)
    gates = {"bearer": BearerGate(tokens, f"http://{served.address}/token"), "basic": BasicGate(ACCESS)}
    served.registry = replace(Registry(served.address), middleware=(gates[request.param],))
    return served


@pytest.fixture
def laptop(gated: Server) -> Client:
    """A client that reaches the gated registry over HTTP and has an image for it."""
    client = Client(transports={gated.address: Remote(gated.address)})
    client.build(f"{gated.address}/app:v1", DOCKERFILE, {"hello": "hi"})
    return client


def test_a_wrong_password_is_refused(gated, laptop):
    """Whatever the line was used for before."""
    for user, password in (("nobody", "wrong"), ("ann", "wrong"), ("nobody", "right")):
        with pytest.raises(TransferFailed, match=f"does not know {user}"):
            laptop.login(gated.address, user, password)
    with pytest.raises(TransferFailed):
        laptop.push(f"{gated.address}/app:v1")


def test_whoever_is_signed_in_pushes_and_pulls(gated, laptop):
    """And after a logout no more, though the line stayed open."""
    laptop.login(gated.address, "ann", "right")
    pushed = laptop.push(f"{gated.address}/app:v1")
    assert pushed.digest == gated.registry.manifest("app", "v1").digest
    laptop.remove(f"{gated.address}/app:v1")
    assert laptop.pull(f"{gated.address}/app:v1").digest == pushed.digest
    with pytest.raises(TransferFailed, match="does not know ann"):
        laptop.login(gated.address, "ann", "wrong")
    laptop.logout(gated.address)
    with pytest.raises(TransferFailed):
        laptop.pull(f"{gated.address}/app:v1")


def test_neither_the_line_nor_a_conversation_has_a_secret(gated, laptop):
    """No password, no token, and nothing of the two in base64."""
    said = [laptop.login(gated.address, "ann", "right"), laptop.push(f"{gated.address}/app:v1").conversation]
    text = repr(laptop.transports) + repr(laptop.keyrings)
    text += "".join(repr(exchange) for conversation in said for exchange in conversation)
    tokens = getattr(gated.registry.middleware[0], "tokens", None)
    secrets = ["right", Credentials("ann", "right").basic.partition(" ")[2], *(tokens.tokens if tokens else ())]
    assert "***" in text and not [secret for secret in secrets if secret in text]


Hosts = dict[str, Callable[[httpx.Request], httpx.Response]]


def saying(status: int, body: bytes = b"{}", **headers: str) -> httpx.Response:
    """An answer whose body comes as a stream, as from a socket."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=named, stream=httpx.ByteStream(body))


def noting(seen: list[tuple[str, str]], answer: Callable[[httpx.Request], httpx.Response]):
    """A host that notes where it was asked and what it was shown."""

    def noted(request: httpx.Request) -> httpx.Response:
        seen.append((request.url.host, request.headers.get("Authorization", "")))
        return answer(request)

    return noted


def challenging(challenge: str, opens: str = "Bearer abc") -> Callable[[httpx.Request], httpx.Response]:
    """A registry that answers whoever shows what opens it."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers.get("Authorization") == opens:
            return saying(200)
        return saying(401, WWW_Authenticate=challenge)

    return answer


ANN = Credentials("ann", "right")
PING = Request("GET", "/v2/")


def test_a_token_service_at_another_host_is_reached(hosts):
    """As Docker Hub's is: the password goes there alone, the token to the registry alone, each over TLS."""
    seen: list[tuple[str, str]] = []
    challenge = 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"'
    hosts["https://registry-1.docker.io"] = noting(seen, challenging(challenge))
    hosts["https://auth.docker.io"] = noting(seen, lambda request: saying(200, b'{"token": "abc"}'))
    line = Remote("docker.io")
    laptop = Client(transports={"docker.io": line})
    laptop.login("docker.io", "ann", "right")
    registry = "registry-1.docker.io"
    assert seen == [(registry, ""), ("auth.docker.io", ANN.basic), (registry, "Bearer abc")]
    # The line to the token service is kept, and closed with the registry's own.
    other = line.elsewhere("https://auth.docker.io:443")
    assert other is line.elsewhere("https://auth.docker.io:443") and other is not line
    line.close()
    assert other._http.is_closed


def test_the_registrys_own_address_needs_no_second_line(hosts):
    """With or without the port that the scheme has anyway."""
    line = Remote("registry.example")
    assert line.elsewhere("https://registry.example:443") is line
    assert line.elsewhere("https://registry.example:444") is not line
    assert Remote("docker.io").elsewhere("https://docker.io:443").host == "docker.io:443"


@pytest.mark.parametrize("challenge", ['Basic realm="R"', 'Bearer realm="https://evil.example/token"',
                                       'Bearer realm="https://registry.example/token"'])  # fmt: skip
def test_nobody_signs_in_over_plain_http(hosts, challenge):
    """Whoever sits on the line could name any token service; to this machine there is no line to sit on."""
    seen: list[tuple[str, str]] = []
    hosts["http://registry.example"] = noting(seen, challenging(challenge, ANN.basic))
    line = SignedTransport(Remote("registry.example", plain=True), Keyring(ANN))
    with pytest.raises(TransferFailed, match="plain HTTP"):
        line.send(PING)
    assert seen == [("registry.example", "")]
    hosts["http://localhost:5000"] = challenging('Basic realm="R"', ANN.basic)
    assert SignedTransport(Remote("localhost:5000"), Keyring(ANN)).send(PING).status == 200


@pytest.mark.parametrize("target", ["http://registry.example/v2/", "https://registry.example:444/v2/",
                                    "https://storage.example/v2/", "http://localhost/v2/"])  # fmt: skip
def test_a_redirect_takes_no_secret_along(hosts, target):
    """To another host, to another port, or to the same host over plain HTTP."""
    seen: list[tuple[str, str]] = []
    registry = challenging('Basic realm="R"', ANN.basic)
    hosts["https://registry.example"] = lambda request: (
        saying(307, Location=target) if registry(request).status_code == 200 else registry(request)
    )
    for origin in (
        "http://registry.example",
        "https://registry.example:444",
        "https://storage.example",
        "http://localhost",
    ):
        hosts[origin] = noting(seen, lambda request: saying(200))
    assert SignedTransport(Remote("registry.example"), Keyring(ANN)).send(PING).status == 200
    assert [shown for _, shown in seen] == [""]


def test_a_redirect_inside_the_registry_keeps_the_token(hosts):
    """Else it would be a 401."""
    registry = challenging('Basic realm="R"', ANN.basic)
    hosts["https://registry.example"] = lambda request: (
        saying(307, Location="/v2/") if request.url.path == "/v2/a/tags/list" else registry(request)
    )
    line = SignedTransport(Remote("registry.example"), Keyring(ANN))
    assert line.send(Request("GET", "/v2/a/tags/list")).status == 200


def test_a_cookie_signs_nobody_in(hosts):
    """A session that a registry opens for one who signed in is not there for the next one."""

    def registry(request: httpx.Request) -> httpx.Response:
        if request.headers.get("Authorization") == ANN.basic or "session" in request.headers.get("Cookie", ""):
            return saying(200, Set_Cookie="session=1")
        return saying(401, WWW_Authenticate='Basic realm="R"', Set_Cookie="session=0")

    hosts["https://registry.example"] = registry
    laptop = Client(transports={"registry.example": Remote("registry.example")})
    laptop.login("registry.example", "ann", "right")
    with pytest.raises(TransferFailed, match="does not know nobody"):
        laptop.login("registry.example", "nobody", "wrong")


def test_bytes_are_asked_for_as_they_are(hosts):
    """A body that comes packed would have another digest, and a token in it could not be read."""
    seen = []
    hosts["https://registry.example"] = lambda request: (
        seen.append(request.headers["Accept-Encoding"]) or saying(200)  # type: ignore[func-returns-value]
    )
    Remote("registry.example").send(PING)
    assert seen == ["identity"]


@pytest.mark.parametrize("path", ["http://evil.example/v2/", "//evil.example/v2/", "/\\evil.example/v2/"])
def test_a_path_never_leads_to_another_host(hosts, path):
    """As a Location of a registry could be read."""
    seen: list[tuple[str, str]] = []
    hosts["https://registry.example"] = noting(seen, lambda request: saying(404))
    assert Remote("registry.example").send(Request("GET", path)).status == 404
    assert seen == [("registry.example", "")]


def test_a_redirect_to_nowhere_is_a_line_that_breaks(hosts):
    """Not a traceback of the HTTP library."""
    hosts["https://registry.example"] = lambda request: saying(307, Location="https://[::/v2/")
    with pytest.raises(ConnectionError, match=r"registry\.example"):
        Remote("registry.example", tries=1).send(PING)


def test_a_line_may_be_given_credentials_for_whoever_signs_in_over_it():
    """They are never sent by the line itself: the client signs in with them, where nobody said anything else."""
    credentials = Credentials("ann", "right")
    line = Remote("127.0.0.1:1", credentials)
    assert line.credentials == credentials and "right" not in repr(line)
    client = Client(transports={"127.0.0.1:1": line})
    client._wire("127.0.0.1:1")
    assert client.keyrings["127.0.0.1:1"].credentials == credentials
    client.logout("127.0.0.1:1")
    client._wire("127.0.0.1:1")
    assert client.keyrings["127.0.0.1:1"].credentials == Credentials()
    # Without any, the client's own count, as those of `docker login`.
    other = Client(transports={"127.0.0.1:1": Remote("127.0.0.1:1")}, credentials=lambda host: credentials)
    other._wire("127.0.0.1:1")
    assert other.keyrings["127.0.0.1:1"].credentials == credentials
