"""Amazon ECR's lifecycle policy: a JSON document of rules with priorities, which expire images.

Rules from the ECR user guide, "Lifecycle policies" (evaluation rules, parameters) and "Examples of lifecycle policies".
Not documented in the sources read: what ``sinceImagePulled`` does with an image that was never pulled; here its push
counts. The archive class (``transition``, ``storageClass`` archive, ``sinceImageTransitioned``) is refused: a Subject
has no storage class.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from simregistry.errors import InvalidValue
from simregistry.oci.digest import Digest
from simregistry.registry.products.policy_checks import members, one_of, read_json, string, strings, whole_number
from simregistry.registry.products.tagged_images import TaggedDigest, by_repository, images_of
from simregistry.registry.retention import DAY, Decision, Subject

# ECR service quotas: characters of a policy. "Lifecycle policy properties": wildcards of a pattern.
LONGEST_POLICY, MOST_WILDCARDS = 30_720, 4
STATUSES = ("tagged", "untagged", "any")
COUNT_TYPES = ("imageCountMoreThan", "sinceImagePushed", "sinceImagePulled")
TAG_LISTS = ("tagPrefixList", "tagPatternList")


@dataclass(frozen=True, slots=True)
class EcrRule:
    """One rule: the images it selects by tag, and how many or how old of those may stay."""

    priority: int
    tag_status: str
    patterns: tuple[str, ...]
    count_type: str
    count: int

    def says(self) -> str:
        """Say the rule in words."""
        tags = f" {' and '.join(self.patterns)}" if self.patterns else ""
        if self.count_type == "imageCountMoreThan":
            return f"{self.tag_status}{tags}, more than {self.count} images"
        return f"{self.tag_status}{tags}, {self.count_type} over {self.count} days ago"

    def selects(self, image: TaggedDigest) -> bool:
        """Say whether an image meets the tagging requirements: each pattern must fit some tag of it.

        "All of the tags in the tagPrefixList value are matched against any of the image's tags" (evaluation rules).
        """
        if self.tag_status != "tagged":
            return self.tag_status == "any" or not image.tags
        return all(any(_fits(pattern, tag) for tag in image.tags) for pattern in self.patterns)

    def identifies(self, selected: Sequence[TaggedDigest], now: float) -> Sequence[TaggedDigest]:
        """Find which of the images it selects, newest first, are to expire: those over the number, or the old ones."""
        if self.count_type == "imageCountMoreThan":
            return selected[self.count :]
        pulls = self.count_type == "sinceImagePulled"
        return [
            image
            for image in selected
            if now - (image.pulled if pulls and image.pulled is not None else image.since) > self.count * DAY
        ]


@dataclass(frozen=True, slots=True)
class EcrLifecycle:
    """A lifecycle policy; an image goes with all its tags, by one rule or by none."""

    rules: tuple[EcrRule, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a policy document, or raise InvalidValue."""
        if len(text) > LONGEST_POLICY:
            raise InvalidValue("lifecycle policy", text, f"write at most {LONGEST_POLICY:,} characters")
        entries = members("lifecycle policy", read_json("lifecycle policy", text), ("rules",))["rules"]
        if not isinstance(entries, list) or not entries:
            raise InvalidValue("rules", entries, "write a list of at least one rule")
        rules = tuple(sorted((_rule(entry) for entry in entries), key=lambda rule: rule.priority))
        _check_together(rules)
        return cls(rules)

    def decide(self, subjects: Sequence[Subject], now: float) -> tuple[Decision, ...]:
        """Decide what expires.

        Every rule sees all images ("as if they haven't been expired"), then the rules are applied in order of priority:
        the first rule that selects an image alone may expire it (evaluation rules).
        """
        verdicts: dict[tuple[str, Digest], tuple[bool, EcrRule]] = {}
        for group in by_repository(subjects).values():
            images = images_of(group)
            for rule in reversed(self.rules):
                selected = [image for image in images if rule.selects(image)]
                expired = set(rule.identifies(selected, now))
                verdicts |= {image.key: (image in expired, rule) for image in selected}
        return tuple(_decision(subject, verdicts.get((subject.repository, subject.digest))) for subject in subjects)


