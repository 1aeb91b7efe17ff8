"""One policy in six syntaxes, as near as each comes: keep the 3 newest tags, delete untagged manifests after 7 days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PolicyText:
    """The policy in a product's syntax, and the part that this syntax cannot express ("" if it expresses all)."""

    text: str
    cannot: str = ""


SAME_POLICY: Mapping[str, PolicyText] = {
    "ecr-lifecycle": PolicyText(
        """{"rules": [
  {"rulePriority": 1, "action": {"type": "expire"}, "selection":
    {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 7}},
  {"rulePriority": 2, "action": {"type": "expire"}, "selection":
    {"tagStatus": "tagged", "tagPatternList": ["*"], "countType": "imageCountMoreThan", "countNumber": 3}}]}""",
        "It counts images, not tags. The 7 days begin with the push, not with the loss of the last tag.",
    ),
    "gar-cleanup": PolicyText(
        """[
  {"name": "newest", "action": {"type": "Keep"}, "mostRecentVersions": {"keepCount": 3}},
  {"name": "tagged", "action": {"type": "Delete"}, "condition": {"tagState": "tagged"}},
  {"name": "untagged", "action": {"type": "Delete"}, "condition": {"tagState": "untagged", "olderThan": "7d"}}]""",
        "It keeps the 3 newest images, with or without a tag. So fewer tags may stay, and an old untagged image may.",
    ),
    "acr-purge": PolicyText(
        "acr purge --filter '.*:.*' --ago 0d --keep 3",
        "Tags and untagged images have one --ago. For the 7 days, run a second command: --untagged-only --ago 7d.",
    ),
    "artifactory-max-unique-tags": PolicyText(
        '{"max_unique_tags": 3, "tag_retention": 1}',
        "It counts no days. When a tag moves, the old image goes at once, not after 7 days.",
    ),
    "nexus-cleanup": PolicyText(
        '{"criteria": {"criteriaAssetRegex": ".*"}, "retain": 3, "deploy_offset_hours": 168}',
        "The policy is about tags alone. Another task takes untagged images, 7 days after their upload.",
    ),
    "harbor-retention": PolicyText(
        r"""[
  {"template": "latestPushedK", "params": {"latestPushedK": 3},
   "scope_selectors": {"repository": [{"decoration": "repoMatches", "pattern": "**"}]},
   "tag_selectors": [{"decoration": "matches", "pattern": "**", "extras": "{\"untagged\": false}"}]},
  {"template": "nDaysSinceLastPush", "params": {"nDaysSinceLastPush": 7},
   "scope_selectors": {"repository": [{"decoration": "repoMatches", "pattern": "**"}]},
   "tag_selectors": [{"decoration": "excludes", "pattern": "**", "extras": "{\"untagged\": false}"}]}]""",
        "It keeps all tags of an artifact of which one is kept, and counts the 7 days from the push.",
    ),
}
