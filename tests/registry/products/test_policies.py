"""The retention rules of six systems: what their documentation says of them, what they refuse, and what holds of all."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simregistry.errors import InvalidValue
from simregistry.oci.digest import Digest
from simregistry.registry.products.acr.policy import AcrPurge
from simregistry.registry.products.artifact_registry.policy import GarCleanup
from simregistry.registry.products.artifactory.policy import ArtifactoryTags
from simregistry.registry.products.ecr.policy import EcrLifecycle
from simregistry.registry.products.harbor.policy import HarborRetention, HarborSelector
from simregistry.registry.products.nexus.policy import NexusCleanup
from simregistry.registry.products.policies import SYNTAXES, Policy, parse_policy
from simregistry.registry.products.policy_checks import duration, expression
from simregistry.registry.retention import DAY, Subject
from simregistry.study.products.same_policy import SAME_POLICY

NOW = 100 * DAY


def tag(name: str, days: float, image: str = "", pulled: float | None = None, repository: str = "app") -> Subject:
    """A tag that was pushed so many days ago; of an image of its own, unless one is named."""
    fetched = None if pulled is None else NOW - pulled * DAY
    return Subject(repository, name, Digest.of((image or name).encode()), NOW - days * DAY, fetched)


def bare(name: str, days: float, repository: str = "app", pulled: float | None = None) -> Subject:
    """A manifest that lost its last tag so many days ago."""
    fetched = None if pulled is None else NOW - pulled * DAY
    return Subject(repository, None, Digest.of(name.encode()), NOW - days * DAY, fetched)


def image(name: str, days: float, *tags: str) -> list[Subject]:
    """An image with tags, pushed so many days ago."""
    return [tag(label, days, name) for label in tags]


def gone(policy: Policy, *subjects: Subject) -> list[str]:
    """What goes, in the order given: tags by name, manifests as @ and their age in days."""
    deleted = [decision.subject for decision in policy.decide(subjects, NOW) if decision.deleted]
    return [s.tag if s.tag is not None else f"@{(NOW - s.since) / DAY:g}" for s in deleted]


def why(policy: Policy, subject: Subject) -> str:
    """What is said of one subject."""
    return policy.decide([subject], NOW)[0].why


# ---- Amazon ECR


def ecr(*rules: dict) -> EcrLifecycle:
    """A policy that expires."""
    return EcrLifecycle.parse(json.dumps({"rules": [{"action": {"type": "expire"}, **rule} for rule in rules]}))


def select(priority: int, status: str, count: int, kind: str = "imageCountMoreThan", **more) -> dict:
    """One rule of it; what is given as None is left out."""
    unit = {} if kind == "imageCountMoreThan" else {"countUnit": "days"}
    selection = {"tagStatus": status, "countType": kind, "countNumber": count, **unit, **more}
    return {
        "rulePriority": priority,
        "selection": {key: setting for key, setting in selection.items() if setting is not None},
    }


PROD = {"status": "tagged", "count": 1, "tagPrefixList": ["prod"]}
BETA = {"status": "tagged", "count": 1, "tagPrefixList": ["beta"]}
THREE = [*image("A", 10, "beta-1", "prod-1"), *image("B", 9, "beta-2", "prod-2"), *image("C", 8, "beta-3")]


def test_ecr_what_a_higher_rule_selects_a_lower_one_never_expires():
    """ECR user guide, "Examples of lifecycle policies", filtering on multiple rules, example A: image A is expired."""
    assert gone(ecr(select(1, **PROD), select(2, **BETA)), *THREE) == ["beta-1", "prod-1"]


def test_ecr_the_order_of_priorities_changes_what_goes():
    """The same page, example B: with the priorities exchanged, images A and B are expired."""
    assert gone(ecr(select(2, **PROD), select(1, **BETA)), *THREE) == ["beta-1", "prod-1", "beta-2", "prod-2"]


def test_ecr_the_number_counts_and_not_the_place_in_the_list():
    """ECR user guide, "Rule priority": the lowest rulePriority is applied first."""
    rules = [select(7, **BETA), select(3, **PROD)]
    assert gone(ecr(*rules), *THREE) == gone(ecr(*reversed(rules)), *THREE) == ["beta-1", "prod-1"]


def test_ecr_all_prefixes_must_match():
    """The examples page, multiple tags in a single rule, example A: of six images C alone is expired."""
    six = [
        *image("A", 12, "alpha-1"), *image("B", 11, "beta-1"), *image("C", 10, "alpha-2", "beta-2"),
        *image("D", 4, "alpha-3"), *image("E", 3, "beta-3"), *image("F", 2, "alpha-4", "beta-4"),
    ]  # fmt: skip
    policy = ecr(select(1, "tagged", 5, "sinceImagePushed", tagPrefixList=["alpha", "beta"]))
    assert gone(policy, *six) == ["alpha-2", "beta-2"]


def test_ecr_tags_are_not_exclusive():
    """The same section, example B: images A and B are expired, whatever other tags they have."""
    subjects = [
        *image("A", 10, "alpha-1", "beta-1", "gamma-1"), *image("B", 9, "alpha-2", "beta-2"),
        *image("C", 8, "alpha-3", "beta-3", "gamma-2"),
    ]  # fmt: skip
    policy = ecr(select(1, "tagged", 1, tagPrefixList=["alpha", "beta"]))
    assert gone(policy, *subjects) == ["alpha-1", "beta-1", "gamma-1", "alpha-2", "beta-2"]


def test_ecr_untagged_images_by_age_and_by_count():
    """The examples page, filtering on image age (14 days) and on image count (one untagged image)."""
    subjects = [bare("x", 15), bare("y", 14), bare("z", 3), tag("a", 90)]
    assert gone(ecr(select(1, "untagged", 14, "sinceImagePushed")), *subjects) == ["@15"]
    assert gone(ecr(select(1, "untagged", 1)), *subjects) == ["@15", "@14"]


def test_ecr_a_lower_rule_counts_images_as_if_none_had_expired():
    """ECR user guide, evaluation rules: marked images are still identified "as if they haven't been expired"."""
    subjects = [tag("prod-1", 1), tag("dev-1", 2), tag("dev-2", 3)]
    policy = ecr(select(1, "tagged", 9, tagPrefixList=["prod"]), select(2, "any", 2))
    assert gone(policy, *subjects) == ["dev-2"]
    assert why(policy, subjects[0]).startswith("rule 1 selects its image and lets it stay")


def test_ecr_repositories_are_counted_apart():
    """ECR user guide, "Lifecycle policies": a policy is about the images of one repository."""
    assert gone(ecr(select(1, "any", 1)), tag("a", 2), tag("b", 1), tag("c", 9, repository="web")) == ["a"]


def test_ecr_patterns_have_stars_and_nothing_else():
    """ECR user guide, "Lifecycle policy properties", tagPatternList: wildcards (*); without one the tag is meant."""
    subjects = [tag("prod", 9), tag("prod-web", 9), tag("a.b", 9), tag("axb", 9)]
    assert gone(ecr(select(1, "tagged", 1, "sinceImagePushed", tagPatternList=["prod"])), *subjects) == ["prod"]
    assert gone(ecr(select(1, "tagged", 1, "sinceImagePushed", tagPatternList=["*web"])), *subjects) == ["prod-web"]
    assert gone(ecr(select(1, "tagged", 1, "sinceImagePushed", tagPatternList=["a.b"])), *subjects) == ["a.b"]
    assert why(ecr(select(1, "tagged", 1, tagPatternList=["x*"])), subjects[0]) == "no rule selects its image"


def test_ecr_counts_from_the_last_pull():
    """The examples page, countType sinceImagePulled; what was never pulled counts here from its push."""
    subjects = [tag("used", 90, pulled=1), tag("left", 90, pulled=40), tag("never", 90), tag("new", 1)]
    assert gone(ecr(select(1, "any", 30, "sinceImagePulled")), *subjects) == ["left", "never"]


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ([], "at least one rule"),
        ([select(1, "untagged", 1), select(1, "any", 1)], "a number of its own"),
        ([select(1, "any", 1), select(2, "untagged", 1)], "highest rulePriority"),
        ([select(1, "any", 1), select(2, "any", 1)], "highest rulePriority"),
        ([select(1, "untagged", 1), select(2, "untagged", 9, "sinceImagePushed")], "one rule alone"),
        ([select(1, **PROD), select(2, **PROD)], "in one rule only"),
        ([select(1, "tagged", 1)], "name tags by"),
        ([select(1, "untagged", 1, tagPrefixList=["a"])], "nowhere else"),
        ([select(1, "any", 1, tagPatternList=["a"])], "nowhere else"),
        ([select(1, "tagged", 1, tagPrefixList=["a"], tagPatternList=["b"])], "nowhere else"),
        ([select(1, "tagged", 1, tagPrefixList=[])], "at least one string"),
        ([select(1, "tagged", 1, tagPrefixList=["a*"])], "without"),
        ([select(1, "tagged", 1, tagPrefixList=[1])], "not empty"),
        ([select(1, "tagged", 1, tagPatternList=["*test*1*2*3*4"])], "at most 4 wildcards"),
        ([select(1, "some", 1)], "tagged, untagged, any"),
        ([select(1, "any", 0)], "from 1"),
        ([select(1, "any", True)], "whole number"),
        ([select(1, "any", "3")], "whole number"),
        ([select(0, "any", 3)], "from 1"),
        ([select(1, "any", 1, "sinceImageTransitioned")], "imageCountMoreThan"),
        ([select(1, "any", 1, countUnit="days")], "leave it out"),
        ([select(1, "any", 1, "sinceImagePushed", countUnit=None)], "days"),
        ([select(1, "any", 1, "sinceImagePushed", countUnit="hours")], "days"),
        ([select(1, "any", 1, storageClass="archive")], "standard"),
        ([select(1, "any", 1, colour="red")], "take this key out"),
        ([select(1, "any", None)], "add countNumber"),
        ([{**select(1, "any", 1), "action": {"type": "transition", "targetStorageClass": "archive"}}], "expire"),
        ([{**select(1, "any", 1), "description": 1}], "write a string"),
        ([{**select(1, "any", 1), "selection": []}], "JSON object"),
    ],
)
def test_ecr_refuses(rules, says):
    """ECR user guide, "Lifecycle policy parameters" and evaluation rules."""
    with pytest.raises(InvalidValue, match=says):
        ecr(*rules)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"rules": 1}', '{"rules": [1]}', '{"rules": [], "more": 1}', " " * 30_721]
)
def test_ecr_refuses_what_is_no_policy(text):
    """ECR service quotas: a policy has at most 30,720 characters; the rest is the template of the examples page."""
    with pytest.raises(InvalidValue):
        EcrLifecycle.parse(text)


# ---- Google Artifact Registry

DELETE, KEEP = {"action": {"type": "Delete"}}, {"action": {"type": "Keep"}}


def gar(*policies: dict) -> GarCleanup:
    """A policy file."""
    return GarCleanup.parse(json.dumps([{"name": f"p{n}", **policy} for n, policy in enumerate(policies)]))


def test_gar_keep_beats_delete_in_any_order():
    """Artifact Registry, "Cleanup policy overview": image A goes, B is kept by its version's prefix, C stays."""
    a, b, c = tag("default", 120, "A"), tag("default", 150, "B", repository="web"), tag("patch", 20, "C")
    policies = [
        {**DELETE, "condition": {"olderThan": "100d"}},
        {**KEEP, "condition": {"versionNamePrefixes": [b.digest[:20]]}},
        {**DELETE, "condition": {"tagState": "tagged", "tagPrefixes": ["default"]}},
    ]
    for order in (policies, policies[::-1]):
        decisions = gar(*order).decide([a, b, c], NOW)
        assert [decision.deleted for decision in decisions] == [True, False, False]
        assert "Keep policy" in decisions[1].why and decisions[2].why == "no policy fits its version"


