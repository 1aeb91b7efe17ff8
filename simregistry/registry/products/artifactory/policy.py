"""JFrog Artifactory's two numbers of a Docker repository: Max Unique Tags, and Tag Retention.

Rules from JFrog's Terraform provider, "Local Docker V2 Repository" (``max_unique_tags``, ``tag_retention``), and the
Artifactory documentation, "Using both Max Unique Tags and Tag Retention". Artifactory acts when something is pushed;
here the state after that is decided.
Not documented in the sources read: what happens at a negative number; here refused. A Subject does not say which tag an
untagged manifest had, so copies are counted together: as many as all tags that stay may have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from simregistry.registry.products.policy_checks import members, read_json, whole_number
from simregistry.registry.products.tagged_images import by_repository
from simregistry.registry.retention import Decision, Subject


@dataclass(frozen=True, slots=True)
class ArtifactoryTags:
    """The two numbers, with the provider's defaults: no limit, and no copies of overwritten tags."""

    max_unique_tags: int = 0
    tag_retention: int = 1

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read them from a JSON object, or raise InvalidValue."""
        numbers = members("repository", read_json("repository", text), (), ("max_unique_tags", "tag_retention"))
        return cls(**{key: whole_number(key, value) for key, value in numbers.items()})

    def decide(self, subjects: Sequence[Subject], now: float) -> tuple[Decision, ...]:
        """Decide what goes: an image's older tags with their copies, and copies beyond their number; no age counts.

        "A value of 0 (default) indicates there is no limit"; "if greater than 1, overwritten tags will be saved by
        their digest, up to the set up number"; a tag that goes takes its copies along.
        """
        staying: set[Subject] = set()
        for group in by_repository(subjects).values():
            tags = [subject for subject in group if subject.tag is not None]
            tags = tags[: self.max_unique_tags or len(tags)]
            copies = [subject for subject in group if subject.tag is None]
            staying.update(tags, copies[: self._copies * len(tags)])
        return tuple(Decision(s, s not in staying, self._why(s, s not in staying)) for s in subjects)

    @property
    def _copies(self) -> int:
        return self.tag_retention if self.tag_retention > 1 else 0

    def _why(self, subject: Subject, goes: bool) -> str:
        if subject.tag is not None:
            limit = f"the newest {self.max_unique_tags}" if self.max_unique_tags else "any number"
            return f"max_unique_tags {self.max_unique_tags}: an image keeps {limit} of its tags"
        if not self._copies:
            return f"tag_retention {self.tag_retention}: overwritten tags are not saved"
        beyond = "beyond" if goes else "within"
        return f"tag_retention {self.tag_retention}: {beyond} {self._copies} saved copies for each tag that stays"
