"""The lesson on registries side by side: each option of a question fits exactly where the package says so."""

from __future__ import annotations

import pytest

from simregistry import DAY, Digest, parse_policy
from simregistry.registry.retention import Subject
from simregistry.study import choose, compare_products

NOW = 100 * DAY


def the_other_tag():
    """products.q1."""
    found = compare_products("delete-one-tag")
    products = ("ecr", "artifactory", "acr", "distribution-2.8")
    names = ("in Amazon ECR", "in JFrog Artifactory", "in Azure Container Registry", "in CNCF distribution 2.8")
    pullable = [found.outcome(product).facts["other_tag_pullable"] for product in products]
    return dict(zip(names, pullable, strict=True))


def fit(*needs: str, among: tuple[str, ...]) -> dict[str, bool]:
    """Whether each of some products is sure to fit, by its title."""
    words = {verdict.product.title: verdict.word for verdict in choose(*needs).verdicts}
    return {name: word == "fits" for title, word in words.items() for name in among if title.startswith(name)}


def public_and_undone():
    """products.q2."""
    among = ("Azure Container Registry", "Sonatype Nexus Repository", "Docker Hub", "Amazon ECR (private)")
    return fit("public_pull", "undo", among=among)


def by_digest_after_the_last_tag():
    """products.q4."""
    found = compare_products("delete-one-tag")
    names = {"CNCF distribution 3": "distribution-3", "Amazon ECR": "ecr", "Docker Hub": "docker-hub", "Azure": "acr"}
    return {words: found.outcome(name).facts["image_left_without_tags"] for words, name in names.items()}


def self_hosted_without_a_stop():
    """products.q5."""
    among = ("CNCF distribution 3", "JFrog Artifactory", "Google Artifact Registry", "Sonatype Nexus Repository")
    return fit("self_hosted", "no_stop", among=among)


def three_newest_versions():
    """products.q6: the policy is run on four versions, a day apart."""
    policy = """[{"name": "newest", "action": {"type": "Keep"}, "mostRecentVersions": {"keepCount": 3}},
                 {"name": "others", "action": {"type": "Delete"}, "condition": {"tagState": "any"}}]"""
    versions = [
        Subject("app", tag, Digest.of(f"version {tag}".encode()), NOW - days * DAY)
        for days, tag in ((4, "a"), (3, "b"), (2, "c"), (1, None))
    ]
    decisions = parse_policy("gar-cleanup", policy).decide(versions, NOW)
    left = {one.subject.tag for one in decisions if not one.deleted} - {None}
    return {"`a`, `b`": left == {"a", "b", "c"}, "`b` and": left == {"b", "c"}, "only `c`": left == {"c"}}


HOLDS = {
    "products.q1": the_other_tag,
    "products.q2": public_and_undone,
    "products.q4": by_digest_after_the_last_tag,
    "products.q5": self_hosted_without_a_stop,
    "products.q6": three_newest_versions,
}


@pytest.mark.parametrize("id", HOLDS)
def test_an_option_fits_exactly_where_the_package_says_so(id, fits):
    """The wrong ones too are computed: none of them is right by accident."""
    fits(id, HOLDS[id]())
