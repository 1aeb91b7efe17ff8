"""The gates beside docker-registry's: the same requests with right, wrong, expired and insufficient credentials.

The passwords are htpasswd's (bcrypt), the tokens signed JSON documents of a token server that the tests bring.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from peers import DockerRegistry, program

from simregistry import Client, Registry, Request
from simregistry.client.sign_in import Credentials, Keyring, SignedTransport
from simregistry.connect.copy_image import LocalRepository, copy_image
from simregistry.connect.oci_layout import OciLayout
from simregistry.connect.real_client import private_skopeo_environment
from simregistry.connect.remote import Remote
from simregistry.connect.remote_repository import RemoteRepository
from simregistry.connect.server import Server
from simregistry.errors import TransferFailed
from simregistry.registry.clock import Clock
from simregistry.registry.middleware.accounts import ACTIONS, Access, Account, Grant
from simregistry.registry.middleware.gate import BasicGate, BearerGate
from simregistry.registry.middleware.scope import Scope, needed
from simregistry.registry.middleware.tokens import Token, TokenService

# bcrypt of "secret", cost 5.
HTPASSWD = "alice:$2b$05$g2xjBzAWeXw6fjPaniPWsOvl4ghO0AVoo8fgnYwSM8IcWD/j5nixG\n"
ACCESS = Access((Account("alice", "secret"),), (Grant("alice", "*", ACTIONS),))
SERVICE, REALM = "registry.example", "https://auth.example/token"
REQUESTS = {
    "ping": Request("GET", "/v2/"),
    "a manifest that is not there": Request("GET", "/v2/team/app/manifests/v1"),
    "its head": Request("HEAD", "/v2/team/app/manifests/v1"),
    "a blob": Request("GET", "/v2/team/app/blobs/sha256:" + "0" * 64),
    "tags": Request("GET", "/v2/team/app/tags/list"),
    "an upload": Request("POST", "/v2/team/app/blobs/uploads/"),
    "a mount": Request("POST", "/v2/team/app/blobs/uploads/", {"mount": "sha256:" + "0" * 64, "from": "other/app"}),
    "a manifest": Request("PUT", "/v2/team/app/manifests/v1", {}, {}, b"{}"),
    "a deletion": Request("DELETE", "/v2/team/app/manifests/sha256:" + "0" * 64),
    "the catalogue": Request("GET", "/v2/_catalog"),
}


def seen(status: int, challenge: str) -> tuple[int, tuple[tuple[str, str], ...]]:
    """A status, and a challenge as its scheme and parameters in any order."""
    scheme, _, rest = challenge.partition(" ")
    # docker-registry gives scopes, and the actions of one, in any order (a Go map).
    rest = re.sub(r":(\w+),(\w+)", lambda pair: ":" + ",".join(sorted(pair.groups())), rest)
    found = [(key, " ".join(sorted(value.split(" ")))) for key, value in re.findall(r'(\w+)="([^"]*)"', rest)]
    return status, (("scheme", scheme), *sorted(found))


def compare(real: DockerRegistry, ours: Registry, request: Request, theirs: str, mine: str) -> None:
    """Say the same to both, each with its own credentials: the same status and the same challenge."""
    shown = {"Authorization": theirs} if theirs else {}
    target = request.line.partition(" ")[2]
    status, headers, body = real.send(request.method, target, request.body, {**request.headers, **shown})
    shown = {"Authorization": mine} if mine else {}
    answer = ours.handle(replace(request, headers={**request.headers, **shown}))
    assert seen(status, headers.get("WWW-Authenticate", "")) == seen(answer.status, answer.header("WWW-Authenticate"))
    if status == 401 and request.method != "HEAD":
        codes = [json.loads(each)["errors"][0]["code"] for each in (body, answer.body)]
        assert codes[0] == codes[1]


def test_names_and_passwords_are_asked_for_as_htpasswd_does(tmp_path):
    """No, wrong and right credentials, for each kind of request; whoever is in the file may do everything."""
    (tmp_path / "htpasswd").write_text(HTPASSWD)
    auth = f"auth: {{htpasswd: {{realm: Registry, path: {tmp_path / 'htpasswd'}}}}}\n"
    with DockerRegistry(tmp_path / "storage", auth=auth) as real:
        for shown in (
            "",
            Credentials("alice", "wrong").basic,
            Credentials("mallory", "secret").basic,
            "Basic ???",
            Credentials("alice", "secret").basic,
        ):
            ours = Registry("registry.example", middleware=(BasicGate(ACCESS),))
            for request in REQUESTS.values():
                compare(real, ours, request, shown, shown)


class Signer:
    """A token server's key and certificate, and the tokens that docker-registry takes from it."""

    def __init__(self, folder: Path) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "auth.example")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.key.public_key())
            .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self.key, hashes.SHA256())
        )  # fmt: skip
        self.bundle = folder / "token.pem"
        self.bundle.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        self.chain = [base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()]

    def token(self, access: tuple[Scope, ...], service: str = SERVICE, age: float = 0) -> str:
        """Sign a token for some scopes, given ``age`` seconds ago for 300 s."""
        issued = int(time.time() - age)
        claims = {
            "iss": "auth.example", "sub": "alice", "aud": service, "iat": issued, "nbf": issued, "exp": issued + 300,
            "jti": f"{issued}", "access": [{"type": s.kind, "name": s.name, "actions": list(s.actions)} for s in access],
        }  # fmt: skip
        return jwt.encode(claims, self.key, algorithm="ES256", headers={"x5c": self.chain})


