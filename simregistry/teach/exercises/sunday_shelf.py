"""A registry on a Sunday: ten tags with the days of their pushes and pulls, and which of them a policy deletes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from simregistry.registry.retention import RetentionPlan, Rule
from simregistry.study.capstone import weekly_cleanup
from simregistry.table import Table
from simregistry.teach.exercises.named_layers import indented

TODAY = 200


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag with the days since its push and since the last pull of its image (None: nobody ever did)."""

    name: str
    pushed: int
    pulled: int | None


def shelf(dice: random.Random) -> tuple[Tag, ...]:
    """Draw builds, branches, releases and a hotfix of an old release, the youngest first; no two ages are equal."""
    ages = dice.sample(range(2, 70), 9)
    builds = [f"main-{n}" for n in sorted(dice.sample(range(10, 99), 4))]
    branches = [f"branch-{n}" for n in sorted(dice.sample(range(10, 99), 2))]
    minor = dice.randint(2, 6)
    releases = [f"v1.{minor}", f"v1.{minor + 1}", f"v1.{minor + 2}"]
    tags = []
    for names, days in ((builds, ages[:4]), (branches, ages[4:6]), (releases, ages[6:9])):
        tags += [
            Tag(name, day, _pulled(dice, day)) for name, day in zip(names, sorted(days, reverse=True), strict=True)
        ]
    # A hotfix is pushed after the newest release, though its number is that of an old one.
    tags.append(Tag(f"v1.{minor}.1", 1, None))
    return tuple(sorted(tags, key=lambda tag: tag.pushed))


def _pulled(dice: random.Random, pushed: int) -> int | None:
    return dice.randint(0, pushed) if dice.random() < 0.6 else None


def decided(tags: Sequence[Tag], rules: Sequence[Rule]) -> RetentionPlan:
    """Try a policy on these tags, as a dry run on Sunday night does."""
    pulled = {tag.name: TODAY - tag.pulled for tag in tags if tag.pulled is not None}
    return weekly_cleanup(rules, {tag.name: TODAY - tag.pushed for tag in tags}, pulled, day=TODAY, repository="app")


def gone(tags: Sequence[Tag], rules: Sequence[Rule]) -> frozenset[str]:
    """Name the tags that a policy deletes."""
    return frozenset(subject.tag or "" for subject in decided(tags, rules).deleted)


def shelf_table(tags: Sequence[Tag]) -> Table:
    """Show the tags with their days."""
    rows = tuple((tag.name, tag.pushed, "never" if tag.pulled is None else str(tag.pulled)) for tag in tags)
    return Table(("tag of app", "pushed, days ago", "last pulled, days ago"), rows)


def in_words(rules: Sequence[Rule]) -> str:
    """Show a policy as lines of a problem's text."""
    return indented(f"{rule.name}: {rule.says()}" for rule in rules)
