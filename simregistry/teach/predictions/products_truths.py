"""What is so in the lesson on registries side by side, computed from the comparisons and from two registries."""

from __future__ import annotations

from collections.abc import Sequence

from simregistry.oci.digest import Digest
from simregistry.oci.messages import Request
from simregistry.registry.products.product import folder_of
from simregistry.registry.registry import Registry
from simregistry.study.products.compare import NOT_SAID, Comparison
from simregistry.teach.predictions.prediction import Truth


def other_tag(deleting: Comparison) -> Truth:
    """Name the products in which the second tag cannot be pulled any more."""
    gone = (outcome.product.name for outcome in deleting.outcomes if outcome.facts["other_tag_pullable"] is False)
    return Truth(frozenset(gone), _summaries(deleting))


def _summaries(comparison: Comparison) -> dict[str, object]:
    """Name what happens in each product, and how sure that is, for the reasons to speak of."""
    facts: dict[str, object] = {}
    for outcome in comparison.outcomes:
        key = folder_of(outcome.product.name)
        facts |= {key: outcome.summary, f"{key}_sure": comparison.how_sure(outcome)}
    return facts


def inferred_row(deleting: Comparison) -> Truth:
    """Find the row of the answer that no documentation gives."""
    words = [deleting.how_sure(outcome) for outcome in deleting.outcomes]
    row = words.index("inferred")
    return Truth(row + 1, {"title": deleting.outcomes[row].product.title})


def shared_base(sharing: Comparison) -> Truth:
    """Name the products in which each repository keeps its own copy of a base."""
    own = (outcome.product.name for outcome in sharing.outcomes if outcome.facts["dedup_scope"] == "repository")
    stored = [outcome.facts["stored_bytes"] for outcome in sharing.outcomes if outcome.facts["stored_bytes"]]
    # The second repository has one copy of the base more, and so has each after it.
    base = max(stored) - min(stored)
    return Truth(frozenset(own), _summaries(sharing) | {"base": base, "copies": 99 * base})


def not_said(comparisons: Sequence[Comparison]) -> Truth:
    """Count the answers that no source gives, in all scenarios."""
    return Truth(sum(map(_not_said, comparisons)), {"none": 0, "answers": sum(len(c.outcomes) for c in comparisons)})


def least_known(comparisons: Sequence[Comparison]) -> Truth:
    """Find the scenario with the most answers that no source gives."""
    most = max(comparisons, key=_not_said)
    return Truth(most.scenario.name, {"number": _not_said(most), "products": len(most.outcomes)})


def _not_said(comparison: Comparison) -> int:
    return sum(comparison.how_sure(outcome) == NOT_SAID for outcome in comparison.outcomes)


def kept_tags(wishes: Comparison) -> Truth:
    """Count the tags that the policy of Artifact Registry keeps."""
    kept = wishes.outcome("artifact-registry").facts["kept_tags"]
    return Truth(len(kept), {"wished": 3, "tags": " and ".join(kept)})


def pinned_pull(old: Registry, new: Registry, digest: Digest) -> str:
    """Ask both registries for a manifest by its digest, and say which of them has it."""
    request = Request("GET", f"/v2/web/manifests/{digest}")
    has = (old.handle(request).ok, new.handle(request).ok)
    words = {
        (True, True): "in both registries",
        (True, False): "only in the old one",
        (False, True): "only in the new one",
    }
    return words.get(has, "in neither registry")


def lost_with_the_tag(deleting: Comparison) -> Truth:
    """Count the products in which an image goes with its only tag."""
    names = [one.product.name for one in deleting.outcomes if one.facts["image_left_without_tags"] is False]
    return Truth(len(names), {"names": ", ".join(names)})