def test_gar_a_keep_alone_deletes_nothing():
    """The same page: "a keep policy only exempts matching artifacts" from delete policies."""
    assert gone(gar({**KEEP, "mostRecentVersions": {"keepCount": 1}}), tag("a", 9), tag("b", 8), bare("x", 90)) == []


def test_gar_all_conditions_of_a_policy_must_hold():
    """googleapis, repository.proto, CleanupPolicyCondition: "if multiple entries are set, all must be satisfied"."""
    untagged = gar({**DELETE, "condition": {"tagState": "untagged", "olderThan": "7d"}})
    assert gone(untagged, bare("x", 8), bare("y", 6), bare("z", 7), tag("a", 30)) == ["@8"]
    between = gar({**DELETE, "condition": {"olderThan": "1d", "newerThan": "10d", "packageNamePrefixes": ["w"]}})
    assert gone(between, *(tag(str(n), n, repository="web") for n in (1, 5, 10)), tag("5", 5, "other")) == ["5"]


def test_gar_any_prefix_of_a_list_is_enough_and_a_version_goes_with_all_its_tags():
    """The same message, tag_prefixes: "applied on any prefix match"; unlike ECR's list."""
    policy = gar({**DELETE, "condition": {"tagPrefixes": ["alpha", "beta"]}})
    assert gone(policy, tag("alpha-1", 1), *image("B", 1, "beta-1", "gamma"), tag("delta", 1), bare("x", 1)) == [
        "alpha-1",
        "beta-1",
        "gamma",
    ]


