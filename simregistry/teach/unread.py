"""What cannot be read as an answer, and what a learner reads about it: what is unclear, and never what is right."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real

from simregistry.teach.reveals import Reveal

# Nobody answers at greater length by hand; a program might.
LONGEST_TEXT, MOST_ITEMS, LONGEST_ITEM = 20_000, 1000, 200
LONGEST_QUOTE = 60


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that cannot be read as an answer; ``sentence`` says what is unclear about it, or is empty.

    >>> print(Unread("Did you mean 'never'?").reveal("nevr", "one of: once, never"))
    … 'nevr' cannot be read as an answer. Did you mean 'never'? Wanted: one of: once, never.
    """

    sentence: str = ""

    def reveal(self, answer: object, wanted: str) -> Reveal:
        """Say that an answer cannot be read, why, and how to write it."""
        unread = self.after(f"{quoted(answer)} cannot be read as an answer.").sentence
        return Reveal(f"{unread} Wanted: {wanted}.", None)

    def after(self, sentence: str) -> Unread:
        """Put the reason after another sentence."""
        return Unread(f"{sentence} {self.sentence}".rstrip())


def is_open(answer: object) -> bool:
    """Say whether nothing was answered yet: ``...``, None, or a string of blanks or dots.

    >>> [is_open(answer) for answer in (..., "  ", "...", 0, set())]
    [True, True, True, False, False]
    """
    return answer is ... or answer is None or (isinstance(answer, str) and answer.strip() in ("", "...", "…"))


def quoted(answer: object) -> str:
    """Quote an answer, however long it is and whatever its repr does.

    >>> quoted("hardy any"), quoted({"base", "top"})
    ("'hardy any'", 'a set of 2')
    """
    try:
        # A set has no order of its own, and this sentence has to be the same on every machine.
        text = f"a set of {len(answer)}" if isinstance(answer, set | frozenset) else repr(answer)
    except Exception:  # a learner's object may do anything
        text = f"something of type {type(answer).__name__}"
    return f"{text[:LONGEST_QUOTE]}…" if len(text) > LONGEST_QUOTE else text


def plain_value(answer: object) -> object:
    """Turn an array into a list and a yes or no of an array into True or False; leave all else as it is.

    NumPy's values are known by what they can do, ``tolist`` and ``size``, so nothing here imports NumPy. Its numbers
    are numbers to Python already and stay as they are: a 32-bit 0.36 turned into a float is 0.36000001.
    """
    if isinstance(answer, Real | type):
        return answer
    try:
        size = getattr(answer, "size", None)
        fits = isinstance(size, int) and size <= MOST_ITEMS
        return answer.tolist() if fits and hasattr(answer, "tolist") else answer
    except Exception:  # a learner's object may do anything
        return answer
