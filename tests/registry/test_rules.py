"""Retention rules in the systems' own syntaxes: what each says in its documentation, and what is refused."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simregistry import Digest
from simregistry.errors import InvalidValue
from simregistry.registry.families.rules.acr import AcrPurge
from simregistry.registry.families.rules.artifactory import ArtifactoryTags
from simregistry.registry.families.rules.ecr import EcrLifecycle
from simregistry.registry.families.rules.gar import GarCleanup
from simregistry.registry.families.rules.harbor import HarborRetention
from simregistry.registry.families.rules.nexus import NexusCleanup
from simregistry.registry.families.rules.wish import SYNTAXES, WISH, parse_rules
from simregistry.registry.retention import DAY, Subject

NOW = 100 * DAY


def tag(name: str, days: float, image: str = "", pulled: float | None = None, repository: str = "app") -> Subject:
    """A tag that was pushed so many days ago; of an image of its own, unless one is named."""
    digest = Digest.of((image or name).encode())
    return Subject(repository, name, digest, NOW - days * DAY, None if pulled is None else NOW - pulled * DAY)


def bare(name: str, days: float) -> Subject:
    """A manifest that lost its tag so many days ago."""
    return Subject("app", None, Digest.of(name.encode()), NOW - days * DAY)


def gone(rules, *subjects: Subject) -> set[str]:
    """What goes: tags by name, manifests as @."""
    return {d.subject.tag or "@" for d in rules.decide(subjects, NOW) if d.deleted}


def ecr(*rules: dict) -> EcrLifecycle:
    """A lifecycle policy of (priority, selection) pairs."""
    return EcrLifecycle.parse(json.dumps({"rules": [{**rule, "action": {"type": "expire"}} for rule in rules]}))


def select(priority: int, status: str, count: int, kind: str = "imageCountMoreThan", **more) -> dict:
    """One rule."""
    unit = {} if kind == "imageCountMoreThan" else {"countUnit": "days"}
    return {
        "rulePriority": priority,
        "selection": {"tagStatus": status, "countType": kind, "countNumber": count, **unit, **more},
    }


def test_ecr_keeps_the_newest_images():
    """ECR user guide, "Lifecycle policies": imageCountMoreThan expires the oldest beyond the number."""
    policy = ecr(select(1, "any", 2))
    assert gone(policy, tag("a", 3), tag("b", 2), tag("c", 1)) == {"a"}


def test_ecr_expires_an_image_with_all_its_tags():
    """ECR user guide: a rule is about images; two tags of one image count once and go together."""
    policy = ecr(select(1, "any", 1))
    assert gone(policy, tag("a", 3, "old"), tag("b", 3, "old"), tag("c", 1)) == {"a", "b"}


def test_ecr_all_prefixes_must_match():
    """ECR user guide, tagPrefixList: "if you specify multiple, only images with all specified tags are selected"."""
    policy = ecr(select(1, "tagged", 1, "sinceImagePushed", tagPrefixList=["alpha", "beta"]))
    both = (tag("alpha1", 9, "x"), tag("beta1", 9, "x"))
    assert gone(policy, *both, tag("alpha2", 9), tag("beta2", 9)) == {"alpha1", "beta1"}


def test_ecr_what_a_higher_rule_speaks_of_a_lower_one_does_not_expire():
    """ECR user guide, examples: an image that meets a rule's tagging requirements is not expired by a lower priority."""
    subjects = (tag("prod-1", 30), tag("prod-2", 20), tag("dev-1", 30))
    first_prod = ecr(select(1, "tagged", 5, tagPrefixList=["prod"]), select(2, "any", 10, "sinceImagePushed"))
    assert gone(first_prod, *subjects) == {"dev-1"}
    assert gone(ecr(select(2, "any", 10, "sinceImagePushed")), *subjects) == {"prod-1", "prod-2", "dev-1"}


@pytest.mark.parametrize(
    "rules",
    [
        (select(1, "any", 1), select(1, "any", 2)),
        (select(1, "any", 1), select(2, "untagged", 1)),
        (select(1, "untagged", 1), select(2, "untagged", 2)),
        (select(1, "tagged", 1),),
        (select(1, "untagged", 1, tagPrefixList=["a"]),),
        (select(1, "any", 0),),
        (select(1, "any", 1, "sinceImagePushed", countUnit="weeks"),),
        (select(1, "any", 1, colour="red"),),
        (),
    ],
)
def test_ecr_refuses(rules):
    """Numbers twice, any before the last, two rules for untagged, patterns that lack or are too many, unknown words."""
    with pytest.raises(InvalidValue):
        ecr(*rules)


