"""Collectors that run beside the registry's users: a grace period, two stages, reference counts.

Each is data over the same marks. Times are seconds; when a blob came is the inventory's ``written``, and ``now`` its
moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from simregistry.oci.digest import Digest
from simregistry.registry.gc.inventory import Inventory
from simregistry.registry.gc.plan import Plan
from simregistry.registry.gc.roots import mark_from_roots, reference_counts, unreached

# Seconds in an hour and in a day: a grace period is in seconds.
HOUR = 3600
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Grace:
    """Mark and sweep that leaves alone what is younger than a grace period: a push may be about to name it."""

    name: str
    seconds: float
    source: str = ""

    def plan(self, inventory: Inventory, delete_untagged: bool = False) -> Plan:
        """Plan a collection; a blob whose age nobody noted counts as old."""
        # Subtle: age is when the blob came, and a push may reuse an old one. Grace alone does not protect that push.
        kept = mark_from_roots(inventory, delete_untagged)
        young = {d for d, when in inventory.written.items() if inventory.now - when < self.seconds}
        swept = {d: size for d, size in inventory.blobs.items() if d not in kept and d not in young}
        manifests = tuple((name, d) for name, d in unreached(inventory, kept) if d not in young)
        return Plan(self.name, delete_untagged, inventory, kept, swept, manifests)


@dataclass(frozen=True, slots=True)
class TwoStage:
    """First a soft delete, which frees nothing and can be undone; later a compaction takes what is still unwanted.

    ``seconds`` is how long a soft-deleted blob can be restored; 0 where a compaction takes it whenever it is run.
    """

    name: str
    seconds: float
    source: str = ""

    def soft_delete(
        self, inventory: Inventory, trash: Mapping[Digest, float], delete_untagged: bool = False
    ) -> dict[Digest, float]:
        """Return the trash after a first stage: what nothing keeps, and since when; what is wanted again leaves it."""
        kept = mark_from_roots(inventory, delete_untagged)
        # What was in the trash before keeps its time: a second look does not make it young again.
        return {digest: trash.get(digest, inventory.now) for digest in inventory.blobs if digest not in kept}

    def compact(self, inventory: Inventory, trash: Mapping[Digest, float], delete_untagged: bool = False) -> Plan:
        """Plan the second stage: take what has been in the trash long enough and is still unwanted."""
        # Marked again: what a push has come to need since the first stage stays.
        kept = mark_from_roots(inventory, delete_untagged)
        due = {d for d, when in trash.items() if inventory.now - when >= self.seconds}
        swept = {d: size for d, size in inventory.blobs.items() if d in due and d not in kept}
        manifests = tuple((name, d) for name, d in unreached(inventory, kept) if d in due)
        return Plan(self.name, delete_untagged, inventory, kept, swept, manifests)

    def plan(self, inventory: Inventory, delete_untagged: bool = False) -> Plan:
        """Plan the first stage alone: it frees nothing."""
        return Plan(self.name, delete_untagged, inventory, mark_from_roots(inventory, delete_untagged))


@dataclass(frozen=True, slots=True)
class ReferenceCounting:
    """Take what nothing counts, and then what only that counted, until no count is zero."""

    name: str = "reference-counting"

    def plan(self, inventory: Inventory, delete_untagged: bool = False) -> Plan:
        """Plan a collection; references never run in a circle, so it comes to what mark and sweep comes to."""
        counts = reference_counts(inventory, delete_untagged)
        # Begin with what nothing counts. Each blob that goes takes its references with it, and more come to zero.
        waiting = [digest for digest in inventory.blobs if not counts[digest]]
        swept: dict[Digest, int] = {}
        while waiting:
            digest = waiting.pop()
            swept[digest] = inventory.blobs[digest]
            # As a set, because a layer that a manifest lists twice was counted once.
            for named in set(inventory.references.get(digest, ())):
                counts[named] -= 1
                if not counts[named] and named in inventory.blobs:
                    waiting.append(named)
        kept = mark_from_roots(inventory, delete_untagged)
        manifests = tuple((n, d) for n, h in inventory.holdings.items() for d in h.revisions if d in swept)
        return Plan(self.name, delete_untagged, inventory, kept, dict(sorted(swept.items())), manifests)


def at(inventory: Inventory, now: float, written: Mapping[Digest, float]) -> Inventory:
    """Set an inventory's moment, and when each blob came (seconds); return it as a new one."""
    return replace(inventory, now=now, written=written)
