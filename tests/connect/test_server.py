"""Real clients against the simulated registry over HTTP, and plain requests that no client would send."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest
from peers import program

from simregistry import Client, Digest, Registry
from simregistry.connect.copy_image import LocalRepository, copy_image
from simregistry.connect.oci_layout import OciLayout
from simregistry.connect.real_client import per_blob, private_skopeo_environment, recorded_push, skopeo_push
from simregistry.connect.server import FIGURES, Server, serve
from simregistry.oci.content import LARGE
from simregistry.oci.messages import Conversation
from simregistry.study.examples import catalogue, webapp


def send(
    served: Server, method: str, path: str, body: bytes = b"", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """One request on a line of its own."""
    line = http.client.HTTPConnection(served.host, served.port, timeout=20)
    line.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = line.getresponse()
    told = answer.status, dict(answer.headers), answer.read()
    line.close()
    return told


def skopeo(*arguments: str) -> str:
    """Run skopeo; gives what it prints."""
    ran = subprocess.run([program("skopeo"), *arguments], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def upload(served: Server, name: str, content: bytes) -> Digest:
    """A blob in one PUT."""
    digest = Digest.of(content)
    status, headers, _ = send(served, "POST", f"/v2/{name}/blobs/uploads/")
    assert status == 202
    assert send(served, "PUT", f"{headers['Location']}?digest={digest}", content)[0] == 201
    return digest


def test_skopeo_pushes_inspects_lists_pulls_and_deletes(served, tmp_path):
    """From a layout that our client's image is written to, by a real client, and back with every digest the same."""
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    webapp.build(laptop, "v1")
    laptop.push("registry.example/web:v1")
    manifest = registry.image("web:v1").manifest
    source = tmp_path / "source"
    source.mkdir()
    (source / "manifest.json").write_bytes(manifest.raw)
    (source / "version").write_text("Directory Transport Version: 1.1\n")
    for blob in manifest.blobs:
        (source / blob.digest.encoded).write_bytes(registry.storage.blobs.get(blob.digest))
    target = f"docker://{served.address}/web:v1"
    began = time.monotonic()
    skopeo("copy", "--preserve-digests", "--dest-tls-verify=false", f"dir:{source}", target)
    assert time.monotonic() - began < 8, "a client that tries TLS first is not kept waiting"
    assert json.loads(skopeo("inspect", "--tls-verify=false", target))["Digest"] == manifest.digest
    assert json.loads(skopeo("list-tags", "--tls-verify=false", f"docker://{served.address}/web"))["Tags"] == ["v1"]
    skopeo("copy", "--src-tls-verify=false", target, f"dir:{tmp_path / 'pulled'}")
    for blob in manifest.blobs:
        assert Digest.of((tmp_path / "pulled" / blob.digest.encoded).read_bytes()) == blob.digest
    assert Digest.of((tmp_path / "pulled" / "manifest.json").read_bytes()) == manifest.digest
    skopeo("delete", "--tls-verify=false", target)
    assert json.loads(send(served, "GET", "/v2/web/tags/list")[2])["tags"] == []


def test_a_large_blob_comes_and_goes_whole_and_in_ranges(served):
    """Kept in the pieces it came in."""
    content = os.urandom(LARGE + 12_345)
    digest = upload(served, "app", content)
    status, headers, body = send(served, "GET", f"/v2/app/blobs/{digest}")
    assert (status, headers["Content-Length"], Digest.of(body)) == (200, str(len(content)), digest)
    status, headers, body = send(served, "GET", f"/v2/app/blobs/{digest}", Range="bytes=1000-1999999")
    assert (status, body) == (206, content[1000:2_000_000])
    status, headers, body = send(served, "HEAD", f"/v2/app/blobs/{digest}")
    assert (status, headers["Content-Length"], body) == (200, str(len(content)), b"")


def test_a_body_in_chunks_without_a_length_is_taken(served):
    """As crane and others stream."""
    content = os.urandom(300_000)
    _, headers, _ = send(served, "POST", "/v2/app/blobs/uploads/")
    line = http.client.HTTPConnection(served.host, served.port, timeout=20)
    pieces = [content[at : at + 1000] for at in range(0, len(content), 1000)]
    line.request("PATCH", headers["Location"], iter(pieces), {"Transfer-Encoding": "chunked"}, encode_chunked=True)
    assert line.getresponse().status == 202
    line.close()
    assert send(served, "PUT", f"{headers['Location']}?digest={Digest.of(content)}")[0] == 201


