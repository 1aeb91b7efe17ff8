"""Collectors by name. A student's own is one more, an object with a name and ``plan(inventory, delete_untagged)``."""

from __future__ import annotations

from typing import Protocol

from simregistry.registry.gc.grace_and_trash import ReferenceCounting
from simregistry.registry.gc.inventory import Inventory
from simregistry.registry.gc.plan import Plan
from simregistry.registry.products.acr.collector import ACR
from simregistry.registry.products.artifactory.collector import ARTIFACTORY
from simregistry.registry.products.distribution_2_8.collector import DISTRIBUTION_2_8
from simregistry.registry.products.distribution_3.collector import DISTRIBUTION_3
from simregistry.registry.products.gitlab.collector import GITLAB
from simregistry.registry.products.harbor.collector import HARBOR
from simregistry.registry.products.nexus.collector import NEXUS
from simregistry.registry.products.zot.collector import ZOT


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
