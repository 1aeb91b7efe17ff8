"""What is so in the lesson on collection, computed from the inventories, plans and registries of the notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simregistry.client.client import Client
from simregistry.errors import SimRegistryError
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageIndex
from simregistry.oci.messages import Request, Response, shorten
from simregistry.registry.gc.inventory import Inventory, take_inventory
from simregistry.registry.gc.plan import Plan
from simregistry.registry.gc.reports import Share, freed_by, left_behind, shares
from simregistry.registry.registry import Registry
from simregistry.registry.retention import RetentionPlan
from simregistry.show.explorers.collector_explorer import CollectorExplorer
from simregistry.table import count
from simregistry.teach.predictions.prediction import Truth

# The rows of ``left_behind``, in the words of the question.
LEFT = {"tags": "the tag v1", "manifests": "the link to the manifest", "blob links": "the links to the layers",
        "blobs in the storage": "the bytes of the layers"}  # fmt: skip


def _share(inventory: Inventory, name: str) -> Share:
    return next(share for share in shares(inventory) if share.name == name)


def tag_deleted(before: Inventory, registry: Registry, answer: Response) -> Truth:
    """Pull by the digest that the tag pointed at, and see how far that gets; compare the bytes in the storage too."""
    digest = (before.holdings["web"].tags or {})["v1"]
    manifest = registry.handle(Request("GET", f"/v2/web/manifests/{digest}")).status == 200
    some = "the manifest, but no layers" if manifest else "nothing"
    after = take_inventory(registry.storage)
    facts = {"status": answer.status, "before": count(before.stored_bytes), "after": count(after.stored_bytes)}
    return Truth(some if _refusal(registry, f"@{digest}") else "the whole image", facts)


def manifest_deleted(before: Inventory, after: Inventory) -> frozenset[str]:
    """Name all of which there is less than before."""
    return frozenset(LEFT[what] for what, deleted, _ in left_behind(before, after) if what in LEFT and deleted)


def garbage(plan: Plan, names: Mapping[Digest, str]) -> frozenset[str]:
    """Name what the plan takes; the question leaves some of it out."""
    asked = ("v1", "v2", "v3", "base", "code v1", "code v2", "code v3", "config v2")
    return frozenset(names[digest] for digest in plan.swept if names[digest] in asked)


def base_step(explorer: CollectorExplorer) -> str:
    """Press the buttons on a copy of the explorer's storage, and find the first after which the base has a mark."""
    trial = CollectorExplorer(explorer.start, explorer.names, explorer.goal_bytes)
    base = next(str(digest) for digest, name in explorer.names.items() if name == "base")
    pressed = {"before any button": "", "after Mark the roots": "mark", "after Follow the roots": "mark"}
    return next((when for when, do in pressed.items() if trial.hand(do).mark(base).look == "good"), "after Sweep")


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


def largest_image(top: Sequence[Share]) -> Truth:
    """Find the row with the largest image."""
    largest = max(top, key=lambda share: share.bytes)
    return Truth(top.index(largest) + 1, {"bytes": largest.bytes, "alone": largest.exclusive_bytes})


def rules(run: RetentionPlan) -> frozenset[str]:
    """Name the tags that go."""
    return frozenset(subject.tag or "" for subject in run.deleted)


def children(new: Plan, old: Plan, index: ImageIndex) -> Truth:
    """Say which of an index's manifests the new collector deletes, and count what the old one sweeps."""
    gone = {digest for _, digest in new.manifests}
    image, attestation = (child.digest in gone for child in index.manifests)
    options = {
        (False, False): "nothing",
        (False, True): "the attestation and what it names",
        (True, False): "the image and what it names",
        (True, True): "both manifests and what they name",
    }
    facts = {"lost": count(old.freed_bytes), "whole": count(old.inventory.stored_bytes)}
    return Truth(options[image, attestation], facts)


def kept_by_old(old: Plan) -> int:
    """Count the blobs that stay."""
    return len(old.inventory.blobs) - len(old.swept)


def pull(broken: Registry, index: ImageIndex) -> Truth:
    """Ask for what a pull asks for, one thing after the other, and name the first that is refused."""
    image = index.manifests[0].digest
    steps = {"at the tag": "v1", "at the image's manifest": image}
    refused = [step for step, name in steps.items() if not _answers(broken, f"manifests/{name}")]
    layers = take_inventory(broken.storage).references.get(image, ())
    if not refused and not all(_answers(broken, f"blobs/{layer}") for layer in layers):
        refused = ["at a layer"]
    facts = {"refusal": _refusal(broken, ":v1"), "tags": ", ".join(broken.tags("web"))}
    return Truth(refused[0] if refused else "nowhere, it works", facts)


def _answers(registry: Registry, path: str) -> bool:
    """Ask the repository ``web`` for something."""
    return registry.handle(Request("GET", f"/v2/web/{path}")).status == 200


def _refusal(registry: Registry, name: str) -> str:
    """Pull from the repository ``web``; return what the registry says to that, or "" where it goes well."""
    try:
        Client(registries=[registry]).pull(f"{registry.host}/web{name}")
    except SimRegistryError as error:
        return shorten(str(error))
    return ""
