"""Amazon ECR's lifecycle policies: a JSON document of rules with priorities.

Rules as in the ECR user guide, "Lifecycle policies" and "Examples of lifecycle policies". Where the guide says nothing
of a tie, the greater digest counts as the newer image.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Self

from simregistry.errors import InvalidValue
from simregistry.oci.digest import Digest
from simregistry.registry.families.rules.images import (
    Image,
    decided,
    fields,
    images_of,
    newest_first,
    read_json,
    texts,
    whole,
)
from simregistry.registry.retention import DAY, Decision, Subject

LONGEST_POLICY = 30_720


@dataclass(frozen=True, slots=True)
class EcrRule:
    """One rule: which images it is about, and which of those it expires."""

    priority: int
    tag_status: str
    patterns: tuple[str, ...]
    count_type: str
    count: int

    def matches(self, image: Image) -> bool:
        """Say whether an image meets the tagging requirements: each pattern must fit one of its tags."""
        if self.tag_status == "any":
            return True
        if self.tag_status == "untagged":
            return not image.tags
        return bool(image.tags) and all(any(fnmatchcase(tag, p) for tag in image.tags) for p in self.patterns)

    def identified(self, matching: Sequence[Image], now: float) -> list[Image]:
        """Give those to expire: the oldest beyond a number, or those older than so many days."""
        if self.count_type == "imageCountMoreThan":
            return newest_first(matching)[self.count :]
        when = {"sinceImagePushed": lambda image: image.since, "sinceImagePulled": _last_pull}[self.count_type]
        return [image for image in matching if now - when(image) > self.count * DAY]


@dataclass(frozen=True, slots=True)
class EcrLifecycle:
    """A lifecycle policy; it works on images, with all their tags.

    "An image is expired by exactly one or zero rules", and one that meets a rule's tagging requirements is never
    expired by a rule of lower priority (a higher number).
    """

    rules: tuple[EcrRule, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a policy as ECR takes it, or raise InvalidValue."""
        if len(text) > LONGEST_POLICY:
            raise InvalidValue("lifecycle policy", f"{len(text):,} characters", f"has at most {LONGEST_POLICY:,}")
        said = fields("lifecycle policy", read_json(text, "lifecycle policy"), ["rules"])
        if not isinstance(said["rules"], list) or not said["rules"]:
            raise InvalidValue("rules", str(said["rules"])[:60], "must be a list of at least one rule")
        rules = tuple(sorted((_rule(each) for each in said["rules"]), key=lambda rule: rule.priority))
        numbers = [rule.priority for rule in rules]
        if len(set(numbers)) != len(numbers):
            raise InvalidValue("rulePriority", str(numbers), "each rule needs a number of its own")
        if any(rule.tag_status == "any" for rule in rules[:-1]):
            raise InvalidValue("tagStatus", "any", "the rule for any image must have the highest number")
        if sum(rule.tag_status == "untagged" for rule in rules) > 1:
            raise InvalidValue("tagStatus", "untagged", "one rule alone may be about untagged images")
        return cls(rules)

    def decide(self, subjects: Sequence[Subject], now: float) -> tuple[Decision, ...]:
        """Decide what expires; nothing is changed."""
        expired: dict[tuple[str, Digest], int] = {}
        for repository in sorted({subject.repository for subject in subjects}):
            images = [image for image in images_of(subjects) if image.repository == repository]
            spoken_for: set[Digest] = set()
            for rule in self.rules:
                matching = [image for image in images if rule.matches(image)]
                for image in rule.identified(matching, now):
                    if image.digest not in spoken_for:
                        expired[repository, image.digest] = rule.priority
                spoken_for |= {image.digest for image in matching}

        def why(subject: Subject) -> tuple[bool, str]:
            number = expired.get((subject.repository, subject.digest))
            return (
                number is not None,
                f"rule {number} expires its image" if number is not None else "no rule takes it",
            )

        return decided(subjects, why)


def _rule(obj: Any) -> EcrRule:
    said = fields("rule", obj, ["rulePriority", "selection", "action"], ["description"])
    action = fields("action", said["action"], ["type"], ["targetStorageClass"])
    if action["type"] != "expire":
        raise InvalidValue("action", action["type"], "expire is carried out here; transition to an archive is not")
    keys = ["countUnit", "tagPrefixList", "tagPatternList", "storageClass"]
    selection = fields("selection", said["selection"], ["tagStatus", "countType", "countNumber"], keys)
    status, kind = selection["tagStatus"], selection["countType"]
    if status not in ("tagged", "untagged", "any"):
        raise InvalidValue("tagStatus", status, "is tagged, untagged or any")
    if kind not in ("imageCountMoreThan", "sinceImagePushed", "sinceImagePulled"):
        raise InvalidValue("countType", kind, "is imageCountMoreThan, sinceImagePushed or sinceImagePulled")
    if (selection.get("countUnit") == "days") is (kind == "imageCountMoreThan"):
        raise InvalidValue(
            "countUnit", selection.get("countUnit"), "is days where time is counted, and absent elsewhere"
        )
    patterns = texts("tagPatternList", selection.get("tagPatternList", []))
    patterns += tuple(f"{prefix}*" for prefix in texts("tagPrefixList", selection.get("tagPrefixList", [])))
    if (status == "tagged") is not bool(patterns):
        raise InvalidValue("tagPrefixList", status, "is needed where tagStatus is tagged, and absent elsewhere")
    number = whole("countNumber", selection["countNumber"], 1)
    return EcrRule(whole("rulePriority", said["rulePriority"], 1), status, patterns, kind, number)


def _last_pull(image: Image) -> float:
    # An image that was never pulled is counted from its push: the guide read says nothing else.
    return image.since if image.pulled is None else image.pulled
