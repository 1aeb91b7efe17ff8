"""Middleware: what a request passes through on its way to the API, outermost first.

A gate asks who is there, a limit counts, a product's rules say what is different from the specification's default.
Each gets the next handler, and may answer itself instead of calling it.
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
        """Answer the request itself, or call the next handler and return its answer, changed or not."""
        ...


def pass_through(
    middleware: tuple[Middleware, ...], storage: Storage, request: Request, innermost: NextHandler | None = None
) -> Response:
    """Send a request through middleware to the API, or to another innermost handler."""
    # Built from the inside out: the API is the innermost handler, and the first of the middleware is called first.
    next_handler: NextHandler = innermost or partial(routes.handle, storage)
    for layer in reversed(middleware):
        next_handler = partial(layer.answer, storage, next_handler)
    return next_handler(request)
