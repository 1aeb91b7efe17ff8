"""The seven scenarios: each plays a small history on a product's registry and reports the outcome.

A scenario measures the model, a registry that does what the product's description says. Where the description has no
value, the registry does the specification's default, and the scenario reports None: unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from simregistry.oci.messages import Request
from simregistry.registry.gc.grace_and_trash import Grace
from simregistry.registry.gc.inventory import take_inventory
from simregistry.registry.gc.sweep import sweep
from simregistry.registry.mirror import PullThrough, Upstream
from simregistry.registry.products.collectors import COLLECTORS
from simregistry.registry.products.product import Product
from simregistry.study.products.product_scene import ProductScene, ScenarioOutcome
from simregistry.study.products.retention_scenario import same_retention
from simregistry.table import human

FLEET = 120
# An address of RFC 5737, for examples.
ADDRESS = "198.51.100.7"
DAY, HOUR = 24 * 3600, 3600
# The race: how many seconds before the collector the last blob came, and the grace periods that are tried.
GAPS = (10, 600, 2 * HOUR + 60)
GRACES = (0, 300, HOUR, 2 * HOUR)


@dataclass(frozen=True, slots=True)
class ProductScenario:
    """A question, and the history that answers it."""

    name: str
    question: str
    run: Callable[[Product], ScenarioOutcome]


def overwrite_tag(product: Product) -> ScenarioOutcome:
    """Push three images under one tag, and look for the two older ones."""
    scene = ProductScene(product)
    first = scene.push("app:latest", "code 1")
    for number in (2, 3):
        scene.push("app:latest", f"code {number}")
    rule = product.value("untagged")
    repository = scene.registry.storage.repositories["app"]
    if rule == "deleted-by-job":
        for digest in scene.untagged("app"):
            repository.drop_manifest(digest)
        sweep(scene.registry.storage, Grace("orphans", 0).plan(take_inventory(scene.registry.storage)))
    stored = scene.registry.storage.blobs.stored_bytes
    old = scene.pullable("app", first.digest)
    facts = {
        "tags": len(repository.tags),
        "manifests": len(repository.manifests) if rule else None,
        "untagged_manifests": len(scene.untagged("app")) if rule else None,
        "stored_bytes": stored if rule else None,
        "first_pullable_by_digest": old if rule else None,
    }
    if rule is None:
        summary = "one tag; what becomes of the two older images is not said"
    elif old:
        summary = f"one tag, {len(repository.manifests)} manifests: the old images stay, {human(stored)} in all"
    else:
        summary = f"one tag, {len(repository.manifests)} manifest: a job takes the old images, {human(stored)} stay"
    return ScenarioOutcome(product, summary, facts, product.sources("tag_overwrite", "untagged"))


def shared_base(product: Product) -> ScenarioOutcome:
    """Push two images with the same base into two repositories, and count the stored bytes."""
    scene = ProductScene(product)
    for repository in ("team-a/app", "team-b/app"):
        scene.push(f"{repository}:v1", f"code of {repository}")
    storage = scene.registry.storage
    # What each repository would store if it shared nothing with the other, its manifest included.
    logical = sum(
        sum(repository.blobs.values()) + sum(manifest.size for manifest in repository.manifests.values())
        for repository in storage.repositories.values()
    )
    together = storage.blobs.stored_bytes
    scope = product.value("dedup_scope")
    stored = None if scope is None else logical if scope == "repository" else together
    facts = {"logical_bytes": logical, "stored_bytes": stored, "dedup_scope": scope}
    summaries = {
        None: "where the provider stores a layer once is not said",
        "repository": f"each repository stores the base: {human(logical)}",
        "registry": f"the registry stores the base once: {human(together)} of {human(logical)}",
        "filestore": f"the whole file store has the base once: {human(together)} of {human(logical)}",
    }
    return ScenarioOutcome(product, summaries[scope], facts, product.sources("dedup_scope", "mount"))


def delete_one_tag(product: Product) -> ScenarioOutcome:
    """Delete one of two tags of one image in the product's usual way, and look for the other tag."""
    scene = ProductScene(product)
    image = scene.push("app:v1", "code", tags=("stable",))
    rule = product.value("delete_tag")
    answer = scene.ask("DELETE", "/v2/app/manifests/v1")
    # A product that refuses to delete a tag leaves one way: delete the manifest, by its digest.
    answer_by_digest = scene.ask("DELETE", f"/v2/app/manifests/{image.digest}") if rule == "refused" else None
    other = "app" in scene.registry.storage.repositories and scene.pullable("app", "stable")
    facts: dict[str, Any] = {
        "status": answer.status,
        "refused": not answer.ok,
        "other_tag_pullable": other if rule else None,
        "image_left_without_tags": _left_without_tags(product) if rule else None,
    }
    if rule is None:
        summary = "how a tag is deleted is not said"
    elif answer_by_digest is not None:
        then = (
            "by digest both tags go" if answer_by_digest.ok else "by digest it is refused too, while tags point at it"
        )
        summary = f"a tag is refused ({answer.status}); {then}"
    elif not answer.ok:
        summary = f"refused ({answer.status}) while the image has another tag"
    else:
        summary = "the tag goes, the other stays" if other else "the image goes, and its other tag with it"
    if product.value("untag_only") and not other:
        summary += "; another command takes the tag alone"
    return ScenarioOutcome(product, summary, facts, product.sources("delete_tag", "delete_manifest"))


