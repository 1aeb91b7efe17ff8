"""The turn of the lesson on chunks: a letter is inserted, and the learner writes where both kinds of cuts fall now."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest

from simregistry.study.chunking.cut import Cutter, chunks, fixed
from simregistry.table import Table
from simregistry.teach.reveals import Reveal
from simregistry.teach.turns.turn import Turn
from simregistry.teach.unread import LONGEST_TEXT, MOST_ITEMS, Unread

SIZE = 6
BEFORE, AFTER = b"a fox ran by the old red barn", b"a foxy ran by the old red barn"
WANTED = 'two strings with a bar at each cut, such as {"fixed": "...|...", "content": "...|..."}'


def after_spaces(data: bytes) -> list[int]:
    """Cut after each space: the simplest cutter that goes by the content.

    >>> chunks(b"a fox ran", after_spaces)
    [b'a ', b'fox ', b'ran']
    """
    ends = [place + 1 for place, byte in enumerate(data) if byte == ord(" ")]
    return ends if not data or ends[-1:] == [len(data)] else [*ends, len(data)]


CUTTERS: Mapping[str, Cutter] = {"fixed": fixed(SIZE), "content": after_spaces}
HOW = {"fixed": f"every {SIZE} letters", "content": "after each space"}


def written(data: bytes, cutter: Cutter) -> str:
    """Write data with a bar at each cut."""
    return "|".join(piece.decode() for piece in chunks(data, cutter))


def cuts() -> Turn:
    """Ask where fixed and content-defined cuts fall after a letter was inserted."""
    rows = tuple((name, HOW[name], written(BEFORE, cutter)) for name, cutter in CUTTERS.items())
    return Turn(
        "chunks.cuts",
        f'Somebody inserts one letter, and "{BEFORE.decode()}" becomes "{AFTER.decode()}". The table shows the cuts '
        "before that. Write both lines as they are after it, with a bar | at each cut. Two real cutters check your "
        "answer and tell you how many pieces are new.",
        play,
        str({name: written(AFTER, cutter) for name, cutter in CUTTERS.items()}),
        "The fixed cutter counts from the front, so the letters behind the new one move across its cuts. The other "
        "cutter looks at the letters, so its cuts move along with them.",
        (
            f"Begin with the fixed line. Count {SIZE} letters from the front, spaces too, and cut. Count again.",
            "For the other line, cut after each space. Which pieces did the inserted letter touch?",
            "The space belongs to the piece before the cut in the content line.",
        ),
        Table(("cutter", "cuts", "before"), rows),
    )


def play(answer: object) -> Reveal:
    """Cut the edited text with both cutters, and compare piece by piece."""
    lines = _read(answer)
    if isinstance(lines, Unread):
        return lines.reveal(answer, WANTED)
    faults = {name: _fault(name, pieces) for name, pieces in lines.items()}
    wrong = {name: fault for name, fault in faults.items() if fault}
    if wrong:
        shown = tuple(f"{name}: {fault or 'right'}" for name, fault in faults.items())
        named = " and ".join(f'"{name}"' for name in wrong)
        more = "are" if len(wrong) > 1 else "is"
        return Reveal(
            f"Not yet: {named} {more} not cut as the cutter does it.", False, 1 - len(wrong) / len(CUTTERS), shown
        )
    new = {name: set(chunks(AFTER, cutter)) - set(chunks(BEFORE, cutter)) for name, cutter in CUTTERS.items()}
    shown = tuple(f"{name}: {len(new[name])} of {len(lines[name])} pieces are new" for name in CUTTERS)
    return Reveal("Right: both cutters cut in the same places.", True, 1.0, shown)


def _read(answer: object) -> Mapping[str, list[str]] | Unread:
    """Read a dictionary of two lines: strings with bars, or lists of pieces."""
    if not isinstance(answer, dict) or set(answer) != set(CUTTERS):
        return Unread('Write both lines, named "fixed" and "content".')
    lines = {}
    for name in CUTTERS:
        line = answer[name]
        pieces = line.split("|") if isinstance(line, str) and len(line) <= LONGEST_TEXT else line
        if not isinstance(pieces, list | tuple) or len(pieces) > MOST_ITEMS:
            return Unread(f'The line "{name}" isn\'t a string.')
        if not all(isinstance(piece, str) for piece in pieces):
            return Unread(f'Write each piece of the line "{name}" as a string.')
        lines[name] = list(pieces)
    return lines


def _fault(name: str, pieces: list[str]) -> str:
    """Say what is wrong with a line, or nothing."""
    right = [piece.decode() for piece in chunks(AFTER, CUTTERS[name])]
    if pieces == right:
        return ""
    if "".join(pieces) != AFTER.decode():
        return f'without its bars this is not "{AFTER.decode()}". Keep every letter and every space.'
    if name == "fixed" and [piece for piece in pieces if len(piece) > SIZE]:
        return f"a piece has more than {SIZE} letters. This cutter counts from the front and doesn't know the old cuts."
    if name == "content" and any(piece.startswith(" ") for piece in pieces):
        return "a piece begins with a space. The cut comes after the space."
    place, (mine, theirs) = next(
        (place, pair) for place, pair in enumerate(zip_longest(pieces, right), 1) if pair[0] != pair[1]
    )
    length = f"has {len(theirs)} letters" if theirs is not None else "is too many"
    return f"piece {place} is {mine!r}. It {length} when you cut {HOW[name]}."


TURNS = {"cuts": cuts}
