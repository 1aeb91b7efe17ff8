"""Google Artifact Registry's cleanup policies: a JSON list of Delete and Keep policies, of which Keep wins.

Rules from the Artifact Registry documentation, "Configure cleanup policies" and "Cleanup policy overview", and from
the service's definition (googleapis, repository.proto); the spelling of the JSON's names is inferred from the latter.
Not documented in the sources read: a policy without any condition; here refused. What a container image's version is
called; here by its digest. Whether a repository or a package is counted in ``mostRecentVersions``; here each package.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from simregistry.errors import InvalidValue
from simregistry.oci.digest import Digest
from simregistry.registry.products.policy_checks import (
    duration,
    members,
    one_of,
    read_json,
    string,
    strings,
    whole_number,
)
from simregistry.registry.products.tagged_images import TaggedDigest, images_of
from simregistry.registry.retention import Decision, Subject

# "Cleanup policy overview": policies of a repository. repository.proto: ids are "under 128 characters in length".
MOST_POLICIES, LONGEST_NAME = 10, 127
PREFIXES = ("tagPrefixes", "versionNamePrefixes", "packageNamePrefixes")


@dataclass(frozen=True, slots=True)
class GarPolicy:
    """One policy: what it does, and with which versions; all conditions that it states must hold (repository.proto).

    An empty list of prefixes states nothing; a list is met by any of its prefixes.
    """

    name: str
    action: str
    tag_state: str = "any"
    tags: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    older_than: float | None = None
    newer_than: float | None = None
    keep_count: int | None = None

    def fits(self, images: Sequence[TaggedDigest], now: float) -> list[TaggedDigest]:
        """Find the images, of those given newest first, that the policy is about."""
        fitting = [image for image in images if self._holds(image, now)]
        if self.keep_count is None:
            return fitting
        # The newest are counted package by package: a busy one does not use up what another may keep.
        packages = {image.repository for image in fitting}
        newest = [[image for image in fitting if image.repository == name][: self.keep_count] for name in packages]
        return [image for group in newest for image in group]

    def _holds(self, image: TaggedDigest, now: float) -> bool:
        age = now - image.since
        return (
            self.tag_state in ("any", "tagged" if image.tags else "untagged")
            and (not self.tags or any(tag.startswith(self.tags) for tag in image.tags))
            and (not self.versions or image.digest.startswith(self.versions))
            and (not self.packages or image.repository.startswith(self.packages))
            and (self.older_than is None or age > self.older_than)
            and (self.newer_than is None or age < self.newer_than)
        )


@dataclass(frozen=True, slots=True)
class GarCleanup:
    """A repository's policies; an image goes with all its tags."""

    policies: tuple[GarPolicy, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a policy file, or raise InvalidValue."""
        document = read_json("cleanup policies", text)
        if not isinstance(document, list) or not 1 <= len(document) <= MOST_POLICIES:
            raise InvalidValue("cleanup policies", document, f"write a list of 1 to {MOST_POLICIES} policies")
        policies = tuple(_policy(entry) for entry in document)
        names = [policy.name for policy in policies]
        if len(set(names)) < len(names):
            raise InvalidValue("name", names, "give each policy a name of its own")
        return cls(policies)

    def decide(self, subjects: Sequence[Subject], now: float) -> tuple[Decision, ...]:
        """Decide what goes: what fits a Delete and a Keep policy is kept ("Cleanup policy overview")."""
        images = images_of(subjects)
        verdicts: dict[tuple[str, Digest], GarPolicy] = {}
        # The last that is written wins: Keep over Delete, and of one action the policy that stands first in the file.
        for action in ("Delete", "Keep"):
            for policy in reversed([policy for policy in self.policies if policy.action == action]):
                verdicts |= {image.key: policy for image in policy.fits(images, now)}
        return tuple(_decision(subject, verdicts.get((subject.repository, subject.digest))) for subject in subjects)


def _decision(subject: Subject, policy: GarPolicy | None) -> Decision:
    if policy is None:
        return Decision(subject, False, "no policy fits its version")
    return Decision(subject, policy.action == "Delete", f"the {policy.action} policy {policy.name!r} fits its version")


def _policy(value: Any) -> GarPolicy:
    entry = members("policy", value, ("name", "action"), ("condition", "mostRecentVersions"))
    name = string("name", entry["name"])
    if len(name) > LONGEST_NAME:
        raise InvalidValue("name", name, f"write at most {LONGEST_NAME} characters")
    action = one_of("action type", members("action", entry["action"], ("type",))["type"], ("Delete", "Keep"))
    if ("condition" in entry) == ("mostRecentVersions" in entry):
        raise InvalidValue("policy", name, "state a condition or mostRecentVersions, one of the two")
    if "condition" in entry:
        return _conditional(name, action, entry["condition"])
    if action == "Delete":
        raise InvalidValue("mostRecentVersions", name, "put it into a Keep policy; a Delete policy has a condition")
    recent = members("mostRecentVersions", entry["mostRecentVersions"], ("keepCount",), ("packageNamePrefixes",))
    count = whole_number("keepCount", recent["keepCount"], 1)
    return GarPolicy(name, action, packages=_prefixes("packageNamePrefixes", recent), keep_count=count)


def _conditional(name: str, action: str, value: Any) -> GarPolicy:
    condition = members("condition", value, (), ("tagState", *PREFIXES, "olderThan", "newerThan"))
    if not condition:
        raise InvalidValue("condition", name, 'state at least one; write "tagState": "any" for all versions')
    state = one_of("tagState", condition.get("tagState", "any"), ("tagged", "untagged", "any"))
    ages = {key: duration(key, condition[key]) for key in ("olderThan", "newerThan") if key in condition}
    tags, versions, packages = (_prefixes(key, condition) for key in PREFIXES)
    return GarPolicy(name, action, state, tags, versions, packages, ages.get("olderThan"), ages.get("newerThan"))


def _prefixes(key: str, stated: Any) -> tuple[str, ...]:
    return strings(key, stated[key]) if key in stated else ()
