"""The table of an upload's states is what happens: no request does to a session what is not in it."""

from __future__ import annotations

import itertools

import pytest

from simregistry import Registry, Request
from simregistry.errors import BlobUploadUnknown
from simregistry.oci.digest import Digest
from simregistry.registry.storage import upload_session
from simregistry.registry.storage.upload_session import TRANSITIONS, WRONG_DIGEST, UploadSession

BLOB = b"0123456789"
REQUESTS = {request for _, request in TRANSITIONS}


def ask(registry: Registry, place: str, request: str) -> int:
    """Send what a row of the table calls a request to the place of an upload; its status."""
    if request == "POST":
        return registry.handle(Request("POST", "/v2/app/blobs/uploads/")).status
    method, _, wrong = request.partition(", ")
    body = BLOB if method in ("PATCH", "PUT") else b""
    query = {"digest": str(Digest.of(b"other bytes" if wrong else BLOB))} if method == "PUT" else {}
    return registry.handle(Request.to(method, place, {}, body, **query)).status


def state(registry: Registry, place: str) -> str:
    """What a client sees of an upload: that it is open, that the blob is there, or neither."""
    if registry.handle(Request("HEAD", f"/v2/app/blobs/{Digest.of(BLOB)}")).ok:
        return "blob"
    return "open" if registry.handle(Request.to("GET", place)).ok else "none"


def begun() -> tuple[Registry, str]:
    """A registry with one open upload, and its place."""
    registry = Registry()
    return registry, registry.handle(Request("POST", "/v2/app/blobs/uploads/")).header("Location")


@pytest.mark.parametrize("request_", sorted(REQUESTS - {"POST"}))
@pytest.mark.parametrize("before", ["none", "open"])
def test_the_api_does_what_the_table_says(before, request_):
    """Each request in each state, through the API: its row where there is one, else 404 and nothing changes."""
    registry, place = begun()
    if before == "none":
        assert registry.handle(Request.to("DELETE", place)).status == 204
    assert state(registry, place) == before
    status = ask(registry, place, request_)
    if (before, request_) in TRANSITIONS:
        assert (status < 300) is (request_ != WRONG_DIGEST)
        assert state(registry, place) == TRANSITIONS[before, request_]
    else:
        assert (status, state(registry, place)) == (404, before)


def test_only_a_post_begins_and_nothing_follows_a_blob():
    """Where the ways begin and end, read from the table."""
    assert {request for before, request in TRANSITIONS if before == "none"} == {"POST"}
    assert not [row for row in TRANSITIONS if row[0] == "blob"]
    assert set(itertools.chain(TRANSITIONS.values())) == {"none", "open", "blob"}


def test_another_table_is_another_machine(monkeypatch):
    """The table runs: without a row for GET nobody can ask how far an upload is, and with one less PATCH ends it."""
    rows = {row: after for row, after in TRANSITIONS.items() if row[1] != "GET"} | {("open", "PATCH"): "none"}
    monkeypatch.setattr(upload_session, "TRANSITIONS", rows)
    registry, place = begun()
    assert registry.handle(Request.to("GET", place)).status == 404
    assert ask(registry, place, "PATCH") == 202
    assert ask(registry, place, "PUT") == 404


def test_a_refused_chunk_leaves_the_session_as_it_was():
    """416 says where to go on, and the client goes on there."""
    registry, place = begun()
    early = registry.handle(Request.to("PATCH", place, {"Content-Range": "4-9"}, BLOB[4:]))
    assert (early.status, early.header("Range"), state(registry, place)) == (416, "0-0", "open")
    assert ask(registry, place, "PUT") == 201


def test_an_upload_of_another_repository_is_unknown():
    """Who may write to one repository can't reach into another's uploads with an id."""
    registry, place = begun()
    assert registry.handle(Request.to("PATCH", place.replace("/app/", "/other/"), {}, BLOB)).status == 404
    assert state(registry, place) == "open"


def test_a_session_that_was_never_opened_moves_nowhere():
    """404 for whoever holds on to a session that is over."""
    with pytest.raises(BlobUploadUnknown, match="begin one with POST"):
        Registry().storage.uploads.move(UploadSession("1", "app"), "PUT")
