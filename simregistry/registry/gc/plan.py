"""A plan: what a collector would take and why, and for all that it keeps, the way that keeps it. It changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simregistry.errors import SimRegistryError
from simregistry.oci.digest import Digest
from simregistry.registry.gc.inventory import Inventory
from simregistry.registry.gc.mark import Marks
from simregistry.table import Table, TableReport, count


class CollectorFailed(SimRegistryError):
    """A collector gave up before it took anything; the message is what the real one says."""


@dataclass(frozen=True, slots=True, repr=False)
class Plan(TableReport):
    """What one collector makes of one inventory.

    ``kept`` is what was marked, and can say of each digest what keeps it; ``swept`` has the bytes of every other blob.
    ``manifests`` and ``links`` are what would go from the repositories, as (repository, digest).
    """

    collector: str
    delete_untagged: bool
    inventory: Inventory = field(repr=False, compare=False)
    # What was marked. All that follows is what was not, and a collector may still spare some of that.
    kept: Marks = field(default_factory=Marks, repr=False)
    swept: Mapping[Digest, int] = field(default_factory=dict, repr=False)
    manifests: tuple[tuple[str, Digest], ...] = ()
    links: tuple[tuple[str, Digest], ...] = ()
    # Why the collector gave up, in the words of the real one; None where it did not.
    failed: str | None = None

    @property
    def freed_bytes(self) -> int:
        """Bytes that come off the shelf."""
        return sum(self.swept.values())

    @property
    def manifests_after(self) -> tuple[str, ...]:
        """The manifests that stay, as ``repository@digest``, sorted."""
        # By name and digest: one repository may lose a manifest that another one keeps.
        gone = {f"{name}@{digest}" for name, digest in self.manifests}
        return tuple(name for name in self.inventory.manifests() if name not in gone)

    def to_json(self) -> dict[str, object]:
        """Write the plan for a program to read; lists are sorted."""
        return {
            "collector": self.collector,
            "delete_untagged": self.delete_untagged,
            "failed": self.failed,
            "blobs": len(self.inventory.blobs),
            "bytes": self.inventory.stored_bytes,
            "deleted_blobs": sorted(self.swept),
            "freed_bytes": self.freed_bytes,
            "deleted_manifests": sorted(f"{name}@{digest}" for name, digest in self.manifests),
            "manifests_after": list(self.manifests_after),
            "deleted_links": sorted(f"{name}@{digest}" for name, digest in self.links),
            "notes": [f"{fault.place}: {fault.what}" for fault in self.inventory.all_faults()],
        }

    def path(self, digest: Digest) -> tuple[str, ...]:
        """Return the way that keeps a blob: a tag or a repository, then manifests, then itself; () where none does."""
        return self.kept.path(self.inventory, digest)

    def why(self, digest: Digest) -> str:
        """Say in a sentence why a blob stays or goes."""
        # Who gives up in the middle takes nothing, garbage or not.
        if self.failed:
            return f"{digest.short} stays: the collector gives up ({self.failed})"
        if digest in self.kept:
            way = " → ".join(map(_short, self.path(digest)))
            # Subtle: marked does not mean there. A manifest can name a blob that was swept, or never pushed.
            there = "stays" if digest in self.inventory.blobs else "is named, but its bytes are not here"
            return f"{digest.short} {there}: {way}"
        if digest in self.swept:
            return f"{digest.short} goes, {count(self.swept[digest])} bytes: {self.reason(digest)}"
        # Neither marked nor swept: too young, or in the trash until its time is up.
        if digest in self.inventory.blobs:
            return f"{digest.short} stays for now: nothing keeps it, and this collector waits before it takes it"
        return f"{digest.short} is not in this storage"

    def reason(self, digest: Digest) -> str:
        """Say why nothing keeps a blob."""
        # A manifest without a tag, which this collector does not count as a root.
        holders = [name for name, holding in self.inventory.holdings.items() if digest in holding.revisions]
        if holders:
            return f"it is a manifest of {', '.join(holders)} that no tag leads to"
        # A blob whose manifests go with it, or were marked and not followed.
        manifests = self.inventory.named_by.get(digest, ())
        if manifests:
            names = " and ".join(manifest.short for manifest in manifests)
            verb, what = ("names", "a manifest") if len(manifests) == 1 else ("name", "manifests")
            return f"only {names} {verb} it, {what} that the collector doesn't follow"
        return "no manifest of any repository names it"

    def table(self) -> Table:
        """List what would go, a line each."""
        rows = tuple((digest.short, size, self.reason(digest)) for digest, size in self.swept.items())
        return Table(("blob", "bytes", "why it goes"), rows, title=self.headline)

    def kept_table(self) -> Table:
        """List what would stay, a line each, with the way that keeps it."""
        # What a grace period spares has no way to it, and is in neither table.
        ways = ((digest, size, self.path(digest)) for digest, size in self.inventory.blobs.items())
        rows = tuple((d.short, size, " → ".join(_short(step) for step in way[:-1])) for d, size, way in ways if way)
        return Table(("blob", "bytes", "kept by"), rows)

    @property
    def headline(self) -> str:
        """Say it in a line."""
        name = f"{self.collector}{' --delete-untagged' if self.delete_untagged else ''}"
        if self.failed:
            return f"{name} gives up: {self.failed}"
        return (
            f"{name} keeps {len(self.inventory.blobs) - len(self.swept)} blobs and takes {len(self.swept)}, "
            f"{count(self.freed_bytes)} of {count(self.inventory.stored_bytes)} bytes, "
            f"and the links to {len(self.manifests)} manifest{'' if len(self.manifests) == 1 else 's'}"
        )


def _short(step: str) -> str:
    return step.short if isinstance(step, Digest) else step
