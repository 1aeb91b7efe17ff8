"""What a registry gives as its reason is another's text, and shown as such."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from simregistry import Client, Request, Response
from simregistry.errors import TransferFailed


@dataclass
class Refusing:
    """A line to a registry that refuses everything with one body."""

    body: bytes

    def send(self, request: Request) -> Response:
        """Refuse."""
        return Response(403, {}, self.body)


@pytest.mark.parametrize("body", [b"[" * 100_000, b"\x1b[2J<html>\n", b'{"errors":[{"code":"DENIED","message":"\\u001b[2J"}]}',
                                  b'{"errors":"\xff"}', b"\xff"])  # fmt: skip
def test_a_refusal_is_quoted_whatever_it_is(body):
    """On one line, and without what a terminal acts on."""
    with pytest.raises(TransferFailed, match="403") as failed:
        Client(transports={"registry.example": Refusing(body)}).pull("registry.example/app:v1")
    assert str(failed.value).isprintable()
