"""Google Artifact Registry's cleanup policies: a JSON list of Delete and Keep policies; Keep wins.

Artifact Registry documentation, "Configure cleanup policies" and "Cleanup policy overview". The spelling of the JSON's
names is inferred from the service's protocol definition (repository.proto).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from simregistry.errors import InvalidValue
from simregistry.oci.digest import Digest
from simregistry.registry.families.rules.images import (
    Image,
    decided,
    duration,
    fields,
    images_of,
    newest_first,
    read_json,
    texts,
    whole,
)
from simregistry.registry.retention import Decision, Subject

MOST = 10


@dataclass(frozen=True, slots=True)
class GarPolicy:
    """One policy: what it does, to which versions; all that it states must hold."""

    name: str
    action: str
    tag_state: str = "any"
    tag_prefixes: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    older_than: float | None = None
    newer_than: float | None = None
    keep_count: int | None = None

    def fits(self, images: Sequence[Image], now: float) -> list[Image]:
        """Give the images that it is about; the newest so many are counted for each package."""
        found = [image for image in images if self._meets(image, now)]
        if self.keep_count is None:
            return found
        names = {image.repository for image in found}
        each = (newest_first(image for image in found if image.repository == name) for name in sorted(names))
        return [image for group in each for image in group[: self.keep_count]]

    def _meets(self, image: Image, now: float) -> bool:
        age = now - image.since
        return (
            (not self.packages or image.repository.startswith(self.packages))
            and self.tag_state in ("any", "tagged" if image.tags else "untagged")
            and (not self.tag_prefixes or any(tag.startswith(self.tag_prefixes) for tag in image.tags))
            and (self.older_than is None or age > self.older_than)
            and (self.newer_than is None or age < self.newer_than)
        )


@dataclass(frozen=True, slots=True)
class GarCleanup:
    """A repository's policies; where none deletes, nothing goes."""

    policies: tuple[GarPolicy, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a policy file as gcloud takes it, or raise InvalidValue."""
        said = read_json(text, "cleanup policies")
        if not isinstance(said, list) or not 1 <= len(said) <= MOST:
            raise InvalidValue("cleanup policies", str(said)[:60], f"must be a list of 1 to {MOST} policies")
        policies = tuple(_policy(each) for each in said)
        if len({policy.name for policy in policies}) != len(policies):
            raise InvalidValue("name", ", ".join(policy.name for policy in policies), "each policy needs its own")
        return cls(policies)

    def decide(self, subjects: Sequence[Subject], now: float) -> tuple[Decision, ...]:
        """Decide what goes; a Keep policy beats every Delete policy."""
        images = images_of(subjects)
        verdict: dict[tuple[str, Digest], tuple[bool, str]] = {}
        for action in ("Delete", "Keep"):
            for policy in (each for each in self.policies if each.action == action):
                for image in policy.fits(images, now):
                    verdict[image.repository, image.digest] = (action == "Delete", f"{action} policy {policy.name}")
        return decided(subjects, lambda s: verdict.get((s.repository, s.digest), (False, "no policy is about it")))


def _policy(obj: Any) -> GarPolicy:
    said = fields("policy", obj, ["name", "action"], ["condition", "mostRecentVersions"])
    action = fields("action", said["action"], ["type"])["type"]
    if action not in ("Delete", "Keep"):
        raise InvalidValue("action", action, "is Delete or Keep")
    if ("condition" in said) is ("mostRecentVersions" in said):
        raise InvalidValue("policy", said["name"], "has either a condition or mostRecentVersions")
    if "mostRecentVersions" in said:
        if action == "Delete":
            raise InvalidValue("mostRecentVersions", said["name"], "belongs to a Keep policy")
        recent = fields("mostRecentVersions", said["mostRecentVersions"], ["keepCount"], ["packageNamePrefixes"])
        packages = texts("packageNamePrefixes", recent.get("packageNamePrefixes", []))
        return GarPolicy(
            str(said["name"]), action, packages=packages, keep_count=whole("keepCount", recent["keepCount"], 1)
        )
    keys = ["tagState", "tagPrefixes", "packageNamePrefixes", "olderThan", "newerThan"]
    condition = fields("condition", said["condition"], [], keys)
    state = str(condition.get("tagState", "any")).lower()
    if state not in ("tagged", "untagged", "any"):
        raise InvalidValue("tagState", state, "is tagged, untagged or any")
    ages = {key: duration(key, condition[key]) for key in ("olderThan", "newerThan") if key in condition}
    return GarPolicy(
        str(said["name"]), action, state, texts("tagPrefixes", condition.get("tagPrefixes", [])),
        texts("packageNamePrefixes", condition.get("packageNamePrefixes", [])),
        ages.get("olderThan"), ages.get("newerThan"),
    )  # fmt: skip
