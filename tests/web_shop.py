"""Set up what many tests begin with: a registry with some versions of the web app, and the laptop that pushed them."""

from __future__ import annotations

from simregistry import Client, Registry
from simregistry.study.examples import webapp
from simregistry.study.examples.small_images import SmallImage, SmallIndex, push_small

HOST = "registry.example"


def shop(*versions: str) -> tuple[Registry, Client]:
    """A registry with these versions of the web app, all on one base, and the laptop that built and pushed them."""
    registry = Registry(HOST)
    laptop = Client(registries=[registry])
    for version in versions:
        webapp.build(laptop, version)
        laptop.push(f"{HOST}/web:{version}")
    return registry, laptop


def shop_with_index(*versions: str) -> tuple[Registry, Client]:
    """The same, and ``web:multi``, an index over these versions."""
    registry, laptop = shop(*versions)
    images = [SmallImage.of_store(laptop.store, f"{HOST}/web:{version}") for version in versions]
    push_small(registry, "web", "multi", SmallIndex.of(images))
    return registry, laptop


def among(n: int, *options: int, unit: str = "") -> dict[str, bool]:
    """Say which of some numbers is the right one."""
    return {f"{option:,}{unit}": n == option for option in options}
