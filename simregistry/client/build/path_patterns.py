"""Match paths against the patterns of COPY and ADD, and of .dockerignore, in time that grows with the path alone.

1. COPY and ADD take the patterns of Go's ``filepath.Match`` (Dockerfile reference, "Pattern matching"): ``*`` and ``?``
   stay inside one part of a path, ``[^a]`` turns a range round, and a backslash takes the meaning off a character. Two
   stars are one star.
2. .dockerignore knows ``**`` too, for any number of parts. Its patterns are those of moby/patternmatcher.
3. A pattern may come from a stranger. Python's ``re`` tries every way to share a path between several stars, which
   takes years for some patterns. So a pattern becomes a row of pieces, and all the places that may match are followed
   side by side, letter by letter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from simregistry.errors import InvalidValue
from simregistry.oci.limits import LONGEST_PATH

# How many steps a pattern remembers before it forgets them all: enough for the folders of one context.
MOST_REMEMBERED = 20_000
Accepts = Callable[[str], bool]


def _never(_letter: str) -> bool:
    return False


def _always(_letter: str) -> bool:
    return True


def _inside_a_part(letter: str) -> bool:
    return letter != "/"


def _slash(letter: str) -> bool:
    return letter == "/"


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a pattern: the letters that lead past it, those that it can take again, and how far it is skipped.

    ``skips`` is the number of pieces, this one included, that need no letter at all.
    """

    passes: Accepts = _never
    stays: Accepts = _never
    skips: int = 0


STAR = Piece(stays=_inside_a_part, skips=1)
ONE = Piece(passes=_inside_a_part)
ANYTHING = Piece(stays=_always, skips=1)
# "**/": nothing at all, or anything that ends in a slash.
PARTS = (Piece(skips=2), Piece(stays=_always, passes=_slash))


