"""The lines that `serve` prints, written by a thread of their own: a reader that is slow or gone delays nobody."""

from __future__ import annotations

import queue
import threading
from typing import TextIO

from simregistry.oci.messages import Exchange, shorten, visible

# Lines that wait to be written; of more, the number is said.
MOST_WAITING = 10_000


class ExchangeLog:
    """Writes one line for each exchange; nothing that goes wrong with it ever reaches the request."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.left_out = 0
        self.waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
        # A daemon: where the reader never reads, the thread is stuck in a write, and the program ends all the same.
        threading.Thread(target=self._write, name="exchange log", daemon=True).start()

    def note(self, exchange: Exchange) -> None:
        """Add a line for an exchange: the request, the status of the answer, and body bytes up and down."""
        if self.waiting.qsize() >= MOST_WAITING:
            self.left_out += 1
            return
        if self.left_out:
            self.waiting.put(f"({self.left_out:,} lines left out)")
            self.left_out = 0
        self.waiting.put(line_of(exchange))

    def _write(self) -> None:
        while True:
            line = self.waiting.get()
            try:
                print(encodable(line, self.out), file=self.out, flush=True)
            except (OSError, ValueError):
                # Nobody reads any more. Whatever comes later is dropped in `note`, once the queue is full.
                return


def line_of(exchange: Exchange) -> str:
    """Write an exchange in a line, with everything that a terminal would act on made visible."""
    line = shorten(visible(exchange.request.line))
    return f"{line} {exchange.status} ↑{exchange.up:,} ↓{exchange.down:,}"


def encodable(line: str, out: TextIO) -> str:
    """Replace what an output's encoding lacks: arrows, say, in a redirected Windows console."""
    encoding = getattr(out, "encoding", None) or "utf-8"
    return line.encode(encoding, "backslashreplace").decode(encoding)
