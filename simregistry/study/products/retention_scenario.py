"""The seventh scenario: one wish, "keep the 3 newest tags, drop untagged manifests after 7 days", in every syntax."""

from __future__ import annotations

from simregistry.oci.digest import Digest
from simregistry.registry.products.policies import parse_policy
from simregistry.registry.products.product import Product
from simregistry.registry.retention import DAY, Subject
from simregistry.study.products.product_scene import ScenarioOutcome
from simregistry.study.products.same_policy import SAME_POLICY

# The moment at which the rules are carried out: five builds, one every two days, and two manifests without a tag.
NOW = 20 * DAY


def subjects() -> tuple[Subject, ...]:
    """Give what the rules decide on: five tags, and manifests that lost theirs 3 and 10 days ago."""
    tags = {f"build-{number}": 11 - 2 * number for number in range(1, 6)}
    named = [Subject("app", tag, Digest.of(tag.encode()), NOW - days * DAY) for tag, days in tags.items()]
    bare = [Subject("app", None, Digest.of(f"untagged {days}".encode()), NOW - days * DAY) for days in (3, 10)]
    return (*named, *bare)


def same_retention(product: Product) -> ScenarioOutcome:
    """Carry out the wish as the product's own rules say it."""
    syntax = product.value("retention_syntax")
    fields = ("retention_syntax", "untagged")
    empty = {"syntax": syntax, "policy": None, "kept_tags": None, "deleted_untagged": None, "cannot_say": None}
    if syntax is None or syntax == "none":
        summary = "it has no rules of this kind" if syntax else "whether it has such rules is not said"
        return ScenarioOutcome(product, summary, empty, product.sources(*fields))
    wish = SAME_POLICY[syntax]
    decisions = parse_policy(syntax, wish.text).decide(subjects(), NOW)
    kept = [d.subject.tag for d in decisions if not d.deleted and d.subject.tag is not None]
    gone = [d.subject.name for d in decisions if d.deleted and d.subject.tag is None]
    facts = {"syntax": syntax, "policy": wish.text, "kept_tags": kept, "deleted_untagged": len(gone)}
    facts |= {"cannot_say": wish.cannot or None}
    summary = f"keeps {len(kept)} of 5 tags, drops {len(gone)} of 2 untagged"
    summary += f". {wish.cannot}" if wish.cannot else ""
    return ScenarioOutcome(product, summary, facts, product.sources(*fields))