def test_what_is_too_large_gets_413_and_the_server_lives(served):
    """An upload over the bound, and a manifest of nine megabytes."""
    _, headers, _ = send(served, "POST", "/v2/app/blobs/uploads/")
    for path, size in ((headers["Location"], 65 * 1024 * 1024), ("/v2/app/manifests/v1", 9 * 1024 * 1024)):
        line = http.client.HTTPConnection(served.host, served.port, timeout=20)
        line.putrequest("PUT", path)
        line.putheader("Content-Length", str(size))
        line.endheaders()
        answer = line.getresponse()
        assert (answer.status, json.loads(answer.read())["errors"][0]["code"]) == (413, "SIZE_INVALID")
        line.close()
    assert send(served, "GET", "/v2/")[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v2/%2e%2e/%2e%2e/etc/passwd/blobs/sha256:00", 400),
        ("GET", "/v2/app/blobs/sha256:zz", 400),
        ("GET", "/v2/app/manifests/v1", 404),
        ("PUT", "/v2/App/manifests/v1", 400),
        ("OPTIONS", "/v2/", 405),
        ("GET", "/", 404),
        ("GET", "/v2/app/tags/list?n=x", 400),
        ("GET", f"/v2/{'a' * 300}/tags/list", 400),
    ],
)
def test_a_bad_request_gets_the_specifications_error(served, method, path, status):
    """Never a 5xx, and always a code."""
    told = send(served, method, path)
    assert told[0] in (status, 404) and told[0] < 500
    assert json.loads(told[2])["errors"][0]["code"]


def test_a_half_body_leaves_nothing_and_the_server_lives(served):
    """The line breaks in the middle of a manifest."""
    line = http.client.HTTPConnection(served.host, served.port, timeout=5)
    line.putrequest("PUT", "/v2/app/manifests/v1")
    line.putheader("Content-Length", "1000")
    line.endheaders(b"half of it")
    line.close()
    assert send(served, "GET", "/v2/app/manifests/v1")[0] == 404


def talk(served: Server, *parts: bytes, pause: float = 0.0) -> bytes:
    """Bytes on a line as they are; gives what came back until it was hung up or nothing more came."""
    with socket.create_connection((served.host, served.port), 10) as line:
        line.settimeout(3)
        try:
            for part in parts:
                line.sendall(part)
                time.sleep(pause)
            answer = b""
            while more := line.recv(65536):
                answer += more
        except (TimeoutError, ConnectionError):
            pass
        return answer


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /v2/ HTTP/1.1\r\nHost: x\r\nX-Large: " + b"a" * 200_000 + b"\r\n\r\n", b""),
        (b"GET /v2/" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b""),
        (b"PUT /v2/app/manifests/v1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"HTTP/1.1 400"),
        (b"PUT /v2/app/manifests/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", b"HTTP/1.1 400"),
        (
            b"PUT /v2/app/manifests/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            b"HTTP/1.1 400",
        ),
        (
            b"POST /v2/app/blobs/uploads/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"HTTP/1.1 400",
        ),
        (b"\r\n\r\n\r\n", b""),
        (b"GET /v2/ HTTP/9.9\r\n\r\n", b""),
    ],
    ids=[
        "huge header",
        "huge target",
        "no length",
        "length below zero",
        "two lengths",
        "bad chunk",
        "nothing",
        "no HTTP",
    ],
)
def test_bytes_that_are_no_good_request_are_refused_and_the_server_lives(served, sent, status):
    """Refused with a status or hung up on; the next client is served."""
    answer = talk(served, sent)
    assert answer.startswith(status)
    assert not answer.startswith((b"HTTP/1.1 2", b"HTTP/1.1 5"))
    assert send(served, "GET", "/v2/")[0] == 200
    assert not served.registry.images()


