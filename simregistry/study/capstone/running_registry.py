"""The registry's storage during the year: what a push stores, what a pull finds, and what Sunday night deletes.

The manifests, the tags, the links and the collector are those of the package's registry; layers are known by digest and
size alone. A pull looks into the storage directly: the reference must lead to a manifest, and an index to all of its
children. There are no requests here, since a year has thousands of pulls. They would find the same, because a collector
that spares a manifest spares its layers.
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
    """The storage as it is today, and what retention has to know: when each tag was pushed and each image pulled."""

    rules: tuple[Rule, ...]
    collector: Distribution
    storage: Storage = field(default_factory=Storage)
    # By "repository:tag" the second of the last push, and by image the second of the last pull.
    pushed_at: dict[str, float] = field(default_factory=dict)
    pulled_at: dict[tuple[str, Digest], float] = field(default_factory=dict)
    # The rule that deleted a tag, and the day, by "repository:tag" and by "repository:digest".
    deleted_by: dict[str, tuple[str, int]] = field(default_factory=dict)
    # The day on which the collector took a manifest without a tag.
    collected_on: dict[tuple[str, Digest], int] = field(default_factory=dict)

    def push(self, push: PushEvent, now: float) -> None:
        """Store the blobs that are not here yet, then the manifests, and last the one that gets the tags."""
        blobs, repository = self.storage.blobs, self.storage.repository_to_write(push.repository)
        for image in push.images:
            layers: list[tuple[Digest, Content]] = [(layer.digest, layer) for layer in image.layers]
            for digest, content in [*layers, (image.manifest.config.digest, image.config)]:
                # Subtle: the repository may still have a link to a blob whose bytes the collector took, and the bytes
                # may be here without a link. The push needs both, so either one missing stores the blob.
                if digest not in repository.blobs or digest not in blobs:
                    self.storage.keep(push.repository, content, digest)
            blobs.put(image.manifest.raw, image.manifest.digest)
            repository.put_manifest(image.manifest.digest, image.manifest, None)
        blobs.put(push.manifest.raw, push.manifest.digest)
        for tag in push.tags:
            repository.put_manifest(push.manifest.digest, push.manifest, tag)
            self.pushed_at[f"{push.repository}:{tag}"] = now

    def pull(self, pull: PullEvent) -> Failure | None:
        """Look for an image; return None if it is complete, else what is missing and which rule took it."""
        repository = self.storage.repository(pull.repository)
        # A tag or a digest that leads nowhere: some rule deleted it. The image itself may live on under another tag.
        try:
            digest = repository.resolve(pull.reference)
        except ManifestUnknown:
            rule, day = self.deleted_by[f"{pull.repository}:{pull.reference}"]
            lost = pull.digest not in repository.manifests
            return Failure(pull.day, pull.who, pull.name, pull.digest, rule, day, lost)
        # An index can be here while its children are not: some collectors take children, since they have no tag.
        for child in repository.children(digest):
            if child not in repository.manifests:
                day = self.collected_on[pull.repository, child]
                rule = f"(the collector): {self.collector.name} took what the index names"
                return Failure(pull.day, pull.who, pull.name, pull.digest, rule, day, lost=True)
        self.pulled_at[pull.repository, digest] = pull.day * DAY
        return None

    def clean_up(self, day: int) -> CapstoneWeek:
        """Carry the policy out, then collect what no tag leads to, as on a Sunday night."""
        # Decide first: which tags would the rules delete?
        inventory = take_inventory(self.storage)
        plan = dry_run(inventory, self._subjects(inventory), self.rules, now=(day + 1) * DAY)
        # Remember why, under both names: whoever misses the image later may ask by tag or by digest.
        for decision in plan.decisions:
            if decision.deleted:
                for name in (decision.subject.name, f"{decision.subject.repository}:{decision.subject.digest}"):
                    self.deleted_by[name] = (decision.why, day)
        carry_out(self.storage, plan)
        # Only tags are gone so far. The collector frees the bytes that no tag leads to any more.
        garbage = self.collector.plan(take_inventory(self.storage), delete_untagged=True)
        self.collected_on |= dict.fromkeys(garbage.manifests, day)
        freed = sweep(self.storage, garbage)
        tags = sum(len(repository.tags) for repository in self.storage.repositories.values())
        return CapstoneWeek(day, tags, len(plan.deleted), freed, self.storage.blobs.stored_bytes)

    def _subjects(self, inventory: Inventory) -> tuple[Subject, ...]:
        """List all tags, each with the time of its push and of the last pull of its image."""
        subjects = []
        for name, holding in inventory.holdings.items():
            tags: Mapping[str, Digest] = holding.tags or {}
            # A pull counts for the image. So it counts for each of its tags, also if it asked for another of them.
            subjects += [
                Subject(name, tag, digest, self.pushed_at[f"{name}:{tag}"], self.pulled_at.get((name, digest)))
                for tag, digest in tags.items()
            ]
        return tuple(subjects)
