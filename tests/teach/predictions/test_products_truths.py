"""What the lesson on registries side by side says is so: it follows from the comparisons; others give another."""

from __future__ import annotations

import pytest

from simregistry import Client, Registry, Request
from simregistry.study import SCENARIOS, compare_products, webapp
from simregistry.teach.predictions import products_truths as truths
from simregistry.teach.predictions.all_predictions import find_prediction, predictions_of
from simregistry.teach.predictions.outcome import outcome_of


def beliefs(key: str, truth, *answers: object) -> list[tuple[str, ...]]:
    """The beliefs that some answers show."""
    return [outcome_of(find_prediction(key), truth, answer).beliefs for answer in answers]


def test_the_other_tag_is_gone_where_the_comparison_says_so():
    """Two of eight; alone, the others give nothing."""
    truth = truths.other_tag(compare_products("delete-one-tag"))
    assert truth.right == {"distribution-2.8", "acr"} and truth.facts["nexus_sure"] == "inferred"
    assert truths.other_tag(compare_products("delete-one-tag", ["ecr", "docker-hub"])).right == frozenset()
    said = outcome_of(find_prediction("products.other-tag"), truth, frozenset({"ecr"}))
    assert {"all registries delete alike", "to delete a tag is to delete the image"} == set(said.beliefs)
    assert any("the tag goes, the other stays (documented)" in line for line in said.details)


def test_what_nobody_says_is_counted():
    """In all scenarios, and in the one with the most; the one answer that is inferred has a row."""
    comparisons = [compare_products(name) for name in SCENARIOS]
    truth = truths.not_said(comparisons)
    assert (truth.right, truth.facts) == (8, {"none": 0, "answers": 56})
    assert truths.least_known(comparisons).right == "race"
    assert truths.least_known(comparisons[:2]).right == "shared-base"
    row = truths.inferred_row(compare_products("delete-one-tag", ["nexus", "ecr"]))
    assert (row.right, row.facts) == (1, {"title": "Sonatype Nexus Repository"})


def test_the_kept_tags_are_those_of_the_policy():
    """Two, where the wish was three."""
    truth = truths.kept_tags(compare_products("retention", ["artifact-registry"]))
    assert truth.right == 2 and truth.facts["tags"] == "build-4 and build-5"
    assert beliefs("products.kept-tags", truth, 3) == [("a wish means the same in every product",)]


def test_a_base_is_stored_again_where_the_scope_is_a_repository():
    """Two of eight; a product of which it isn't said is none of them."""
    truth = truths.shared_base(compare_products("shared-base"))
    assert truth.right == {"ecr", "nexus"} and truth.facts["copies"] == 99 * 10_240
    assert truths.shared_base(compare_products("shared-base", ["docker-hub", "acr"])).right == frozenset()
    said = outcome_of(find_prediction("products.shared-base"), truth, frozenset({"nexus", "acr"}))
    assert set(said.beliefs) == {"every registry stores a layer once", "another repository means another copy"}
    assert any("each repository stores the base: 42.9 kB (documented)" in line for line in said.details)


PINNED = {
    ("distribution-3", "ecr"): "only in the old one",
    ("acr", "distribution-3"): "only in the new one",
    ("distribution-3", "docker-hub"): "in both registries",
    ("ecr", "nexus"): "in neither registry",
}


@pytest.mark.parametrize("names", PINNED, ids="-".join)
def test_a_pinned_image_is_pulled_where_the_manifest_stayed(names):
    """Both registries hear the same request; what is left is asked for by digest."""
    registries = [Registry.product(name) for name in names]
    for registry in registries:
        registry.storage.repository_to_write("web")
        laptop = Client(registries=[registry])
        digest = webapp.build(laptop, "v1").manifest.digest
        laptop.push("registry.example/web:v1")
        registry.handle(Request("DELETE", "/v2/web/manifests/v1"))
    assert truths.pinned_pull(*registries, digest) == PINNED[names]


def test_images_that_go_with_their_only_tag_are_counted():
    """Five of eight, and none where the tag alone goes or the request is refused."""
    truth = truths.lost_with_the_tag(compare_products("delete-one-tag"))
    assert (truth.right, truth.facts["names"]) == (5, "ecr, artifact-registry, acr, artifactory, nexus")
    assert truths.lost_with_the_tag(compare_products("delete-one-tag", ["docker-hub", "distribution-3"])).right == 0


def test_the_beliefs_of_the_lesson_are_met():
    """Each is what some wrong answer shows."""
    shown = set()
    for prediction in predictions_of("products").values():
        shown |= {*prediction.beliefs.values(), *(wrong.belief for wrong in prediction.wrong_numbers)}
    assert shown >= {
        "all registries delete alike", "to delete a tag is to delete the image", "every registry stores a layer once",
        "a wish means the same in every product", "the documentation answers every question",
    }  # fmt: skip
