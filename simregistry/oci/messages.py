"""Requests and responses as plain values: all that a client and a registry ever say to each other.

1. Nothing here opens a socket. A transport carries these values, within one process or over a network.
2. ``up`` and ``down`` count body bytes. Headers don't count, since every client writes different ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, overload
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from simregistry.oci.content import Content
from simregistry.table import Table, TableReport


def header(headers: Mapping[str, str], name: str, default: str = "") -> str:
    """Look up a header by its name: "Field names are case-insensitive" (RFC 9110, section 5.1)."""
    name = name.lower()
    return next((value for key, value in headers.items() if key.lower() == name), default)


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks: a method, a path below the registry's host, a query, headers and a body.

    >>> Request("HEAD", "/v2/app/manifests/v1").line
    'HEAD /v2/app/manifests/v1'
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Content = b""
    # The client says neither of these: its address is what the server sees, and its account is what a gate finds out.
    peer: str = ""
    account: str = ""
    # How many bytes of an answer the client takes, where it knows. It isn't sent; a line over a network stops there.
    largest: int | None = field(default=None, repr=False, compare=False)

    @classmethod
    def to(
        cls, method: str, target: str, headers: Mapping[str, str] | None = None, body: Content = b"", **query: str
    ) -> Request:
        """Make a request to a target that may have a query or a host already, as a Location header has.

        >>> Request.to("PUT", "/v2/app/blobs/uploads/1?state=x", digest="sha256:abc").query
        {'state': 'x', 'digest': 'sha256:abc'}
        """
        parts = urlsplit(target)
        queried = dict(parse_qsl(parts.query, keep_blank_values=True))
        return cls(method, parts.path, queried | query, dict(headers or {}), body)

    @property
    def line(self) -> str:
        """The request line, without the version of the protocol."""
        # ":", "/" and "," are legal in a query (RFC 3986, section 3.4), so digests and scopes stay readable.
        query = urlencode(self.query, safe=":/,", quote_via=quote)
        return f"{self.method} {self.path}" + (f"?{query}" if query else "")

    @property
    def up(self) -> int:
        """Body bytes sent to the registry."""
        return len(self.body)

    def header(self, name: str, default: str = "") -> str:
        """Look up a header, whatever the case of its name."""
        return header(self.headers, name, default)


@dataclass(frozen=True, slots=True)
class Response:
    """What a registry answers: a status, headers and a body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Content = b""

    @property
    def down(self) -> int:
        """Body bytes sent to the client."""
        return len(self.body)

    @property
    def ok(self) -> bool:
        """Whether the status says success."""
        return 200 <= self.status < 300

    def header(self, name: str, default: str = "") -> str:
        """Look up a header, whatever the case of its name."""
        return header(self.headers, name, default)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request with its response, and what it was for; ``response`` is None if the connection broke first."""

    request: Request
    response: Response | None
    note: str = ""

    @property
    def up(self) -> int:
        """Body bytes sent to the registry."""
        return self.request.up

    @property
    def down(self) -> int:
        """Body bytes that came back."""
        return self.response.down if self.response else 0

    @property
    def status(self) -> int | None:
        """The status of the response; None if none came."""
        return self.response.status if self.response else None

    def to_json(self) -> dict[str, Any]:
        """Write the request line, the status and the body bytes each way, without headers and bodies."""
        return {
            "request": self.request.line,
            "status": self.status,
            "up": self.up,
            "down": self.down,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True, repr=False)
class Conversation(TableReport):
    """The exchanges of one push or pull, in order.

    A lesson prints and draws it, the timing model replays it, and a test compares it with a recording of a real client.
    """

    exchanges: tuple[Exchange, ...] = ()

    def __len__(self) -> int:
        return len(self.exchanges)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self.exchanges)

    @overload
    def __getitem__(self, index: int) -> Exchange: ...
    @overload
    def __getitem__(self, index: slice) -> Conversation: ...
    def __getitem__(self, index: int | slice) -> Exchange | Conversation:
        if isinstance(index, slice):
            return Conversation(self.exchanges[index])
        return self.exchanges[index]

    @property
    def up(self) -> int:
        """Body bytes to the registry, in all."""
        return sum(exchange.up for exchange in self.exchanges)

    @property
    def down(self) -> int:
        """Body bytes to the client, in all."""
        return sum(exchange.down for exchange in self.exchanges)

    def table(self) -> Table:
        """Show a line for each exchange, with digests cut to twelve digits."""
        rows = tuple((shorten(e.request.line), e.status, e.up, e.down, e.note) for e in self.exchanges)
        return Table(("request", "status", "up", "down", "what for"), rows)


def visible(text: str) -> str:
    """Write out what a terminal would act on: control characters, and what has no sign, become escapes.

    >>> visible("a\\x1b[2J\\n")
    'a\\\\x1b[2J\\\\n'
    """
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


def shorten(line: str) -> str:
    """Cut each digest of a line, and the UUID of each upload, to its first digits.

    >>> shorten("HEAD /v2/app/blobs/sha256:" + "0123456789abcdef" * 4)
    'HEAD /v2/app/blobs/sha256:0123456789ab…'
    """
    line = re.sub(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}|(sha512:[0-9a-f]{12})[0-9a-f]{116}", r"\1\2…", line)
    return re.sub(r"/([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", r"/\1…", line)
