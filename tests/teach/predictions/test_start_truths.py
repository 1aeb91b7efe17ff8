"""What is so in the first lesson is read off the machines and reports: other machines and reports have another truth."""

from __future__ import annotations

import pytest

from simregistry import Client, Registry, Request
from simregistry.client.transfer_report import PushReport
from simregistry.oci.messages import Conversation
from simregistry.study.examples import webapp
from simregistry.teach.predictions import start_truths


class World:
    """A registry, the laptop that pushed version 1 to it, and a server."""

    def __init__(self) -> None:
        self.registry = Registry("registry.example")
        self.laptop, self.server = (Client(registries=[self.registry]) for _ in range(2))
        webapp.build(self.laptop, "v1")
        self.first = self.laptop.push("registry.example/web:v1")

    def push(self, version: str) -> PushReport:
        """Build a version and push it."""
        webapp.build(self.laptop, version)
        return self.laptop.push(f"registry.example/web:{version}")


@pytest.fixture
def world():
    """The state after the first push."""
    return World()


def test_who_has_the_image_follows_the_machines(world):
    """A pull gives it to the server, and removing takes it from the laptop."""
    places = world.laptop, world.registry, world.server
    assert start_truths.who_has_it(*places) == {"the laptop", "the registry"}
    world.server.pull("registry.example/web:v1")
    world.laptop.remove("registry.example/web:v1")
    assert start_truths.who_has_it(*places) == {"the registry", "the server"}


def test_the_second_push_is_compared_with_the_whole_image(world):
    """The first push is the whole image; a push of one changed layer is less than a tenth."""
    assert start_truths.second_bytes(world.first).right == "as much as before"
    second = world.push("v2")
    assert start_truths.second_bytes(second).right == "less than a tenth"
    assert start_truths.second_bytes(second).facts == {"sent": second.sent_bytes, "whole": second.image_bytes}
    assert start_truths.new_layer(second).right == 4 and start_truths.new_layer(world.first).right == 1


def test_different_layers_are_counted_once(world):
    """A second version brings one layer more; an image on another base brings all of its own."""
    assert start_truths.different_layers(world.laptop) == 4
    world.push("v2")
    assert start_truths.different_layers(world.laptop) == 5
    world.laptop.build("registry.example/web:v3", "FROM scratch\nCOPY x /\n", {"x": "1"})
    assert start_truths.different_layers(world.laptop) == 6


def test_how_it_was_known_is_read_off_the_messages(world):
    """Without the questions, it would have been memory; with a list, the list."""
    second = world.push("v2")
    assert start_truths.how_known(second).right == "the registry's answers about each part"
    assert start_truths.how_known(second).facts == {"asked": 5}
    silent = [each for each in second.conversation if each.request.method != "HEAD"]
    report = PushReport(second.reference, second.digest, second.blobs, Conversation(tuple(silent)))
    assert start_truths.how_known(report).right == "its own memory of the first push"


def test_what_the_server_fetches_depends_on_what_it_has(world):
    """All of it at first, and little for the next version; beside it what the laptop had sent."""
    second = world.push("v2")
    truth = start_truths.server_bytes(world.server.pull("registry.example/web:v2"), second)
    assert truth.right == second.image_bytes and truth.facts == {"sent": second.sent_bytes}
    assert start_truths.server_bytes(world.server.pull("registry.example/web:v1"), world.first).right < 15_000


def test_the_answer_about_a_version_is_read_off_its_status(world):
    """A version that nobody pushed is refused, and one that is there is not."""
    missing = world.registry.handle(Request("GET", "/v2/web/manifests/v9"))
    assert start_truths.missing_version(missing).right == "a refusal"
    assert start_truths.missing_version(missing).facts["message"] == "no tag v9 in web; it has v1"
    there = world.registry.handle(Request("GET", "/v2/web/manifests/v1"))
    assert start_truths.missing_version(there).right == "the newest version"
