"""The pictures on the slides, made by the package, each with the sentence that says what is to be seen in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from facts import HOST, hub, laptop_and_registry, pushes

from simregistry import Client, Registry, show
from simregistry.client.build.run_effects import RunEffect
from simregistry.registry.gc.inventory import take_inventory
from simregistry.registry.middleware.accounts import Access
from simregistry.registry.products.distribution_3.collector import DISTRIBUTION_3
from simregistry.registry.retention import DAY, Rule
from simregistry.show.view import View
from simregistry.study.examples import catalogue, ci_year, webapp
from simregistry.study.products.compare import compare_products
from simregistry.study.products.scenarios import SCENARIOS
from simregistry.study.races.races import race
from simregistry.study.sharing.sharing import Sharing

IMAGES = (
    "buildpack-deps:trixie",
    "python:3.12",
    "python:3.13",
    "ruby:3.4",
    "debian:trixie",
    "nginx:latest",
    "node:24",
    "debian:bookworm",
)


def removed() -> View:
    """The layers of an image that deletes what it fetched."""
    client = Client()
    effects = {
        "fetch": RunEffect({"tmp/sources.tar": 200_000}),
        "make": RunEffect({"usr/bin/tool": 30_000}),
        "clean": RunEffect({}, ("tmp/sources.tar",)),
    }
    client.build(f"{HOST}/tool:1", "FROM scratch\nRUN fetch\nRUN make\nRUN clean\n", {}, effects=effects)
    return show.layer_stacks(client, f"{HOST}/tool:1")


def collection() -> View:
    """What a collector keeps and takes after an overwritten tag."""
    registry = Registry(HOST)
    desk = Client(registries=[registry])
    names = {}
    for version, tag in (("v1", "v1"), ("v2", "latest"), ("v3", "latest")):
        image = webapp.build(desk, version).manifest
        desk.tag(f"{HOST}/web:{version}", f"{HOST}/web:{tag}")
        desk.push(f"{HOST}/web:{tag}")
        parts = ("base", "requirements", "dependencies", f"code {version}", f"config {version}")
        names |= dict(zip((blob.digest for blob in image.blobs), parts, strict=False)) | {image.digest: version}
    plan = DISTRIBUTION_3.plan(take_inventory(registry.storage), delete_untagged=True)
    return show.collection(plan, 4, names)


def token() -> View:
    """A pull of a public image from a registry that asks for tokens."""
    registry = Registry.product("docker-hub", HOST, access=Access((), (), public=("library/*",)))
    hand = Client(registries=[Registry(HOST, registry.storage)])
    hand.build(f"{HOST}/library/web:v1", "FROM scratch\nCOPY app /app\n", {"app": "hello\n"})
    hand.push(f"{HOST}/library/web:v1")
    pulled = Client(registries=[registry]).pull(f"{HOST}/library/web:v1")
    return show.sequence(pulled.conversation[:6], "a stranger pulls a public image")


def years() -> View:
    """A year of builds, kept in three ways."""
    newest = ci_year.ci_year("keep the newest 10", [Rule("ten", "delete", tags="ci-*", newest=10)])
    month = ci_year.ci_year("keep 30 days", [Rule("month", "delete", tags="ci-*", older_than=30 * DAY)])
    return show.storage_over_time([ci_year.ci_year("nobody cleans up", None), month, newest])


# How much of its usual size a picture is drawn at: the smaller, the larger its words on the slide.
LARGER = {
    "stack": 0.7,
    "removed": 0.6,
    "merkle": 0.72,
    "push-first": 0.8,
    "push-second": 0.85,
    "pull": 0.72,
    "meter": 0.8,
    "token": 0.75,
    "race": 0.9,
}

DRAWINGS: dict[str, Callable[[], View]] = {
    "stack": lambda: show.layer_stacks(laptop_and_registry()[0], f"{HOST}/web:v1", f"{HOST}/web:v2"),
    "removed": removed,
    "merkle": lambda: show.merkle(laptop_and_registry()[1], "web:v1"),
    "sharing": lambda: show.sharing(Sharing.of_images(catalogue.find(name) for name in IMAGES)),
    "savings": lambda: show.savings(Sharing.of_images(catalogue.find(name) for name in IMAGES)),
    "push-first": lambda: show.sequence(pushes()["first"].conversation[:6], "the first push begins"),
    "push-second": lambda: show.sequence(pushes()["second"].conversation[2:10], "push of v2, from the first question to the config"),
    "pull": lambda: show.sequence(pushes()["pull2"].conversation, "a pull by a server that has v1"),
    "meter": lambda: show.byte_meter(pushes()["second"], laptop_and_registry()[1]),
    "token": token,
    "scoreboard": lambda: show.scoreboard([compare_products(name) for name in SCENARIOS]),
    "collection": collection,
    "race": lambda: show.schedules(race("stop the world, but nobody stops").run()),
    "readonly": lambda: show.schedules(race("read-only mode").run()),
    "years": years,
    "freed": lambda: show.freed(take_inventory(hub().storage)),
}  # fmt: skip


def drawing(name: str) -> View:
    """Draw a picture for a wall: less room, so that its words come out larger."""
    view = DRAWINGS[name]()
    share = LARGER.get(name, 1.0)
    return replace(view, width=view.width * share, height=view.height * share)
