"""What is so about an upload over two front ends is read off their answers."""

from __future__ import annotations

import pytest

from simregistry import Digest, Registry, Request, Storage
from simregistry.teach.predictions.push_truths import other_front_end


def upload(first: Registry, second: Registry) -> tuple[int, int, str]:
    """Open an upload at one front end and go on at another; return both statuses and what the truth says."""
    address = first.handle(Request("POST", "/v2/web/blobs/uploads/")).header("Location")
    chunk = second.handle(Request.to("PATCH", address, body=b"hello"))
    closed = second.handle(Request.to("PUT", address, digest=Digest.of(b"hello")))
    return chunk.status, closed.status, str(other_front_end(chunk, closed).right)


@pytest.mark.parametrize("shared", [True, False])
def test_another_front_end_goes_on_only_over_the_same_storage(shared):
    """Over a storage of its own, the second one has never heard of the session."""
    storage = Storage()
    second = Registry("registry.example", storage if shared else Storage())
    statuses = (202, 201, "202, as B took the chunk") if shared else (404, 404, "404, as B knows no such session")
    assert upload(Registry("registry.example", storage), second) == statuses
