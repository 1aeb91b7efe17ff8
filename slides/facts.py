"""The numbers on the slides, each found out by the package when the slides are made; none is written down by hand."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from simregistry import Client, Registry, Request
from simregistry.client.build.run_effects import RunEffect
from simregistry.registry.gc.inventory import take_inventory
from simregistry.registry.gc.reports import freed_by
from simregistry.registry.products.distribution_3.collector import DISTRIBUTION_3
from simregistry.registry.storage_report import Figures
from simregistry.study.examples import catalogue, webapp
from simregistry.study.products.compare import compare_products
from simregistry.study.races.races import race

HOST = webapp.HOST


@cache
def laptop_and_registry() -> tuple[Client, Registry]:
    """Two versions of the course's web app, pushed; nothing is changed in them afterwards."""
    registry = Registry(HOST)
    laptop = Client(registries=[registry])
    for version in ("v1", "v2"):
        webapp.build(laptop, version)
        laptop.push(f"{HOST}/web:{version}")
    return laptop, registry


@cache
def pushes() -> dict[str, object]:
    """What each push of a little story said: first, changed, again, and into another repository."""
    registry = Registry(HOST)
    laptop = Client(registries=[registry])
    told: dict[str, object] = {}
    for version, name in (("v1", "first"), ("v2", "second")):
        webapp.build(laptop, version)
        told[name] = laptop.push(f"{HOST}/web:{version}")
    told["again"] = laptop.push(f"{HOST}/web:v2")
    laptop.tag(f"{HOST}/web:v2", f"{HOST}/shop:v2")
    told["other"] = laptop.push(f"{HOST}/shop:v2")
    server = Client(registries=[registry])
    told["pull"] = server.pull(f"{HOST}/web:v1")
    told["pull2"] = server.pull(f"{HOST}/web:v2")
    told["pull again"] = server.pull(f"{HOST}/web:v2")
    return told


@cache
def hub() -> Registry:
    """The 53 Docker Official Images of the catalogue."""
    return catalogue.load(Registry("docker.io"))


@cache
def ten() -> Figures:
    """Ten services that add one layer each to one base."""
    registry = Registry(HOST)
    desk = Client(registries=[registry])
    webapp.build_base(desk)
    for number in range(10):
        recipe = f"FROM {HOST}/base:1\nCOPY app.py /app/\n"
        desk.build(f"{HOST}/service-{number}:1", recipe, {"app.py": f"print({number})\n"})
        desk.push(f"{HOST}/service-{number}:1")
    return registry.storage_report().layers


@cache
def deletion() -> dict[str, int]:
    """What deleting the tag v1 leaves, and what a collector frees then."""
    registry = laptop_and_registry()[1].copy()
    before = take_inventory(registry.storage)
    registry.handle(Request("DELETE", "/v2/web/manifests/v1"))
    after = take_inventory(registry.storage)
    plan = DISTRIBUTION_3.plan(after, delete_untagged=True)
    careful = DISTRIBUTION_3.plan(after)
    return {
        "tag": before.stored_bytes - after.stored_bytes, "gc": careful.freed_bytes, "untagged": plan.freed_bytes,
        "image": laptop_and_registry()[0].manifest(f"{HOST}/web:v1").image_bytes, "asked": freed_by(before, ["web:v1"]),
    }  # fmt: skip


@cache
def removed() -> tuple[int, int]:
    """Bytes of files that travel, and that a container sees, where a later step deletes what an earlier one wrote."""
    client = Client()
    effects = {
        "fetch": RunEffect({"tmp/sources.tar": 200_000}),
        "make": RunEffect({"usr/bin/tool": 30_000}),
        "clean": RunEffect({}, ("tmp/sources.tar",)),
    }
    client.build(f"{HOST}/tool:1", "FROM scratch\nRUN fetch\nRUN make\nRUN clean\n", {}, effects=effects)
    travels = sum(len(entry.content) for layer in client.layers(f"{HOST}/tool:1") for entry in layer)
    return travels, sum(len(entry.content) for entry in client.rootfs(f"{HOST}/tool:1").values())


def _push(name: str, what: str) -> str:
    report = pushes()[name]
    number = {
        "sent": lambda: report.sent_bytes, "image": lambda: report.image_bytes, "messages": lambda: len(report.conversation),
        "fetched": lambda: report.fetched_bytes, "mounted": lambda: report.mounted_bytes,
    }[what]()  # fmt: skip
    return f"{number:,}"


def _layers() -> list[int]:
    return [layer.size for layer in laptop_and_registry()[0].manifest(f"{HOST}/web:v1").layers]


def _race(name: str) -> str:
    found = race(name).run()
    return f"{found.losing:,} of {found.schedules:,}"


FACTS: dict[str, Callable[[], str]] = {
    "base": lambda: f"{_layers()[0]:,}",
    "code": lambda: f"{_layers()[-1]:,}",
    "image": lambda: _push("first", "image"),
    "manifest": lambda: f"{laptop_and_registry()[0].manifest(f'{HOST}/web:v1').size:,}",
    "config": lambda: f"{laptop_and_registry()[0].manifest(f'{HOST}/web:v1').config.size:,}",
    "digest.base": lambda: laptop_and_registry()[0].manifest(f"{HOST}/web:v1").layers[0].digest.short,
    "ten.asked": lambda: f"{ten().logical_bytes:,}",
    "ten.kept": lambda: f"{ten().stored_bytes:,}",
    "race.orders": lambda: f"{race('stop the world, but nobody stops').run().schedules:,}",
    **{f"push.{name}.{what}": (lambda name=name, what=what: _push(name, what)) for name in ("first", "second", "again", "other") for what in ("sent", "messages", "image")},
    "push.other.mounted": lambda: _push("other", "mounted"),
    **{f"pull.{key}.{what}": (lambda name=name, what=what: _push(name, what)) for key, name in (("first", "pull"), ("second", "pull2"), ("again", "pull again")) for what in ("fetched", "messages")},
    "removed.travels": lambda: f"{removed()[0]:,}",
    "removed.seen": lambda: f"{removed()[1]:,}",
    "hub.images": lambda: str(len(catalogue.images())),
    "hub.asked": lambda: f"{hub().storage_report().layers.logical_bytes / 1e9:.2f} GB",
    "hub.stored": lambda: f"{hub().storage_report().layers.stored_bytes / 1e9:.2f} GB",
    "hub.saving": lambda: f"{hub().storage_report().layers.saving:.0%}",
    "hub.shared": lambda: f"{hub().storage_report().shared_layers} of {hub().storage_report().distinct_layers}",
    "freed.tag": lambda: f"{deletion()['tag']:,}",
    "freed.gc": lambda: f"{deletion()['gc']:,}",
    "freed.untagged": lambda: f"{deletion()['untagged']:,}",
    "race.open": lambda: _race("stop the world, but nobody stops"),
    "race.readonly": lambda: _race("read-only mode"),
    "race.grace": lambda: _race("grace longer than a push"),
    "race.reuse": lambda: _race("grace, and a reused blob"),
    "race.again": lambda: _race("renewed, and looked at again"),
    "limit.refused": lambda: str(compare_products("rate-limit").outcome("docker-hub").facts["first_refused"]),
    "limit.cache": lambda: str(compare_products("rate-limit").outcome("docker-hub").facts["pulls_that_reach_it_through_a_cache"]),
}  # fmt: skip


def fact(name: str) -> str:
    """Find a number out; raises KeyError for a name that is none."""
    return FACTS[name]()
