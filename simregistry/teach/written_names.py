"""Names out of a list as people write them: one name, a list or a set, or all in a line with commas, arrows or "and".

Case and blanks do not matter. What is not on the list is never guessed: the learner reads which name is unknown and
which known one comes near it. Coming near a typing slip says nothing about what is right.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from numbers import Real

from simregistry.teach.unread import LONGEST_ITEM, LONGEST_TEXT, MOST_ITEMS, Unread, plain_value, quoted

# What comes between two names in a line: a sign, a word, both ("a, b, and c"), or a blank alone.
SIGN = r"\s*(?:->|=>|→|⇒|[,;&+>])\s*"
APART = re.compile(rf"{SIGN}(?:(?:and|then)\b\s*)?|\s+(?:and|then)\b\s*|\s+")
PIECE_END = re.compile(rf"{SIGN}|\s+(?:and|then)\s+")
YES_AND_NO = {"yes": ("true", "y"), "no": ("false", "n")}
LIKENESS, MOST_NEAR = 0.6, 3


def plain_text(text: str) -> str:
    """Level what does not matter: case, blanks, quotation marks around a text and a full stop at its end.

    >>> plain_text("  'Hardly  any.' ")
    'hardly any'
    """
    plain = " ".join(text.strip().replace("\n", " ; ").replace("’", "'").split()).casefold()
    if len(plain) > 2 and plain[0] == plain[-1] and plain[0] in "'\"`":
        plain = plain[1:-1].strip()
    return plain.rstrip(".") or plain


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The names that an answer can consist of; ``meant`` has each plain spelling with the name that it means.

    >>> known = KnownNames.of(["half of them", "hardly any"])
    >>> known.read_one(" Hardly  ANY "), known.read_one("hardy any").sentence
    ('hardly any', "Did you mean 'hardly any'?")
    """

    meant: Mapping[str, str]
    # Each plain spelling as the question writes it.
    shown: Mapping[str, str]

    @classmethod
    def of(cls, names: Iterable[str], spellings: Mapping[str, str] | None = None) -> KnownNames:
        """Make it of names, with other spellings of them where there are any (spelling to name)."""
        pairs = [*((name, name) for name in names), *(spellings or {}).items()]
        meant = {plain_text(spelling): name for spelling, name in pairs}
        return cls(_with_true_and_false(meant), {plain_text(spelling): spelling for spelling, _ in pairs})

    def read_one(self, answer: object) -> str | Unread:
        """Read the one name that is asked for."""
        names = self.read_several(answer)
        if isinstance(names, Unread):
            return names
        return names[0] if len(names) == 1 else Unread(f"Write one of them, not {len(names) or 'none'}.")

    def read_several(self, answer: object) -> tuple[str, ...] | Unread:
        """Read names in the order in which they are written, also where one is written twice.

        >>> known = KnownNames.of(["base", "top"])
        >>> known.read_several("Top and base"), known.read_several({"top", "bass"}).sentence
        (('top', 'base'), "There is no 'bass' here. Did you mean 'base'?")
        """
        value = plain_value(answer)
        if isinstance(value, Mapping):
            return Unread("Python reads these braces as a dictionary. Write a list, in square brackets.")
        if isinstance(value, str | bytes | bytearray) or not isinstance(value, Collection):
            return self._read_line(value)
        if len(value) > MOST_ITEMS:
            return Unread("That is too long.")
        lines = [(item, self._split(item)) for item in map(plain_value, value)]
        unknown = [piece for _, (_, pieces) in lines for piece in pieces]
        if unknown:
            # A set has no order of its own, and its sentence has to be the same on every machine.
            return self._without(min(unknown) if isinstance(value, set | frozenset) else unknown[0])
        return tuple(name for _, (names, _) in lines for name in names)

    def _read_line(self, value: object) -> tuple[str, ...] | Unread:
        names, unknown = self._split(value)
        if not unknown:
            return tuple(names)
        if not names and len(unknown) == 1:
            # The whole answer is unknown, and is quoted already.
            return Unread(self._advice(unknown[0]))
        return self._without(unknown[0])

    def _without(self, piece: str) -> Unread:
        return Unread(self._advice(piece)).after(f"There is no {quoted(piece)} here.")

    def _split(self, value: object) -> tuple[list[str], list[str]]:
        """Part a line into the names that are known and the pieces that are not."""
        text = str(value) if isinstance(value, bool | Real) else value
        if not isinstance(text, str) or len(text) > LONGEST_TEXT:
            return [], [quoted(value)]
        line = plain_text(text)
        if line in self.meant:
            return [self.meant[line]], []
        names, unknown = self._walk(line.strip(" ,;"))
        # Where no name of a line is known, it may be one name with a slip in it, and no list.
        whole = not names and (len(unknown) < 2 or self._near(line))
        return (names, [text.strip()]) if whole else (names, unknown)

    def _walk(self, rest: str) -> tuple[list[str], list[str]]:
        """Take name after name from a line. A name may hold a comma itself: the longest name that fits is taken."""
        names: list[str] = []
        unknown: list[str] = []
        longest_first = sorted(self.meant, key=len, reverse=True)
        while rest and len(names) + len(unknown) < MOST_ITEMS:
            fits = (name for name in longest_first if rest.startswith(name))
            name = next((name for name in fits if not rest[len(name) :] or APART.match(rest, len(name))), None)
            piece = name or PIECE_END.split(rest, maxsplit=1)[0]
            if name:
                names.append(self.meant[name])
            elif piece:
                unknown.append(piece)
            rest = rest[len(piece) :]
            apart = APART.match(rest)
            rest = rest[apart.end() :] if apart else rest
        return names, unknown

    def _advice(self, piece: str) -> str:
        """Say what may be meant by a piece that is no name."""
        if re.fullmatch(r"[0-9]+\.?", piece.strip()) and not any(name.isdigit() for name in self.meant):
            return "Write its words, not a number."
        return self._near(plain_text(piece))

    def _near(self, text: str) -> str:
        """Ask whether a name that comes near is meant: one that begins so, or one that is like it but for a slip."""
        if len(text) > LONGEST_ITEM:
            return ""
        begins = [name for name in self.shown if len(text) > 1 and name.startswith(text)]
        near = begins[:MOST_NEAR] or get_close_matches(text, self.shown, 1, LIKENESS)
        return f"Did you mean {' or '.join(repr(self.shown[name]) for name in near)}?" if near else ""


def _with_true_and_false(meant: dict[str, str]) -> dict[str, str]:
    """Add other words for yes and no, where just one name is a yes or a no: "no, it never heard of it" is a no."""
    more: dict[str, str] = {}
    for word, others in YES_AND_NO.items():
        names = {name for spelling, name in meant.items() if spelling.partition(",")[0] == word}
        if len(names) == 1:
            more |= dict.fromkeys((word, *others), names.pop())
    return more | meant
