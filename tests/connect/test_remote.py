"""The client of the lessons against a real registry, and against a strict and moody one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from peers import DockerRegistry

from simregistry import Client, Digest, Registry, Request, cli
from simregistry.client.sign_in import Credentials, Keyring, SignedTransport
from simregistry.connect.oci_layout import OciLayout
from simregistry.connect.remote import Remote
from simregistry.connect.remote_repository import RemoteRepository
from simregistry.errors import ImageUnknown, TransferFailed
from simregistry.study.examples import webapp


@pytest.fixture
def real(tmp_path: Path) -> Iterator[DockerRegistry]:
    """Debian's docker-registry, empty."""
    (tmp_path / "storage").mkdir()
    with DockerRegistry(tmp_path / "storage") as registry:
        yield registry


def pushed_and_pulled(client: Client, host: str) -> list[tuple[str, int | None, int]]:
    """Build two versions, push both, and tell what was said."""
    said = []
    for version in ("v1", "v2"):
        webapp.build(client, version, host=host)
        said += list(client.push(f"{host}/web:{version}").conversation)
    client.store.images.clear()
    client.store.blobs.clear()
    said += list(client.pull(f"{host}/web:v2").conversation)
    return [(f"{e.request.method} {e.request.path.split('/uploads/')[0]}", e.status, e.up) for e in said]


def test_the_same_client_says_the_same_to_a_real_registry_and_to_the_simulated_one(real):
    """Message by message, status by status, byte by byte."""
    host = f"127.0.0.1:{real.port}"
    remote = Client(transports={host: Remote(host)})
    simulated = Client(registries=[Registry(host)])
    assert pushed_and_pulled(remote, host) == pushed_and_pulled(simulated, host)


def test_copy_to_and_from_a_real_registry_keeps_every_digest(real, tmp_path, capsys):
    """By the notation that people know."""
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    built = webapp.build(laptop, "v1").manifest
    layout = OciLayout(tmp_path / "layout")
    for blob in built.blobs:
        layout.put_blob(blob, laptop.store.blobs[blob.digest])
    layout.put_manifest(built, "v1")
    there = f"docker://127.0.0.1:{real.port}/team/web"
    assert cli.main(["copy", f"oci:{tmp_path / 'layout'}:v1", f"{there}:v1"]) == 0
    assert cli.main(["copy", f"{there}@{built.digest}", f"oci:{tmp_path / 'back'}:again"]) == 0
    assert OciLayout(tmp_path / "back").resolve("again") == built.digest
    assert RemoteRepository(Remote(f"127.0.0.1:{real.port}"), "team/web").names() == ("v1",)
    assert cli.main(["copy", f"{there}:v9", f"oci:{tmp_path / 'x'}"]) == 2
    assert "v9" in capsys.readouterr().err


class Strict(BaseHTTPRequestHandler):
    """A registry that wants a token, sends blobs from elsewhere, and is busy at first."""

    seen: list[tuple[str, str, str]]
    busy: int
    content = b"the blob"

    def do_GET(self) -> None:
        """Answer by the path."""
        server = self.server
        self.seen.append((self.path, self.headers.get("Authorization", ""), self.headers.get("Host", "")))
        here = f"http://127.0.0.1:{server.server_address[1]}"
        if self.path.startswith("/token"):
            fits = self.headers.get("Authorization") == Credentials("me", "secret").basic
            self.told(200 if fits else 401, json.dumps({"token": "abc"}).encode())
        elif self.path.startswith("/storage"):
            self.told(200, self.content)
        elif self.headers.get("Authorization") != "Bearer abc":
            challenge = f'Bearer realm="{here}/token",service="strict",scope="repository:app:pull"'
            self.told(401, b"{}", {"WWW-Authenticate": challenge})
        elif type(self).busy > 0:
            type(self).busy -= 1
            self.told(503, b"", {"Retry-After": "7"})
        elif "/loop" in self.path:
            self.told(307, b"", {"Location": f"{here}/v2/loop"})
        elif "/blobs/" in self.path:
            self.told(307, b"", {"Location": f"http://localhost:{server.server_address[1]}/storage?signature=xyz"})
        else:
            self.told(200, b"{}")

    def told(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        """Write an answer."""
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def strict() -> Iterator[str]:
    """Its host and port."""
    Strict.seen, Strict.busy = [], 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Strict)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def signed(host: str, password: str = "secret", **options: Any) -> SignedTransport:
    """A line to a host, over which me signs in."""
    return SignedTransport(Remote(host, **options), Keyring(Credentials("me", password)))