def gar(*policies: dict) -> GarCleanup:
    """A policy file."""
    return GarCleanup.parse(json.dumps([{"name": f"p{n}", **policy} for n, policy in enumerate(policies)]))


DELETE, KEEP = {"action": {"type": "Delete"}}, {"action": {"type": "Keep"}}


def test_gar_keep_beats_delete():
    """Artifact Registry, "Cleanup policy overview": a version that both are about is kept."""
    policies = ({**DELETE, "condition": {"olderThan": "7d"}}, {**KEEP, "condition": {"tagPrefixes": ["release"]}})
    assert gone(gar(*policies), tag("release-1", 30), tag("dev", 30), tag("new", 1)) == {"dev"}
    assert gone(gar(*reversed(policies)), tag("release-1", 30), tag("dev", 30), tag("new", 1)) == {"dev"}


def test_gar_a_keep_alone_deletes_nothing():
    """The same page: a Keep policy needs a Delete policy to have an effect."""
    assert gone(gar({**KEEP, "mostRecentVersions": {"keepCount": 1}}), tag("a", 9), tag("b", 8)) == set()


def test_gar_all_that_a_policy_states_must_hold():
    """The same page: conditions of one policy are joined by and."""
    policy = gar({**DELETE, "condition": {"tagState": "untagged", "olderThan": "168h"}})
    assert gone(policy, bare("x", 8), bare("y", 6), tag("a", 30)) == {"@"}


def test_gar_the_newest_are_counted_for_each_package():
    """Most recent versions: keepCount of each package."""
    policies = gar({**DELETE, "condition": {}}, {**KEEP, "mostRecentVersions": {"keepCount": 1}})
    assert gone(policies, tag("a", 2), tag("b", 1), tag("c", 9, repository="other")) == {"a"}


@pytest.mark.parametrize(
    "text",
    [
        "[]", "{}", "[1]", "not json", json.dumps([{"name": "a", **DELETE, "mostRecentVersions": {"keepCount": 1}}]),
        json.dumps([{"name": "a", **DELETE, "condition": {"olderThan": "soon"}}]),
        json.dumps([{"name": "a", **DELETE}]), json.dumps([{"name": "a", "action": {"type": "Burn"}, "condition": {}}]),
        json.dumps([{"name": str(n % 2), **DELETE, "condition": {}} for n in range(3)]),
        json.dumps([{"name": str(n), **DELETE, "condition": {}} for n in range(11)]),
    ],
)  # fmt: skip
def test_gar_refuses(text):
    """More than 10 policies, a Delete that counts, names twice, unknown words and durations."""
    with pytest.raises(InvalidValue):
        GarCleanup.parse(text)


def test_acr_purge_takes_tags_alone_unless_told():
    """Azure, "Automatically purge images": untagged manifests go with --untagged."""
    subjects = (tag("dev-1", 9), tag("dev-2", 8), tag("dev-3", 1), tag("prod", 90), bare("x", 1))
    command = "acr purge --filter 'app:dev-.*' --ago 7d"
    assert gone(AcrPurge.parse(command), *subjects) == {"dev-1", "dev-2"}
    assert gone(AcrPurge.parse(command + " --untagged"), *subjects) == {"dev-1", "dev-2", "@"}
    assert gone(AcrPurge.parse(command + " --keep 2"), *subjects) == {"dev-1"}
    assert gone(AcrPurge.parse(command + " --untagged-only"), *subjects) == {"@"}
    assert gone(AcrPurge.parse("acr purge --filter 'other:.*' --ago 0d --untagged"), *subjects) == set()


@pytest.mark.parametrize(
    "text",
    ["", "acr", "acr purge", "acr purge --ago 7d", "acr purge --filter app --ago 7d", "acr purge --filter 'app:(' --ago 7d",
     "acr purge --filter 'app:(a+)+' --ago 7d", "acr purge --filter 'app:a' --ago week", "acr purge --filter 'app:a' --ago 7d --force",
     "acr purge --filter 'app:a' --ago 7d --keep x", "acr purge --filter 'app:" + "a" * 300 + "' --ago 7d", "acr purge --filter '"],
)  # fmt: skip
def test_acr_refuses(text):
    """What it does not know, expressions that never end, and quotes that do not."""
    with pytest.raises(InvalidValue):
        AcrPurge.parse(text)


