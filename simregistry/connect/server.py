"""The registry over HTTP: the same requests and responses, carried by a socket, so that real clients can speak to it.

    server = serve(registry)          # in a notebook, or wherever an event loop runs
    await server.stop()

Only carrying is done here. Each request becomes a ``Request``, the registry answers it, and the ``Response`` is written
out. Bodies are hashed as they arrive and kept in the pieces they came in; a blob goes out piece by piece.
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
# What is read from a socket at once, and the most that waits unread (bytes).
CHUNK, BUFFER = 512 * 1024, 64 * 1024 * 1024
# A piece of this size (bytes) takes longer to hash than to hand to another thread.
WORTH_A_THREAD = 64 * 1024
# What a request may bring that is no blob: manifests of 4 MiB are to be taken, and what is larger gets a 413.
SMALL_BODY = 8 * 1024 * 1024
# The exchanges that are remembered; the oldest are forgotten first.
REMEMBERED = 10_000
# A body of so many bytes is remembered as it is.
SMALL_ENOUGH_TO_KEEP = 64 * 1024
# A client that sends nothing for so long (seconds) is hung up on.
PATIENCE = 300

Watcher = Callable[[Exchange], None]


@dataclass(slots=True)
class Server:
    """A registry that is being served; ``address`` is what clients write before a repository's name."""

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
        """What was said so far; bodies are remembered by digest and size alone."""
        return Conversation(tuple(self.exchanges))

    def figures(self) -> dict[str, int]:
        """Count requests, and body bytes in both directions."""
        return {"requests": self.served, "bytes_up": self.up, "bytes_down": self.down}

    async def stop(self) -> None:
        """Take no more connections, and close those that are open."""
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
    """Serve a registry in the event loop that runs; port 0 takes a free one. Raises OSError for a port that is taken.

    ``max_bytes`` bounds one upload's body. ``watch`` is told each exchange. Without ``tls`` it speaks plain HTTP, and
    hangs up at once on a client that tries TLS first, as skopeo does: waiting would cost that client ten seconds.
    """
    # tornado writes each 404 to stderr, and a client that asks for a blob gets many.
    logging.getLogger("tornado.access").setLevel(logging.CRITICAL)
    sockets = tornado.netutil.bind_sockets(port, host, family=socket.AF_UNSPEC if ":" in host else socket.AF_INET)
    bound = sockets[0].getsockname()[1]
    application = tornado.web.Application(max_bytes=max_bytes, watch=watch)
    kind = tornado.httpserver.HTTPServer if tls else PlainHTTPServer
    http = kind(
        application, chunk_size=CHUNK, max_buffer_size=BUFFER, ssl_options=tls, idle_connection_timeout=PATIENCE,
        body_timeout=None,
    )  # fmt: skip
    server = Server(registry, f"{f'[{host}]' if ':' in host else host}:{bound}", host, bound, http)
    application.add_handlers(".*", [(".*", ExchangeHandler, {"server": server})])
    http.add_sockets(sockets)
    return server


