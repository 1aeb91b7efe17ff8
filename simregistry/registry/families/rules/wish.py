"""One wish in six syntaxes, and a reader for each: keep the 3 newest tags, drop untagged manifests after 7 days."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from simregistry.errors import InvalidValue
from simregistry.registry.families.rules.acr import AcrPurge
from simregistry.registry.families.rules.artifactory import ArtifactoryTags
from simregistry.registry.families.rules.ecr import EcrLifecycle
from simregistry.registry.families.rules.gar import GarCleanup
from simregistry.registry.families.rules.harbor import HarborRetention
from simregistry.registry.families.rules.nexus import NexusCleanup
from simregistry.registry.retention import Decision, Subject


class Deciding(Protocol):
    """Rules that were read."""

    def decide(self, subjects: Sequence[Subject], now: float) -> tuple[Decision, ...]:
        """Decide each subject, in the order given."""
        ...


SYNTAXES: Mapping[str, Callable[[str], Deciding]] = {
    "ecr-lifecycle": EcrLifecycle.parse,
    "gar-cleanup": GarCleanup.parse,
    "acr-purge": AcrPurge.parse,
    "artifactory-max-unique-tags": ArtifactoryTags.parse,
    "nexus-cleanup": NexusCleanup.parse,
    "harbor-retention": HarborRetention.parse,
}


def parse_rules(syntax: str, text: str) -> Deciding:
    """Read rules in a system's own syntax; raises InvalidValue for what is none.

    >>> parse_rules("artifactory-max-unique-tags", '{"max_unique_tags": 3}').decide([], 0)
    ()
    """
    if syntax not in SYNTAXES:
        raise InvalidValue("syntax", syntax, f"is none of {', '.join(SYNTAXES)}")
    return SYNTAXES[syntax](text)


@dataclass(frozen=True, slots=True)
class Wish:
    """The wish in a system's words, and what of it the system cannot say ("" where it can say all)."""

    text: str
    cannot: str = ""


WISH: Mapping[str, Wish] = {
    "ecr-lifecycle": Wish(
        """{"rules": [
  {"rulePriority": 1, "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed",
   "countUnit": "days", "countNumber": 7}, "action": {"type": "expire"}},
  {"rulePriority": 2, "selection": {"tagStatus": "tagged", "tagPatternList": ["*"],
   "countType": "imageCountMoreThan", "countNumber": 3}, "action": {"type": "expire"}}]}""",
        "it counts the days from the push, not from when the last tag went",
    ),
    "gar-cleanup": Wish(
        """[{"name": "old-tags", "action": {"type": "Delete"}, "condition": {"tagState": "tagged"}},
 {"name": "newest", "action": {"type": "Keep"}, "mostRecentVersions": {"keepCount": 3}},
 {"name": "untagged", "action": {"type": "Delete"}, "condition": {"tagState": "untagged", "olderThan": "7d"}}]""",
        "its newest 3 are versions, with or without a tag",
    ),
    "acr-purge": Wish(
        "acr purge --filter 'app:.*' --ago 0d --keep 3 --untagged",
        "its untagged manifests go at any age",
    ),
    "artifactory-max-unique-tags": Wish(
        '{"max_unique_tags": 3, "tag_retention": 1}', "it knows no days: overwritten images go by themselves"
    ),
    "nexus-cleanup": Wish(
        '{"criteriaLastBlobUpdated": 0, "retain": 3, "deployOffsetHours": 168}',
        "the days are the offset of another task",
    ),
    "harbor-retention": Wish(
        """[{"template": "latestPushedK", "number": 3},
 {"template": "nDaysSinceLastPush", "number": 7, "tags": "", "untagged": true}]""",
    ),
}