def cases(request: Request) -> dict[str, tuple[tuple[Scope, ...], str, float]]:
    """What a token may be: its scopes, its audience and its age (seconds)."""
    enough = needed(request)
    return {
        "right": (enough, SERVICE, 0),
        "expired": (enough, SERVICE, 400),
        "for another service": (enough, "other.example", 0),
        "for nothing": ((), SERVICE, 0),
        "for another repository": ((Scope("repository", "team/other", ACTIONS),), SERVICE, 0),
        "for pulling alone": ((Scope("repository", "team/app", ("pull",)),), SERVICE, 0),
        "for the target alone": ((Scope("repository", "team/app", ACTIONS),), SERVICE, 0),
    }


@pytest.mark.parametrize("what", REQUESTS)
def test_tokens_are_asked_for_and_judged_as_docker_registry_does(what, tmp_path):
    """No token, a wrong one, and each case of a signed one: the same status, the same challenge."""
    signer = Signer(tmp_path)
    options = f"realm: {REALM}, service: {SERVICE}, issuer: auth.example, rootcertbundle: {signer.bundle}"
    request = REQUESTS[what]
    with DockerRegistry(tmp_path / "storage", auth=f"auth: {{token: {{{options}}}}}\n") as real:
        for shown in ("", "Bearer nonsense", "Basic YTpi"):
            compare(
                real,
                Registry(SERVICE, middleware=(BearerGate(TokenService(ACCESS, SERVICE), REALM),)),
                request,
                shown,
                shown,
            )
        for scopes, service, age in cases(request).values():
            clock = Clock(1_000)
            tokens = TokenService(ACCESS, SERVICE, 300, clock)
            tokens.tokens["ours"] = Token("alice", service, scopes, clock() - age, 300)
            ours = Registry(SERVICE, middleware=(BearerGate(tokens, REALM),))
            compare(real, ours, request, f"Bearer {signer.token(scopes, service, age)}", "Bearer ours")