def test_artifactory_counts_tags_and_copies():
    """Local Docker repository: max_unique_tags (0 is no limit), and tag_retention copies of overwritten tags."""
    subjects = (tag("a", 3), tag("b", 2), tag("c", 1), bare("x", 5), bare("y", 4))
    assert gone(ArtifactoryTags.parse('{"max_unique_tags": 2}'), *subjects) == {"a", "@"}
    assert gone(ArtifactoryTags.parse('{"tag_retention": 3}'), *subjects) == set()
    decisions = ArtifactoryTags.parse('{"tag_retention": 2}').decide(subjects, NOW)
    assert [d.deleted for d in decisions] == [False, False, False, True, False]


def test_nexus_all_criteria_must_hold_and_some_are_retained():
    """Sonatype Help, "Cleanup Policies": criteria are joined by and; a minimum of versions is retained."""
    text = json.dumps({"criteriaLastBlobUpdated": 7, "criteriaLastDownloaded": 7, "criteriaAssetRegex": "dev.*"})
    subjects = (tag("dev-1", 30), tag("dev-2", 30, pulled=1), tag("prod", 30), tag("dev-3", 1))
    assert gone(NexusCleanup.parse(text), *subjects) == {"dev-1"}
    retaining = NexusCleanup.parse('{"criteriaLastBlobUpdated": 0, "retain": 3}')
    assert gone(retaining, tag("a", 4), *(tag(str(n), n) for n in range(1, 4))) == {"a"}


def test_nexus_spares_what_was_deployed_within_the_offset():
    """The task "Docker - Delete unused manifests and images": what is younger than its offset stays."""
    task = NexusCleanup.parse('{"criteriaLastBlobUpdated": 999, "deployOffsetHours": 24}')
    assert [d.deleted for d in task.decide([bare("x", 2), bare("y", 0.5)], NOW)] == [True, False]
    assert gone(NexusCleanup.parse('{"criteriaLastBlobUpdated": 999}'), bare("x", 99)) == set()


def test_harbor_one_kept_tag_keeps_all_tags_of_its_digest():
    """Harbor, "Create tag retention rules": by tag it matches, by artifact it deletes; one fitting rule is enough."""
    rules = HarborRetention.parse(
        '[{"template": "latestPushedK", "number": 1}, {"template": "always", "tags": "release-*"}]'
    )
    subjects = (tag("new", 1), tag("old", 9), tag("release-1", 50, "same"), tag("also", 50, "same"))
    assert gone(rules, *subjects) == {"old"}
    pulled = HarborRetention.parse('[{"template": "nDaysSinceLastPull", "number": 7}]')
    assert gone(pulled, tag("used", 50, pulled=1), tag("not", 50, pulled=30), tag("never", 1)) == {"not", "never"}


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{}",
        '[{"template": "x"}]',
        json.dumps([{"template": "always"}] * 16),
        '[{"template": "always", "tags": 1}]',
    ],
)
def test_harbor_refuses(text):
    """More than 15 rules, an unknown template."""
    with pytest.raises(InvalidValue):
        HarborRetention.parse(text)


SUBJECTS = st.lists(
    st.builds(
        lambda name, days, image, pulled: Subject("app", name, Digest.of(image.encode()), NOW - days * DAY, pulled),
        st.one_of(st.none(), st.sampled_from(["a", "b", "dev-1", "release-1"])),
        st.integers(0, 40), st.sampled_from("xyz"), st.one_of(st.none(), st.floats(0, NOW)),
    ),
    max_size=8, unique_by=lambda s: (s.tag, s.digest if s.tag is None else None),
)  # fmt: skip


@pytest.mark.parametrize("syntax", SYNTAXES)
@given(subjects=SUBJECTS, seed=st.integers(0, 99))
def test_the_order_of_what_is_given_changes_no_verdict(syntax, subjects, seed):
    """One decision for each, in the order given, and the same for each whatever the order."""
    rules = parse_rules(syntax, WISH[syntax].text)
    decisions = rules.decide(subjects, NOW)
    assert [each.subject for each in decisions] == subjects and all(each.why for each in decisions)
    shuffled = random.Random(seed).sample(subjects, len(subjects))
    assert {each.subject: each.deleted for each in rules.decide(shuffled, NOW)} == {
        d.subject: d.deleted for d in decisions
    }


@given(
    text=st.text(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda x: (
            st.lists(x, max_size=3)
            | st.dictionaries(
                st.sampled_from(["rules", "name", "action", "template", "retain", "condition"]), x, max_size=4
            )
        ),
    ).map(json.dumps)
)
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_no_text_makes_a_reader_fail(syntax, text):
    """Rules, or InvalidValue."""
    try:
        parse_rules(syntax, text)
    except InvalidValue:
        pass


def test_an_unknown_syntax_is_refused():
    """With those there are."""
    with pytest.raises(InvalidValue, match="ecr-lifecycle"):
        parse_rules("other", "")
