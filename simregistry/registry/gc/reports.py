"""What people ask of a full registry: why is this here, what would deleting that free, whose bytes are these?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from simregistry.errors import ManifestUnknown
from simregistry.oci.digest import Digest
from simregistry.registry.gc.inventory import Inventory
from simregistry.registry.gc.mark import mark
from simregistry.registry.gc.roots import mark_from_roots
from simregistry.table import Table


@dataclass(frozen=True, slots=True)
class Share:
    """What hangs on one thing: all bytes that it reaches, and those that nothing else reaches."""

    name: str
    bytes: int
    exclusive_bytes: int

    @property
    def shared_bytes(self) -> int:
        """Bytes that others reach too."""
        return self.bytes - self.exclusive_bytes


def why(inventory: Inventory, digest: Digest) -> tuple[tuple[str, ...], ...]:
    """Return for each tag that keeps a blob the way from it; else for each repository that has a manifest over it.

    Every tag is asked by itself, so that the answer says how many would have to go before the blob could.
    """
    return tuple(way for name, top in _tops(inventory) if (way := _way(inventory, name, top, digest)))


def _way(inventory: Inventory, name: str, top: Digest, digest: Digest) -> tuple[str, ...]:
    return mark(inventory, [(top, name)]).path(inventory, digest)


def _tops(inventory: Inventory) -> list[tuple[str, Digest]]:
    """List each tag with its manifest, then each manifest without a tag, as its repository's."""
    tops = list(inventory.tags())
    for name, holding in inventory.holdings.items():
        tagged = holding.tagged()
        tops += [(f"{name} (no tag)", digest) for digest in holding.revisions if digest not in tagged]
    return tops


def without(inventory: Inventory, deleting: Iterable[str]) -> Inventory:
    """Make the inventory as it would be without some tags; raises ManifestUnknown for one that is not there."""
    holdings = dict(inventory.holdings)
    for name in deleting:
        repository, _, tag = name.rpartition(":")
        holding = holdings.get(repository)
        if holding is None or tag not in (holding.tags or {}):
            have = ", ".join(tag for tag, _ in replace(inventory, holdings=holdings).tags()) or "no tag at all"
            raise ManifestUnknown(f"no tag {name}; there is {have[:300]}", {"name": name})
        holdings[repository] = replace(holding, tags={t: d for t, d in (holding.tags or {}).items() if t != tag})
    return replace(inventory, holdings=holdings)


def freed_by(inventory: Inventory, deleting: Iterable[str]) -> int:
    """Count the bytes that deleting some tags would free, once what no tag reaches is collected.

    What no tag reaches even now is not counted: it could go without deleting anything.
    """
    # The difference of two marks, and not a sum over the tags' blobs: what two deleted tags share goes with the second.
    before = mark_from_roots(inventory, delete_untagged=True)
    after = mark_from_roots(without(inventory, deleting), delete_untagged=True)
    return sum(inventory.blobs.get(digest, 0) for digest in before.marked - after.marked)


def shares(inventory: Inventory, by: str = "tag") -> tuple[Share, ...]:
    """Count what hangs on each tag or repository, the largest exclusive part first; ``by`` is "tag" or "repository".

    The exclusive bytes of a tag are what deleting it alone would free.
    """
    groups: dict[str, set[Digest]] = {}
    below: dict[Digest, frozenset[Digest]] = {}
    for repository, holding in inventory.holdings.items():
        for tag, top in (holding.tags or {}).items():
            # Many tags point at one manifest: what is below it is marked once.
            if top not in below:
                below[top] = frozenset(mark(inventory, [(top, tag)]).marked)
            name = f"{repository}:{tag}" if by == "tag" else repository
            groups.setdefault(name, set()).update(below[top])
    uses = Counter(digest for group in groups.values() for digest in group)
    counted = (
        Share(
            name,
            sum(inventory.blobs.get(digest, 0) for digest in group),
            sum(inventory.blobs.get(digest, 0) for digest in group if uses[digest] == 1),
        )
        for name, group in groups.items()
    )
    return tuple(sorted(counted, key=lambda share: (-share.exclusive_bytes, share.name)))


def layers_by_tag(inventory: Inventory) -> dict[str, dict[Digest, int]]:
    """List for each tag the layers of its images with their bytes; an index's images are told apart by their digest."""
    layers: dict[str, dict[Digest, int]] = {}
    for name, top in inventory.tags():
        followed = mark(inventory, [(top, name)]).followed
        for image in sorted(digest for digest in followed - inventory.indexes if digest in inventory.references):
            suffix = "" if image == top else f"@{image.short}"
            # image-spec manifest.md: the config is not a layer; it stands first in what a manifest names.
            digests = inventory.references[image][1:]
            layers[name + suffix] = {layer: inventory.blobs.get(layer, 0) for layer in digests}
    return layers


def left_behind(before: Inventory, after: Inventory) -> Table:
    """Count what a deletion took and what it left: names, links, and the blobs themselves with their bytes."""
    counted = [_counts(inventory) for inventory in (before, after)]
    rows = tuple((what, counted[0][what] - counted[1][what], counted[1][what]) for what in counted[0])
    return Table(("what", "deleted", "left"), rows)


def _counts(inventory: Inventory) -> dict[str, int]:
    holdings = inventory.holdings.values()
    return {
        "tags": sum(len(holding.tags or {}) for holding in holdings),
        "manifests": sum(len(holding.revisions) for holding in holdings),
        "blob links": sum(len(holding.links) for holding in holdings),
        "blobs in the storage": len(inventory.blobs),
        "bytes in the storage": inventory.stored_bytes,
    }


def shares_table(counted: Iterable[Share]) -> Table:
    """Show shares, a line each."""
    rows = tuple((share.name, share.bytes, share.exclusive_bytes, share.shared_bytes) for share in counted)
    return Table(("name", "bytes", "only here", "in others too"), rows)


def abandoned(inventory: Inventory, older_than: float, now: float) -> Table:
    """List the uploads that began long ago (seconds); CNCF distribution purges those of 168 hours, each 24 hours."""
    rows = tuple(
        (upload.repository, upload.id[:8], upload.received, round((now - upload.started) / 3600))
        for upload in inventory.uploads
        if upload.started is not None and now - upload.started >= older_than
    )
    return Table(("repository", "upload", "bytes", "hours old"), rows)