def test_a_body_that_comes_slowly_keeps_nobody_waiting(served):
    """Ten lines send a byte now and then; the others are served meanwhile, and the slow ones at last."""
    content = b"slowly"
    digest = Digest.of(content)
    head = f"POST /v2/slow/blobs/uploads/?digest={digest} HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nConnection: close\r\n\r\n"
    answers: list[bytes] = []
    parts = (head.encode(), *(content[n : n + 1] for n in range(6)))
    slow = [threading.Thread(target=lambda: answers.append(talk(served, *parts, pause=0.1))) for _ in range(10)]
    for thread in slow:
        thread.start()
    quick = sum(send(served, "GET", "/v2/")[0] == 200 for _ in range(50))
    assert quick == 50 and not answers
    for thread in slow:
        thread.join(20)
    assert len(answers) == 10 and all(answer.startswith(b"HTTP/1.1 201") for answer in answers)


def test_the_conversation_is_recorded_and_counted(served):
    """With the same display as a simulated one; large bodies by name."""
    content = os.urandom(100_000)
    upload(served, "app", content)
    assert [(e.request.method, e.status, e.up) for e in served.conversation] == [
        ("POST", 202, 0),
        ("PUT", 201, 100_000),
    ]
    assert "PUT /v2/app/blobs/uploads/" in str(served.conversation)
    assert json.loads(send(served, "GET", FIGURES)[2]) == {"requests": 2, "bytes_up": 100_000, "bytes_down": 0}


def test_a_port_that_is_taken_is_an_error(served):
    """At once, not at the first request."""

    async def again() -> None:
        serve(Registry(), port=served.port)

    with pytest.raises(OSError, match="in use"):
        asyncio.run(again())


def test_a_blob_known_by_name_alone_is_refused_not_made_up():
    """The catalogue can be served: manifests, and a clear refusal for layers."""

    async def ask() -> tuple[int, int]:
        server = serve(catalogue.load(Registry("docker.io")))
        layer = catalogue.find("alpine:3.23").layers[0].digest
        paths = ("/v2/library/alpine/manifests/3.23", f"/v2/library/alpine/blobs/{layer}")
        told = [await asyncio.to_thread(send, server, "GET", path) for path in paths]
        await server.stop()
        assert json.loads(told[1][2])["errors"][0]["code"] == "UNSUPPORTED"
        return told[0][0], told[1][0]

    assert asyncio.run(ask()) == (200, 501)


@pytest.fixture
def layout(tmp_path: Path) -> tuple[Client, Path]:
    """A laptop with two versions of the web app, and a layout with both for skopeo."""
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    for version in ("v1", "v2"):
        webapp.build(laptop, version)
        laptop.push(f"registry.example/web:{version}")
        copy_image(LocalRepository(registry.storage, "web"), version, OciLayout(tmp_path / "layout"))
    return laptop, tmp_path / "layout"


def test_our_skopeo_says_what_skopeo_says(served, layout, tmp_path):
    """A first push, a push of a changed image, the same once more, and into another repository, blob by blob."""
    laptop, path = layout
    simulated = Client(registries=[Registry("registry.example")], store=laptop.store, dialect="skopeo")
    # skopeo remembers where it saw a blob in a file of its own; the lesson's client remembers too.
    home = private_skopeo_environment(tmp_path)
    for version, repository in (("v1", "web"), ("v2", "web"), ("v2", "web"), ("v2", "other")):
        before = len(served.exchanges)
        target = f"docker://{served.address}/{repository}:{version}"
        command = [
            program("skopeo"),
            "copy",
            "--preserve-digests",
            "--dest-tls-verify=false",
            f"oci:{path}:{version}",
            target,
        ]
        ran = subprocess.run(command, env=home, capture_output=True, text=True, timeout=60)
        assert ran.returncode == 0, ran.stderr
        if repository != "web":
            laptop.tag(f"registry.example/web:{version}", f"registry.example/{repository}:{version}")
        ours = simulated.push(f"registry.example/{repository}:{version}").conversation
        theirs = Conversation(tuple(served.exchanges)[before:])
        assert str(per_blob(ours)) == str(per_blob(theirs)), (version, repository)


def test_the_recording_is_what_skopeo_says_today(served, layout):
    """Else the lesson would show an old truth where skopeo is not installed."""
    _, path = layout

    async def push() -> Conversation:
        own = serve(Registry("registry.example"))
        said = await skopeo_push(own, path, "v1", "web")
        await own.stop()
        return said

    program("skopeo")
    assert str(per_blob(asyncio.run(push()))) == str(per_blob(recorded_push()))
