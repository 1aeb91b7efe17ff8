"""Serve a registry over HTTP: the same requests and responses, carried over a socket, so that real clients can use it.

    server = serve(registry)          # in a notebook, or wherever an event loop runs
    await server.stop()

This file only carries messages. It reads a request from the socket into a ``Request``, lets the registry answer it, and
writes the ``Response`` to the socket. A body is hashed while it arrives and kept in the pieces in which it came; a blob
is sent piece by piece.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

import tornado.httpserver
import tornado.iostream
import tornado.netutil
import tornado.web

from simregistry.client.transport import RegistryHandler
from simregistry.errors import SizeInvalid, Unsupported
from simregistry.oci.content import Content, Nominal, digest_of, gathered, pieces_of
from simregistry.oci.digest import Digest
from simregistry.oci.messages import Conversation, Exchange, Request, Response
from simregistry.registry.middleware.tokens import PATH as TOKEN_PATH

LOOPBACK = "127.0.0.1"
FIGURES = "/-/figures"
# Bytes that are read from a socket at once, and the most that may wait to be read.
CHUNK, BUFFER = 512 * 1024, 64 * 1024 * 1024
# From this size on (bytes) it takes longer to hash a piece than to hand it to another thread.
WORTH_A_THREAD = 64 * 1024
# The largest body of a request that uploads no blob; a larger one is answered with 413. Clients may expect that 4 MB
# are accepted (distribution-spec, Pushing Manifests).
SMALL_BODY = 8 * 1024 * 1024
# How many exchanges the conversation remembers; the oldest are forgotten first.
REMEMBERED = 10_000
# A body of up to so many bytes is remembered itself, a larger one by its digest and size.
SMALL_ENOUGH_TO_KEEP = 64 * 1024
# After so many seconds of silence the server closes a client's connection.
PATIENCE = 300

Watcher = Callable[[Exchange], None]


@dataclass(slots=True)
class Server:
    """A registry that is being served; clients write ``address`` before a repository's name."""

    registry: RegistryHandler
    address: str
    host: str
    port: int
    http: Any = field(repr=False)
    exchanges: deque[Exchange] = field(default_factory=lambda: deque(maxlen=REMEMBERED), repr=False)
    served: int = 0
    up: int = 0
    down: int = 0

    @property
    def conversation(self) -> Conversation:
        """All exchanges so far, with large bodies remembered by digest and size alone."""
        return Conversation(tuple(self.exchanges))

    def figures(self) -> dict[str, int]:
        """Return the number of requests, and the bytes of their bodies in both directions."""
        return {"requests": self.served, "bytes_up": self.up, "bytes_down": self.down}

    async def stop(self) -> None:
        """Stop listening, and close all connections."""
        self.http.stop()
        await self.http.close_all_connections()


def serve(
    registry: RegistryHandler,
    host: str = LOOPBACK,
    port: int = 0,
    *,
    max_bytes: int = 1 << 40,
    tls: ssl.SSLContext | None = None,
    watch: Watcher | None = None,
) -> Server:
    """Serve a registry in the running event loop; port 0 means any free port. Raises OSError for a port that is taken.

    ``max_bytes`` bounds the body of one upload. ``watch`` is called with each exchange. Without ``tls`` the server
    speaks plain HTTP, and closes the connection of a client that tries TLS first, as skopeo does. Without that, such a
    client would wait ten seconds.
    """
    # tornado writes each 404 to stderr, and a client that asks for a blob gets many.
    logging.getLogger("tornado.access").setLevel(logging.CRITICAL)
    sockets = tornado.netutil.bind_sockets(port, host, family=socket.AF_UNSPEC if ":" in host else socket.AF_INET)
    # With port 0 the operating system chose one: ask which.
    bound = sockets[0].getsockname()[1]
    application = tornado.web.Application(max_bytes=max_bytes, watch=watch)
    http_server = tornado.httpserver.HTTPServer if tls else PlainHTTPServer
    http = http_server(
        application, chunk_size=CHUNK, max_buffer_size=BUFFER, ssl_options=tls, idle_connection_timeout=PATIENCE,
        body_timeout=None,
    )  # fmt: skip
    server = Server(registry, f"{f'[{host}]' if ':' in host else host}:{bound}", host, bound, http)
    # One handler for every host and every path: the registry itself knows its endpoints.
    application.add_handlers(".*", [(".*", ExchangeHandler, {"server": server})])
    http.add_sockets(sockets)
    return server


