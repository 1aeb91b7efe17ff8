"""What the lesson on pulling says is so: it follows from the pulls, and other pulls give another answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simregistry import Changeset, Client, Registry, stack
from simregistry.errors import TransferFailed
from simregistry.study import Sharing
from simregistry.study.examples import catalogue, webapp
from simregistry.teach.predictions import pull_truths as truths
from simregistry.teach.predictions.all_predictions import find_prediction
from simregistry.teach.predictions.outcome import outcome_of

WEB = "registry.example/web"


@pytest.fixture
def world():
    """A registry with two versions of the web app, the laptop that pushed them, and an empty server."""
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    for version in ("v1", "v2"):
        webapp.build(laptop, version)
        laptop.push(f"{WEB}:{version}")
    return registry, laptop, Client(registries=[registry])


def test_a_first_pull_asks_for_everything(world):
    """Requests are counted, and beliefs are known by their numbers."""
    _, _, server = world
    first = server.pull(f"{WEB}:v1")
    truth = truths.first_requests(first)
    assert (truth.right, truth.facts) == (7, {"one": 1, "layers": 4})
    prediction = find_prediction("pull.first-requests")
    assert outcome_of(prediction, truth, 1).beliefs == ("an image is one file",)
    assert truths.list_of_blobs(first.conversation) == 2


def test_requests_are_sent_for_what_is_not_here(world):
    """All of the first version, what is new in the second, and the manifest alone when nothing is missing."""
    _, _, server = world
    truths_in_turn = [truths.second_requests(server.pull(f"{WEB}:{version}")) for version in ("v1", "v2", "v2")]
    assert [truth.right for truth in truths_in_turn] == [7, 4, 2]
    assert [truth.facts for truth in truths_in_turn] == [
        {"all": 7, "no_config": 6},
        {"all": 7, "no_config": 3},
        {"all": 7, "no_config": 2},
    ]
    prediction = find_prediction("pull.second-requests")
    beliefs = [outcome_of(prediction, truths_in_turn[1], answer).beliefs for answer in (7, 3, 4)]
    assert beliefs == [("each pull asks for the whole image",), ("a pull asks for layers alone",), ()]


def test_the_registrys_part_is_read_off_the_messages(world):
    """It finds and sends. A layer that nobody pushed would have been merged by somebody."""
    _, laptop, server = world
    server.pull(f"{WEB}:v1")
    second, pushed = server.pull(f"{WEB}:v2"), laptop.manifest(f"{WEB}:v2")
    found, compared, sent, merged = find_prediction("pull.who").options
    assert truths.who(second, pushed) == {found, sent}
    assert truths.who(server.pull(f"{WEB}:v2"), pushed) == {found}
    assert merged in truths.who(second, laptop.manifest(f"{WEB}:v1"))
    asked = second.conversation[2]
    telling = replace(asked, request=replace(asked.request, path=f"/v2/web/blobs/{second.layers[0].digest}"))
    assert compared in truths.who(replace(second, conversation=type(second.conversation)((telling,))), pushed)


def test_layers_of_another_image_are_used(world):
    """One of four is fetched by a server that has the web app, and four by one that has nothing."""
    _, laptop, server = world
    webapp.build(laptop, "v9", repository="billing")
    laptop.push("registry.example/billing:v9")
    assert truths.other_image(server.pull("registry.example/billing:v9")).right == 4
    fresh = Client(transports=server.transports)
    fresh.pull(f"{WEB}:v1")
    truth = truths.other_image(fresh.pull("registry.example/billing:v9"))
    assert (truth.right, truth.facts) == (1, {"all": 4})


def test_the_upper_layers_file_is_seen():
    """Stacked the other way round, the lower one's would be."""
    layers = [Changeset.of({"app/colour": colour}) for colour in ("blue", "green")]
    assert truths.order(stack(layers), layers) == "the text of the upper layer"
    assert truths.order(stack(layers[::-1]), layers) == "the text of the lower layer"
    assert truths.order(stack([Changeset.of({"app/colour": "bluegreen"})]), layers) == "both texts, one below the other"


def test_the_next_python_is_a_small_part_of_the_bytes():
    """Bytes and layers are counted apart."""
    desk = Client(registries=[catalogue.load(Registry("docker.io"))])
    assert truths.next_python(desk.pull("python:3.12")).right == 100
    truth = truths.next_python(desk.pull("python:3.13"))
    assert truth.right == 8 and (truth.facts["layers"], truth.facts["of"], truth.facts["by_count"]) == (3, 7, 43)
    beliefs = outcome_of(find_prediction("pull.next-python"), truth, 43).beliefs
    assert beliefs == ("all layers are about the same size",)


def test_images_without_a_common_layer_are_no_help():
    """The options of the question are those that are computed."""
    sharing, names = Sharing.of_images(catalogue.images()), find_prediction("pull.no-help").options
    assert truths.no_help(sharing, names) == {"node:24", "python:3.13-slim"}
    assert truths.no_help(sharing, ["rust:1"]) == frozenset()
    assert truths.shared_layers(sharing) == 4


def test_a_server_that_has_the_layer_never_meets_the_damage(world):
    """The new one is refused, and the old one works as always; one that kept the damaged bytes would be seen."""
    registry, _, server = world
    server.pull(f"{WEB}:v1")
    damaged = registry.image("web:v1").manifest.layers[0].digest
    registry.storage.blobs.tamper(damaged, b"other bytes")
    with pytest.raises(TransferFailed):
        Client(registries=[registry]).pull(f"{WEB}:v1")
    again = server.pull(f"{WEB}:v1")
    assert truths.old_server(again, server) == "the same good image"
    server.store.blobs[damaged] = b"other bytes"
    assert truths.old_server(again, server) == "a damaged image"
