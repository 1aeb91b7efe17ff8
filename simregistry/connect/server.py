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
from simregistry.connect.plain_http import PATIENCE, PlainHTTPServer
from simregistry.connect.remembered import remembered
from simregistry.errors import SizeInvalid, Unsupported
from simregistry.oci.content import Content, Nominal, bytes_of, gathered, pieces_of
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
# A body of up to so many bytes is read before anybody is refused, so that a client can read the refusal.
READ_BEFORE_REFUSING = 64 * 1024
# So many seconds a client has to read a refusal before the connection is closed on the body that it still sends.
LINGER = 1.0
# So much of an answer waits to be sent at once: a client that doesn't read holds no more than this.
PIECE = 256 * 1024

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
        self.silence: asyncio.TimerHandle | None = None

    def prepare(self) -> None:
        """Set the largest body before any of it arrives; refuse one that is too large, or that a gate would refuse."""
        upload = "/blobs/uploads/" in self.request.path and self.request.method in ("POST", "PATCH", "PUT")
        self.limit = self.settings["max_bytes"] if upload else SMALL_BODY
        # tornado has a bound of its own, but it closes the connection without an answer. Ours answers, so switch
        # tornado's off.
        connection: Any = self.request.connection
        connection.set_max_body_size(1 << 62)
        length = self.request.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > self.limit:
            self._refuse_size()
        elif not length.isdecimal() or int(length) > READ_BEFORE_REFUSING:
            self._ask_the_gate()
        self._listen()

    def _ask_the_gate(self) -> None:
        """Refuse a large body, or one of unknown length, before it is read, where a gate would refuse it afterwards."""
        ask = getattr(self.server.registry, "refusal", None)
        has_body = self.request.method in ("POST", "PATCH", "PUT")
        request = self._request(b"")
        if has_body and ask is not None and request.path != TOKEN_PATH and (refusal := ask(request)) is not None:
            self._remember(request, refusal)
            self._head(refusal)
            self._finish_and_close(bytes_of(refusal.body))

    def _listen(self) -> None:
        """Close the connection if nothing comes for a while before the request is complete."""
        if self.silence is not None:
            self.silence.cancel()
        if not self._finished:
            self.silence = asyncio.get_running_loop().call_later(PATIENCE, self._hang_up)

    def _hang_up(self) -> None:
        stream = getattr(self.request.connection, "stream", None)
        if stream is not None:
            stream.close()

    def on_finish(self) -> None:
        """Stop listening for silence."""
        if self.silence is not None:
            self.silence.cancel()

    def on_connection_close(self) -> None:
        """Give back what came of a body whose client went away."""
        self.on_finish()
        self.parts.clear()

    async def data_received(self, chunk: bytes) -> None:
        """Keep a piece of the body, and hash it in another thread while the next piece is on its way."""
        # A client may lie about the length or leave it out, so count what really arrives.
        self.received += len(chunk)
        self._listen()
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
            self._finish_and_close(error.to_json())

    def _finish_and_close(self, body: bytes) -> None:
        """Answer while a body is still on its way, and close the connection when the client had time to read."""
        # The rest of the body is not read, so the next request could not be told from it on this connection.
        self.set_header("Connection", "close")
        sent = self.finish(body)
        sent.add_done_callback(lambda _: asyncio.get_running_loop().call_later(LINGER, self._hang_up))

    async def carry(self) -> None:
        """Read the request, let the registry answer it, note the exchange, and send the answer."""
        # The one path that is not the registry's: counters, for a test or a curious person.
        if self.request.path == FIGURES:
            self.finish(self.server.figures())
            return
        self.on_finish()
        if self.hashing:
            await self.hashing
        request = self._request(gathered(self.parts, Digest.of_hash(self.hasher)))
        response = sendable(self.server.registry.handle(request))
        # Note the exchange before answering, so that a client that has its answer finds it in the conversation.
        self._remember(request, response)
        await self._answer(response)

    get = head = post = patch = put = delete = options = carry

    def _request(self, body: Content) -> Request:
        """Make the registry's request of what tornado read."""
        query: dict[str, str] = {}
        # A client that needs several scopes repeats the parameter; join them with a space. No other comes twice.
        for key, value in parse_qsl(self.request.query, keep_blank_values=True):
            query[key] = f"{query[key]} {value}" if key == "scope" and key in query else value
        path = unquote(self.request.path, errors="replace")
        method = self.request.method or ""
        return Request(method, path, query, dict(self.request.headers), body, self.request.remote_ip or "")

    def _head(self, response: Response) -> None:
        """Write the status and the registry's headers, and none of tornado's own."""
        self.set_status(response.status)
        self.clear_header("Content-Type")
        self.clear_header("Server")
        for name, value in response.headers.items():
            self.set_header(name, value)

    async def _answer(self, response: Response) -> None:
        """Write the head, then the body in pieces; a client that doesn't read them for a while is hung up on."""
        self._head(response)
        # RFC 9110, section 15.3.5: a 204 has no content, and for tornado even an empty piece is content.
        for piece in filter(None, pieces_of(response.body)):
            for start in range(0, len(piece), PIECE):
                # tornado keeps what is written until it is sent, so wait for that: a blob must not be in memory twice.
                self.write(piece[start : start + PIECE])
                try:
                    await asyncio.wait_for(self.flush(), PATIENCE)
                except TimeoutError:
                    self._hang_up()
                    return
        self.finish()

    def compute_etag(self) -> None:
        """Send no Etag: a digest names the content already, and tornado would hash each answer again."""

    def _remember(self, request: Request, response: Response) -> None:
        """Add the exchange to the conversation, and tell whoever watches."""
        exchange = remembered(request, response, Digest.of_hash(self.hasher))
        self.server.exchanges.append(exchange)
        self.server.served += 1
        self.server.up += len(request.body)
        self.server.down += len(response.body)
        watch = self.settings["watch"]
        if watch is not None:
            try:
                watch(exchange)
            except Exception:
                # The request was carried out. An answer never depends on whether somebody could be told of it.
                self.settings["watch"] = None


def sendable(response: Response) -> Response:
    """Return the response, or a refusal if its body is a blob whose bytes are not here."""
    if not isinstance(response.body, Nominal):
        return response
    # Zeros of the right length would be the alternative, and no client could tell why the digest is wrong.
    error = Unsupported("only this blob's name and size are here, not its bytes", status=501)
    return Response(501, {"Content-Type": "application/json"}, error.to_json())
