"""Doors before a registry: what a request passes through on its way to the API, outermost first.

A gate asks who is there, a limit counts, a family's rules say what is done otherwise than the specification's default.
Each is given the way on and may answer itself instead of going it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from simregistry.oci.messages import Request, Response
from simregistry.registry.api import routes
from simregistry.registry.storage.storage import Backend

Onward = Callable[[Request], Response]


class Door(Protocol):
    """Something that a request passes through."""

    def answer(self, backend: Backend, onward: Onward, request: Request) -> Response:
        """Answer it, or let it go on and answer what comes back."""
        ...


def through(doors: tuple[Door, ...], backend: Backend, request: Request) -> Response:
    """Send a request through doors to the API."""
    onward: Onward = partial(routes.handle, backend)
    for door in reversed(doors):
        onward = partial(door.answer, backend, onward)
    return onward(request)
