"""Sweep: carry a plan out on a simulated registry. Only here does a blob come off the shelf."""

from __future__ import annotations

from collections.abc import Iterator

from simregistry.registry.gc.plan import CollectorFailed, Plan
from simregistry.registry.storage.storage import Storage


def sweep(storage: Storage, plan: Plan) -> int:
    """Delete what a plan takes, and return the bytes freed; raises CollectorFailed for a plan that gave up."""
    if plan.failed:
        raise CollectorFailed(plan.failed)
    return sum(freed for _, freed in sweep_steps(storage, plan))


def sweep_steps(storage: Storage, plan: Plan) -> Iterator[tuple[str, int]]:
    """Delete one thing at a time: manifests, then blobs, then links, in the order of CNCF distribution.

    Each step yields what it did and the bytes that it freed, so that something else can happen in between.
    """
    # Subtle: a plan is a decision of the past. Since then somebody may have deleted what it names, so each step looks
    # again and passes over what is gone. Nobody looks whether something has come to be needed: that is the race.
    for name, digest in plan.manifests:
        if name in storage.repositories:
            # Not `delete_manifest`, which refuses while an index needs it: version 2.8 deletes those too.
            storage.repositories[name].drop_manifest(digest)
        yield f"delete manifest {digest.short} of {name}", 0
    # Names first, bytes after them: who asks for the manifest now is told "unknown", and gets no half of an image.
    for digest in plan.swept:
        yield f"sweep blob {digest.short}", storage.blobs.delete(digest) if digest in storage.blobs else 0
    # Version 2.8 drops no links. They stay and lead to nothing, and a registry that trusts one lets a broken image in.
    for name, digest in plan.links:
        if name in storage.repositories:
            storage.repositories[name].drop_link(digest)
            yield f"drop the link of {name} to {digest.short}", 0
