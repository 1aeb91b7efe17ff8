"""What is so about uploads is read off the answers: over two front ends, and up to the first blob."""

from __future__ import annotations

import pytest

from simregistry import Client, Digest, Registry, Request, Storage
from simregistry.study.examples import webapp
from simregistry.teach.predictions.all_predictions import find_prediction
from simregistry.teach.predictions.outcome import outcome_of
from simregistry.teach.predictions.push_truths import first_box, other_front_end


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


def test_the_first_box_is_in_the_repository_when_its_digest_was_checked():
    """A push in chunks takes more messages; the bytes are in one message before."""
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    webapp.build(laptop, "v1")
    truth = first_box(laptop.push("registry.example/web:v1"))
    assert (truth.right, truth.facts) == (6, {"bytes_in": 5})
    early = outcome_of(find_prediction("push.first-box"), truth, 5)
    assert early.beliefs == ("bytes that have arrived are a blob",)
    chunked = Client(registries=[Registry("registry.example")], chunk_bytes=100_000)
    webapp.build(chunked, "v1")
    assert first_box(chunked.push("registry.example/web:v1")).right == 9