def test_gar_keeps_the_most_recent_versions_of_each_package():
    """The same file, CleanupPolicyMostRecentVersions: a version is an image, tagged or not."""
    policy = gar({**DELETE, "condition": {"tagState": "any"}}, {**KEEP, "mostRecentVersions": {"keepCount": 2}})
    assert gone(policy, tag("a", 3), *image("B", 2, "b", "b2"), bare("x", 1), tag("c", 9, repository="web")) == ["a"]
    some = gar(
        {**DELETE, "condition": {"tagState": "any"}},
        {**KEEP, "mostRecentVersions": {"keepCount": 1, "packageNamePrefixes": ["we"]}},
    )
    assert gone(some, tag("a", 1), tag("b", 2, repository="web"), tag("c", 1, repository="web")) == ["a", "b"]


@pytest.mark.parametrize(
    ("policies", "says"),
    [
        ([], "1 to 10"),
        ([{**KEEP, "condition": {"tagState": "any"}}] * 11, "1 to 10"),
        ([{"name": "same", **KEEP, "condition": {"tagState": "any"}}] * 2, "a name of its own"),
        ([{"name": "n" * 128, **KEEP, "condition": {"tagState": "any"}}], "at most 127"),
        ([{"name": 1, **KEEP, "condition": {"tagState": "any"}}], "string"),
        ([{**DELETE, "mostRecentVersions": {"keepCount": 1}}], "into a Keep policy"),
        ([{**KEEP, "mostRecentVersions": {"keepCount": 1}, "condition": {"tagState": "any"}}], "one of the two"),
        ([DELETE], "one of the two"),
        ([{**DELETE, "condition": {}}], "at least one"),
        ([{**DELETE, "condition": {"tagState": "some"}}], "tagged, untagged, any"),
        ([{**DELETE, "condition": {"olderThan": "soon"}}], "units"),
        ([{**DELETE, "condition": {"olderThan": 7}}], "units"),
        ([{**DELETE, "condition": {"tagPrefixes": []}}], "at least one"),
        ([{**DELETE, "condition": {"keepCount": 1}}], "take this key out"),
        ([{**KEEP, "mostRecentVersions": {"keepCount": 0}}], "from 1"),
        ([{**KEEP, "mostRecentVersions": {}}], "add keepCount"),
        ([{"action": {"type": "Burn"}, "condition": {"tagState": "any"}}], "Delete, Keep"),
        ([{"action": "Delete", "condition": {"tagState": "any"}}], "JSON object"),
    ],
)
def test_gar_refuses(policies, says):
    """Artifact Registry, "Cleanup policy overview" (10 policies, two kinds of Keep); repository.proto (the rest)."""
    with pytest.raises(InvalidValue, match=says):
        gar(*policies)


