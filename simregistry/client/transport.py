"""The wire: how a client's requests reach a registry and its responses come back.

This is the only place in the workbench where a registry is an object at all, and all that is asked of it is an answer;
everything above speaks in messages, so a real registry can be put in the simulated one's place.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

from simregistry.oci.messages import Conversation, Exchange, Request, Response, shorten


class Transport(Protocol):
    """Anything that carries a request to a registry and brings the response."""

    def send(self, request: Request) -> Response:
        """Carry one request; raise ConnectionError where the line breaks."""
        ...


@runtime_checkable
class NetworkTransport(Transport, Protocol):
    """Carry requests over a network, and reach other hosts too: a registry may name a token service anywhere."""

    def elsewhere(self, origin: str) -> Transport:
        """Open a line to another host, ``https://auth.example:443``; raise TransferFailed where none may be opened."""
        ...


class RegistryHandler(Protocol):
    """Anything that answers requests at a host name: a Registry, or one that a student wrote."""

    @property
    def host(self) -> str:
        """The host name that references name it by."""
        ...

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        ...


@dataclass(frozen=True, slots=True)
class InProcess:
    """A registry in the same Python process: the request is handed over as it is.

    >>> from simregistry.registry.registry import Registry
    >>> InProcess(Registry("registry.example")).send(Request("GET", "/v2/")).status
    200
    """

    registry: RegistryHandler
    # The address that the registry sees it come from.
    peer: str = ""

    def send(self, request: Request) -> Response:
        """Hand the request over."""
        return self.registry.handle(replace(request, peer=self.peer) if self.peer else request)


@dataclass(slots=True)
class Recorder:
    """A transport that writes down what is said over another one.

    >>> from simregistry.registry.registry import Registry
    >>> wire = Recorder(InProcess(Registry()))
    >>> _ = wire.send(Request("GET", "/v2/"), note="is this a registry?")
    >>> wire.conversation[0].status
    200
    """

    transport: Transport
    exchanges: list[Exchange] = field(default_factory=list)

    def send(self, request: Request, note: str = "") -> Response:
        """Carry a request and write the exchange down, also where no answer came."""
        exchange = Exchange(request, None, note)
        self.exchanges.append(exchange)
        response = self.transport.send(request)
        self.exchanges[-1] = replace(exchange, response=response)
        return response

    @property
    def conversation(self) -> Conversation:
        """All that was said so far."""
        return Conversation(tuple(self.exchanges))


@dataclass(slots=True)
class BrokenLine:
    """A line that breaks once, after so many requests: the next one never arrives, later ones do."""

    transport: Transport
    after: int
    sent: int = 0

    def send(self, request: Request) -> Response:
        """Carry a request, or break."""
        self.sent += 1
        if self.sent == self.after + 1:
            raise ConnectionError(f"the line broke at request {self.sent}, {shorten(request.line)}")
        return self.transport.send(request)
