"""HTTP without TLS that knows a client which tries TLS first."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import tornado.httpserver
import tornado.iostream

# After so many seconds of silence the server closes a client's connection, also in the middle of a body.
PATIENCE = 300


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