class PlainHTTPServer(tornado.httpserver.HTTPServer):
    """HTTP without TLS that closes the connection of a client that begins with a TLS handshake (first byte 0x16)."""

    def handle_stream(self, stream: tornado.iostream.IOStream, address: Any) -> None:
        """Look at the first byte, before the HTTP parser waits for the end of a line that never ends."""
        # Subtle: asyncio keeps no strong reference to a task, so one that nobody holds may vanish while it runs.
        tasks: set[asyncio.Task[None]] = self.__dict__.setdefault("_looking", set())
        task = asyncio.get_running_loop().create_task(self._look(stream, address))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def _look(self, stream: tornado.iostream.IOStream, address: Any) -> None:
        """Wait for the first byte; close the connection if it begins a TLS handshake, else serve it."""
        loop, readable = asyncio.get_running_loop(), asyncio.Event()
        descriptor = stream.socket.fileno()
        loop.add_reader(descriptor, readable.set)
        try:
            await asyncio.wait_for(readable.wait(), PATIENCE)
            # Peek: the byte stays in the socket, where the HTTP parser will read it again.
            first = stream.socket.recv(1, socket.MSG_PEEK)
        except (TimeoutError, OSError):
            first = b""
        finally:
            loop.remove_reader(descriptor)
        if first in (b"", b"\x16"):
            stream.close()
        else:
            super().handle_stream(stream, address)


