"""What is so in the lesson on names follows registries, references and reports: others have another truth."""

from __future__ import annotations

import pytest

from simregistry import Client, Reference, Registry, Storage
from simregistry.study import catalogue
from simregistry.study.examples import webapp
from simregistry.teach.predictions import names_truths
from simregistry.teach.predictions.all_predictions import find_prediction
from simregistry.teach.predictions.outcome import outcome_of

WEB = "registry.example/web"


class World:
    """A registry with two versions of the web app, and the laptop that pushed them."""

    def __init__(self, registry: Registry | None = None) -> None:
        self.registry = registry or Registry("registry.example")
        self.laptop, self.server = (Client(registries=[self.registry]) for _ in range(2))
        for version in ("v1", "v2"):
            webapp.build(self.laptop, version)
            self.laptop.push(f"{WEB}:{version}")

    def set_tag(self, tag: str, version: str) -> None:
        """Push a version under another tag."""
        self.laptop.tag(f"{WEB}:{version}", f"{WEB}:{tag}")
        self.laptop.push(f"{WEB}:{tag}")


@pytest.fixture
def world():
    """The state after two pushes."""
    return World()


def test_repositories_and_tags_are_counted_in_the_registry(world):
    """Another repository and another tag are counted with the rest."""
    assert names_truths.repositories(world.registry).right == 1
    world.laptop.push("registry.example/base:1")
    world.set_tag("latest", "v1")
    truth = names_truths.repositories(world.registry)
    assert truth.right == 2 and truth.facts["tags"] == 4


def test_the_host_is_read_off_the_reference():
    """A name without a host is Docker Hub's, and one with a host is that host's."""
    assert names_truths.which_host(Reference.parse("python")).right == "docker.io"
    assert names_truths.which_host(Reference.parse("registry.example/python")).right == "registry.example"
    typed = {name: Reference.parse(name) for name in ("shop/web", "shop.example/web", "redis:8", "localhost/web")}
    assert names_truths.on_the_hub(typed) == {"shop/web", "redis:8"}


def test_latest_is_what_it_was_set_to(world):
    """It follows the pushes to its own name alone."""
    world.set_tag("latest", "v1")
    assert names_truths.latest(world.registry) == "the first version"
    world.set_tag("latest", "v2")
    assert names_truths.latest(world.registry) == "the second version"


def test_images_are_counted_by_their_digests(world):
    """Another tag for an image that is there is no further image."""
    assert names_truths.images_of_web(world.registry).right == 2
    world.set_tag("latest", "v1")
    truth = names_truths.images_of_web(world.registry)
    digest = world.registry.image("web:v1").digest.short
    assert (truth.right, truth.facts) == (2, {"tags": 3, "same": "latest and v1", "digest": digest})


def test_the_repository_with_two_linuxes_is_found_by_its_tags():
    """In the catalogue it is one only, and it can be written short or in full."""
    hub = catalogue.load(Registry("docker.io"))
    truth = names_truths.two_linuxes(hub)
    assert truth.right == "golang" and truth.facts["tags"] == "1.27-alpine and 1.27-trixie"
    both = [name for name in hub.repositories() if {"alpine", "trixie"} <= set("-".join(hub.tags(name)).split("-"))]
    assert both == ["library/golang"]
    prediction = find_prediction("names.two-linuxes")
    said = [outcome_of(prediction, truth, name).right for name in ("golang", "library/golang", "python")]
    assert said == [True, True, False]


def test_a_second_pull_is_judged_by_what_it_asked_and_what_came(world):
    """A tag that stayed brings nothing, and a tag that was moved brings the new code."""
    yesterday = world.server.pull(f"{WEB}:v1")
    stayed = world.server.pull(f"{WEB}:v1")
    assert names_truths.pull_again(yesterday, stayed).right == "the old code, checked with the registry"
    world.set_tag("v1", "v2")
    truth = names_truths.pull_again(yesterday, world.server.pull(f"{WEB}:v1"))
    assert truth.right == "the new code, from the registry"
    assert 0 < truth.facts["fetched"] < 15_000


def test_a_front_end_gives_what_is_in_the_storage():
    """What came in through one of two comes out whole through the other."""
    storage = Storage()
    World(Registry("registry.example", storage))
    reader = Client(registries=[Registry("registry.example", storage)])
    truth = names_truths.other_door(reader.pull(f"{WEB}:v1"))
    assert truth.right == "the whole image" and truth.facts["fetched"] == truth.facts["whole"]
    assert names_truths.other_door(reader.pull(f"{WEB}:v2")).right == "only the parts that B has seen"


def test_the_images_of_one_tag_are_counted_by_their_digests():
    """One build is one image; several are a few, in more days than that."""
    builds = [build for build in catalogue.rebuilds() if build.name == "python:3.13-slim"]
    truth = names_truths.rebuilt_tag(builds)
    assert truth.right == "a few" and truth.facts == {"images": len(builds), "days": 28}
    assert names_truths.rebuilt_tag(builds[:1]).right == "one"
