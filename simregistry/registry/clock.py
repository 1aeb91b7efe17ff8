"""A clock that only moves when it is told to: the core is told the time and never asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

# Seconds since some beginning. A served registry is given the machine's own clock.
Now = Callable[[], float]


@dataclass(slots=True)
class Clock:
    """Seconds that pass when ``advance`` says so.

    >>> clock = Clock()
    >>> clock.advance(300)
    >>> clock()
    300.0
    """

    seconds: float = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.seconds

    def advance(self, seconds: float) -> None:
        """Let time pass; raises ValueError for a step back."""
        if seconds < 0:
            raise ValueError(f"time does not run back by {-seconds} s")
        self.seconds += seconds