def test_a_token_is_fetched_and_no_secret_leaves_for_another_host(strict):
    """The password goes to the token service, the token to the registry, neither to the storage it redirects to."""
    remote = signed(strict)
    response = remote.send(Request("GET", f"/v2/app/blobs/{Digest.of(Strict.content)}"))
    assert (response.status, response.body) == (200, Strict.content)
    sent = {path.split("?")[0].split("/")[1]: authorization for path, authorization, _ in Strict.seen}
    assert sent == {"v2": "Bearer abc", "token": Credentials("me", "secret").basic, "storage": ""}
    shown = repr(remote) + str(remote.keyring)
    assert "secret" not in shown and "abc" not in shown


def test_wrong_credentials_end_with_the_registrys_401(strict):
    """And not in a circle."""
    assert signed(strict, "wrong").send(Request("GET", "/v2/")).status == 401
    assert len(Strict.seen) == 2


def test_a_busy_registry_is_asked_again_after_the_pause_it_names(strict):
    """And after four tries its answer is taken."""
    pauses: list[float] = []
    remote = signed(strict, wait=pauses.append)
    remote.send(Request("GET", "/v2/"))
    Strict.busy = 2
    assert remote.send(Request("GET", "/v2/")).status == 200 and pauses == [7.0, 7.0]
    Strict.busy = 10
    assert remote.send(Request("GET", "/v2/")).status == 503 and len(pauses) == 5


def test_a_line_that_breaks_is_tried_again_with_longer_pauses():
    """Then it is an error that names the host."""
    pauses: list[float] = []
    with pytest.raises(ConnectionError, match=r"127\.0\.0\.1:9"):
        Remote("127.0.0.1:9", wait=pauses.append).send(Request("GET", "/v2/"))
    assert pauses == [0.5, 1.0, 2.0]


def test_redirects_without_end_are_an_error(strict):
    """After five."""
    with pytest.raises(ConnectionError, match="redirects"):
        signed(strict).send(Request("GET", "/v2/loop"))


def test_credentials_are_not_sent_over_a_line_that_is_not_secured(monkeypatch):
    """A challenge that points to plain HTTP elsewhere is refused."""
    remote = signed("registry.example")
    challenge = {"WWW-Authenticate": 'Bearer realm="http://tokens.example/token"'}
    handler = httpx.MockTransport(lambda request: httpx.Response(401, headers=challenge, stream=httpx.ByteStream(b"")))
    remote.transport._http = httpx.Client(base_url="https://registry.example", transport=handler)
    with pytest.raises(TransferFailed, match="not secured"):
        remote.send(Request("GET", "/v2/"))


def test_a_repository_with_several_tags_wants_one_named(real):
    """And says which there are."""
    host = f"127.0.0.1:{real.port}"
    client = Client(transports={host: Remote(host)})
    for version in ("v1", "v2"):
        webapp.build(client, version, host=host)
        client.push(f"{host}/web:{version}")
    with pytest.raises(ImageUnknown, match="v1, v2"):
        RemoteRepository(Remote(host), "web").resolve("")


def test_a_proxy_is_not_asked_for_this_machine(strict, monkeypatch):
    """It's another machine, and what is said to this one is said in clear: the password went there."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    here = strict.replace("127.0.0.1", "localhost")
    for host in (strict, here):
        assert signed(host, tries=1).send(Request("GET", "/v2/")).status == 200
    with pytest.raises(ConnectionError):
        Remote("registry.example", plain=True, tries=1).send(Request("GET", "/v2/"))
