"""Azure Container Registry's ``acr purge``: a command with filters, run once or on a schedule.

Azure documentation, "Automatically purge images from a registry". Untagged manifests go at any age here: the page read
ties ``--ago`` to tags.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from simregistry.errors import InvalidValue
from simregistry.registry.families.rules.images import decided, duration, expression, whole
from simregistry.registry.retention import Decision, Subject


@dataclass(frozen=True, slots=True)
class AcrPurge:
    """One command: which tags of which repositories, how old, how many stay, and whether untagged manifests go."""

    filters: tuple[tuple[str, re.Pattern[str]], ...]
    ago: float
    keep: int = 0
    untagged: bool = False
    untagged_only: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a command line, or raise InvalidValue."""
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise InvalidValue("acr purge", text[:60], str(error)) from None
        if words[:2] != ["acr", "purge"]:
            raise InvalidValue("acr purge", text[:60], "write acr purge --filter 'repository:expression' --ago 7d")
        values: dict[str, list[str]] = {}
        rest = words[2:]
        while rest:
            word = rest.pop(0)
            if word in ("--untagged", "--untagged-only", "--dry-run"):
                values[word] = []
            elif word in ("--filter", "--ago", "--keep") and rest:
                values.setdefault(word, []).append(rest.pop(0))
            else:
                raise InvalidValue("acr purge", word[:60], "knows --filter, --ago, --keep, --untagged, --untagged-only")
        filters = tuple(_filter(each) for each in values.get("--filter", []))
        if not filters or ("--ago" not in values and "--untagged-only" not in values):
            raise InvalidValue("acr purge", text[:60], "needs a --filter and an --ago")
        ago = duration("--ago", values.get("--ago", ["0d"])[-1])
        number = values.get("--keep", ["0"])[-1]
        keep = whole("--keep", int(number) if number.isdecimal() and len(number) < 10 else number)
        return cls(filters, ago, keep, "--untagged" in values, "--untagged-only" in values)

    def decide(self, subjects: Sequence[Subject], now: float) -> tuple[Decision, ...]:
        """Decide what goes: tags alone, unless untagged manifests are asked for."""
        going: set[Subject] = set()
        for repository in {subject.repository for subject in subjects}:
            found = [s for s in subjects if s.repository == repository and s.tag is not None and self._named(s)]
            newest = sorted(found, key=lambda s: (s.since, s.tag or ""), reverse=True)
            going.update(s for s in newest[self.keep :] if now - s.since > self.ago and not self.untagged_only)

        def why(subject: Subject) -> tuple[bool, str]:
            if subject.tag is None:
                goes = (self.untagged or self.untagged_only) and any(
                    name == subject.repository for name, _ in self.filters
                )
                return goes, "it has no tag" if goes else "--untagged was not asked for"
            return (True, "a filter fits, it is old enough and not kept") if subject in going else (False, "it is kept")

        return decided(subjects, why)

    def _named(self, subject: Subject) -> bool:
        return any(name == subject.repository and rule.fullmatch(subject.tag or "") for name, rule in self.filters)


def _filter(text: str) -> tuple[str, re.Pattern[str]]:
    name, _, rule = text.partition(":")
    if not (name and rule):
        raise InvalidValue("--filter", text[:60], "write repository:expression")
    return name, expression("--filter", rule)
