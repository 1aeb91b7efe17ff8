"""Clients that send too much, too slowly or nothing: refused before it costs anything, and nobody else is kept waiting."""

from __future__ import annotations

import asyncio

import pytest

from simregistry import Access, Account, Grant, Registry, Request
from simregistry.connect import server as serving
from simregistry.connect.remembered import LONGEST_KEPT, remembered
from simregistry.connect.server import serve
from simregistry.oci.messages import Response
from simregistry.registry.middleware.accounts import ACTIONS
from simregistry.registry.middleware.gate import BasicGate

ACCESS = Access((Account("alice", "secret"),), (Grant("alice", "alice/*", ACTIONS),))


def gated() -> Registry:
    """A registry behind a gate that asks for a password."""
    return Registry("registry.example", middleware=(BasicGate(ACCESS),))


async def say(port: int, *pieces: bytes, pause: float = 0) -> bytes:
    """Send pieces over a connection of its own, and read until it is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        return b""
    finally:
        writer.close()


def with_server(registry, task, **options):
    """Serve a registry, and run a task with the server."""

    async def run():
        served = serve(registry, **options)
        try:
            return await task(served)
        finally:
            await served.stop()

    return asyncio.run(run())


def test_a_large_body_is_refused_before_it_is_sent_to_a_gate_that_would_refuse_it():
    """401 with the challenge, and the connection is closed; with the password the body is taken."""
    head = b"%s /v2/alice/app/blobs/uploads/x HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\n"

    async def task(served):
        return [await say(served.port, head % method) for method in (b"PUT", b"PATCH", b"POST")]

    put, patch, post = (answer.partition(b"\r\n") for answer in with_server(gated(), task))
    assert put[0].startswith(b"HTTP/1.1 401") and patch[0].startswith(b"HTTP/1.1 401")
    assert b"www-authenticate" in put[2].lower() and b"connection: close" in put[2].lower()
    # There is no endpoint for this POST, so nothing of its body is read either.
    assert post[0].startswith(b"HTTP/1.1 405") or post[0].startswith(b"HTTP/1.1 404")


def test_the_gate_is_asked_about_the_head_alone_and_lets_in_who_may():
    """None means: read the body."""
    registry = gated()
    wanted = Request("PATCH", "/v2/alice/app/blobs/uploads/x")
    assert registry.refusal(wanted).status == 401
    alice = {"Authorization": "Basic YWxpY2U6c2VjcmV0"}
    assert registry.refusal(Request(wanted.method, wanted.path, {}, alice)) is None
    assert registry.refusal(Request("PATCH", "/v2/bob/app/blobs/uploads/x", {}, alice)).status == 403
    assert Registry().refusal(wanted) is None


def test_silence_in_a_body_ends_the_connection_and_a_slow_body_does_not(monkeypatch):
    """Counted from the last byte."""
    monkeypatch.setattr(serving, "PATIENCE", 0.4)
    head = b"PUT /v2/app/manifests/v1 HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\nConnection: close\r\n\r\n"

    async def task(served):
        return await say(served.port, head + b"{"), await say(served.port, head, *[b"x"] * 6, pause=0.15)

    silent, slow = with_server(Registry(), task)
    assert silent == b"" and slow.startswith(b"HTTP/1.1 400")


def test_a_watcher_that_fails_changes_no_answer():
    """It is not asked again."""
    asked = []

    def watch(exchange):
        asked.append(exchange)
        raise OSError("nobody reads")

    async def task(served):
        return [await say(served.port, b"GET /v2/ HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n") for _ in range(3)]

    answers = with_server(Registry(), task, watch=watch)
    assert all(answer.startswith(b"HTTP/1.1 200") for answer in answers) and len(asked) == 1


def test_little_is_remembered_of_what_is_long():
    """Paths, queries and bodies."""
    request = Request("GET", "/v2/" + "x" * 60_000, {"scope": "y" * 60_000})
    exchange = remembered(request, Response(200, {}, bytes(50_000)), None)
    assert len(exchange.request.path) == LONGEST_KEPT == len(exchange.request.query["scope"])
    assert exchange.down == 50_000 and not isinstance(exchange.response.body, bytes)


@pytest.mark.parametrize("name", ["%E4%B8%AD", "%ff", "A", "a%0d%0ab", "x" * 300])
def test_a_name_that_no_repository_can_have_is_refused_as_such(name):
    """By a gate too; where the path fits no endpoint a gate asks for a token, in a header that can be sent."""

    async def task(served):
        line = f"GET /v2/{name}/tags/list HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
        return await say(served.port, line.encode())

    for registry in (Registry(), gated(), Registry.product("docker-hub", access=ACCESS)):
        answer = with_server(registry, task)
        assert answer.split(b" ")[1] in (b"400", b"401", b"404") and b"Traceback" not in answer
