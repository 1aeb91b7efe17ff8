"""Doors before a registry: what a request passes through on its way to the API, outermost first.

A gate asks who is there, a limit counts, a product's rules say what is done otherwise than the specification's default.
Each is given the way on and may answer itself instead of going it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from simregistry.oci.messages import Request, Response
from simregistry.registry.api import routes
from simregistry.registry.storage.storage import Storage

NextHandler = Callable[[Request], Response]


class Middleware(Protocol):
    """Something that a request passes through."""

    def answer(self, storage: Storage, next_handler: NextHandler, request: Request) -> Response:
        """Answer it, or let it go on and answer what comes back."""
        ...


def pass_through(middleware: tuple[Middleware, ...], storage: Storage, request: Request) -> Response:
    """Send a request through middleware to the API."""
    next_handler: NextHandler = partial(routes.handle, storage)
    for door in reversed(middleware):
        next_handler = partial(door.answer, storage, next_handler)
    return next_handler(request)
