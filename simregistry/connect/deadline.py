"""A limit on the time of a whole exchange, however slowly its bytes come."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from simregistry.errors import ConnectionFailed


class Deadline:
    """Cut the connections of a line when an exchange takes too long.

    The time limits of httpx are for one wait each. A registry that sends a byte every few seconds never reaches them.
    """

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Keep each connection that httpx opens: give this to it as the extension "trace"."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            # TLS wraps the connection in a socket of its own, and the one inside is no more.
            self._sockets = [kept for kept in self._sockets if kept.fileno() >= 0]
            self._sockets.append(info["return_value"].get_extra_info("socket"))

    @contextmanager
    def within(self, seconds: float, what: str) -> Iterator[None]:
        """Let an exchange take so many seconds, then cut it; raise ConnectionFailed if it was cut."""
        over = threading.Event()

        def cut() -> None:
            over.set()
            for kept in self._sockets:
                _shut(kept)

        timer = threading.Timer(seconds, cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        except httpx.TransportError:
            if not over.is_set():
                raise
        finally:
            timer.cancel()
        # Subtle: a body without a length ends with the connection. Cut in the middle, it looks complete.
        if over.is_set():
            raise ConnectionFailed(
                f"{what} took longer than {seconds:,.0f} seconds and was given up: the registry or the network is too "
                "slow; try again later, or ask whoever runs the registry"
            )


def _shut(kept: socket.socket) -> None:
    """End a connection for the thread that waits at it; closing it would not wake that thread."""
    try:
        socket.socket.shutdown(kept, socket.SHUT_RDWR)
    except OSError:
        # It's closed already.
        pass
