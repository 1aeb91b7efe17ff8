"""What every practice has: answers that count as tries, hints in steps, and a solution that waits for a try."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, TypeVar

from simregistry.teach.reveals import Reveal

AnyReveal = TypeVar("AnyReveal", bound=Reveal)
# Whoever keeps a record of tries: it is called with the id of what was tried and the outcome.
OnTry = Callable[[str, Reveal], None]


@dataclass(slots=True, kw_only=True)
class CountedAttempt:
    """Something in a learner's hands whose tries are counted; an answer that cannot be read is no try."""

    on_try: OnTry | None = field(default=None, repr=False)
    tries: int = 0

    def counted(self, id: str, reveal: AnyReveal) -> AnyReveal:
        """Count an outcome as a try, pass it to whoever keeps a record, and return it."""
        if reveal.right is not None:
            self.tries += 1
            if self.on_try is not None:
                self.on_try(id, reveal)
        return reveal


@dataclass(slots=True, kw_only=True)
class HintedAttempt(CountedAttempt, ABC):
    """An attempt that has hints, of which ``hints`` were shown so far, and a solution."""

    hints: int = 0

    # What to do before the solution is shown.
    first: ClassVar[str]
    no_hints: ClassVar[str] = "There are no hints here."
    shown_as: ClassVar[type[Reveal]] = Reveal

    @property
    @abstractmethod
    def all_hints(self) -> Sequence[str]:
        """All hints, the broadest first."""

    @abstractmethod
    def solved(self) -> Reveal:
        """Write the solution, whether or not anything was tried."""

    def hint(self) -> Reveal:
        """Show the next hint; the last one stays."""
        if not self.all_hints:
            return self.shown_as(self.no_hints, None)
        self.hints = min(self.hints + 1, len(self.all_hints))
        sentence = f"Hint {self.hints} of {len(self.all_hints)}: {self.all_hints[self.hints - 1]}"
        return self.shown_as(sentence, None)

    def solution(self) -> Reveal:
        """Show the solution, once something was tried."""
        return self.solved() if self.tries else self.shown_as(self.first, None)
