"""Sonatype Nexus Repository's cleanup policies and its task for unused manifests.

Sonatype Help, "Cleanup Policies": the criteria that are given must all hold, and a number of versions can be retained.
The task "Docker - Delete unused manifests and images" takes what no tag needs, and spares what was deployed within its
offset. Both only mark: the bytes go with "Admin - Compact blob store".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from simregistry.errors import InvalidValue
from simregistry.registry.families.rules.images import decided, expression, fields, read_json, whole
from simregistry.registry.retention import DAY, Decision, Subject

CRITERIA = ("criteriaLastBlobUpdated", "criteriaLastDownloaded", "criteriaAssetRegex")


@dataclass(frozen=True, slots=True)
class NexusCleanup:
    """Criteria (days, and an expression of names), how many are retained, and the task's offset (hours)."""

    published_days: int | None = None
    downloaded_days: int | None = None
    names: re.Pattern[str] | None = None
    retain: int = 0
    offset_hours: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a policy with its task from a JSON object, or raise InvalidValue."""
        said = fields(
            "cleanup policy", read_json(text, "cleanup policy"), [], [*CRITERIA, "retain", "deployOffsetHours"]
        )
        if not any(key in said for key in CRITERIA):
            raise InvalidValue("cleanup policy", text[:60], f"needs one of {', '.join(CRITERIA)}")
        days = [whole(key, said[key]) if key in said else None for key in CRITERIA[:2]]
        names = expression(CRITERIA[2], said[CRITERIA[2]]) if CRITERIA[2] in said else None
        offset = whole("deployOffsetHours", said["deployOffsetHours"]) if "deployOffsetHours" in said else None
        return cls(days[0], days[1], names, whole("retain", said.get("retain", 0)), offset)

    def decide(self, subjects: Sequence[Subject], now: float) -> tuple[Decision, ...]:
        """Decide what is marked as deleted."""
        retained: set[Subject] = set()
        for repository in {subject.repository for subject in subjects}:
            found = [s for s in subjects if s.repository == repository and s.tag is not None]
            retained.update(sorted(found, key=lambda s: (s.since, s.tag or ""), reverse=True)[: self.retain])

        def why(subject: Subject) -> tuple[bool, str]:
            if subject.tag is None:
                goes = self.offset_hours is not None and now - subject.since > self.offset_hours * 3600
                return goes, "no tag needs it, and the offset is over" if goes else "the task spares it, or is not run"
            if subject in retained:
                return False, f"it is among the newest {self.retain}"
            return (True, "all criteria hold") if self._meets(subject, now) else (False, "a criterion does not hold")

        return decided(subjects, why)

    def _meets(self, subject: Subject, now: float) -> bool:
        # One that was never downloaded counts from its push: the page read says nothing else.
        fetched = subject.since if subject.pulled is None else subject.pulled
        return (
            (self.published_days is None or now - subject.since > self.published_days * DAY)
            and (self.downloaded_days is None or now - fetched > self.downloaded_days * DAY)
            and (self.names is None or self.names.fullmatch(subject.tag or "") is not None)
        )
