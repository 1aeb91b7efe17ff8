"""JFrog Artifactory's Max Unique Tags and Tag Retention: two numbers for a repository of images.

The provider's page of local Docker repositories: above ``max_unique_tags`` the older tags of an image are removed (0 is
no limit); with ``tag_retention`` over 1, overwritten tags are kept by digest up to that number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from simregistry.registry.families.rules.images import decided, fields, read_json, whole
from simregistry.registry.retention import Decision, Subject


@dataclass(frozen=True, slots=True)
class ArtifactoryTags:
    """The two numbers."""

    max_unique_tags: int = 0
    tag_retention: int = 1

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read them from a JSON object, or raise InvalidValue."""
        keys = ("max_unique_tags", "tag_retention")
        said = fields("repository", read_json(text, "repository"), [], keys)
        return cls(*(whole(key, said.get(key, least), least) for key, least in zip(keys, (0, 1), strict=True)))

    def decide(self, subjects: Sequence[Subject], now: float) -> tuple[Decision, ...]:
        """Decide what goes: the older tags, and copies of overwritten ones beyond their number."""
        kept: set[Subject] = set()
        for repository in {subject.repository for subject in subjects}:
            for bare, number in ((False, self.max_unique_tags or len(subjects)), (True, self.tag_retention - 1)):
                found = [s for s in subjects if s.repository == repository and (s.tag is None) is bare]
                kept.update(sorted(found, key=lambda s: (s.since, s.tag or s.digest), reverse=True)[:number])

        def why(subject: Subject) -> tuple[bool, str]:
            if subject in kept:
                return False, "it is among those that are kept"
            return True, "it was overwritten" if subject.tag is None else f"{self.max_unique_tags} newer tags are there"

        return decided(subjects, why)
