"""The turn of the lesson on collecting without a stop: when a collector signs, lists, looks and deletes."""

from __future__ import annotations

import json
from functools import cache
from itertools import chain

from simregistry.study.races.interleavings import Actor, Exploration, explore
from simregistry.study.races.lock_free_marks import collect_by_marks
from simregistry.study.races.race_scene import every_promise_kept
from simregistry.study.races.races import race
from simregistry.teach.answers import Order
from simregistry.teach.reveals import Reveal
from simregistry.teach.turns.turn import Turn
from simregistry.teach.unread import Unread

SIGN, LIST, LOOK, DELETE = (
    "leave my sign",
    "list the blobs that no manifest names",
    "look for the other's sign",
    "delete the blobs on my list",
)
# Shown in no useful order: sorted by name.
MOVES = tuple(sorted([SIGN, LIST, LOOK, DELETE]))
ONE_WAY = (SIGN, LIST, LOOK, DELETE)
SIGNS = "Cloudflare's marks"


def order() -> Turn:
    """Ask for the order of a collector's moves, and run it beside a push."""
    listed = "\n".join(f"    {move}" for move in MOVES)
    return Turn(
        "marks.order",
        "The push takes the steps of the table above. Arrange these four moves of the collector so that no schedule "
        f"loses the image:\n\n{listed}\n\nWrite them as a list of strings. If the collector sees the push's sign, or "
        "an insertion since it began to list, it gives up and deletes nothing. In the end it takes its own sign "
        "back. All schedules are run.",
        play,
        json.dumps(ONE_WAY, indent=4),
        "Each of the two first leaves its own sign and then looks for the other's. If they overlap, at least one of "
        "them sees the other. The deletion comes after the look, because a look can't undo it.",
        (
            "When both have looked and neither has signed yet, what does each of them see?",
            "The push signs, and then it looks. What does it see if the collector hasn't signed when it looks?",
            "What may the collector do only after it has looked?",
        ),
    )


def play(answer: object) -> Reveal:
    """Run every order of the push's steps and of these moves."""
    moves = Order(MOVES).read(answer)
    if isinstance(moves, Unread):
        return moves.reveal(answer, f"a list, in order, of: {'; '.join(MOVES)}")
    if sorted(moves) != list(MOVES):
        return Reveal(f"Not yet: use each of the {len(MOVES)} moves once. You have {len(moves)}.", False)
    if moves.index(LIST) > min(moves.index(LOOK), moves.index(DELETE)):
        return Reveal("Not yet: without a list there is nothing to delete, and no moment to look back to.", False)
    tried = with_order(moves)
    if not tried.losing:
        return Reveal(f"Right: none of {tried.schedules:,} schedules loses the image.", True, 1.0)
    steps = tuple(f"{number}. {step.actor}: {step.did}" for number, step in enumerate(tried.shortest, 1))
    sentence = f"Not yet: {tried.losing:,} of {tried.schedules:,} schedules lose the image. The shortest of them:"
    return Reveal(sentence, False, 1 - tried.losing / tried.schedules, steps)


@cache
def with_order(moves: tuple[str, ...]) -> Exploration:
    """Run every order of a push by signs beside a collector that makes its moves in this order."""
    scene, actors = race(SIGNS).cast()
    sign, begin, note, listing, look, delete, *end = collect_by_marks().steps
    # A move is a step or two: who signs also writes when, and who lists first reads when the last insertion was.
    steps = {SIGN: (sign, begin), LIST: (note, listing), LOOK: (look,), DELETE: (delete,)}
    collecting = Actor("collector", (*chain.from_iterable(steps[move] for move in moves), *end))
    return explore(scene, (actors[0], collecting), every_promise_kept)


TURNS = {"order": order}
