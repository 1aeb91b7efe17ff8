"""Collectors by name. A student's own is one more, an object with a name and ``plan(inventory, delete_untagged)``."""

from __future__ import annotations

from typing import Protocol

from simregistry.registry.gc.distribution import DISTRIBUTION_2_8, DISTRIBUTION_3
from simregistry.registry.gc.grace_and_trash import ACR, ARTIFACTORY, GITLAB, HARBOR, NEXUS, ZOT, ReferenceCounting
from simregistry.registry.gc.inventory import Inventory
from simregistry.registry.gc.plan import Plan


class Collector(Protocol):
    """What makes a plan of an inventory."""

    @property
    def name(self) -> str:
        """What it is called."""

    def plan(self, inventory: Inventory, delete_untagged: bool = False) -> Plan:
        """Say what would go and why; take nothing."""


COLLECTORS: dict[str, Collector] = {
    collector.name: collector
    for collector in (
        DISTRIBUTION_2_8, DISTRIBUTION_3, HARBOR, ZOT, GITLAB, NEXUS, ACR, ARTIFACTORY, ReferenceCounting(),
    )
}  # fmt: skip