@contextmanager
def token_service(signer: Signer) -> Iterator[str]:
    """A token service at an address of its own, which knows alice; gives the realm that a registry names it by."""

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers.get("Authorization") == Credentials("alice", "secret").basic
            scopes = Scope.parse_all(" ".join(parse_qs(urlsplit(self.path).query).get("scope", [])))
            body = json.dumps({"token": signer.token(scopes)} if known else {}).encode()
            self.send_response(200 if known else 401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/token?tenant=7"
    server.shutdown()
    server.server_close()


def test_our_client_signs_in_to_docker_registry_by_a_token_service_elsewhere(tmp_path):
    """A wrong password is refused, the right one pushes, pulls, mounts and lists; no secret is in a conversation."""
    signer = Signer(tmp_path)
    with token_service(signer) as realm:
        options = f"realm: '{realm}', service: {SERVICE}, issuer: auth.example, rootcertbundle: {signer.bundle}"
        with DockerRegistry(tmp_path / "storage", auth=f"auth: {{token: {{{options}}}}}\n") as real:
            host = f"127.0.0.1:{real.port}"
            laptop = Client(transports={host: Remote(host)})
            built = laptop.build(f"{host}/team/app:v1", "FROM scratch\nCOPY hello /\n", {"hello": "hi"}).manifest
            with pytest.raises(TransferFailed, match="does not know alice"):
                laptop.login(host, "alice", "wrong")
            with pytest.raises(TransferFailed):
                laptop.push(f"{host}/team/app:v1")
            laptop.login(host, "alice", "secret")
            pushed = laptop.push(f"{host}/team/app:v1")
            laptop.tag(f"{host}/team/app:v1", f"{host}/team/other:v1")
            assert "mounted" in {blob.outcome for blob in laptop.push(f"{host}/team/other:v1").blobs}
            laptop.remove(f"{host}/team/app:v1")
            assert laptop.pull(f"{host}/team/app:v1").digest == built.digest
            text = "".join(map(repr, pushed.conversation))
            assert "Bearer ***" in text and "eyJ" not in text and "secret" not in text
            # The same code signs in where images are copied.
            signed = SignedTransport(Remote(host), Keyring(Credentials("alice", "secret")))
            assert RemoteRepository(signed, "team/other").names() == ("v1",)
            with pytest.raises(TransferFailed, match="401"):
                RemoteRepository(SignedTransport(Remote(host)), "team/other").names()


def test_skopeo_signs_in_to_the_served_registry(served: Server, tmp_path):
    """By token and by password: right credentials push and pull, wrong and missing ones are refused with its words."""
    access = Access((Account("alice", "secret"),), (Grant("alice", "alice/*", ACTIONS),), public=("library/*",))
    source = tmp_path / "image"
    gates = {
        "token": BearerGate(TokenService(access, served.address), f"http://{served.address}/token"),
        "basic": BasicGate(access),
    }
    laptop = Client(registries=[local := Registry("registry.example")])
    laptop.build("registry.example/app:v1", "FROM scratch\nCOPY hello /\n", {"hello": "hi"})
    laptop.push("registry.example/app:v1")
    copy_image(LocalRepository(local.storage, "app"), "v1", OciLayout(source))
    for number, (kind, gate) in enumerate(gates.items()):
        served.registry = Registry("registry.example", middleware=(gate,))
        place = f"docker://{served.address}/alice/app:{kind}"

        def skopeo(*arguments: str, folder: Path = tmp_path / f"memory-{number}") -> subprocess.CompletedProcess[str]:
            folder.mkdir(exist_ok=True)
            environment = {**private_skopeo_environment(folder), "REGISTRY_AUTH_FILE": str(folder / "auth.json")}
            return subprocess.run(
                [program("skopeo"), *arguments], env=environment, capture_output=True, text=True, timeout=60
            )

        push = ("copy", "--dest-tls-verify=false", "--preserve-digests", f"oci:{source}:v1", place)
        assert "authentication required" in skopeo(*push).stderr or "denied" in skopeo(*push).stderr
        assert skopeo("copy", "--dest-creds", "alice:wrong", *push[1:]).returncode != 0
        assert skopeo("copy", "--dest-creds", "alice:secret", *push[1:]).returncode == 0
        assert skopeo("inspect", "--tls-verify=false", place).returncode != 0
        login = ("login", "--tls-verify=false", "-u", "alice", served.address)
        assert "invalid username/password" in skopeo(*login, "-p", "wrong").stderr
        assert skopeo(*login, "-p", "secret").stdout == "Login Succeeded!\n"
        assert json.loads(skopeo("inspect", "--tls-verify=false", place).stdout)["Name"].endswith("alice/app")
        other = skopeo("inspect", "--tls-verify=false", f"docker://{served.address}/bob/app:v1").stderr
        assert "denied" in other or "unauthorized" in other or "authentication required" in other