@dataclass(slots=True)
class PathPattern:
    """A pattern, ready to be matched: its pieces, and the steps that earlier paths have taken through them."""

    pieces: tuple[Piece, ...]
    start: int = 0
    by_one: int = 0
    by_two: int = 0
    known: dict[tuple[int, str], int] = field(default_factory=dict, repr=False)
    masks: dict[str, tuple[int, int]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.by_one, self.by_two = (
            sum(1 << number for number, piece in enumerate(self.pieces) if piece.skips == skips) for skips in (1, 2)
        )
        self.start = self._skipped(1)

    def matches(self, path: str, *, or_a_parent: bool = False) -> bool:
        """Say whether the whole path matches, or with ``or_a_parent`` also a directory that it lies in."""
        places, end = self.start, 1 << len(self.pieces)
        for letter in path:
            if or_a_parent and letter == "/" and places & end:
                return True
            places = self._after(places, letter)
            if not places:
                return False
        return bool(places & end)

    def _after(self, places: int, letter: str) -> int:
        """Take one letter: from the places reached so far, a bit for each piece, to those that come next."""
        step = (places, letter)
        if step not in self.known:
            if len(self.known) >= MOST_REMEMBERED:
                self.known.clear()
            if letter not in self.masks:
                self.masks[letter] = (
                    sum(1 << number for number, piece in enumerate(self.pieces) if piece.passes(letter)),
                    sum(1 << number for number, piece in enumerate(self.pieces) if piece.stays(letter)),
                )
            passes, stays = self.masks[letter]
            self.known[step] = self._skipped(((places & passes) << 1) | (places & stays))
        return self.known[step]

    def _skipped(self, places: int) -> int:
        """Add the places that are reached without a letter."""
        before = -1
        while before != places:
            before = places
            # Of two pieces that may be skipped together, the second may also begin.
            places |= (places & (self.by_one | self.by_two)) << 1 | (places & self.by_two) << 2
        return places


def copy_pattern(pattern: str) -> PathPattern:
    """Read a pattern of COPY or ADD, or raise InvalidValue.

    >>> [copy_pattern("src/*.py").matches(path) for path in ("src/app.py", "src/lib/app.py")]
    [True, False]
    """
    return PathPattern(tuple(_pieces(pattern, two_stars=False)))


def ignore_pattern(pattern: str) -> PathPattern:
    """Read a pattern of .dockerignore, or raise InvalidValue.

    >>> [ignore_pattern("**/*.py").matches(path) for path in ("app.py", "src/lib/app.py", "src/app.js")]
    [True, True, False]
    """
    # patternmatcher.go, compile: two stars before letters alone mean "ends in these", within a name too. Anywhere
    # else, two stars that no slash follows stand for whole parts all the same.
    if pattern.startswith("**") and not pattern.startswith("**/") and not set(pattern[2:]) & set("*?[]\\"):
        return PathPattern((ANYTHING, *_pieces(pattern[2:], two_stars=False)))
    return PathPattern(tuple(_pieces(pattern, two_stars=True)))


def _pieces(pattern: str, *, two_stars: bool) -> list[Piece]:
    """Read the pieces from left to right."""
    if len(pattern) > LONGEST_PATH:
        raise InvalidValue("pattern", pattern, f"is longer than any path, {LONGEST_PATH:,} characters")
    pieces: list[Piece] = []
    at = 0
    while at < len(pattern):
        if pattern[at] == "*":
            after = at + len(pattern[at:]) - len(pattern[at:].lstrip("*"))
            _add_stars(pieces, pattern, at, after, two_stars)
            # "**/" is one piece, slash and all.
            at = after + (two_stars and (after - at) % 2 == 0 and pattern.startswith("/", after))
            continue
        piece, at = _one_letter(pattern, at)
        pieces.append(piece)
    return pieces


def _add_stars(pieces: list[Piece], pattern: str, at: int, after: int, two_stars: bool) -> None:
    """Read a run of stars. Each two of them are ``**`` if the pattern knows it; one that is left over is ``*``."""
    for number in range(at, after, 2):
        if not two_stars or number + 1 == after:
            wanted: tuple[Piece, ...] = (STAR,)
        else:
            wanted = (ANYTHING,) if pattern[number + 2 :] in ("", "/") else PARTS
        # The same again adds nothing: "**/**/" is "**/".
        if tuple(pieces[-len(wanted) :]) != wanted:
            pieces += wanted


def _one_letter(pattern: str, at: int) -> tuple[Piece, int]:
    """Read a piece that stands for one letter; return it and the place behind it."""
    if pattern[at] == "?":
        return ONE, at + 1
    if pattern[at] == "[":
        return _range(pattern, at + 1)
    letter, at = _escaped(pattern, at)
    return Piece(passes=letter.__eq__), at


def _escaped(pattern: str, at: int) -> tuple[str, int]:
    """Read one letter, which may have a backslash before it."""
    at += pattern[at] == "\\"
    if at >= len(pattern):
        raise InvalidValue("pattern", pattern, "ends in a backslash; write two of them for a backslash itself")
    return pattern[at], at + 1


def _range(pattern: str, at: int) -> tuple[Piece, int]:
    """Read a range after its ``[``, as Go does: ``^`` turns it round, and ``!`` is a letter like any other."""
    turned = pattern.startswith("^", at)
    at += turned
    spans: list[tuple[str, str]] = []
    while not (spans and pattern.startswith("]", at)):
        low, at = _bound(pattern, at)
        high, at = _bound(pattern, at + 1) if pattern.startswith("-", at) else (low, at)
        spans.append((low, high))
    return Piece(passes=lambda letter: any(low <= letter <= high for low, high in spans) != turned), at + 1


def _bound(pattern: str, at: int) -> tuple[str, int]:
    """Read one letter of a range. A range that ends too early, or has - or ] for a letter, can't be read."""
    if at < len(pattern) and pattern[at] not in "-]":
        letter, at = _escaped(pattern, at)
        if at < len(pattern):
            return letter, at
    raise InvalidValue("pattern", pattern, "has a [range] that cannot be read; write [a-z], or \\[ for a bracket")
