"""What a learner committed to: kept in this kernel and in the progress file, and the first commitment wins.

Whoever waits for a commitment (a reveal that ran before it) is called when it comes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from simregistry.errors import SimRegistryError
from simregistry.teach import progress
from simregistry.teach.progress import SWITCH, Committed

# Whoever runs the notebooks to store what they show, and not to learn, sets this to "skip".
MODE = "SIMREGISTRY_PREDICTIONS"
# A cell that is run again makes a new reveal; only the last few on a page can still be seen.
MOST_WAITING = 4


@dataclass(slots=True)
class Commitments:
    """Commitments by the questions' keys, and who waits for one."""

    known: dict[str, Committed] = field(default_factory=dict)
    waiting: dict[str, list[Callable[[], None]]] = field(default_factory=dict)

    def find(self, key: str) -> Committed | None:
        """Find what was committed to, in this kernel or an earlier one."""
        if key not in self.known:
            if os.environ.get(MODE) == "skip":
                return Committed(None)
            if os.environ.get(SWITCH) != "off":
                with suppress(SimRegistryError):
                    self.known = progress.read_predictions(progress.place()) | self.known
        return self.known.get(key)

    def commit(self, key: str, committed: Committed) -> Committed:
        """Keep a commitment, unless there is one; either way the one that counts comes back."""
        before = self.find(key)
        if before is not None:
            return before
        self.known[key] = committed
        progress.note_prediction(key, committed)
        for notify in tuple(self.waiting.get(key, ())):
            notify()
        return committed

    def note_right(self, key: str, right: bool | None) -> None:
        """Note what a reveal said of a commitment."""
        committed = self.known.get(key)
        if committed is not None and committed.right is None and right is not None:
            self.known[key] = replace(committed, right=right)
            progress.note_prediction(key, self.known[key])

    def wait(self, key: str, notify: Callable[[], None]) -> None:
        """Call back when there is a commitment."""
        self.waiting[key] = [*self.waiting.get(key, ()), notify][-MOST_WAITING:]


# One learner a kernel.
COMMITMENTS = Commitments()
