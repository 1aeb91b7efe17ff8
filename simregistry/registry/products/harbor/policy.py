"""Harbor's tag retention: a list of rules that say what to keep; what none of them keeps goes.

Rules from the Harbor documentation, "Create Tag Retention Rules". It shows a form; the spelling of the JSON is that of
the list ``rules`` which Harbor's API takes (``/api/v2.0/retentions``). What ``extras`` says of untagged artifacts, and
that they are in where it says nothing, is read from the code (goharbor/harbor, doublestar selector).
The page's table has the number before the tag filter, its example counts "the two latest tags that match"; here tags
are filtered first. Not documented in the sources read: what ties mean; here the later name counts as newer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Self

from simregistry.errors import InvalidValue
from simregistry.oci.digest import Digest
from simregistry.registry.products.policy_checks import members, one_of, read_json, string, whole_number
from simregistry.registry.products.tagged_images import by_repository, last_pull, newest_first
from simregistry.registry.retention import DAY, Decision, Subject

# The form's five options, "By artifact count or number of days".
TEMPLATES = ("latestPushedK", "latestPulledN", "nDaysSinceLastPush", "nDaysSinceLastPull", "always")
MOST_RULES, LONGEST_PATTERN, MOST_DOUBLE_STARS = 15, 512, 4


@dataclass(frozen=True, slots=True)
class HarborSelector:
    """Names that match some patterns, or (``excludes``) all others; ``*`` stays inside a part between slashes.

    >>> HarborSelector(("release-*", "latest")).takes("release-1")
    True
    """

    patterns: tuple[str, ...] = ("**",)
    excludes: bool = False
    untagged: bool = True

    @classmethod
    def parse(cls, what: str, value: Any, decorations: tuple[str, str]) -> Self:
        """Read a list of one selector, as the API has it."""
        if not isinstance(value, list) or len(value) != 1:
            raise InvalidValue(what, value, "write a list of one selector")
        selector = members(what, value[0], ("decoration", "pattern"), ("kind", "extras"))
        one_of("kind", selector.get("kind", "doublestar"), ("doublestar",))
        excludes = one_of("decoration", selector["decoration"], decorations) == decorations[1]
        pattern = string("pattern", selector["pattern"])
        stars = pattern.count("**") > MOST_DOUBLE_STARS
        if len(pattern) > LONGEST_PATTERN or stars:
            rule = f"write at most {LONGEST_PATTERN} characters, with ** at most {MOST_DOUBLE_STARS} times"
            raise InvalidValue("pattern", pattern, rule)
        inner = pattern[1:-1] if pattern.startswith("{") and pattern.endswith("}") else pattern
        patterns = tuple(part.strip() for part in inner.split(","))
        return cls(patterns, excludes, _untagged(selector.get("extras", "{}"), not excludes) is not excludes)

    def takes(self, name: str) -> bool:
        """Say whether a name is among those meant."""
        return any(_fits(pattern.split("/"), name.split("/")) for pattern in self.patterns) is not self.excludes


@dataclass(frozen=True, slots=True)
class HarborRule:
    """One rule: the repositories it is about, the tags, and how many or how recent ones it keeps."""

    template: str
    number: int
    repositories: HarborSelector
    tags: HarborSelector
    disabled: bool = False

    def says(self) -> str:
        """Say the rule in words."""
        number = "" if self.template == "always" else f" {self.number}"
        return f"{self.template}{number} of tags {'but ' if self.tags.excludes else ''}{','.join(self.tags.patterns)}"

    def concerns(self, repository: str) -> bool:
        """Say whether the rule is about a repository; "no action is taken on the nonspecified repositories"."""
        return not self.disabled and self.repositories.takes(repository)

    def keeps(self, group: Sequence[Subject], now: float) -> list[Subject]:
        """Find what it keeps of one repository."""
        matching = newest_first(s for s in group if (self.tags.untagged if s.tag is None else self.tags.takes(s.tag)))
        if self.template == "latestPushedK":
            return matching[: self.number]
        if self.template == "latestPulledN":
            return sorted(matching, key=last_pull, reverse=True)[: self.number]
        if self.template == "nDaysSinceLastPush":
            return [subject for subject in matching if now - subject.since <= self.number * DAY]
        if self.template == "nDaysSinceLastPull":
            return [s for s in matching if s.pulled is not None and now - s.pulled <= self.number * DAY]
        return matching


@dataclass(frozen=True, slots=True)
class HarborRetention:
    """A project's rules; one that keeps is enough."""

    rules: tuple[HarborRule, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a JSON list of rules, or raise InvalidValue."""
        document = read_json("retention rules", text)
        if not isinstance(document, list) or not 1 <= len(document) <= MOST_RULES:
            raise InvalidValue("retention rules", document, f"write a list of 1 to {MOST_RULES} rules")
        return cls(tuple(_rule(entry) for entry in document))

    def decide(self, subjects: Sequence[Subject], now: float) -> tuple[Decision, ...]:
        """Decide what goes: each artifact of which no rule keeps a tag.

        "Retention is matched at the tag level but retention / deletion is carried out at the artifact level": one tag
        that is kept keeps all tags of its digest.
        """
        kept: dict[tuple[str, Digest], HarborRule] = {}
        concerned = set()
        for repository, group in by_repository(subjects).items():
            for rule in (rule for rule in reversed(self.rules) if rule.concerns(repository)):
                concerned.add(repository)
                kept |= {(repository, subject.digest): rule for subject in rule.keeps(group, now)}
        decisions = []
        for subject in subjects:
            keeper = kept.get((subject.repository, subject.digest))
            goes = keeper is None and subject.repository in concerned
            why = "no rule keeps a tag of its artifact" if goes else "no rule is about its repository"
            decisions.append(Decision(subject, goes, f"its artifact is kept by {keeper.says()}" if keeper else why))
        return tuple(decisions)


def _fits(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    """Match part by part; a part ``**`` stands for any number of parts (doublestar's rule)."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_fits(pattern[1:], parts[skipped:]) for skipped in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _fits(pattern[1:], parts[1:])


def _untagged(extras: Any, default: bool) -> bool:
    options = members("extras", read_json("extras", string("extras", extras)), (), ("untagged",))
    return _flag("untagged", options.get("untagged", default))


def _flag(what: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidValue(what, value, "write true or false")
    return value


def _rule(value: Any) -> HarborRule:
    optional = ("params", "action", "disabled", "priority", "id")
    entry = members("rule", value, ("template", "scope_selectors", "tag_selectors"), optional)
    template = one_of("template", entry["template"], TEMPLATES)
    one_of("action", entry.get("action", "retain"), ("retain",))
    for key in ("priority", "id"):
        whole_number(key, entry.get(key, 0))
    keys = () if template == "always" else (template,)
    params = members("params", entry.get("params", {}), keys)
    scope = members("scope_selectors", entry["scope_selectors"], ("repository",))["repository"]
    return HarborRule(
        template,
        whole_number(template, params[template], 1) if keys else 0,
        HarborSelector.parse("repository", scope, ("repoMatches", "repoExcludes")),
        HarborSelector.parse("tag_selectors", entry["tag_selectors"], ("matches", "excludes")),
        _flag("disabled", entry.get("disabled", False)),
    )
