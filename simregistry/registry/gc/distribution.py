"""The collectors of CNCF distribution 2.8 and 3, true to their quirks (``registry/storage/garbagecollect.go``).

1. Without ``--delete-untagged`` every manifest is a root, tagged or not: whoever deleted a tag frees nothing.
2. With it, the manifests that a tag points at now are the roots.
3. 2.8 marks what a root names and goes no further: the children of a tagged index, which have no tag of their own, are
   deleted, and their layers swept (distribution issues 3178 and 3004). 3 follows the index and spares what it marked.
4. A repository that has manifests and never had a tag: 2.8 gives up on the whole collection; 3 leaves its manifests in
   the list and sweeps their bytes, since it neither marks nor deletes them.
5. 3 also drops the links of a repository to layers that no manifest of it needs; 2.8 leaves all links.
"""

from __future__ import annotations

from dataclasses import dataclass

from simregistry.oci.digest import Digest
from simregistry.registry.gc.inventory import Fault, Holding, Inventory
from simregistry.registry.gc.mark import Marks, mark, never
from simregistry.registry.gc.plan import CollectorFailed, Plan

# What stops the collector in the middle of a walk comes out with the storage driver's name, once for each walk.
WALKED = "failed to mark: filesystem: filesystem: "


@dataclass(frozen=True, slots=True)
class Distribution:
    """One version's rules as data: does it follow an index, give up without tags, drop links?

    >>> tagged = Digest.of(b"tagged")
    >>> shelf = Inventory({tagged: 6, Digest.of(b"garbage"): 7}, {"app": Holding("app", (tagged,), {"v1": tagged})}, {})
    >>> Distribution("example", True, False, False).plan(shelf).freed_bytes
    7
    """

    name: str
    follows_index: bool
    gives_up_without_tags: bool
    drops_links: bool

    def plan(self, inventory: Inventory, delete_untagged: bool = False) -> Plan:
        """Plan a collection; where the real one would give up, the plan says so and takes nothing."""
        # One set of marks for all repositories: a blob that any of them keeps stays on the shelf, which they share.
        kept = Marks()
        doomed: list[tuple[str, Digest]] = []
        links: list[tuple[str, Digest]] = []
        try:
            _stop_at(inventory.faults, "repositories", "failed to mark: filesystem")
            for holding in inventory.holdings.values():
                doomed += [
                    (holding.name, digest)
                    for digest in self._mark_repository(inventory, holding, delete_untagged, kept)
                ]
                links += self._links_to_drop(inventory, holding, kept) if self.drops_links else []
        except CollectorFailed as error:
            # It gave up while it marked: nothing was taken.
            return Plan(self.name, delete_untagged, inventory, failed=str(error))
        # An index may come late in the walk: only now is it known which manifests one names. 2.8 does not look again.
        if self.follows_index:
            doomed = [(name, digest) for name, digest in doomed if digest not in kept]
        try:
            _stop_at(inventory.faults, "blobs", "error enumerating blobs: filesystem")
        except CollectorFailed as error:
            # By now the real one has deleted the manifests, and it has not begun to sweep.
            return Plan(self.name, delete_untagged, inventory, kept, {}, tuple(doomed), failed=str(error))
        swept = {digest: size for digest, size in inventory.blobs.items() if digest not in kept}
        return Plan(self.name, delete_untagged, inventory, kept, swept, tuple(doomed), tuple(links))

    def _mark_repository(
        self, inventory: Inventory, holding: Holding, delete_untagged: bool, kept: Marks
    ) -> list[Digest]:
        """Mark from one repository's roots, and return its manifests that have no tag and are to go."""
        _stop_at(holding.faults, "name", "failed to mark: filesystem")
        _stop_at(holding.faults, "manifests", "failed to mark: filesystem: filesystem")
        # Which manifests have a tag now. Tags that once pointed at a manifest don't keep it.
        tagged = holding.tagged()
        untagged = [digest for digest in holding.revisions if digest not in tagged] if delete_untagged else []
        if delete_untagged and holding.revisions:
            _stop_at(holding.faults, "tags", f"{WALKED}failed to retrieve tags for digest {holding.revisions[0]}")
        # Subtle: no tag now, and never a tag, are different. The folder of tags is missing then, and listing it fails.
        if untagged and holding.tags is None:
            if self.gives_up_without_tags:
                raise CollectorFailed(f"{WALKED}failed to retrieve tags unknown repository name={holding.name}")
            untagged = []
        # The one line in which the two versions differ most: how far the marks go below an index.
        roots = [(d, holding.why_root(tagged.get(d))) for d in holding.revisions if not delete_untagged or d in tagged]
        mark(inventory, roots, set(holding.revisions).__contains__ if self.follows_index else never, kept)
        # A manifest that cannot be read stops the real collector: it cannot know what to keep for it.
        unread = next((digest for digest in inventory.unreadable if digest in kept.followed), None)
        if unread is not None:
            problem = inventory.unreadable[unread]
            raise CollectorFailed(f"{WALKED}failed to retrieve manifest for digest {unread}: {problem}")
        return untagged

    def _links_to_drop(self, inventory: Inventory, holding: Holding, kept: Marks) -> list[tuple[str, Digest]]:
        """Find the links of a repository to what none of its own kept manifests names."""
        _stop_at(holding.faults, "layers", f"failed to mark: failed to enumerate layers for {holding.name}")
        # The repository's own manifests decide: another one's need keeps the blob on the shelf, but not this link.
        own = set().union(*(inventory.references.get(d, ()) for d in holding.revisions if d in kept.followed))
        return [(holding.name, digest) for digest in holding.links if digest not in own]


def _stop_at(faults: tuple[Fault, ...], step: str, message: str) -> None:
    """Raise what the real collector says if a fault stops it at this step."""
    fault = next((fault for fault in faults if fault.stops == step), None)
    if fault is not None:
        raise CollectorFailed(f"{message}: {fault.what}")