# ---- Azure Container Registry

PURGE = "acr purge --filter 'app:.*' --ago 7d"


def test_acr_takes_tags_alone_unless_told():
    """Azure, "Automatically purge images": "by default, the command deletes only tag references"."""
    subjects = [tag("a", 9), tag("b", 8), tag("new", 1), bare("x", 8), bare("y", 1), bare("z", 9, "web")]
    assert gone(AcrPurge.parse(PURGE), *subjects) == ["a", "b"]
    assert why(AcrPurge.parse(PURGE), subjects[3]) == "--untagged is not asked for"
    assert gone(AcrPurge.parse(f"{PURGE} --untagged"), *subjects) == ["a", "b", "@8"]


def test_acr_tags_of_one_image_go_one_by_one():
    """The same page: tags are deleted, an image's other tags stay."""
    policy = AcrPurge.parse("acr purge --filter 'app:^dev' --ago 0d")
    assert gone(policy, *image("A", 9, "dev-1", "prod-1"), tag("my-dev", 9)) == ["dev-1"]


def test_acr_an_expression_fits_a_part_of_the_tag_and_the_whole_repository():
    """The same page, --filter: hello-world:.*, hello-world:^1.* and .*/cache:.* as it explains them."""
    subjects = [
        tag("1.0", 9, repository="hello-world"),
        tag("2.1", 9, repository="hello-world"),
        tag("1", 9, repository="my/cache"),
        tag("1", 9, repository="my/cache/old"),
    ]
    names = {
        "hello-world:.*": ["1.0", "2.1"], "hello-world:^1.*": ["1.0"], "hello-world:1": ["1.0", "2.1"],
        ".*/cache:.*": ["1"], "hello:.*": [], "hello-world:^$": [],
    }  # fmt: skip
    for text, expected in names.items():
        assert gone(AcrPurge.parse(f"acr purge --filter '{text}' --ago 0d"), *subjects) == expected


def test_acr_keeps_the_newest_of_what_would_go():
    """The same page, --keep: "the latest number of to-be-deleted tags per repository that are retained"."""
    subjects = [tag("a", 10), tag("b", 9), tag("c", 8), tag("new", 1), tag("w", 20, repository="web"), bare("x", 8)]
    policy = AcrPurge.parse("acr purge --filter '.*:.*' --ago 7d --keep 1 --untagged")
    assert gone(policy, *subjects) == ["a", "b", "@8"]
    assert why(AcrPurge.parse(f"{PURGE} --keep 1"), subjects[0]).startswith("--keep retains")


def test_acr_several_filters_count_together():
    """The same page: "you can also pass multiple --filter parameters"; --keep counts per repository."""
    policy = AcrPurge.parse("acr purge --filter 'app:^dev' --filter 'app:^ci' --ago 0d --keep 1")
    assert gone(policy, tag("dev-1", 3), tag("ci-1", 2), tag("prod", 1)) == ["dev-1"]


def test_acr_a_filter_of_no_tag_purges_untagged_manifests_only():
    """The same page, "Example Purge Only Untagged Manifests": the filter ^$ with --untagged."""
    policy = AcrPurge.parse("acr purge --filter 'app:^$' --ago 0d --untagged")
    assert gone(policy, tag("a", 9), bare("x", 0), bare("y", 9, "web")) == ["@0"]


def test_acr_untagged_only_needs_neither_filter_nor_ago():
    """The same page, --untagged-only: optional --filter and --ago, --keep preserves recent untagged manifests."""
    subjects = [tag("a", 9), bare("x", 9), bare("y", 1), bare("z", 3, "web")]
    assert gone(AcrPurge.parse("acr purge --untagged-only"), *subjects) == ["@9", "@1", "@3"]
    assert gone(AcrPurge.parse("acr purge --untagged-only --ago 2d"), *subjects) == ["@9", "@3"]
    assert gone(AcrPurge.parse("acr purge --untagged-only --keep 1"), *subjects) == ["@9"]
    assert gone(AcrPurge.parse("acr purge --untagged-only --filter 'web:.*'"), *subjects) == ["@3"]


def test_acr_a_dry_run_deletes_nothing_and_says_what_it_would():
    """The same page, --dry-run: "no data is deleted, but the command produces the same output"."""
    policy = AcrPurge.parse(f"{PURGE} --dry-run")
    assert gone(policy, tag("a", 9)) == [] and "--dry-run deletes nothing" in why(policy, tag("a", 9))


