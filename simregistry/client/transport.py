"""The wire: how a client's requests reach a registry and how the responses come back.

Only this file of the workbench knows a registry as an object, and it asks the object for nothing but answers. All the
others speak in messages, so a real registry can take the simulated one's place.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

from simregistry.oci.messages import Conversation, Exchange, Request, Response, shorten


class Transport(Protocol):
    """Carry a request to a registry and bring the response back."""

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
    """Answer requests at a host name, as a Registry does, or one that a student wrote."""

    @property
    def host(self) -> str:
        """The host name that references name it by."""
        ...

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        ...


@dataclass(frozen=True, slots=True)
class InProcess:
    """Hand each request to a registry in the same Python process, as it is.

    >>> from simregistry.registry.registry import Registry
    >>> InProcess(Registry("registry.example")).send(Request("GET", "/v2/")).status
    200
    """

    registry: RegistryHandler
    # The address that the registry sees as the sender's.
    peer: str = ""

    def send(self, request: Request) -> Response:
        """Hand the request over."""
        return self.registry.handle(replace(request, peer=self.peer) if self.peer else request)


@dataclass(slots=True)
class Recorder:
    """Write down what is said over another transport.

    >>> from simregistry.registry.registry import Registry
    >>> wire = Recorder(InProcess(Registry()))
    >>> _ = wire.send(Request("GET", "/v2/"), note="is this a registry?")
    >>> wire.conversation[0].status
    200
    """

    transport: Transport
    exchanges: list[Exchange] = field(default_factory=list)

    def send(self, request: Request, note: str = "") -> Response:
        """Carry a request and write the exchange down, even if no answer comes."""
        exchange = Exchange(request, None, note)
        self.exchanges.append(exchange)
        response = self.transport.send(request)
        self.exchanges[-1] = replace(exchange, response=response)
        return response

    @property
    def conversation(self) -> Conversation:
        """Return all that was said up to now."""
        return Conversation(tuple(self.exchanges))


@dataclass(slots=True)
class BrokenLine:
    """Break once, after so many requests: the next one never arrives, and later ones do."""

    transport: Transport
    after: int
    sent: int = 0

    def send(self, request: Request) -> Response:
        """Carry a request, or break."""
        self.sent += 1
        if self.sent == self.after + 1:
            raise ConnectionError(f"the line broke at request {self.sent}, {shorten(request.line)}")
        return self.transport.send(request)