def _left_without_tags(product: Product) -> bool:
    """Delete an image's only tag, and say whether its digest can still be pulled."""
    scene = ProductScene(product)
    image = scene.push("app:v1", "code")
    scene.ask("DELETE", "/v2/app/manifests/v1")
    return "app" in scene.registry.storage.repositories and scene.pullable("app", image.digest)


def delete_untagged_index(product: Product) -> ScenarioOutcome:
    """Delete all untagged manifests, two of which a tagged index names, and pull the index."""
    scene = ProductScene(product)
    scene.push_index("app:multi")
    rule = product.value("delete_untagged_with_index")
    refused = False
    if product.name.startswith("distribution"):
        plan = COLLECTORS[product.name].plan(take_inventory(scene.registry.storage), delete_untagged=True)
        sweep(scene.registry.storage, plan)
    else:
        answers = [scene.ask("DELETE", f"/v2/app/manifests/{digest}") for digest in scene.untagged("app")]
        refused = any(not answer.ok for answer in answers)
        if rule == "breaks" and refused:
            # The clean-up tool of such a product does not look at indexes, and removes what the API would refuse.
            for digest in scene.untagged("app"):
                scene.registry.storage.repositories["app"].drop_manifest(digest)
            refused = False
    resolves = scene.ask("GET", "/v2/app/manifests/multi").ok
    pullable = scene.pullable("app", "multi")
    known = rule is not None
    facts = {
        "refused": refused if known else None,
        "index_resolves": resolves if known else None,
        "index_pullable": pullable if known else None,
    }
    summaries = {
        None: "whether the images behind an index are spared is not said",
        "breaks": "the images behind the tagged index go: the tag resolves, no platform can be pulled",
        "keeps": "what a tagged index names is spared",
        "refuses": "refused: an index names them",
    }
    sources = product.sources("delete_untagged_with_index", "delete_child")
    return ScenarioOutcome(product, summaries[rule], facts, sources)


def collect_during_push(product: Product) -> ScenarioOutcome:
    """Collect between a push's last blob and its manifest, and see whether the registry takes the manifest."""
    grace = product.value("grace_seconds")
    survives = {f"after {gap} s": _survives(product, grace, gap) if grace is not None else None for gap in GAPS}
    facts: dict[str, Any] = {"grace_seconds": grace, **survives}
    facts["survives_600_s_with_grace"] = {str(seconds): _survives(product, seconds, 600) for seconds in GRACES}
    if grace is None:
        summary = "no grace period is named"
        if product.value("collection") == "provider":
            summary = "the provider collects unseen, and names no grace period"
    elif grace == 0:
        summary = "no grace: what came a moment ago is swept, and the manifest is refused"
    else:
        summary = f"what is younger than {grace} s is spared; a push that takes longer is not"
    if product.value("needs_read_only"):
        summary += "; so pushes have to be stopped meanwhile"
    return ScenarioOutcome(product, summary, facts, product.sources("grace_seconds", "collection", "needs_read_only"))


