"""The last step: a registry of a learner's parts, collected, gated, served, and pushed to by a real client."""

from __future__ import annotations

import asyncio

import pytest
from peers import program

from simregistry import Client
from simregistry.errors import InvalidValue, TransferFailed
from simregistry.oci.digest import Digest
from simregistry.oci.messages import Request
from simregistry.study.examples import webapp
from simregistry.teach import build_your_own as own
from simregistry.teach.build_your_own import assembled, solutions
from simregistry.teach.build_your_own.storage_parts import OwnManifestCheck, OwnSession, OwnShelf
from simregistry.teach.build_your_own.twelve_steps import TASKS

PARTS = {id: getattr(solutions, task.name) for id, task in TASKS.items()}


def pushed() -> tuple[own.Assembled, Client]:
    """A registry of all twelve parts, with two versions of the web app in it."""
    mine = own.registry(PARTS)
    laptop = Client(registries=[mine.registry])
    for version in ("v1", "v2"):
        webapp.build(laptop, version)
        laptop.push(f"registry.example/web:{version}")
    return mine, laptop


def test_the_parts_stand_in_the_registry():
    """Store, uploads and check are the learner's, in one registry."""
    mine, _ = pushed()
    storage = mine.registry.storage
    assert isinstance(storage.blobs, OwnShelf)
    assert isinstance(storage.blobs.mine, solutions.Shelf)
    assert isinstance(storage.uploads.open("web"), OwnSession)
    assert storage.check_manifest == OwnManifestCheck(solutions.check_manifest)
    assert all(row[2] == "yours" for row in mine.table().rows)


def test_what_was_pushed_is_pulled_and_collected():
    """By the learner's mark and sweep: with its tag, a version's own bytes go."""
    mine, _ = pushed()
    other = Client(registries=[mine.registry])
    assert other.pull("registry.example/web:v1").digest == mine.registry.image("web:v1").digest
    assert mine.registry.handle(Request("DELETE", "/v2/web/manifests/v1")).status == 202
    before = mine.registry.storage.blobs.stored_bytes
    freed = mine.collect()
    assert 0 < freed == before - mine.registry.storage.blobs.stored_bytes
    assert Client(registries=[mine.registry]).pull("registry.example/web:v2").digest


def test_a_storage_of_own_parts_can_be_copied_and_tells_who_tampers():
    """The copy goes its own way; there is no hand in a learner's shelf but its own."""
    mine, _ = pushed()
    shelf = mine.registry.storage.blobs
    copied = shelf.copy()
    copied.put(b"only there")
    assert len(copied) == len(shelf) + 1
    with pytest.raises(InvalidValue, match="a learner's own"):
        shelf.tamper(Digest.of(b"x"), b"y")


def test_a_part_that_does_not_pass_is_left_out():
    """The simulator's own stands in its place, and the table says so."""
    mine = own.registry({"digest": lambda content: "sha256:0", "blob_store": solutions.Shelf, "mark": ...})
    assert set(mine.parts) == {"blob_store"}
    assert str(mine).splitlines()[1].endswith("the simulator's")


def test_a_part_of_another_name_is_refused():
    """With the names that there are."""
    with pytest.raises(InvalidValue, match="name them by their steps: digest"):
        own.registry({"dijest": solutions.digest})


def test_the_gate_asks_the_learners_check():
    """Nobody comes in without a token, and a learner's check that always says no lets nobody in."""
    mine = own.registry(PARTS)
    laptop = Client(registries=[mine.gated("registry.example", "https")])
    webapp.build(laptop, "v1")
    with pytest.raises(TransferFailed):
        laptop.push("registry.example/web:v1")
    laptop.login("registry.example", assembled.USER, assembled.PASSWORD)
    assert laptop.push("registry.example/web:v1").digest
    stern = own.Assembled(mine.registry, {"token": lambda *given: "insufficient_scope"})
    refused = Client(registries=[stern.gated("registry.example", "https")])
    with pytest.raises(TransferFailed):
        refused.login("registry.example", assembled.USER, assembled.PASSWORD)


def test_skopeo_pushes_to_the_learners_registry():
    """A real client, with a password, over HTTP: every digest is the same."""
    program("skopeo")
    mine = own.registry(PARTS)
    arrived = asyncio.run(own.real_push(mine))
    laptop = Client()
    built = webapp.build(laptop, "v1").manifest
    assert mine.registry.image("web:v1").digest == built.digest
    assert [row[2] for row in arrived.rows] == [*(blob.size for blob in built.blobs), built.size]


def test_without_skopeo_the_same_arrives(monkeypatch):
    """So the notebook's output is the same on every machine."""
    told = [str(asyncio.run(own.real_push(own.registry(PARTS))))]
    monkeypatch.setattr(assembled.shutil, "which", lambda name: None)
    told.append(str(asyncio.run(own.real_push(own.registry(PARTS)))))
    assert told[0] == told[1]


def test_a_registry_without_own_parts_is_served_all_the_same():
    """Before anything is written, the last cell of the notebook works too."""
    arrived = asyncio.run(own.real_push(own.registry({})))
    assert len(arrived.rows) == 6