def test_acr_durations_are_as_the_page_writes_them():
    """The same page, --ago: 2d3h6m and 1.5h; "more than", and 0d is all ages."""
    assert gone(AcrPurge.parse("acr purge --filter 'app:.*' --ago 1.5h"), tag("a", 2 / 24), tag("b", 1 / 24)) == ["a"]
    assert gone(AcrPurge.parse(PURGE), tag("a", 7), tag("b", 7.5)) == ["b"]
    assert gone(AcrPurge.parse("acr purge --filter 'app:.*' --ago 0d"), tag("now", 0)) == ["now"]
    assert duration("--ago", "2d3h6m") == 2 * DAY + 3 * 3600 + 6 * 60


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "begin with"), ("az acr purge", "begin with"), ("acr purge", "add --filter and --ago"),
        ("acr purge --ago 7d", "add --filter"), ("acr purge --filter 'app:a'", "add --ago"),
        ("acr purge --filter app --ago 7d", "repository:expression"), ("acr purge --filter ':a' --ago 7d", "repository:expression"),
        ("acr purge --filter 'app:' --ago 7d", "repository:expression"), ("acr purge --filter 'app:[' --ago 7d", "regular expression"),
        ("acr purge --filter 'app:a' --ago week", "units"), ("acr purge --filter 'app:a' --ago", "value behind it"),
        (f"{PURGE} --keep x", "whole number"), (f"{PURGE} --keep -1", "whole number"), (f"{PURGE} --ago 1d", "once"),
        (f"{PURGE} --keep 1 --keep 2", "once"), (f"{PURGE} --force", "use --filter"), (f"{PURGE} more", "use --filter"),
        ("acr purge --filter '", "command line"), (f"acr purge --filter 'app:{'a' * 513}' --ago 1d", "at most 512"),
        (" " * 100_001, "at most 100,000"),
    ],
)  # fmt: skip
def test_acr_refuses(text, says):
    """Azure, "Automatically purge images": --filter and --ago are needed at least; unknown words are none of it."""
    with pytest.raises(InvalidValue, match=says):
        AcrPurge.parse(text)


@pytest.mark.parametrize(
    "text", ["(a+)+$", "(a|a)*b", "((a)){9}", "a*a*a*a*a*b", "a?" * 30 + "a" * 30, "(", "a{99999999999999}", "*"]
)
def test_hostile_expressions_are_refused(text):
    """This project's own bound: an expression from outside must not match for ever."""
    with pytest.raises(InvalidValue):
        expression("--filter", text)


@pytest.mark.parametrize("text", [r"^v\d+\.\d+\.\d+$", "(?:dev|ci)-.*", "[0-9a-f]{7,40}", "^(?!prod).*"])
def test_ordinary_expressions_are_taken(text):
    """What people write into filters stays within the bound."""
    assert expression("--filter", text).pattern == text


# ---- JFrog Artifactory


def artifactory(**numbers: object) -> ArtifactoryTags:
    """The two numbers."""
    return ArtifactoryTags.parse(json.dumps(numbers))


TAGS = (tag("v1", 3), tag("v2", 2), tag("v3", 1), tag("v4", 0.5), tag("w1", 90, repository="web"))


def test_artifactory_removes_the_older_tags_of_an_image():
    """JFrog Terraform provider, local_docker_v2_repository, max_unique_tags: of a single image; 0 is no limit."""
    assert gone(artifactory(max_unique_tags=3), *TAGS) == ["v1"]
    assert gone(artifactory(max_unique_tags=0), *TAGS) == gone(artifactory(), *TAGS) == []


def test_artifactory_counts_tags_and_not_images():
    """The same page: "the maximum number of unique tags of a single Docker image"; latest is none apart."""
    assert gone(artifactory(max_unique_tags=1), tag("latest", 2, "A"), tag("v1", 1, "A")) == ["latest"]


def test_artifactory_saves_overwritten_tags_only_above_one():
    """The same page, tag_retention: "if greater than 1, overwritten tags will be saved by their digest"."""
    copies = [bare("x", 3), bare("y", 2), bare("z", 1)]
    for number in (0, 1):
        assert gone(artifactory(tag_retention=number), tag("v1", 1), *copies) == ["@3", "@2", "@1"]
    assert gone(artifactory(tag_retention=2), tag("v1", 1), *copies) == ["@3"]
    assert gone(artifactory(tag_retention=3), tag("v1", 1), *copies) == []


def test_artifactory_a_tag_that_goes_takes_its_copies_along():
    """https://jfrog.com/help/r/jfrog-artifactory-documentation/using-both-max-unique-tags-and-tag-retention"""
    copies = [bare(str(n), n) for n in range(9, 4, -1)]
    both = artifactory(max_unique_tags=1, tag_retention=2)
    assert gone(both, tag("old", 4), tag("new", 1), *copies) == ["old", "@9", "@8", "@7"]
    assert gone(artifactory(tag_retention=2), *copies) == ["@9", "@8", "@7", "@6", "@5"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"max_unique_tags": -1}',
        '{"tag_retention": "3"}',
        '{"max_unique_tags": 1.5}',
        '{"key": "x"}',
        '{"max_unique_tags": null}',
    ],
)
def test_artifactory_refuses(text):
    """Two whole numbers, by the names of the provider's page."""
    with pytest.raises(InvalidValue):
        ArtifactoryTags.parse(text)


# ---- Sonatype Nexus


def nexus(retain: int = 0, offset: int | None = None, **criteria: object) -> NexusCleanup:
    """A policy; criteria by the part of their names behind "criteria"."""
    document = {"criteria": {f"criteria{key}": value for key, value in criteria.items()}, "retain": retain}
    return NexusCleanup.parse(json.dumps(document if offset is None else {**document, "deploy_offset_hours": offset}))


