"""When everything happened: the spans of a push or pull, as a table that a Gantt chart is drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simregistry.table import Table, TableReport

What = Literal["open", "ask", "transfer", "wait", "unpack"]


@dataclass(frozen=True, slots=True)
class Span:
    """Something took from one second to another."""

    name: str
    what: What
    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.end - self.start


@dataclass(frozen=True, slots=True, repr=False)
class Timeline(TableReport):
    """All spans in the order of their starts; ``failed`` names the chain that was given up, if one was.

    ``names`` has what the spans are of in the order of the work: the base layer of a pull before those on it.
    """

    client: str
    names: tuple[str, ...]
    spans: tuple[Span, ...]
    seconds: float
    failed: str = ""

    def of(self, name: str, what: What) -> tuple[Span, ...]:
        """Give the spans of a name and kind."""
        return tuple(span for span in self.spans if span.name == name and span.what == what)

    def table(self) -> Table:
        """Show for each blob when it travelled and when it was unpacked, in seconds."""
        rows = []
        for name in self.names:
            there, done = self.of(name, "transfer"), self.of(name, "unpack")
            rows.append((name, _from(there), _to(there), _from(done), _to(done)))
        ended = f"given up at {self.failed}" if self.failed else "done"
        title = f"{self.client}: {ended} after {self.seconds:.2f} s"
        return Table(("what", "travels from s", "to s", "unpacked from s", "to s "), tuple(rows), title=title)


def _from(spans: tuple[Span, ...]) -> str:
    return f"{spans[0].start:.2f}" if spans else ""


def _to(spans: tuple[Span, ...]) -> str:
    return f"{spans[-1].end:.2f}" if spans else ""
