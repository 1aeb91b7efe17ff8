"""A year of a build server's pushes under a retention policy: what the registry's disk holds, week by week.

Modelled, with the sizes as parameters. On each working day some builds push an image of three layers: a base that is
rebuilt every four weeks, dependencies that change now and then, and code that always changes. The manifests are real;
the layers are known by digest and size alone. Every push moves ``latest``. A build gets a tag ``ci-N``, and one in
twenty is a ``release-N`` instead. Each Sunday the policy is carried out and the collector runs.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from simregistry.oci.content import Nominal
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.media_types import OCI_CONFIG, OCI_LAYER_GZIP
from simregistry.registry.gc.inventory import take_inventory
from simregistry.registry.gc.sweep import sweep
from simregistry.registry.products.distribution_3.collector import DISTRIBUTION_3
from simregistry.registry.retention import DAY, Rule, carry_out, dry_run, subjects_of
from simregistry.registry.storage.storage import Storage
from simregistry.table import Table, TableReport

REPOSITORY = "web"


@dataclass(frozen=True, slots=True)
class Builds:
    """How a team builds: working days a week, builds a day, and the bytes of each layer."""

    builds_a_day: int = 4
    days: int = 364
    base_bytes: int = 49_337_828
    dependency_bytes: int = 60_000_000
    code_bytes: int = 2_000_000
    new_dependencies: float = 0.05
    seed: int = 1


@dataclass(frozen=True, slots=True)
class CiWeek:
    """The registry at the end of a week, after the collector."""

    day: int
    tags: int
    logical_bytes: int
    stored_bytes: int
    freed_bytes: int


@dataclass(frozen=True, slots=True, repr=False)
class CiYear(TableReport):
    """One policy's year."""

    policy: str
    weeks: tuple[CiWeek, ...]

    def table(self, every: int = 4) -> Table:
        """Show one week in ``every``, and the last week."""
        shown = [week for n, week in enumerate(self.weeks, 1) if n % every == 0 or n == len(self.weeks)]
        rows = tuple((w.day, w.tags, w.logical_bytes, w.stored_bytes, w.freed_bytes) for w in shown)
        columns = ("day", "tags", "asked for, bytes", "on the shelf, bytes", "freed that week, bytes")
        return Table(columns, rows, title=self.policy)


def ci_year(policy: str, rules: Sequence[Rule] | None, builds: Builds | None = None) -> CiYear:
    """Play the year day by day; with ``rules`` None nobody ever cleans up, not even the collector."""
    builds = builds or Builds()
    dice, storage = random.Random(builds.seed), Storage()
    # When each tag last moved, in seconds: a rule by age decides on that.
    moved: dict[str, float] = {}
    number = dependencies = logical = 0
    weeks = []
    for day in range(builds.days):
        for _ in range(builds.builds_a_day if day % 7 < 5 else 0):
            number += 1
            dependencies += dice.random() < builds.new_dependencies
            layers = _layers(builds, day // 28, dependencies, number)
            tag = f"release-{number:04}" if dice.random() < 0.05 else f"ci-{number:04}"
            logical += _push(storage, layers, number, [tag, "latest"])
            moved |= {f"{REPOSITORY}:{tag}": day * DAY, f"{REPOSITORY}:latest": day * DAY}
        if day % 7 == 6:
            freed = 0 if rules is None else _clean_up(storage, rules, moved, day * DAY)
            tags = len(storage.repository(REPOSITORY).tags)
            weeks.append(CiWeek(day + 1, tags, logical, storage.blobs.stored_bytes, freed))
    return CiYear(policy, tuple(weeks))


def _layers(builds: Builds, base: int, dependencies: int, code: int) -> list[Nominal]:
    """Return an image's three layers by the number of each one's version: the same number is the same layer."""
    versions = (
        ("base", base, builds.base_bytes),
        ("deps", dependencies, builds.dependency_bytes),
        ("code", code, builds.code_bytes),
    )
    return [Nominal(Digest.of(f"{builds.seed} {kind} {number}".encode()), size) for kind, number, size in versions]


def _push(storage: Storage, layers: Sequence[Nominal], number: int, tags: Sequence[str]) -> int:
    """Store the blobs first and the manifest last, as every client does; return the bytes of the image's layers."""
    config = f'{{"build":{number}}}'.encode()
    for layer in layers:
        storage.keep(REPOSITORY, layer, layer.digest)
    storage.keep(REPOSITORY, config, Digest.of(config))
    descriptors = [Descriptor(OCI_LAYER_GZIP, layer.digest, len(layer)) for layer in layers]
    manifest = ImageManifest.of(Descriptor.of(config, OCI_CONFIG), descriptors)
    storage.blobs.put(manifest.raw)
    for tag in tags:
        storage.repository(REPOSITORY).put_manifest(manifest.digest, manifest, tag)
    return sum(map(len, layers))


def _clean_up(storage: Storage, rules: Sequence[Rule], moved: dict[str, float], now: float) -> int:
    """Carry the policy out, then collect what no tag leads to; return the bytes freed."""
    inventory = take_inventory(storage)
    carry_out(storage, dry_run(inventory, subjects_of(inventory, moved), rules, now))
    # The policy took names away. The bytes go when the collector finds that no tag leads to them.
    return sweep(storage, DISTRIBUTION_3.plan(take_inventory(storage), delete_untagged=True))
