"""When everything happened in a push or a pull: its spans, as a table from which a Gantt chart is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simregistry.table import Table, TableReport

SpanKind = Literal["open", "ask", "transfer", "wait", "unpack"]


@dataclass(frozen=True, slots=True)
class Span:
    """One thing that happened to a blob, from one second to another."""

    name: str
    what: SpanKind
    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.end - self.start


@dataclass(frozen=True, slots=True, repr=False)
class Timeline(TableReport):
    """All spans in the order of their starts; ``failed`` names the blob that the client gave up, "" for none.

    ``names`` lists the blobs in the order of the work: in a pull, the base layer comes before the layers above it.
    """

    client: str
    names: tuple[str, ...]
    spans: tuple[Span, ...]
    seconds: float
    failed: str = ""

    def of(self, name: str, what: SpanKind) -> tuple[Span, ...]:
        """Return the spans of one blob and one kind."""
        return tuple(span for span in self.spans if span.name == name and span.what == what)

    def table(self) -> Table:
        """Show for each blob when it was transferred and when it was unpacked, in seconds."""
        rows = []
        for name in self.names:
            transfers, unpacking = self.of(name, "transfer"), self.of(name, "unpack")
            rows.append((name, _from(transfers), _to(transfers), _from(unpacking), _to(unpacking)))
        ended = f"given up at {self.failed}" if self.failed else "done"
        title = f"{self.client}: {ended} after {self.seconds:.2f} s"
        return Table(("what", "travels from s", "to s", "unpacked from s", "to s "), tuple(rows), title=title)


def _from(spans: tuple[Span, ...]) -> str:
    return f"{spans[0].start:.2f}" if spans else ""


def _to(spans: tuple[Span, ...]) -> str:
    return f"{spans[-1].end:.2f}" if spans else ""