def test_nexus_all_criteria_must_hold():
    """https://help.sonatype.com/en/cleanup-policies.html: criteria are joined by and."""
    policy = nexus(LastBlobUpdated=7, LastDownloaded=7, AssetRegex="dev.*")
    subjects = [tag("dev-1", 30, pulled=9), tag("dev-2", 30, pulled=1), tag("prod", 30, pulled=9), tag("dev-3", 7)]
    assert gone(policy, *subjects) == ["dev-1"]
    assert why(policy, subjects[1]) == "criteriaLastDownloaded does not hold, and all must"


def test_nexus_a_pull_by_digest_does_not_save_the_tags():
    """https://issues.sonatype.org/browse/NEXUS-25991: last downloaded is the tag's own date, not its image's."""
    assert gone(nexus(LastDownloaded=7), tag("a", 30, "A", pulled=1), tag("b", 30, "A", pulled=20)) == ["b"]


def test_nexus_retains_a_minimum_of_versions():
    """Terraform provider sonatyperepo, cleanup_policy, retain: "minimum number of component versions to retain"."""
    subjects = [tag("a", 40), tag("b", 30), tag("c", 20), tag("w", 90, repository="web")]
    assert gone(nexus(2, LastBlobUpdated=7), *subjects) == ["a"]
    assert "retain 2" in why(nexus(2, LastBlobUpdated=7), subjects[0])


def test_nexus_a_policy_leaves_untagged_manifests_to_the_task():
    """https://help.sonatype.com/en/cleanup-policies.html and task_repository_docker_gc: two tools, one after another."""
    subjects = [tag("a", 40), bare("x", 40), bare("y", 2), bare("z", 1)]
    assert gone(nexus(LastBlobUpdated=30), *subjects) == ["a"]
    assert gone(nexus(LastBlobUpdated=30, offset=24), *subjects) == ["a", "@40", "@2"]
    assert gone(nexus(LastBlobUpdated=999, offset=48), *subjects) == ["@40"]


def test_nexus_says_that_the_bytes_wait_for_compaction():
    """https://help.sonatype.com/en/cleanup-policies.html: what was cleaned up is soft-deleted until compaction."""
    policy = nexus(LastBlobUpdated=1, offset=1)
    for subject in (tag("a", 9), bare("x", 9)):
        assert "Compact blob store" in why(policy, subject)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{}", "add criteria"), ('{"criteria": {}}', "at least one"), ('{"criteria": {"releaseType": "x"}}', "take this key out"),
        ('{"criteria": {"criteriaLastDownloaded": "7"}}', "whole number"), ('{"criteria": {"criteriaLastDownloaded": null}}', "whole number"),
        ('{"criteria": {"criteriaAssetRegex": "("}}', "regular expression"), ('{"criteria": {"criteriaAssetRegex": 1}}', "string"),
        ('{"criteria": {"criteriaLastDownloaded": 7}, "retain": -1}', "from 0"), ('{"criteria": {"criteriaLastDownloaded": 7}, "deploy_offset_hours": 1.5}', "whole"),
        ('{"criteria": {"criteriaLastDownloaded": 7}, "name": "x"}', "take this key out"), ("nothing", "JSON"),
    ],
)  # fmt: skip
def test_nexus_refuses(text, says):
    """Terraform provider sonatyperepo, cleanup_policy: "at least one criterion must be specified"."""
    with pytest.raises(InvalidValue, match=says):
        NexusCleanup.parse(text)


# ---- Harbor


def rule(
    template: str,
    number: int | None = None,
    tags: str = "**",
    repositories: str = "**",
    untagged: bool | None = False,
    **more,
) -> dict:
    """One rule; ``not`` before a pattern excludes it."""

    def selector(pattern: str, words: tuple[str, str], extras: dict) -> list[dict]:
        excludes = pattern.startswith("not ")
        return [
            {"kind": "doublestar", "decoration": words[excludes], "pattern": pattern.removeprefix("not "), **extras}
        ]

    extras = {} if untagged is None else {"extras": json.dumps({"untagged": untagged})}
    scope = {"repository": selector(repositories, ("repoMatches", "repoExcludes"), {})}
    params = {} if number is None else {"params": {template: number}}
    return {
        "template": template,
        **params,
        "scope_selectors": scope,
        "tag_selectors": selector(tags, ("matches", "excludes"), extras),
        **more,
    }


def harbor(*rules: dict) -> HarborRetention:
    """A project's rules."""
    return HarborRetention.parse(json.dumps(rules))


def test_harbor_one_kept_tag_keeps_all_tags_of_its_digest():
    """Harbor, "Create Tag Retention Rules", the note on native deletion: four tags of one digest, two rules' worth."""
    four = [
        tag(name, days, "same")
        for days, name in enumerate(["harbor-latest", "harbor-nightly", "harbor-release", "harbor-1.8"])
    ]
    policy = harbor(rule("latestPushedK", 2, "harbor-*"))
    assert gone(policy, *four) == []
    assert gone(policy, *four, tag("harbor-0", 9)) == ["harbor-0"]


