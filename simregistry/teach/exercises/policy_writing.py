"""A policy of four numbers that keeps what is needed next week, and no more tags than there is room for."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from simregistry.errors import InvalidValue
from simregistry.study.capstone import Knobs
from simregistry.table import Table
from simregistry.teach.answers import FreeText
from simregistry.teach.exercises.sunday_shelf import Tag, gone, shelf
from simregistry.teach.problem import Exercise, Misconception, Problem, beliefs

NAMES = ("builds", "branches", "releases", "in_use")
PART = re.compile(r"([a-z_]+)\s*=\s*(\d{1,4})")


def read_knobs(text: str) -> Knobs:
    """Read ``builds=5 branches=14 releases=3 in_use=21``, in any order, or raise InvalidValue saying how it is written.

    >>> read_knobs("in_use=21, builds=5, branches=14, releases=3").in_use
    21
    """
    parts = [part for part in re.split(r"[\s,;]+", re.sub(r"\s*=\s*", "=", text.strip().lower())) if part]
    numbers: dict[str, int] = {}
    for part in parts:
        match = PART.fullmatch(part)
        if match is None or match[1] not in NAMES or match[1] in numbers:
            raise InvalidValue("policy", part, "write each once: builds=5 branches=14 releases=3 in_use=21")
        numbers[match[1]] = int(match[2])
    if missing := [name for name in NAMES if name not in numbers]:
        raise InvalidValue("policy", text[:60], f"{', '.join(missing)} is missing; 0 switches a rule off")
    return Knobs(**numbers)


def write_knobs(knobs: Knobs) -> str:
    """Write knobs as they are read."""
    return " ".join(f"{name}={getattr(knobs, name)}" for name in NAMES)


def complaints(tags: Sequence[Tag], needed: Sequence[str], room: int, knobs: Knobs) -> list[str]:
    """Say what is wrong with a policy: what it takes that is needed, and how many tags too many stay."""
    taken = gone(tags, knobs.rules())
    lost = [name for name in needed if name in taken]
    many = len(tags) - len(taken) - room
    goes, them = ("goes", "it") if len(lost) == 1 else ("go", "them")
    sentences = [f"{' and '.join(lost)} {goes}, but somebody needs {them}"] if lost else []
    return sentences + ([f"{len(tags) - len(taken)} tags stay, but there is room for only {room}"] if many > 0 else [])


def write_a_policy(dice: random.Random) -> Problem:
    """Ask for four numbers."""
    tags = shelf(dice)
    days, pinned, tags, needed = _with_an_old_build_in_use(tags, dice)
    good = Knobs(builds=1, branches=1, releases=2, in_use=days)
    kept = len(tags) - len(gone(tags, good.rules()))
    room = kept + dice.randint(0, 1)

    def problem(text: str) -> str:
        return "; ".join(complaints(tags, needed, room, read_knobs(text)))

    rows = _rows_of_tags(tags, needed)
    return Problem(
        text=(
            "Write a policy in four numbers. The numbers builds and releases say how many of the newest stay. The "
            "number branches says after how many days a branch goes. The number in_use says for how many days a pull "
            "keeps an image. "
            f"0 switches a rule off. All tags that are needed next week must stay, and no more than {room} tags "
            "may stay. Here is an example:\n\n    builds=9 branches=60 releases=9 in_use=60"
        ),
        answer=FreeText(write_knobs(good), problem, "a string such as builds=9 branches=60 releases=9 in_use=60"),
        misconceptions=_beliefs_on_write_a_policy(pinned, days),
        hints=(
            "Which needed build is old? A pull can keep it, or a large number of builds.",
            f"in_use has to be {days} or more.",
            "Then make the other three numbers as small as you can.",
        ),
        why="A number keeps the newest tags, and its last pull keeps the old build. The rest goes.",
        given=Table(("tag of app", "pushed, days ago", "last pulled, days ago", "needed next week"), rows),
        also_right=(write_knobs(good).replace(" ", ", "), " ".join(reversed(write_knobs(good).split()))),
    )


def _rows_of_tags(tags: tuple[Tag, ...], needed: list[str]) -> tuple[tuple[str, int, str, str], ...]:
    """Write a row for each tag."""
    return tuple(
        (tag.name, tag.pushed, "never" if tag.pulled is None else str(tag.pulled), "yes" if tag.name in needed else "")
        for tag in tags
    )


def _with_an_old_build_in_use(
    tags: tuple[Tag, ...], dice: random.Random
) -> tuple[int, Tag, tuple[Tag, ...], list[str]]:
    """Let somebody stay on an old build, and say which tags are needed."""
    releases = [tag for tag in tags if tag.name.startswith("v")]
    builds = [tag for tag in tags if tag.name.startswith("main-")]
    # Somebody stays on an old build, and pulled it not long ago: no small number of newest builds keeps it.
    days = dice.randint(8, 20)
    pinned = builds[-1]
    tags = tuple(Tag(tag.name, max(tag.pushed, days + 1), days) if tag is pinned else tag for tag in tags)
    tags = tuple(Tag(t.name, t.pushed, None) if t.name.startswith("branch-") or t in builds[1:-1] else t for t in tags)
    needed = [builds[0].name, pinned.name, *(tag.name for tag in releases[:2])]
    return days, pinned, tags, needed


def _beliefs_on_write_a_policy(pinned: Tag, days: int) -> tuple[Misconception, ...]:
    return beliefs(
        ("what is kept long enough is safe, and room is no matter", write_knobs(Knobs(9, 365, 9, 0)),
         "Nothing that is needed goes, but too much stays. Lower the numbers until there is room."),
        ("the newest are all that is needed", write_knobs(Knobs(1, 1, 2, 0)),
         f"app:{pinned.name} is old and still in use. How many days ago did somebody pull it?"),
        ("a day of pulls is enough to know who is in use", write_knobs(Knobs(1, 1, 2, days - 1)),
         f"Somebody pulled app:{pinned.name} {days} days ago. A shorter time misses that pull."),
    )  # fmt: skip


EXERCISE = Exercise("capstone.write-a-policy", "construct", "Write a policy", ("capstone.write",), write_a_policy)
