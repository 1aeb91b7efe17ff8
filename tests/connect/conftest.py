"""A registry that is served while a test runs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from functools import partial

import httpx
import pytest

from simregistry import Registry
from simregistry.connect.server import Server, serve


@pytest.fixture
def served() -> Iterator[Server]:
    """An empty registry, served in a thread with a loop of its own."""
    loop = asyncio.new_event_loop()
    started: list[Server] = []
    ready = threading.Event()

    async def start() -> None:
        started.append(serve(Registry("registry.example"), max_bytes=64 * 1024 * 1024))
        ready.set()

    def run() -> None:
        loop.run_until_complete(start())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait(10)
    yield started[0]
    asyncio.run_coroutine_threadsafe(started[0].stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


Hosts = dict[str, Callable[[httpx.Request], httpx.Response]]


@pytest.fixture
def hosts(monkeypatch) -> Hosts:
    """Hosts by their origin, which answer in place of the network; whoever asks for another one fails the test."""
    answers: Hosts = {}

    def answer(request: httpx.Request) -> httpx.Response:
        return answers[f"{request.url.scheme}://{request.url.netloc.decode()}"](request)

    monkeypatch.setattr(httpx, "Client", partial(httpx.Client, transport=httpx.MockTransport(answer)))
    return answers
