"""Whatever a registry over a network answers, each call ends with a value or with an error of ours."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

import httpx
import pytest

from simregistry import Client, Digest
from simregistry.client.sign_in import Credentials, Keyring, SignedTransport
from simregistry.connect.remote import Remote
from simregistry.connect.remote_repository import RemoteRepository
from simregistry.errors import SimRegistryError
from simregistry.oci.descriptor import Descriptor

HOST = "registry.example"
BLOB = Descriptor("application/octet-stream", Digest.of(b"hi"), 2)
BODIES = (
    b"", b'{"tags":["a"]}', b"[", b"{", b"null", b'"', b"\xff", b'{"token":"x"}', b'{"schemaVersion":2,"manifests":null}',
    b'{"schemaVersion":2,"manifests":[{"digest":"x"}]}', b'{"errors":[1]}', b'{"errors":{"code":1}}', b"[" * 20_000,
)  # fmt: skip
ADDRESSES = (
    "", "/", "//", "///", "?", "#", "*", "%", "\\\\x", "/a b", "?a=%zz", "/v2/../..", "http://[", "https://h:0/", "https:",
    "javascript:1", "https://registry.example/x", "HTTPS://REGISTRY.EXAMPLE", "http://registry.example/", "https://a..b/",
    "https://a_b:1", "https://u:p@registry.example/", "https://1/", "https://" + "a." * 200, "/" + "a" * 70_000, "/\x1b[2J",
)  # fmt: skip
HEADERS: dict[str, tuple[str, ...]] = {
    "Location": ("{}",),
    "Link": ('<{}>; rel="next"', "<{}>;rel=next", "{}", "<<{}>>;rel=next"),
    "WWW-Authenticate": (
        'Bearer realm="{}"',
        'Basic realm="{}"',
        "Bearer realm={}",
        'Basic, Bearer realm="{}"s"',
        "{}",
    ),
    "Content-Type": ("x", ";", "application/json", "application/vnd.oci.image.index.v1+json"),
    "Retry-After": ("1", "x", "-1", "9" * 500, ""),
    "Content-Encoding": ("gzip", "x"),
    "Docker-Content-Digest": ("x", "sha256:"),
}
STATUSES = (200, 200, 200, 201, 202, 202, 204, 206, 301, 302, 307, 308, 400, 401, 401, 404, 416, 429, 500, 503, 600)


def answers(dice: random.Random) -> Callable[[httpx.Request], httpx.Response]:
    """A host that says anything."""

    def answer(request: httpx.Request) -> httpx.Response:
        headers = {
            name: dice.choice(forms).replace("{}", dice.choice(ADDRESSES))
            for name, forms in HEADERS.items()
            if dice.random() < 0.5
        }
        body = b"".join(dice.choices(BODIES, k=dice.randint(0, 2)))
        return httpx.Response(dice.choice(STATUSES), headers=headers, stream=httpx.ByteStream(body))

    return answer


@pytest.mark.parametrize("seed", range(60))
def test_no_answer_makes_the_client_fail(monkeypatch, seed):
    """A SimRegistryError says what happened, on one line; any other error fails this test."""
    dice = random.Random(seed)
    # One host that stands for every host there is.
    anybody = partial(httpx.Client, transport=httpx.MockTransport(answers(dice)))
    monkeypatch.setattr(httpx, "Client", anybody)
    who = dice.choice(
        [Credentials(), Credentials("ann", "right"), Credentials(identity="jwt"), Credentials(missing="why")]
    )
    line = Remote(HOST, who, tries=2, wait=lambda seconds: None)
    there, laptop = RemoteRepository(SignedTransport(line, Keyring(who)), "a"), Client(transports={HOST: line})
    laptop.build(f"{HOST}/a:v1", "FROM scratch\nCOPY hello /\n", {"hello": "hi"})
    calls: list[Callable[[], object]] = [
        there.names, lambda: there.resolve("v1"), lambda: there.resolve(""), lambda: there.referrers(BLOB.digest),
        lambda: there.blob(BLOB), lambda: there.has(BLOB.digest), lambda: there.put_blob(BLOB, b"hi"),
        lambda: laptop.pull(f"{HOST}/b:v1"), lambda: laptop.push(f"{HOST}/a:v1"), lambda: laptop.login(HOST, "ann", "right"),
    ]  # fmt: skip
    for call in calls * 3:
        try:
            call()
        except SimRegistryError as error:
            assert str(error).isprintable()