def _survives(product: Product, grace: float, gap: float) -> bool:
    """Say whether the registry takes a manifest whose blobs came ``gap`` seconds before the collector."""
    scene = ProductScene(product)
    image = scene.push("app:v1", "code")
    storage = scene.registry.storage
    # Undo the push's last request: the blobs are there, their manifest is not.
    storage.repositories["app"].drop_manifest(image.digest)
    storage.blobs.delete(image.digest)
    inventory = take_inventory(storage)
    # No clock moves here, so the times are set: every blob was written at 0, and the collector runs at ``gap``.
    inventory = replace(inventory, written=dict.fromkeys(inventory.blobs, 0.0), now=float(gap))
    sweep(storage, Grace("grace", grace).plan(inventory))
    headers = {"Content-Type": image.media_type}
    return scene.ask("PUT", "/v2/app/manifests/v1", image.raw, headers).ok


def rate_limit(product: Product) -> ScenarioOutcome:
    """Let a fleet behind one address pull one image without an account, first directly, then through a cache."""
    first = _first_refused(product, cached=False)
    through_cache, upstream = _first_refused(product, cached=True), _upstream_pulls(product)
    limit = product.value("pull_limit")
    never = product.value("anonymous_pull") == "never"
    known = not never and (limit is not None or product.value("request_limit") is not None)
    facts = {
        "pulls": FLEET,
        "anonymous_pull": product.value("anonymous_pull"),
        "limited": first is not None if known else None,
        "first_refused": first,
        "first_refused_through_a_cache": through_cache,
        "pulls_that_reach_it_through_a_cache": upstream,
    }
    if never:
        summary = "nobody pulls without an account here; limits are for each account"
    elif first is not None:
        summary = f"pull {first} of {FLEET} is refused with 429; through a cache {upstream} pull counts"
    elif limit == "none":
        summary = f"no pull limit: all {FLEET} succeed"
    elif product.value("request_limit") is not None:
        summary = f"{FLEET} pulls stay under its limit on requests"
    else:
        summary = "whether pulls are limited is not said"
    return ScenarioOutcome(product, summary, facts, product.sources("pull_limit", "request_limit", "anonymous_pull"))


def _first_refused(product: Product, cached: bool) -> int | None:
    """Pull again and again from one address; return the number of the first pull that is refused."""
    scene = ProductScene(product)
    scene.push("app:v1", "code")
    pull = Request("GET", "/v2/app/manifests/v1", peer=ADDRESS)
    cache = PullThrough(scene.registry, clock=scene.clock, peer=ADDRESS)
    asked: Upstream = cache if cached else scene.registry
    return next((number for number in range(1, FLEET + 1) if asked.handle(pull).status == 429), None)


def _upstream_pulls(product: Product) -> int:
    """Count the manifests that a cache fetches for the whole fleet; it checks them with HEAD, which is not counted."""
    scene = ProductScene(product)
    scene.push("app:v1", "code")
    cache = PullThrough(scene.registry, clock=scene.clock, peer=ADDRESS)
    for _ in range(FLEET):
        cache.handle(Request("GET", "/v2/app/manifests/v1"))
    return sum(request.method == "GET" for request in cache.asked)


# The scenarios that run on every product, by name.
SCENARIOS: Mapping[str, ProductScenario] = {
    scenario.name: scenario
    for scenario in (
        ProductScenario("overwrite-tag", "one tag pushed three times: what stays?", overwrite_tag),
        ProductScenario("shared-base", "one base in two repositories: how many bytes?", shared_base),
        ProductScenario("delete-one-tag", "one of two tags deleted: is the other still there?", delete_one_tag),
        ProductScenario(
            "delete-untagged-index", "untagged manifests deleted: does the index survive?", delete_untagged_index
        ),
        ProductScenario("race", "a collection between blobs and manifest: does the push survive?", collect_during_push),
        ProductScenario("rate-limit", f"{FLEET} anonymous pulls from one address: which is refused?", rate_limit),
        ProductScenario("retention", "keep the 3 newest, drop untagged after 7 days: how is it said?", same_retention),
    )
}
