"""A 401 is answered to those whom it concerns alone: what a client reads in it, whom it believes, and who gets a secret."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl

import pytest

from simregistry import Client, Registry, Request, Response
from simregistry.client.challenge import Challenge, Realm, is_local
from simregistry.client.sign_in import Credentials, Keyring, SignedTransport, SigningRecorder
from simregistry.client.transport import InProcess, Transport
from simregistry.errors import InvalidValue, TransferFailed
from simregistry.oci.content import bytes_of
from simregistry.registry.middleware.accounts import ACTIONS, Access, Account, Grant
from simregistry.registry.middleware.gate import BearerGate
from simregistry.registry.middleware.tokens import TokenService

HOST, PING = "registry.example", Request("GET", "/v2/")
ANN = Credentials("ann", "right")
BEARER, BASIC = (
    'Bearer realm="https://auth.example/token",service="s",scope="repository:a:pull,push"',
    'Basic realm="R"',
)


@dataclass
class Network:
    """Hosts by their origin, each a function from request to response, and what each was shown."""

    hosts: Mapping[str, Callable[[Request], Response]]
    shown: list[tuple[str, str]] = field(default_factory=list)

    def line(self, origin: str) -> Transport:
        """Open a line to a host."""
        return NetworkLine(self, origin)


@dataclass
class NetworkLine:
    """A line to one of the hosts."""

    network: Network
    origin: str

    def send(self, request: Request) -> Response:
        """Note what the host is shown, and let it answer."""
        self.network.shown.append((self.origin, request.header("Authorization")))
        return self.network.hosts[self.origin](request)

    def elsewhere(self, origin: str) -> Transport:
        """Open a line to another host."""
        return self.network.line(origin)


def challenging(challenge: str, opens: str = "Bearer abc") -> Callable[[Request], Response]:
    """A registry that shows a challenge to whoever does not show what opens it."""

    def answer(request: Request) -> Response:
        if request.header("Authorization") == opens:
            return Response(200, {}, b"{}")
        return Response(401, {"WWW-Authenticate": challenge}, b"{}")

    return answer


def network(challenge: str, token: bytes = b'{"token": "abc"}', status: int = 200) -> Network:
    """A registry and the token service it names, each on a host of its own, and a host that nobody should ask."""
    registry, service = challenging(challenge), lambda request: Response(status, {}, token)
    return Network({f"https://{HOST}": registry, "https://auth.example:443": service})


def wire(net: Network, credentials: Credentials = ANN) -> SigningRecorder:
    """A line to the registry, over which somebody signs in."""
    return SigningRecorder(net.line(f"https://{HOST}"), keyring=Keyring(credentials))


@pytest.mark.parametrize("header", [BEARER, f"{BEARER}, {BASIC}", f"{BASIC}, {BEARER}", BEARER.replace("realm", "REALM"),
                                    BEARER.lower(), "Negotiate abc==, " + BEARER, f'Bearer error="x", {BEARER}', f"Basic, {BEARER}", f", ,{BEARER},"])  # fmt: skip
def test_a_challenge_is_found_among_others(header):
    """RFC 9110, section 11.6.1: a header may hold several, and names have no case; a token is better than a password."""
    net = network(header)
    assert wire(net).send(PING).status == 200
    assert net.shown == [(f"https://{HOST}", ""), ("https://auth.example:443", ANN.basic), (f"https://{HOST}", "Bearer abc")]  # fmt: skip


def test_a_quoted_comma_parts_no_challenge_and_the_first_of_two_equal_keys_counts():
    """Nothing that stands behind the realm changes it."""
    text = 'Bearer realm="https://a.example/t",scope="repository:a:pull,push",Realm="https://evil.example", Basic realm="x, Bearer realm=y"'
    assert [(c.scheme, dict(c.parameters)) for c in Challenge.parse_all(text)] == [
        ("bearer", {"realm": "https://a.example/t", "scope": "repository:a:pull,push"}),
        ("basic", {"realm": "x, Bearer realm=y"}),
    ]
    assert Challenge.parse_all(r'Basic realm="say \"hi\""')[0].parameters["realm"] == 'say "hi"'


def test_a_realm_keeps_a_query_of_its_own():
    """It may say which tenant is meant; what the registry asked for is added to it."""
    net = network(BEARER.replace("/token", "/token?tenant=7"))
    asked = wire(net)
    asked.send(PING)
    query = {"tenant": "7", "account": "ann", "service": "s", "scope": "repository:a:pull,push"}
    assert asked.conversation[1].request.query == query


def test_this_machine_is_a_whole_host():
    """Not the beginning of one, and not a name before an "@"."""
    assert all(map(is_local, ["localhost", "localhost:5000", "127.0.0.1", "127.1.2.3:80", "[::1]", "[::1]:5000"]))
    others = ["localhost.evil.example", "127.0.0.1.evil.example", "localhost:5000.evil.example", "localhost@evil.example",
              "notlocalhost", "127.0.0.1\n", "[::1]x", "128.0.0.1", ""]  # fmt: skip
    assert not any(map(is_local, others))
    assert Realm.parse("http://localhost:5000/token").secured and Realm.parse("https://auth.example").secured
    assert not Realm.parse("http://localhost.evil.example/token").secured


@pytest.mark.parametrize("realm", [
    "http://auth.example/token", "http://localhost.evil.example/token", "http://127.0.0.1.evil.example/token",
    "http://localhost@evil.example/token", r"http://localhost\@evil.example/token", "https://ann:right@evil.example/token",
    "//auth.example/token", "/token", "ftp://auth.example/token", "http://[", "https://", "https://auth.example:99999/", "",
    "https://auth.example /token", "javascript:1",
])  # fmt: skip
def test_no_secret_goes_to_a_realm_that_is_not_secured_or_is_no_address(realm):
    """Nothing is sent there, not even a request without a secret; the error keeps what was said."""
    net = network(f'Bearer realm="{realm}",service="s"')
    with pytest.raises(TransferFailed, match=r"not secured|isn't an address") as failed:
        wire(net).send(PING)
    assert net.shown == [(f"https://{HOST}", "")]
    assert [exchange.status for exchange in failed.value.conversation] == [401]


def test_a_line_to_one_host_leads_to_no_other():
    """A client without a line to the token service says so, and does not show the password to the registry instead."""
    seen = []

    def answer(request: Request) -> Response:
        seen.append(request.header("Authorization"))
        return challenging(BEARER)(request)

    @dataclass
    class Line:
        def send(self, request: Request) -> Response:
            return answer(request)

    laptop = Client(transports={HOST: Line()})
    with pytest.raises(TransferFailed, match=r"auth\.example, and this client reaches registry\.example"):
        laptop.login(HOST, "ann", "right")
    assert seen == [""]
    laptop.transports["auth.example"] = network(BEARER).line("https://auth.example:443")
    laptop.login(HOST, "ann", "right")
    assert seen == ["", "", "Bearer abc"]


@pytest.mark.parametrize(("status", "answer"), [
    (200, b"nonsense"), (200, b"[" * 100_000), (200, b"[]"), (200, b'{"token": 1}'), (200, b'{"token": "a\\nHost: b"}'),
    (200, b'{"token": "\\u00e9"}'), (200, b'{"token": ""}'), (200, b" " * 2**22 + b'{"token": "abc"}'), (500, b'{"token": "abc"}'),
    (401, b"{}"), (200, b""),
])  # fmt: skip
def test_a_token_service_that_gives_none_leaves_the_registrys_401(status, answer):
    """Whatever it says."""
    net = network(BEARER, answer, status)
    assert wire(net).send(PING).status == 401
    assert [origin for origin, _ in net.shown] == [f"https://{HOST}", "https://auth.example:443"]


def test_a_password_that_was_refused_is_not_shown_again():
    """Basic: it is shown once, with the request."""
    net = Network({f"https://{HOST}": challenging(BASIC, "Basic something else")})
    assert wire(net).send(PING).status == 401
    assert [shown for _, shown in net.shown] == ["", ANN.basic]
    nobody = Network({f"https://{HOST}": challenging(BASIC)})
    assert wire(nobody, Credentials()).send(PING).status == 401
    assert [shown for _, shown in nobody.shown] == [""]


def test_two_that_sign_in_are_never_stacked():
    """The inner one would let a wrong password pass for right."""
    inner = SignedTransport(network(BEARER).line(f"https://{HOST}"), Keyring(ANN))
    with pytest.raises(InvalidValue, match="give the one inside it"):
        Client(transports={HOST: inner}).login(HOST, "nobody", "wrong")


@pytest.fixture
def gated() -> Registry:
    """A registry in this process that ann alone may use; it answers for its token service too."""
    access = Access((Account("ann", "right"),), (Grant("ann", "*", ACTIONS),))
    return replace(Registry(HOST), middleware=(BearerGate(TokenService(access, HOST), f"https://{HOST}/token"),))


def built(laptop: Client) -> Client:
    """Build an image to push."""
    laptop.build(f"{HOST}/app:v1", "FROM scratch\nCOPY hello /\n", {"hello": "hi"})
    return laptop


def test_where_nobody_signed_in_the_clients_own_credentials_count(gated):
    """Whoever signs in comes first, and whoever signs out is nobody, not the one before."""
    asked = []

    def known(host: str) -> Credentials:
        asked.append(host)
        return ANN

    laptop = built(Client(registries=[gated], credentials=known))
    assert laptop.push(f"{HOST}/app:v1").sent_bytes > 0 and asked == [HOST]
    with pytest.raises(TransferFailed, match="does not know ann"):
        laptop.login(HOST, "ann", "wrong")
    assert laptop.pull(f"{HOST}/app:v1").digest
    laptop.logout(HOST)
    with pytest.raises(TransferFailed, match="401"):
        laptop.pull(f"{HOST}/app:v1")


def test_a_login_that_does_not_come_to_its_end_changes_nothing(gated):
    """A line that breaks, too."""

    @dataclass
    class Breaking:
        line: Transport
        broken: bool = False

        def send(self, request: Request) -> Response:
            if self.broken:
                raise ConnectionError("the line broke")
            return self.line.send(request)

    line = Breaking(InProcess(gated))
    laptop = built(Client(transports={HOST: line}))
    laptop.login(HOST, "ann", "right")
    line.broken = True
    with pytest.raises(ConnectionError):
        laptop.login(HOST, "nobody", "wrong")
    line.broken = False
    assert laptop.push(f"{HOST}/app:v1").sent_bytes > 0


def test_a_signed_transport_signs_in_by_itself(gated):
    """For whoever sends messages one by one; the tokens are kept in its ring, and shown nowhere."""
    line = SignedTransport(InProcess(gated), Keyring(ANN), {HOST: InProcess(gated)})
    assert [line.send(PING).status for _ in range(2)] == [200, 200]
    assert len(gated.middleware[0].tokens.tokens) == 1
    shown = repr(line)
    assert "right" not in shown and not any(token in shown for token in gated.middleware[0].tokens.tokens)


@dataclass
class TokenHost:
    """A token service that takes an identity token, and keeps what it was sent."""

    accepts: str = "jwt/+"
    asked: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        """Answer as OAuth 2 says."""
        self.asked.append(request)
        form = dict(parse_qsl(bytes_of(request.body).decode(), strict_parsing=True))
        if form.get("refresh_token") != self.accepts:
            return Response(401, {}, b"{}")
        return Response(200, {}, b'{"access_token": "abc", "refresh_token": "other", "scope": ""}')


@pytest.mark.parametrize("realm", ["https://auth.example/token", "https://auth.example/token?tenant=7"])
def test_an_identity_token_is_exchanged_for_a_token(realm):
    """In the body of a POST (RFC 6749, section 6); never in an address, a header or what is written down."""
    service = TokenHost()
    challenge = f'Bearer realm="{realm}",service="s",scope="repository:a:pull"'
    net = Network({f"https://{HOST}": challenging(challenge), "https://auth.example:443": service})
    line = wire(net, Credentials(identity="jwt/+"))
    assert line.send(PING).status == 200
    (asked,) = service.asked
    assert (asked.method, asked.query, asked.header("Authorization")) == (
        "POST",
        {"tenant": "7"} if "?" in realm else {},
        "",
    )
    form = dict(parse_qsl(bytes_of(asked.body).decode()))
    assert form == {"service": "s", "scope": "repository:a:pull", "grant_type": "refresh_token", "refresh_token": "jwt/+",
                    "client_id": "simregistry"}  # fmt: skip
    written = repr(line.exchanges) + repr(line.keyring)
    assert "jwt" not in written and "abc" not in written and "refresh_token=***" in written


def test_an_identity_token_that_opens_nothing_is_told():
    """With the sentence of whoever found it; one that opens too little leaves the registry's own answer."""
    net = Network({f"https://{HOST}": challenging(BEARER), "https://auth.example:443": TokenHost("another")})
    old = Credentials(identity="jwt", missing="sign in again")
    with pytest.raises(TransferFailed, match="401, sign in first; sign in again") as failed:
        wire(net, old).send(PING)
    assert [exchange.status for exchange in failed.value.conversation] == [401, 401]
    net = Network({f"https://{HOST}": challenging(BEARER, "Bearer more"), "https://auth.example:443": TokenHost("jwt")})
    assert wire(net, old).send(PING).status == 401


def test_an_identity_token_goes_to_no_place_that_is_not_secured():
    """And to no registry that wants a password."""
    net = network('Bearer realm="http://localhost.evil.example/token",service="s"')
    with pytest.raises(TransferFailed, match="not secured"):
        wire(net, Credentials(identity="jwt")).send(PING)
    plain = Network({f"https://{HOST}": challenging(BASIC)})
    assert wire(plain, Credentials(identity="jwt")).send(PING).status == 401
    assert [shown for _, shown in net.shown + plain.shown] == ["", ""]


def test_why_there_are_no_credentials_is_told_at_a_401_alone():
    """After a token for nobody did not do, too; what is public needs none."""
    nobody = Credentials(missing="the file can't be read")
    hosts = {**network(BEARER).hosts, f"https://{HOST}": challenging(BEARER, "Bearer more")}
    refused = [Network(hosts), Network({f"https://{HOST}": challenging(BASIC)})]
    for net in refused:
        with pytest.raises(TransferFailed, match="the file can't be read"):
            wire(net, nobody).send(PING)
    assert wire(network(BEARER), nobody).send(PING).status == 200
    assert nobody == Credentials() and "file" not in repr(nobody)
