"""What is so in the lesson on collection, computed from the inventories, plans and registries of the notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simregistry.client.client import Client
from simregistry.errors import SimRegistryError
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageIndex
from simregistry.oci.messages import Response, shorten
from simregistry.registry.gc.inventory import Inventory, take_inventory
from simregistry.registry.gc.plan import Plan
from simregistry.registry.gc.reports import Share, freed_by, left_behind, shares
from simregistry.registry.products.distribution_2_8.collector import DISTRIBUTION_2_8
from simregistry.registry.registry import Registry
from simregistry.registry.retention import RetentionPlan
from simregistry.study.examples.ci_year import CiYear
from simregistry.table import count
from simregistry.teach.predictions.prediction import Truth

# The rows of ``left_behind``, in the words of the question.
LEFT = {"tags": "the tag v1", "manifests": "the manifest", "blob links": "the links to its layers",
        "blobs on the shelf": "the bytes of its layers"}  # fmt: skip


def _share(inventory: Inventory, name: str) -> Share:
    return next(share for share in shares(inventory) if share.name == name)


def tag_deleted(before: Inventory, after: Inventory, answer: Response) -> Truth:
    """Compare the bytes on the shelf, and count those of the image and those of it alone."""
    image = _share(before, "web:v1")
    facts = {"image": image.bytes, "alone": image.exclusive_bytes, "status": answer.status}
    return Truth(before.stored_bytes - after.stored_bytes, facts)


def manifest_deleted(before: Inventory, after: Inventory) -> frozenset[str]:
    """Name all of which there is less than before."""
    return frozenset(LEFT[what] for what, deleted, _ in left_behind(before, after) if what in LEFT and deleted)


def garbage(plan: Plan, names: Mapping[Digest, str]) -> frozenset[str]:
    """Name what the plan takes; the question leaves some of it out."""
    asked = ("v1", "v2", "v3", "base", "code v1", "code v2", "code v3", "config v2")
    return frozenset(names[digest] for digest in plan.swept if names[digest] in asked)


def base_step(plan: Plan, names: Mapping[Digest, str]) -> str:
    """Find the first of the four pictures in which the base has a mark."""
    # Imported here, because what draws is slow to load and no other question needs it.
    from simregistry.show.collection_graph import collection

    states = {step: {row[1]: row[3] for row in collection(plan, step, dict(names)).table} for step in (1, 2, 3, 4)}
    return f"step {next(step for step, state in states.items() if state['base'] == 'marked')}"


def freed(inventory: Inventory) -> Truth:
    """Count what goes with the tag v1, with the other tag, and with both."""
    tag, other = "web:v1", "web:latest"
    digest = inventory.holdings["web"].tags or {}
    # The last thing that a manifest names is its top layer.
    code = inventory.blobs[inventory.references[digest["v1"]][-1]]
    facts = {
        "image": _share(inventory, tag).bytes,
        "code": code,
        "other": freed_by(inventory, [other]),
        "both": freed_by(inventory, [tag, other]),
    }
    return Truth(freed_by(inventory, [tag]), facts)


def old_images(plan: Plan) -> str:
    """Say whether the plan takes anything at all."""
    return "the oldest images" if plan.swept or plan.manifests else "nothing"


def largest_image(top: Sequence[Share]) -> Truth:
    """Find the row with the largest image."""
    largest = max(top, key=lambda share: share.bytes)
    return Truth(top.index(largest) + 1, {"bytes": largest.bytes, "alone": largest.exclusive_bytes})


def rules(run: RetentionPlan) -> frozenset[str]:
    """Name the tags that go."""
    return frozenset(subject.tag or "" for subject in run.deleted)


def year(nobody: CiYear, newest: CiYear) -> Truth:
    """Compare the last weeks of two years: bytes, and tags."""
    full, kept = nobody.weeks[-1], newest.weeks[-1]
    facts = {"gone": full.tags - kept.tags, "all": full.tags, "tags": round(100 * kept.tags / full.tags)}
    return Truth(round(100 * kept.stored_bytes / full.stored_bytes), facts)


def children(old: Plan, new: Plan, index: ImageIndex, attested: Registry) -> Truth:
    """Say which of two versions keeps an index's manifests, and what the old one does to an attested image."""
    wanted = {child.digest for child in index.manifests}
    kept = [wanted.isdisjoint(digest for _, digest in plan.manifests) for plan in (old, new)]
    options = {
        (True, True): "both versions keep them",
        (False, False): "both versions take them",
        (False, True): "2.8 takes them, 3 keeps them",
        (True, False): "2.8 keeps them, 3 takes them",
    }
    plan = DISTRIBUTION_2_8.plan(take_inventory(attested.storage), delete_untagged=True)
    facts = {"lost": count(plan.freed_bytes), "whole": count(plan.inventory.stored_bytes)}
    return Truth(options[kept[0], kept[1]], facts)


def kept_by_old(old: Plan) -> int:
    """Count the blobs that stay."""
    return len(old.inventory.blobs) - len(old.swept)


def pull(broken: Registry, index: ImageIndex) -> Truth:
    """Pull each of the index's images on an empty machine."""
    refusals = [_refusal(broken, f"@{child.digest}") for child in index.manifests]
    whole = refusals.count("")
    options = ("on neither platform", "on one of the two platforms", "on both platforms")
    return Truth(options[whole], {"refusal": _refusal(broken, ":multi"), "tags": ", ".join(broken.tags("web"))})


def _refusal(registry: Registry, name: str) -> str:
    """Pull from the repository ``web``; return what the registry says to that, or "" where it goes well."""
    try:
        Client(registries=[registry]).pull(f"{registry.host}/web{name}")
    except SimRegistryError as error:
        return shorten(str(error))
    return ""