class PlainHTTPServer(tornado.httpserver.HTTPServer):
    """HTTP without TLS: whoever begins with a TLS handshake (first byte 0x16) is hung up on at once."""

    def handle_stream(self, stream: tornado.iostream.IOStream, address: Any) -> None:
        """Look at the first byte before the HTTP parser waits for a line that never ends."""
        tasks: set[asyncio.Task[None]] = self.__dict__.setdefault("_looking", set())
        task = asyncio.get_running_loop().create_task(self._look(stream, address))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def _look(self, stream: tornado.iostream.IOStream, address: Any) -> None:
        loop, readable = asyncio.get_running_loop(), asyncio.Event()
        descriptor = stream.socket.fileno()
        loop.add_reader(descriptor, readable.set)
        try:
            await asyncio.wait_for(readable.wait(), PATIENCE)
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
    """Carry one request to the registry, and its response back."""

    SUPPORTED_METHODS = ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS")

    def initialize(self, server: Server) -> None:
        """Begin with an empty body."""
        self.server = server
        self.parts: list[bytes] = []
        self.received = 0
        self.hasher = Digest.hasher()
        self.hashing: asyncio.Future[None] | None = None

    def prepare(self) -> None:
        """Say how much this request may bring: an upload much, all else little."""
        upload = "/blobs/uploads/" in self.request.path and self.request.method in ("POST", "PATCH", "PUT")
        self.limit = self.settings["max_bytes"] if upload else SMALL_BODY
        # The connection's own bound would end it without an answer; ours answers.
        connection: Any = self.request.connection
        connection.set_max_body_size(1 << 62)
        length = self.request.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > self.limit:
            self._refuse_size()

    async def data_received(self, chunk: bytes) -> None:
        """Take what has arrived, and hash it in another thread while the next piece is under way."""
        self.received += len(chunk)
        if self.received > self.limit:
            self.parts.clear()
            self._refuse_size()
        elif not self._finished:
            self.parts.append(chunk)
            if self.hashing:
                await self.hashing
            if len(chunk) >= WORTH_A_THREAD:
                self.hashing = asyncio.get_running_loop().run_in_executor(None, self.hasher.update, chunk)
            else:
                self.hashing = None
                self.hasher.update(chunk)

    def _refuse_size(self) -> None:
        if not self._finished:
            error = SizeInvalid(f"at most {self.limit:,} bytes are taken here", {"limit": self.limit}, status=413)
            self.set_status(413)
            self.set_header("Content-Type", "application/json")
            # What is still under way is not read: the line is of no more use.
            self.set_header("Connection", "close")
            self.finish(error.to_json())

    async def carry(self) -> None:
        """Hand the request over and write the answer."""
        if self.request.path == FIGURES:
            self.finish(self.server.figures())
            return
        if self.hashing:
            await self.hashing
        body = gathered(self.parts, Digest.of_hash(self.hasher))
        query: dict[str, str] = {}
        # A client that asks for several scopes repeats the word; elsewhere no word comes twice.
        for key, value in parse_qsl(self.request.query, keep_blank_values=True):
            query[key] = f"{query[key]} {value}" if key == "scope" and key in query else value
        path = unquote(self.request.path, errors="replace")
        method = self.request.method or ""
        request = Request(method, path, query, dict(self.request.headers), body, self.request.remote_ip or "")
        response = sendable(self.server.registry.handle(request))
        # Before it is answered: a client that has its answer finds the exchange in the conversation.
        self._remember(request, response)
        await self._answer(response)

    get = head = post = patch = put = delete = options = carry

    async def _answer(self, response: Response) -> None:
        self.set_status(response.status)
        self.clear_header("Content-Type")
        self.clear_header("Server")
        for name, value in response.headers.items():
            self.set_header(name, value)
        waiting = 0
        # RFC 9110, section 15.3.5: a 204 has no content, and tornado takes even an empty piece for some.
        for piece in filter(None, pieces_of(response.body)):
            self.write(piece)
            waiting += len(piece)
            if waiting >= CHUNK:
                await self.flush()
                waiting = 0
        self.finish()

    def compute_etag(self) -> None:
        """Send no Etag: a digest names the content already, and tornado would hash each answer again."""

    def _remember(self, request: Request, response: Response) -> None:
        # A blob that goes out whole is named by the answer already.
        named = response.header("Docker-Content-Digest") if response.status == 200 else ""
        # What a token service answers is for its client alone: here its length is kept.
        secret = request.path == TOKEN_PATH
        body = bytes(len(response.body)) if secret else _known_by_name(response.body, named)
        sent = _known_by_name(request.body, Digest.of_hash(self.hasher))
        sent = bytes(min(len(sent), SMALL_ENOUGH_TO_KEEP)) if secret else sent
        exchange = Exchange(
            Request(request.method, request.path, request.query, {}, sent),
            Response(response.status, response.headers, body),
        )
        self.server.exchanges.append(exchange)
        self.server.served += 1
        self.server.up += len(request.body)
        self.server.down += len(response.body)
        if self.settings["watch"]:
            self.settings["watch"](exchange)


def sendable(response: Response) -> Response:
    """Give the response, or a refusal where its body is a blob whose bytes are not here: better than one of zeros."""
    if not isinstance(response.body, Nominal):
        return response
    error = Unsupported("only this blob's name and size are here, not its bytes", status=501)
    return Response(501, {"Content-Type": "application/json"}, error.to_json())


def _known_by_name(content: Content, named: str = "") -> Content:
    """Remember small bodies as they are and large ones by name, so that a conversation holds no blobs."""
    if len(content) <= SMALL_ENOUGH_TO_KEEP:
        return content
    digest = Digest(named) if named else digest_of(content)
    assert digest is not None, "a body of bytes has a digest"
    return Nominal(digest, len(content))
