"""The seventh scenario: one policy, "keep the 3 newest tags, drop untagged manifests after 7 days", in every syntax."""

from __future__ import annotations

from simregistry.oci.digest import Digest
from simregistry.registry.products.policies import parse_policy
from simregistry.registry.products.product import Product
from simregistry.registry.retention import DAY, Subject
from simregistry.study.products.product_scene import ScenarioOutcome
from simregistry.study.products.same_policy import SAME_POLICY

# The rules run on day 20. By then there are five builds, one every two days, and two manifests without a tag.
NOW = 20 * DAY


def subjects() -> tuple[Subject, ...]:
    """Return what the rules decide on: five tags, and two manifests that lost their tags 3 and 10 days ago."""
    ages = {f"build-{number}": 11 - 2 * number for number in range(1, 6)}
    tagged = [Subject("app", tag, Digest.of(tag.encode()), NOW - days * DAY) for tag, days in ages.items()]
    untagged = [Subject("app", None, Digest.of(f"untagged {days}".encode()), NOW - days * DAY) for days in (3, 10)]
    return (*tagged, *untagged)


def same_retention(product: Product) -> ScenarioOutcome:
    """Run the policy in the product's own syntax, and count what it keeps and deletes."""
    syntax = product.value("retention_syntax")
    fields = ("retention_syntax", "untagged")
    empty = {"syntax": syntax, "policy": None, "kept_tags": None, "deleted_untagged": None, "cannot_say": None}
    if syntax is None or syntax == "none":
        summary = "it has no rules of this kind" if syntax else "whether it has such rules is not said"
        return ScenarioOutcome(product, summary, empty, product.sources(*fields))
    policy = SAME_POLICY[syntax]
    decisions = parse_policy(syntax, policy.text).decide(subjects(), NOW)
    kept = [d.subject.tag for d in decisions if not d.deleted and d.subject.tag is not None]
    gone = [d.subject.name for d in decisions if d.deleted and d.subject.tag is None]
    facts = {"syntax": syntax, "policy": policy.text, "kept_tags": kept, "deleted_untagged": len(gone)}
    facts |= {"cannot_say": policy.cannot or None}
    summary = f"keeps {len(kept)} of 5 tags, drops {len(gone)} of 2 untagged"
    summary += f". {policy.cannot}" if policy.cannot else ""
    return ScenarioOutcome(product, summary, facts, product.sources(*fields))
