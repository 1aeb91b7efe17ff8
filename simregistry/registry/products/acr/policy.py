"""Azure Container Registry's ``acr purge``: a command line that deletes tags, and manifests without tags if asked to.

Rules from the Azure documentation, "Automatically purge images from an Azure container registry". Its examples show how
the two expressions of a filter match: ``.*/cache:.*`` is about repositories that end in /cache, ``hello-world:^1.*``
about tags that begin with 1; so here the first must fit the whole repository name, the second a part of the tag.
Not documented in the sources read: where a filter with two colons is parted; here at the first. The registry's own
retention policy for untagged manifests is another setting, of days alone, and is not read here. Locks are not known
to a Subject.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from simregistry.errors import InvalidValue
from simregistry.registry.products.policy_checks import LONGEST_TEXT, duration, expression, whole_number
from simregistry.registry.products.tagged_images import by_repository
from simregistry.registry.retention import Decision, Subject

WITH_VALUE = ("--filter", "--ago", "--keep")
ALONE = ("--untagged", "--untagged-only", "--dry-run")
EXAMPLE = "acr purge --filter 'repository:expression' --ago 7d"


@dataclass(frozen=True, slots=True)
class AcrFilter:
    """One ``--filter``: an expression of repository names, and one of tags."""

    repository: re.Pattern[str]
    tag: re.Pattern[str]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read both expressions, parted by a colon."""
        repository, _, tag = text.partition(":")
        if not repository or not tag:
            raise InvalidValue("--filter", text, "write 'repository:expression', such as 'app:.*'")
        return cls(expression("--filter", repository), expression("--filter", tag))


@dataclass(frozen=True, slots=True)
class AcrPurge:
    """One command; ``ago`` None is any age, no filter is every repository (both with ``--untagged-only`` alone)."""

    filters: tuple[AcrFilter, ...] = ()
    ago: float | None = None
    keep: int = 0
    untagged: bool = False
    untagged_only: bool = False
    dry_run: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a command line, or raise InvalidValue."""
        options = _options(text)
        only = "--untagged-only" in options
        if missing := [option for option in ("--filter", "--ago") if option not in options and not only]:
            raise InvalidValue("acr purge", text, f"add {' and '.join(missing)}: {EXAMPLE}")
        if twice := [option for option in ("--ago", "--keep") if len(options.get(option, ())) > 1]:
            raise InvalidValue("acr purge", text, f"write {twice[0]} once")
        number = options.get("--keep", ["0"])[0]
        keep = whole_number("--keep", int(number) if re.fullmatch("[0-9]{1,9}", number) else number)
        ago = duration("--ago", options["--ago"][0]) if "--ago" in options else None
        filters = tuple(AcrFilter.parse(value) for value in options.get("--filter", ()))
        return cls(filters, ago, keep, "--untagged" in options, only, "--dry-run" in options)

    def decide(self, subjects: Sequence[Subject], now: float) -> tuple[Decision, ...]:
        """Decide what goes: tags "by default", untagged manifests with ``--untagged``, those alone with the last flag.

        ``--keep`` is "the latest number of to-be-deleted tags per repository that are retained": it counts among what
        the filters select and ``--ago`` lets go, and among untagged manifests with ``--untagged-only`` alone.
        """
        going: set[Subject] = set()
        for group in by_repository(subjects).values():
            chosen = [subject for subject in group if self._selects(subject) and self._is_old(subject, now)]
            tags = [subject for subject in chosen if subject.tag is not None]
            bare = [subject for subject in chosen if subject.tag is None]
            going.update(bare[self.keep :] if self.untagged_only else [*tags[self.keep :], *bare])
        return tuple(
            Decision(subject, subject in going and not self.dry_run, self._why(subject, subject in going, now))
            for subject in subjects
        )

    def _selects(self, subject: Subject) -> bool:
        filters = [one for one in self.filters if one.repository.fullmatch(subject.repository)]
        if subject.tag is None:
            return (self.untagged or self.untagged_only) and (bool(filters) or not self.filters)
        return not self.untagged_only and any(one.tag.search(subject.tag) for one in filters)

    def _is_old(self, subject: Subject, now: float) -> bool:
        """Compare with ``--ago``: "0d matches images of all ages"; manifests are held to it since acr-cli 0.17."""
        return not self.ago or now - subject.since > self.ago

    def _why(self, subject: Subject, goes: bool, now: float) -> str:
        if goes:
            what = "a --filter selects it" if subject.tag is not None else "it has no tag and is asked for"
            return f"{what}, and it is old enough{'; --dry-run deletes nothing' if self.dry_run else ''}"
        if not self._selects(subject):
            unasked = subject.tag is None and not (self.untagged or self.untagged_only)
            return "--untagged is not asked for" if unasked else "no --filter selects it, or its kind is not asked for"
        if not self._is_old(subject, now):
            return "it is younger than --ago"
        return f"--keep retains the newest {self.keep} of what would go"


def _options(text: str) -> dict[str, list[str]]:
    """Read a command line's options, each with its values."""
    if len(text) > LONGEST_TEXT:
        raise InvalidValue("acr purge", text, f"write at most {LONGEST_TEXT:,} characters")
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise InvalidValue("acr purge", text, f"write a command line ({error})") from None
    if words[:2] != ["acr", "purge"]:
        raise InvalidValue("acr purge", text, f"begin with the command: {EXAMPLE}")
    options: dict[str, list[str]] = {}
    rest = iter(words[2:])
    for word in rest:
        if word not in WITH_VALUE + ALONE:
            raise InvalidValue("acr purge", word, f"use {', '.join(WITH_VALUE + ALONE)}")
        values = options.setdefault(word, [])
        if word in WITH_VALUE:
            value = next(rest, None)
            if value is None:
                raise InvalidValue("acr purge", word, "write its value behind it")
            values.append(value)
    return options