@tornado.web.stream_request_body
class ExchangeHandler(tornado.web.RequestHandler):
    """Carries one request to the registry, and the response back to the client."""

    SUPPORTED_METHODS = ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS")

    def initialize(self, server: Server) -> None:
        """Start with an empty body; tornado makes a new handler for each request."""
        self.server = server
        self.parts: list[bytes] = []
        self.received = 0
        self.hasher = Digest.hasher()
        self.hashing: asyncio.Future[None] | None = None

    def prepare(self) -> None:
        """Set the largest body for this request before any of it arrives; refuse a larger one that says so."""
        upload = "/blobs/uploads/" in self.request.path and self.request.method in ("POST", "PATCH", "PUT")
        self.limit = self.settings["max_bytes"] if upload else SMALL_BODY
        # tornado has a bound of its own, but it closes the connection without an answer. Ours answers, so switch
        # tornado's off.
        connection: Any = self.request.connection
        connection.set_max_body_size(1 << 62)
        length = self.request.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > self.limit:
            self._refuse_size()

    async def data_received(self, chunk: bytes) -> None:
        """Keep a piece of the body, and hash it in another thread while the next piece is on its way."""
        # A client may lie about the length or leave it out, so count what really arrives.
        self.received += len(chunk)
        if self.received > self.limit:
            self.parts.clear()
            self._refuse_size()
        elif not self._finished:
            self.parts.append(chunk)
            # Subtle: a hash depends on the order of the pieces. Wait for the piece before, never hash two at once.
            if self.hashing:
                await self.hashing
            if len(chunk) >= WORTH_A_THREAD:
                self.hashing = asyncio.get_running_loop().run_in_executor(None, self.hasher.update, chunk)
            else:
                self.hashing = None
                self.hasher.update(chunk)

    def _refuse_size(self) -> None:
        """Answer 413 and close the connection, unless that is done already."""
        if not self._finished:
            error = SizeInvalid(f"at most {self.limit:,} bytes are taken here", {"limit": self.limit}, status=413)
            self.set_status(413)
            self.set_header("Content-Type", "application/json")
            # The rest of the body is not read, so the next request could not be told from it on this connection.
            self.set_header("Connection", "close")
            self.finish(error.to_json())

    async def carry(self) -> None:
        """Read the request, let the registry answer it, note the exchange, and send the answer."""
        # The one path that is not the registry's: counters, for a test or a curious person.
        if self.request.path == FIGURES:
            self.finish(self.server.figures())
            return
        if self.hashing:
            await self.hashing
        body = gathered(self.parts, Digest.of_hash(self.hasher))
        query: dict[str, str] = {}
        # A client that needs several scopes repeats the parameter; join them with a space. No other comes twice.
        for key, value in parse_qsl(self.request.query, keep_blank_values=True):
            query[key] = f"{query[key]} {value}" if key == "scope" and key in query else value
        path = unquote(self.request.path, errors="replace")
        method = self.request.method or ""
        request = Request(method, path, query, dict(self.request.headers), body, self.request.remote_ip or "")
        response = sendable(self.server.registry.handle(request))
        # Note the exchange before answering, so that a client that has its answer finds it in the conversation.
        self._remember(request, response)
        await self._answer(response)

    get = head = post = patch = put = delete = options = carry

    async def _answer(self, response: Response) -> None:
        """Write the registry's headers, and none of tornado's own; then the body, piece by piece."""
        self.set_status(response.status)
        self.clear_header("Content-Type")
        self.clear_header("Server")
        for name, value in response.headers.items():
            self.set_header(name, value)
        # tornado keeps what is written until it is flushed, so flush often: a large blob must not be in memory twice.
        unflushed = 0
        # RFC 9110, section 15.3.5: a 204 has no content, and for tornado even an empty piece is content.
        for piece in filter(None, pieces_of(response.body)):
            self.write(piece)
            unflushed += len(piece)
            if unflushed >= CHUNK:
                await self.flush()
                unflushed = 0
        self.finish()

    def compute_etag(self) -> None:
        """Send no Etag: a digest names the content already, and tornado would hash each answer again."""

    def _remember(self, request: Request, response: Response) -> None:
        """Add the exchange to the conversation, without headers of the request and without secrets."""
        # The answer to the GET of a whole blob names its digest, so the blob need not be hashed again.
        digest = response.header("Docker-Content-Digest") if response.status == 200 else ""
        answered = _known_by_digest(response.body, digest)
        sent = _known_by_digest(request.body, Digest.of_hash(self.hasher))
        # What a client says to a token service and what it answers are passwords and tokens: keep only the lengths.
        if request.path == TOKEN_PATH:
            answered = bytes(len(response.body))
            sent = bytes(min(len(sent), SMALL_ENOUGH_TO_KEEP))
        exchange = Exchange(
            Request(request.method, request.path, request.query, {}, sent),
            Response(response.status, response.headers, answered),
        )
        self.server.exchanges.append(exchange)
        self.server.served += 1
        self.server.up += len(request.body)
        self.server.down += len(response.body)
        if self.settings["watch"]:
            self.settings["watch"](exchange)


def sendable(response: Response) -> Response:
    """Return the response, or a refusal if its body is a blob whose bytes are not here."""
    if not isinstance(response.body, Nominal):
        return response
    # Zeros of the right length would be the alternative, and no client could tell why the digest is wrong.
    error = Unsupported("only this blob's name and size are here, not its bytes", status=501)
    return Response(501, {"Content-Type": "application/json"}, error.to_json())


def _known_by_digest(content: Content, digest: str = "") -> Content:
    """Return a small body as it is, and a large one by its digest and size, so that no blob stays in memory."""
    if len(content) <= SMALL_ENOUGH_TO_KEEP:
        return content
    known = Digest(digest) if digest else digest_of(content)
    assert known is not None, "a body of bytes has a digest"
    return Nominal(known, len(content))
