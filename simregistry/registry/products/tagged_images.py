"""What the systems decide on: subjects in an order that no tie leaves open, and images gathered from their tags.

What an index names has no tag and is a Subject like any other: whoever carries the decisions out spares it where the
index stays, as ``registry.retention.dry_run`` does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simregistry.oci.digest import Digest
from simregistry.registry.retention import Subject


@dataclass(frozen=True, slots=True)
class TaggedDigest:
    """One digest of a repository with all its tags; ECR, Artifact Registry and Harbor delete by image, not by tag.

    ``since`` is its earliest push. Of a manifest without tags only the time it lost the last one is known here, and
    stands for its push.
    """

    repository: str
    digest: Digest
    tags: tuple[str, ...]
    since: float
    pulled: float | None

    @property
    def key(self) -> tuple[str, Digest]:
        """What it is found by."""
        return self.repository, self.digest


def by_repository(subjects: Iterable[Subject]) -> dict[str, list[Subject]]:
    """Group subjects by repository; every system counts repository by repository. A subject given twice counts once."""
    groups: dict[str, list[Subject]] = {}
    for subject in set(subjects):
        groups.setdefault(subject.repository, []).append(subject)
    return {name: newest_first(group) for name, group in sorted(groups.items())}


def newest_first(subjects: Iterable[Subject]) -> list[Subject]:
    """Sort by push time; of two pushed in the same moment the later name counts as newer."""
    return sorted(subjects, key=lambda s: (s.since, s.tag or "", s.digest, *last_pull(s)), reverse=True)


def last_pull(subject: Subject) -> tuple[bool, float]:
    """Make a key that sorts by the last pull, with what was never pulled as the oldest."""
    return (False, 0.0) if subject.pulled is None else (True, subject.pulled)


def images_of(subjects: Iterable[Subject]) -> list[TaggedDigest]:
    """Gather subjects by digest, the newest image first; ties go by digest."""
    groups: dict[tuple[str, Digest], list[Subject]] = {}
    for subject in subjects:
        groups.setdefault((subject.repository, subject.digest), []).append(subject)
    images = []
    for (repository, digest), group in groups.items():
        tags = tuple(sorted({subject.tag for subject in group if subject.tag is not None}))
        pulls = [subject.pulled for subject in group if subject.pulled is not None]
        since = min(subject.since for subject in group)
        images.append(TaggedDigest(repository, digest, tags, since, max(pulls, default=None)))
    return sorted(images, key=lambda image: (image.since, image.repository, image.digest), reverse=True)
