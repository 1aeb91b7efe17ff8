"""Sweep: carry a plan out on a simulated registry. Only here does a blob come off the shelf."""

from __future__ import annotations

from collections.abc import Iterator

from simregistry.registry.gc.plan import CollectorFailed, Plan
from simregistry.registry.storage.storage import Storage


def sweep(storage: Storage, plan: Plan) -> int:
    """Delete what a plan takes, and give the bytes freed; raises CollectorFailed for a plan that gave up."""
    if plan.failed:
        raise CollectorFailed(plan.failed)
    return sum(freed for _, freed in sweep_steps(storage, plan))


def sweep_steps(storage: Storage, plan: Plan) -> Iterator[tuple[str, int]]:
    """Do it one deletion at a time: manifests, blobs, links, in the order of the real one; what is gone is passed over.

    Each step gives what it did and the bytes it freed, so that something else can happen in between.
    """
    for name, digest in plan.manifests:
        if name in storage.repositories:
            storage.repositories[name].drop_manifest(digest)
        yield f"delete manifest {digest.short} of {name}", 0
    for digest in plan.swept:
        yield f"sweep blob {digest.short}", storage.blobs.delete(digest) if digest in storage.blobs else 0
    for name, digest in plan.links:
        if name in storage.repositories:
            storage.repositories[name].drop_link(digest)
            yield f"drop the link of {name} to {digest.short}", 0
