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

from collections.abc import Iterable
from dataclasses import dataclass

from simregistry.oci.digest import Digest
from simregistry.registry.gc.inventory import Fault, Holding, Inventory
from simregistry.registry.gc.mark import Keeper, mark, never
from simregistry.registry.gc.plan import CollectorFailed, Plan

# What stops the collector in the middle of a walk comes out with the storage driver's name, once for each walk.
WALKED = "failed to mark: filesystem: filesystem: "


@dataclass(frozen=True, slots=True)
class Distribution:
    """One version's rules as data: does it follow an index, give up without tags, drop links?"""

    name: str
    follows_index: bool
    gives_up_without_tags: bool
    drops_links: bool

    def plan(self, inventory: Inventory, delete_untagged: bool = False) -> Plan:
        """Plan a collection; where the real one would give up, the plan says so and takes nothing."""
        kept: dict[Digest, Keeper] = {}
        doomed: list[tuple[str, Digest]] = []
        links: list[tuple[str, Digest]] = []
        try:
            _stop_at(inventory.faults, "repositories", "failed to mark: filesystem")
            for holding in inventory.holdings.values():
                own, untagged = self._mark_repository(inventory, holding, delete_untagged)
                doomed += [(holding.name, digest) for digest in untagged]
                if self.drops_links:
                    links += [(holding.name, digest) for digest in holding.links if digest not in own]
                kept = own | kept if kept else own
        except CollectorFailed as error:
            return Plan(self.name, delete_untagged, inventory, failed=str(error))
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
        self, inventory: Inventory, holding: Holding, delete_untagged: bool
    ) -> tuple[dict[Digest, Keeper], list[Digest]]:
        """Mark from one repository's roots; gives the marks, and the manifests that have no tag."""
        _stop_at(holding.faults, "name", "failed to mark: filesystem")
        _stop_at(holding.faults, "manifests", "failed to mark: filesystem: filesystem")
        tagged = holding.tagged()
        untagged = [digest for digest in holding.revisions if digest not in tagged] if delete_untagged else []
        if delete_untagged and holding.revisions:
            _stop_at(holding.faults, "tags", f"{WALKED}failed to retrieve tags for digest {holding.revisions[0]}")
        if untagged and holding.tags is None:
            if self.gives_up_without_tags:
                raise CollectorFailed(f"{WALKED}failed to retrieve tags unknown repository name={holding.name}")
            untagged = []
        roots = [(d, _root(holding, tagged.get(d))) for d in holding.revisions if not delete_untagged or d in tagged]
        here = set(holding.revisions)
        marks = mark(inventory.references, roots, here.__contains__ if self.follows_index else never)
        followed = here if self.follows_index else {digest for digest, _ in roots}
        _stop_at_unreadable(inventory, (digest for digest in marks if digest in followed))
        if self.drops_links:
            _stop_at(holding.faults, "layers", f"failed to mark: failed to enumerate layers for {holding.name}")
        return marks, untagged


def _root(holding: Holding, tag: str | None) -> str:
    return f"{holding.name}:{tag}" if tag else f"{holding.name}, which has it as a manifest"


def _stop_at(faults: tuple[Fault, ...], step: str, said: str) -> None:
    fault = next((fault for fault in faults if fault.stops == step), None)
    if fault is not None:
        raise CollectorFailed(f"{said}: {fault.what}")


def _stop_at_unreadable(inventory: Inventory, marks: Iterable[Digest]) -> None:
    """A manifest that cannot be read stops the real collector: it cannot know what to keep for it."""
    if inventory.unreadable:
        digest = next((digest for digest in marks if digest in inventory.unreadable), None)
        if digest is not None:
            said = inventory.unreadable[digest]
            raise CollectorFailed(f"{WALKED}failed to retrieve manifest for digest {digest}: {said}")


DISTRIBUTION_2_8 = Distribution("distribution-2.8", False, True, False)
DISTRIBUTION_3 = Distribution("distribution-3", True, False, True)