def project(days_a: float, days_b: float) -> list[Subject]:
    """The page's project: repository A of 100 tagged and 2 untagged artifacts, B to E of 6 and 1, with their last pulls."""
    subjects = [tag(f"a{n}", 50, pulled=days_a, repository="A") for n in range(100)] + [
        bare(f"A{n}", 50, "A", days_a) for n in range(2)
    ]
    for name in "BCDE":
        subjects += [tag(f"{name}{n}", 50, pulled=days_b, repository=name) for n in range(6)] + [
            bare(name, 50, name, days_b)
        ]
    return subjects


@pytest.mark.parametrize(
    ("rules", "kept"),
    [
        ([rule("latestPulledN", 10)], 34),
        ([rule("nDaysSinceLastPull", 7)], 100),
        ([rule("nDaysSinceLastPull", 7, untagged=True)], 102),
        ([rule("nDaysSinceLastPull", 7), rule("latestPulledN", 10)], 124),
    ],
    ids=["example 1", "example 2", "example 3", "example 4"],
)
def test_harbor_counts_repository_by_repository(rules, kept):
    """The same page, examples 1 to 4 (example 3 says 103, though 100 tagged and 2 untagged artifacts are 102)."""
    decisions = harbor(*rules).decide(project(3, 60), NOW)
    assert sum(not decision.deleted for decision in decisions) == kept


def test_harbor_rules_are_joined_by_or():
    """The same page, example 5: eight of twelve tags are kept by one of two rules."""
    names = [
        f"{version}-your_repo-{kind}" for version in ("2.1", "2.2", "3.1", "4.4") for kind in ("prod", "rc", "release")
    ]
    policy = harbor(rule("latestPushedK", 10, "2*"), rule("latestPushedK", 10, "*-prod"))
    assert gone(policy, *(tag(name, 1) for name in names)) == [
        name for name in names if name[0] in "34" and not name.endswith("prod")
    ]


def test_harbor_leaves_repositories_alone_that_no_rule_names():
    """The same page, first filter: "no action is taken on the nonspecified repositories"."""
    subjects = [tag("a", 2), tag("b", 1), tag("c", 2, repository="web/a"), bare("x", 1)]
    policy = harbor(rule("latestPushedK", 1, repositories="app"))
    assert gone(policy, *subjects) == ["a", "@1"]
    assert why(policy, subjects[2]) == "no rule is about its repository"
    assert gone(harbor(rule("latestPushedK", 1, repositories="not app")), *subjects) == []
    assert gone(harbor(rule("latestPushedK", 1, disabled=True)), *subjects) == []


def test_harbor_keeps_by_age_of_push_and_for_ever():
    """The same page, "By artifact count or number of days": pushed within the last days, and retain always."""
    subjects = [tag("new", 6), tag("old", 8), tag("release-1", 90)]
    assert gone(harbor(rule("nDaysSinceLastPush", 7), rule("always", tags="release-*")), *subjects) == ["old"]
    assert gone(harbor(rule("always", tags="not release-*")), *subjects) == ["release-1"]


def test_harbor_what_was_never_pulled_is_the_least_recently_pulled():
    """The same page, latestPulledN and nDaysSinceLastPull: never is neither recent nor within any number of days."""
    subjects = [tag("never", 1), tag("used", 9, pulled=3)]
    assert gone(harbor(rule("latestPulledN", 1)), *subjects) == ["never"]
    assert gone(harbor(rule("nDaysSinceLastPull", 7)), *subjects) == ["never"]


@pytest.mark.parametrize(
    ("tags", "untagged", "kept"),
    [
        ("**", True, True),
        ("**", False, False),
        ("**", None, True),
        ("not x", True, False),
        ("not x", False, True),
        ("not x", None, True),
    ],
)
def test_harbor_untagged_artifacts_are_in_by_extras(tags, untagged, kept):
    """goharbor/harbor, doublestar selector: extras says it, excludes turns it round, and without it they are in."""
    assert (gone(harbor(rule("always", tags=tags, untagged=untagged)), bare("x", 1)) == []) is kept


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("**", "a/b/c", True), ("*", "a/b", False), ("a/*", "a/b", True), ("a/**", "a", True), ("**/c", "a/b/c", True),
        ("my_*", "my_repo", True), ("*_3", "repo_3", True), ("a,b", "b", True), ("{a, b}", "b", True), ("a?", "ab", True), ("a", "A", False),
    ],
)  # fmt: skip
def test_harbor_patterns(pattern, name, fits):
    """The same page, names with wildcards and lists by comma; doublestar: * stays between slashes, ** does not."""
    selector = HarborSelector.parse(
        "repository", [{"decoration": "repoMatches", "pattern": pattern}], ("repoMatches", "repoExcludes")
    )
    assert selector.takes(name) is fits


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ([], "1 to 15"), ([rule("always")] * 16, "1 to 15"), ([rule("newest", 1)], "latestPushedK"),
        ([rule("latestPushedK")], "add latestPushedK"), ([rule("latestPushedK", 0)], "from 1"), ([rule("always", 1)], "take this key out"),
        ([rule("always", action="delete")], "retain"), ([rule("always", tag_selectors=[])], "one selector"), ([rule("always", tags="")], "not empty"),
        ([rule("always", disabled=1)], "true or false"), ([rule("always", colour=1)], "take this key out"), ([rule("always", scope_selectors={})], "add repository"),
        ([rule("always", tags="a" * 513)], "at most 512"), ([rule("always", tags="/".join(["**"] * 5))], "at most 4 times"), ([rule("always", untagged=1)], "true or false"),
        ([rule("always", tag_selectors=[{"decoration": "matches", "pattern": "a", "extras": {}}])], "string"),
        ([rule("always", tag_selectors=[{"decoration": "repoMatches", "pattern": "a"}])], "matches, excludes"),
        ([rule("always", tag_selectors=[{"decoration": "matches", "pattern": "a", "kind": "regex"}])], "doublestar"),
        ([{"template": "always"}], "add scope_selectors"), ([1], "JSON object"),
    ],
)  # fmt: skip
def test_harbor_refuses(rules, says):
    """Harbor, "Create Tag Retention Rules": up to 15 rules, five templates, matching or excluding."""
    with pytest.raises(InvalidValue, match=says):
        harbor(*rules)


