"""Harbor's tag retention: rules that say what to keep; what none keeps goes.

Harbor documentation, "Create tag retention rules": at most 15 rules for a project, one that fits is enough; matching is
by tag and deletion by artifact, so one kept tag keeps every tag of its digest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Self

from simregistry.errors import InvalidValue
from simregistry.registry.families.rules.images import decided, fields, read_json, whole
from simregistry.registry.retention import DAY, Decision, Subject

TEMPLATES = ("latestPushedK", "nDaysSinceLastPush", "nDaysSinceLastPull", "always")
MOST = 15


@dataclass(frozen=True, slots=True)
class HarborRule:
    """One rule: a template with its number, and the tags it is about."""

    template: str
    number: int
    tags: str
    untagged: bool

    def kept(self, subjects: Sequence[Subject], now: float) -> list[Subject]:
        """Give what it keeps of one repository's subjects."""
        found = [s for s in subjects if (self.untagged if s.tag is None else fnmatchcase(s.tag, self.tags))]
        if self.template == "latestPushedK":
            return sorted(found, key=lambda s: (s.since, s.tag or s.digest), reverse=True)[: self.number]
        if self.template == "nDaysSinceLastPush":
            return [s for s in found if now - s.since <= self.number * DAY]
        if self.template == "nDaysSinceLastPull":
            return [s for s in found if s.pulled is not None and now - s.pulled <= self.number * DAY]
        return found


@dataclass(frozen=True, slots=True)
class HarborRetention:
    """A project's rules."""

    rules: tuple[HarborRule, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a JSON list of rules, or raise InvalidValue."""
        said = read_json(text, "retention rules")
        if not isinstance(said, list) or not 1 <= len(said) <= MOST:
            raise InvalidValue("retention rules", str(said)[:60], f"must be a list of 1 to {MOST} rules")
        return cls(tuple(_rule(each) for each in said))

    def decide(self, subjects: Sequence[Subject], now: float) -> tuple[Decision, ...]:
        """Decide what goes: each artifact of which no rule keeps a tag."""
        kept = set()
        for repository in {subject.repository for subject in subjects}:
            own = [subject for subject in subjects if subject.repository == repository]
            kept |= {(repository, s.digest) for rule in self.rules for s in rule.kept(own, now)}

        def why(subject: Subject) -> tuple[bool, str]:
            goes = (subject.repository, subject.digest) not in kept
            return goes, "no rule keeps its artifact" if goes else "a rule keeps its artifact"

        return decided(subjects, why)


def _rule(obj: Any) -> HarborRule:
    said = fields("rule", obj, ["template"], ["number", "tags", "untagged"])
    if said["template"] not in TEMPLATES:
        raise InvalidValue("template", said["template"], f"is one of {', '.join(TEMPLATES)}")
    tags = said.get("tags", "*")
    if not isinstance(tags, str) or not isinstance(said.get("untagged", False), bool):
        raise InvalidValue("rule", str(said)[:60], "tags is a pattern as release-*, untagged is true or false")
    return HarborRule(
        said["template"], whole("number", said.get("number", 0)), tags.replace("**", "*"), said.get("untagged", False)
    )
