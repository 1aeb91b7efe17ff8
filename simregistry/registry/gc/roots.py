"""What the mark-and-sweep collectors other than distribution's begin from: what tags reach, or every manifest."""

from __future__ import annotations

from collections import Counter

from simregistry.oci.digest import Digest
from simregistry.registry.gc.inventory import Inventory
from simregistry.registry.gc.mark import Marks, mark


def roots(inventory: Inventory, delete_untagged: bool) -> list[tuple[Digest, str]]:
    """List the manifests that stay for their own sake, with the reason: what has a tag, or else all there are."""
    reasons: list[tuple[Digest, str]] = []
    for holding in inventory.holdings.values():
        tagged = holding.tagged()
        reasons += [(digest, holding.why_root(tag)) for digest, tag in tagged.items()]
        # The safe default: to be in a repository is enough. Who deletes a tag then frees nothing.
        if not delete_untagged:
            reasons += [(digest, holding.why_root(None)) for digest in holding.revisions if digest not in tagged]
    return reasons


def mark_from_roots(inventory: Inventory, delete_untagged: bool) -> Marks:
    """Mark all that a root leads to, however deep."""
    return mark(inventory, roots(inventory, delete_untagged))


def unreached(inventory: Inventory, kept: Marks) -> tuple[tuple[str, Digest], ...]:
    """List each repository's manifests that nothing keeps."""
    return tuple(
        (name, digest)
        for name, holding in inventory.holdings.items()
        for digest in holding.revisions
        if digest not in kept
    )


def reference_counts(inventory: Inventory, delete_untagged: bool) -> Counter[Digest]:
    """Count what points at each digest: roots, and the manifests on the shelf that name it, each once.

    Theory: a count needs no walk through the storage; one that falls to zero says at once that the blob may go. The
    price: every push and delete must count, exactly once, for ever.
    """
    counts: Counter[Digest] = Counter(digest for digest, _ in roots(inventory, delete_untagged))
    for digest, named in inventory.references.items():
        # A layer that a manifest lists twice is one reference, or deleting the manifest would leave one too many.
        if digest in inventory.blobs:
            counts.update(set(named))
    return counts