# ---- All six

WISHED = {syntax: parse_policy(syntax, wish.text) for syntax, wish in SAME_POLICY.items()}
OTHERS = [
    ecr(
        select(1, "tagged", 1, tagPrefixList=["dev"]), select(2, "untagged", 3, "sinceImagePulled"), select(9, "any", 2)
    ),
    gar({**DELETE, "condition": {"newerThan": "9d"}}, {**KEEP, "mostRecentVersions": {"keepCount": 2}}),
    AcrPurge.parse("acr purge --filter 'a.*:dev|^r' --ago 3d --keep 1 --untagged"),
    AcrPurge.parse("acr purge --untagged-only --keep 1"),
    artifactory(max_unique_tags=2, tag_retention=2),
    nexus(1, 24, LastDownloaded=3, AssetRegex="d.*"),
    harbor(rule("latestPulledN", 2, "not dev*", untagged=True), rule("nDaysSinceLastPull", 3, repositories="a*")),
]
TIMES = st.one_of(st.floats(allow_nan=False), st.sampled_from([NOW, NOW - DAY, NOW - 7 * DAY, NOW - 8 * DAY]))
SUBJECTS = st.lists(
    st.builds(
        Subject,
        st.sampled_from(["app", "web/a"]) | st.text(max_size=5),
        st.none() | st.sampled_from(["a", "b", "dev-1", "release-1"]) | st.text(max_size=5),
        st.sampled_from([Digest.of(name.encode()) for name in "xyz"]),
        TIMES,
        st.none() | TIMES,
    ),
    max_size=10,
)


@pytest.mark.parametrize("policy", [*WISHED.values(), *OTHERS], ids=lambda policy: type(policy).__name__)
@given(subjects=SUBJECTS, seed=st.integers(0, 99))
def test_every_subject_gets_one_verdict_whatever_the_order(policy, subjects, seed):
    """No source but reason: a verdict may hang on what there is, not on the order in which it is listed."""
    decisions = policy.decide(subjects, NOW)
    assert [decision.subject for decision in decisions] == subjects and all(decision.why for decision in decisions)
    shuffled = random.Random(seed).sample(subjects, len(subjects))
    assert {(d.subject, d.deleted, d.why) for d in policy.decide(shuffled, NOW)} == {
        (d.subject, d.deleted, d.why) for d in decisions
    }


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["rules", "name", "action", "template", "retain", "condition", "criteria", "type", "selection"]
            ),
            inner,
            max_size=4,
        )
    ),
)


@pytest.mark.parametrize("syntax", SYNTAXES)
@given(text=st.text(max_size=200) | st.text(max_size=60).map("acr purge --filter {}".format) | JSONS.map(json.dumps))
def test_any_text_is_read_or_refused(syntax, text):
    """No source but reason: a reader raises InvalidValue and nothing else."""
    try:
        parse_policy(syntax, text)
    except InvalidValue as error:
        assert error.rule


def test_deep_and_long_texts_are_refused():
    """This project's own bound: a text of brackets ends in a refusal, not in a recursion error."""
    for text in ("[" * 50_000, "[" * 100_001, "9" * 5_000):
        with pytest.raises(InvalidValue):
            GarCleanup.parse(text)


def test_an_unknown_syntax_is_refused_with_those_there_are():
    """The names are those of this project's registry products."""
    with pytest.raises(InvalidValue, match="ecr-lifecycle, gar-cleanup, acr-purge"):
        parse_policy("zot-retention", "{}")


WISH_GOES = {
    "ecr-lifecycle": ["1", "2", "@10"],
    "gar-cleanup": ["1", "2", "3", "@10"],
    "acr-purge": ["1", "2"],
    "artifactory-max-unique-tags": ["1", "2", "@10", "@3"],
    "nexus-cleanup": ["1", "2", "@10"],
    "harbor-retention": ["1", "2", "@10"],
}


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_the_wish_comes_as_near_as_the_system_can_say_it(syntax):
    """Wished are 1, 2 and @10; each system's sentence says what of it is not so (the sources are those above)."""
    subjects = [*(tag(str(n), 10 - n) for n in range(1, 6)), bare("x", 10), bare("y", 3)]
    subjects[4] = tag("5", 5, "same")
    assert set(SAME_POLICY) == set(SYNTAXES)
    assert gone(WISHED[syntax], *subjects) == WISH_GOES[syntax]
    assert SAME_POLICY[syntax].cannot.endswith(".")
