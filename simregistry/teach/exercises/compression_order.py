"""Beyond layers, the order: compress first, or look for equal files first."""

from __future__ import annotations

import random

from simregistry.oci.layer import Changeset
from simregistry.study.chunking import dedup_levels
from simregistry.teach.answers import OneOf
from simregistry.teach.problem import Misconception, Problem, beliefs

# Two versions of a layer, in words; ``count`` of the eight files change.
VERSIONS = {
    "equal": "The two versions are equal, byte by byte.",
    "some": "In the second one, {count} of the files {have} other contents. No two contents have anything in common.",
    "all": "In the second one, all eight files have other contents. No two contents have anything in common.",
    "copies": "All eight files are copies of one page with a number at the top. In the second, all numbers are new.",
}


WHY_NOT_THIS_ORDER = {
    "compress first": "contents that have nothing in common don't get smaller together",
    "look first": "either the layers are one blob, or no file is in both",
    "about the same": "one of the two stores keeps many bytes twice, or even more often",
}


def which_order(dice: random.Random) -> Problem:
    """Ask whether compressing first, or looking for equal files first, needs less room."""
    kind = dice.choice(("equal", "some", "some", "all", "copies"))
    count = {"equal": 0, "some": dice.randint(1, 4)}.get(kind, 8)
    first, second = _two_versions(dice, kind, count)
    levels = dedup_levels([("one", [Changeset.of(first).to_tar()]), ("two", [Changeset.of(second).to_tar()])], {})
    before, after = levels["files"].packed_bytes, levels["gzip, layers"].bytes
    right = "look first" if before < 0.9 * after else "compress first" if after < 0.9 * before else "about the same"
    blobs, distinct = levels["gzip, layers"].pieces, len({*first.values(), *second.values()})
    difference = VERSIONS[kind].format(count=count, have="has" if count == 1 else "have")
    return Problem(
        text=(
            f"A layer has eight files of the same size. Two stores keep two versions of it. {difference} "
            "One store compresses each layer first, and keeps equal blobs once. The other looks for equal files first, "
            "and compresses each file by itself. Which order needs less room? (A difference of up to a tenth counts as "
            "about the same.)"
        ),
        answer=OneOf(
            right,
            tuple(WHY_NOT_THIS_ORDER),
            tuple((option, why) for option, why in WHY_NOT_THIS_ORDER.items() if option != right),
        ),
        misconceptions=_beliefs_on_which_order(right),
        hints=(
            "Are the two layers one blob or two?",
            "How many of the files are in both, byte for byte?",
            "A file compresses better together with others only if they are like it.",
        ),
        why=(
            f"One store keeps {blobs} compressed layer{'s' * (blobs > 1)}, and the other {distinct} of 16 files."
            f"{' Compressed together, eight copies take little more room than one.' * (kind == 'copies')}"
        ),
    )


def _two_versions(dice: random.Random, kind: str, count: int) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Draw the files of two versions."""
    page = dice.randbytes(1_000).hex()
    first, second = (
        {
            f"f{n}": (dice.randbytes(8).hex() + page if kind == "copies" else dice.randbytes(1_000).hex()).encode()
            for n in range(8)
        }
        for _ in range(2)
    )
    second = {name: second[name] if n < count else content for n, (name, content) in enumerate(first.items())}
    return first, second


def _beliefs_on_which_order(right: str) -> tuple[Misconception, ...]:
    return beliefs(
        ("compression and deduplication add up", "about the same",
         "How many blobs or files does each store keep, and how small does each get?"),
        ("compressing first is always as good or better", "compress first",
         "Compressing together helps if the files of one layer are like one another. But it hides what two layers have "
         "in common."),
        ("looking first always wins", "look first",
         "If the layers are equal, or no file is in both, comparing files finds nothing more."),
        unless=right, once=True,
    )  # fmt: skip
