"""Beyond layers, the order: compress first, or look for equal files first."""

from __future__ import annotations

import random

from simregistry.oci.layer import Changeset
from simregistry.study.chunking import dedup_levels
from simregistry.teach.answers import OneOf
from simregistry.teach.problem import Misconception, Problem, beliefs

# Two versions of a layer: what is told of them, and how many of the eight files change.
VERSIONS = {
    "equal": "and not a byte differs between them",
    "some": "and {count} of the files {have} other contents in the second; no two contents have anything in common",
    "all": "and all eight have other contents in the second; no two contents have anything in common",
    "copies": "copies of one page with a number at the top; in the second all the numbers are new",
}


WHY_NOT_THIS_ORDER = {
    "compress first": "contents that have nothing in common shrink no better together",
    "look first": "either the layers are one blob, or no file is in both",
    "about the same": "one of them keeps much of it twice, or more often",
}


def which_order(dice: random.Random) -> Problem:
    """Ask whether compressing first, or looking for equal files first, keeps less."""
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
            f"Two versions of a layer of eight files of the same size are kept, {difference}. "
            "One shop compresses each layer and keeps equal blobs once; another keeps equal files once and "
            "compresses each file by itself. Which keeps less? (What is within a tenth counts as about the same.)"
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
            "Does a file shrink better beside the others than by itself? Only if they are like it.",
        ),
        why=(
            f"Compressed layers: {blobs} blob{'s' * (blobs > 1)}; distinct files: "
            f"{distinct} of "
            f"16{', and beside each other eight copies shrink to little more than one' if kind == 'copies' else ''}."
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
         "Count for each shop: how many blobs or files does it keep, and what does each shrink by?"),
        ("compressing first is always as good or better", "compress first",
         "Compressing together helps where files of one layer are like one another. "
         "It hides what two layers have in common."),
        ("looking first always wins", "look first",
         "If the layers are equal, or no file is in both, there is nothing that only files could find."),
        unless=right, once=True,
    )  # fmt: skip