def _decision(subject: Subject, verdict: tuple[bool, EcrRule] | None) -> Decision:
    if verdict is None:
        return Decision(subject, False, "no rule selects its image")
    expired, rule = verdict
    does = "expires its image" if expired else "selects its image and lets it stay"
    return Decision(subject, expired, f"rule {rule.priority} {does}: {rule.says()}")


def _fits(pattern: str, tag: str) -> bool:
    return re.fullmatch(".*".join(re.escape(part) for part in pattern.split("*")), tag, re.DOTALL) is not None


def _check_together(rules: Sequence[EcrRule]) -> None:
    """Check what the user guide asks of the rules of one policy ("Rule priority", evaluation rules)."""
    numbers = [rule.priority for rule in rules]
    if len(set(numbers)) < len(numbers):
        raise InvalidValue("rulePriority", numbers, "give each rule a number of its own")
    if any(rule.tag_status == "any" for rule in rules[:-1]):
        raise InvalidValue("tagStatus", "any", "give the one rule for any image the highest rulePriority")
    if sum(rule.tag_status == "untagged" for rule in rules) > 1:
        raise InvalidValue("tagStatus", "untagged", "let one rule alone select untagged images")
    tagged = [frozenset(rule.patterns) for rule in rules if rule.tag_status == "tagged"]
    if len(set(tagged)) < len(tagged):
        sets = [sorted(patterns) for patterns in tagged]
        raise InvalidValue("tagPrefixList", sets, "name each set of tags in one rule only")


def _rule(value: Any) -> EcrRule:
    entry = members("rule", value, ("rulePriority", "selection", "action"), ("description",))
    if "description" in entry and not isinstance(entry["description"], str):
        raise InvalidValue("description", entry["description"], "write a string")
    one_of("action type", members("action", entry["action"], ("type",), ("targetStorageClass",))["type"], ("expire",))
    optional = ("countUnit", *TAG_LISTS, "storageClass")
    selection = members("selection", entry["selection"], ("tagStatus", "countType", "countNumber"), optional)
    one_of("storageClass", selection.get("storageClass", "standard"), ("standard",))
    status = one_of("tagStatus", selection["tagStatus"], STATUSES)
    kind = one_of("countType", selection["countType"], COUNT_TYPES)
    if kind == "imageCountMoreThan" and "countUnit" in selection:
        raise InvalidValue("countUnit", selection["countUnit"], "leave it out where images are counted")
    if kind != "imageCountMoreThan":
        one_of("countUnit", selection.get("countUnit"), ("days",))
    # "0 is not an accepted value" (Count number).
    count = whole_number("countNumber", selection["countNumber"], 1)
    return EcrRule(
        whole_number("rulePriority", entry["rulePriority"], 1), status, _patterns(status, selection), kind, count
    )


def _patterns(status: str, selection: Mapping[str, Any]) -> tuple[str, ...]:
    lists = [key for key in TAG_LISTS if key in selection]
    if len(lists) != (1 if status == "tagged" else 0):
        rule = "name tags by tagPrefixList or by tagPatternList where tagStatus is tagged, and nowhere else"
        raise InvalidValue("selection", status, rule)
    if not lists:
        return ()
    patterns = strings(lists[0], selection[lists[0]])
    if lists[0] == "tagPrefixList":
        if starred := [prefix for prefix in patterns if "*" in prefix]:
            raise InvalidValue("tagPrefixList", starred[0], "write a prefix without *, or use tagPatternList")
        return tuple(f"{string('tagPrefixList', prefix)}*" for prefix in patterns)
    if crowded := [pattern for pattern in patterns if pattern.count("*") > MOST_WILDCARDS]:
        raise InvalidValue("tagPatternList", crowded[0], f"write at most {MOST_WILDCARDS} wildcards")
    return patterns
