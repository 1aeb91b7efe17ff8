"""The storage as the year goes by: what a push brings, what a pull finds, and what happens on a Sunday night.

The manifests, tags, links and the collector are the registry's own; layers are known by name and size alone. A pull is
answered from the storage: the reference must lead to a manifest, and an index to all that it names. The requests
between client and registry are left out; what they would find is the same, since a collector that spares a manifest
spares its layers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simregistry.errors import ManifestUnknown
from simregistry.oci.content import Content
from simregistry.oci.digest import Digest
from simregistry.registry.gc.distribution import Distribution
from simregistry.registry.gc.inventory import Inventory, take_inventory
from simregistry.registry.gc.sweep import sweep
from simregistry.registry.retention import DAY, Rule, Subject, carry_out, dry_run
from simregistry.registry.storage.storage import Storage
from simregistry.study.capstone.pulls import PullEvent
from simregistry.study.capstone.pushes import PushEvent
from simregistry.study.capstone.year_result import CapstoneWeek, Failure


@dataclass(slots=True)
class RunningRegistry:
    """The storage as it is today, and what retention knows: when a tag came, when its image was last fetched."""

    rules: tuple[Rule, ...]
    collector: Distribution
    storage: Storage = field(default_factory=Storage)
    since: dict[str, float] = field(default_factory=dict)
    pulled: dict[tuple[str, Digest], float] = field(default_factory=dict)
    # Which rule took a tag away, and on which day: by name, and for whoever asks by digest.
    taken: dict[str, tuple[str, int]] = field(default_factory=dict)
    # When the collector took a manifest that had no tag.
    collected: dict[tuple[str, Digest], int] = field(default_factory=dict)

    def push(self, push: PushEvent, now: float) -> None:
        """Blobs first, if they are not here, then the manifests, the one with the tags last."""
        blobs, repository = self.storage.blobs, self.storage.repository_to_write(push.repository)
        for image in push.images:
            parts: list[tuple[Digest, Content]] = [(layer.digest, layer) for layer in image.layers]
            for digest, content in [*parts, (image.manifest.config.digest, image.config)]:
                if digest not in repository.blobs or digest not in blobs:
                    self.storage.keep(push.repository, content, digest)
            blobs.put(image.manifest.raw, image.manifest.digest)
            repository.put_manifest(image.manifest.digest, image.manifest, None)
        blobs.put(push.manifest.raw, push.manifest.digest)
        for tag in push.tags:
            repository.put_manifest(push.manifest.digest, push.manifest, tag)
            self.since[f"{push.repository}:{tag}"] = now

    def pull(self, pull: PullEvent) -> Failure | None:
        """Fetch an image; gives what is missing, and since when, where something is."""
        repository = self.storage.repository(pull.repository)
        try:
            digest = repository.resolve(pull.reference)
        except ManifestUnknown:
            rule, day = self.taken[f"{pull.repository}:{pull.reference}"]
            lost = pull.digest not in repository.manifests
            return Failure(pull.day, pull.who, pull.name, pull.digest, rule, day, lost)
        for child in repository.children(digest):
            if child not in repository.manifests:
                day = self.collected[pull.repository, child]
                rule = f"(the collector): {self.collector.name} took what the index names"
                return Failure(pull.day, pull.who, pull.name, pull.digest, rule, day, lost=True)
        self.pulled[pull.repository, digest] = pull.day * DAY
        return None

    def clean_up(self, day: int) -> CapstoneWeek:
        """Carry the policy out, then collect what no tag leads to, as on a Sunday night."""
        now = (day + 1) * DAY
        inventory = take_inventory(self.storage)
        plan = dry_run(inventory, self._subjects(inventory), self.rules, now)
        for decision in plan.decisions:
            if decision.deleted:
                for name in (decision.subject.name, f"{decision.subject.repository}:{decision.subject.digest}"):
                    self.taken[name] = (decision.why, day)
        carry_out(self.storage, plan)
        garbage = self.collector.plan(take_inventory(self.storage), delete_untagged=True)
        self.collected |= dict.fromkeys(garbage.manifests, day)
        freed = sweep(self.storage, garbage)
        tags = sum(len(each.tags) for each in self.storage.repositories.values())
        return CapstoneWeek(day, tags, len(plan.deleted), freed, self.storage.blobs.stored_bytes)

    def _subjects(self, inventory: Inventory) -> tuple[Subject, ...]:
        """List the tags. A pull is noted for the image, and so for each of its tags, also one that asked by digest."""
        found = []
        for name, held in inventory.holdings.items():
            tags: Mapping[str, Digest] = held.tags or {}
            found += [
                Subject(name, tag, digest, self.since[f"{name}:{tag}"], self.pulled.get((name, digest)))
                for tag, digest in tags.items()
            ]
        return tuple(found)
