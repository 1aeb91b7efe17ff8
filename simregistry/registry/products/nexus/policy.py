"""Sonatype Nexus Repository's cleanup policy, and its task for what no tag needs; a third stage frees the bytes.

1. The policy takes tags: all criteria must hold, and a minimum of versions is retained (Sonatype Help, "Cleanup
   Policies"; Terraform provider sonatyperepo, ``cleanup_policy``).
2. The task "Docker - Delete unused manifests and images" takes manifests that no tag needs, but spares what was
   deployed within *deploy offset* hours (provider, ``task_repository_docker_gc``).
3. Both only mark: the bytes go with "Admin - Compact blob store", which no rule here starts.

Not documented in the sources read, and so here: without ``deploy_offset_hours`` the task is not run, its default being
unknown; what was never downloaded counts from its push; the expression must fit the whole tag, as the name of a Docker
asset is not described; ``retain`` keeps the newest of all versions of an image by push time. The offset counts from
``since``, a Subject's only time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from simregistry.errors import InvalidValue
from simregistry.registry.products.policy_checks import expression, members, read_json, whole_number
from simregistry.registry.products.tagged_images import by_repository
from simregistry.registry.retention import DAY, Decision, Subject

PUBLISHED, DOWNLOADED, NAMES = CRITERIA = ("criteriaLastBlobUpdated", "criteriaLastDownloaded", "criteriaAssetRegex")
HOUR = 3600
MARKED = "marked as deleted until Admin - Compact blob store"


@dataclass(frozen=True, slots=True)
class NexusCleanup:
    """The criteria (days, days, an expression), the versions that are retained, and the task's offset in hours."""

    published_days: int | None = None
    downloaded_days: int | None = None
    names: re.Pattern[str] | None = None
    retain: int = 0
    deploy_offset_hours: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a policy with the task's offset from a JSON object, or raise InvalidValue."""
        optional = ("retain", "deploy_offset_hours")
        policy = members("cleanup policy", read_json("cleanup policy", text), ("criteria",), optional)
        criteria = members("criteria", policy["criteria"], (), CRITERIA)
        if not criteria:
            raise InvalidValue("criteria", criteria, f"state at least one of {', '.join(CRITERIA)}")
        published, downloaded = (whole_number(key, criteria[key]) if key in criteria else None for key in CRITERIA[:2])
        names = expression(NAMES, criteria[NAMES]) if NAMES in criteria else None
        offset = whole_number(optional[1], policy[optional[1]]) if optional[1] in policy else None
        return cls(published, downloaded, names, whole_number("retain", policy.get("retain", 0)), offset)

    def decide(self, subjects: Sequence[Subject], now: float) -> tuple[Decision, ...]:
        """Decide what is marked as deleted: tags by the policy, untagged manifests by the task."""
        retained: set[Subject] = set()
        for group in by_repository(subjects).values():
            retained.update([subject for subject in group if subject.tag is not None][: self.retain])
        return tuple(
            self._manifest(subject, now) if subject.tag is None else self._tag(subject, subject in retained, now)
            for subject in subjects
        )

    def _tag(self, subject: Subject, retained: bool, now: float) -> Decision:
        if retained:
            return Decision(subject, False, f"retain {self.retain}: it is among the newest versions of its image")
        fetched = subject.since if subject.pulled is None else subject.pulled
        failing = [
            criterion
            for criterion, holds in (
                (PUBLISHED, self.published_days is None or now - subject.since > self.published_days * DAY),
                (DOWNLOADED, self.downloaded_days is None or now - fetched > self.downloaded_days * DAY),
                (NAMES, self.names is None or self.names.fullmatch(subject.tag or "") is not None),
            )
            if not holds
        ]
        why = f"{failing[0]} does not hold, and all must" if failing else f"all criteria hold; {MARKED}"
        return Decision(subject, not failing, why)

    def _manifest(self, subject: Subject, now: float) -> Decision:
        if self.deploy_offset_hours is None:
            return Decision(subject, False, "the policy is about tags, and the task for unused manifests is not run")
        goes = now - subject.since > self.deploy_offset_hours * HOUR
        spared = f"deployed within the task's offset of {self.deploy_offset_hours} hours"
        return Decision(subject, goes, f"no tag needs it; {MARKED}" if goes else spared)
