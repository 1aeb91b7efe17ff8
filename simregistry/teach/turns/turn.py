"""One turn: what to do, what is given, and what happens when the simulator tries it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import ClassVar

from simregistry.errors import SimRegistryError
from simregistry.table import Table
from simregistry.teach.attempt import HintedAttempt
from simregistry.teach.problem import as_html
from simregistry.teach.reveals import Reveal
from simregistry.teach.unread import is_open


@dataclass(slots=True)
class Turn(HintedAttempt):
    """A turn in a learner's hands.

    ``play`` tries an answer in the simulator and says what came of it. An error of the simulator is an answer too: its
    refusal is shown in its own words. ``answer`` is one way to do it, as a learner would type it.
    """

    key: str
    task: str
    play: Callable[[object], Reveal] = field(repr=False)
    answer: str
    why: str
    clues: tuple[str, ...] = ()
    given: Table | str | None = None

    first: ClassVar[str] = "Try something first, anything: you see what comes of it."

    @property
    def all_hints(self) -> Sequence[str]:
        """All hints, the broadest first."""
        return self.clues

    def check(self, answer: object = ...) -> Reveal:
        """Try an answer; nothing that a learner gives raises anything."""
        if is_open(answer):
            return Reveal("Nothing to try yet. Write your answer between the brackets of check( ).", None)
        try:
            reveal = self.play(answer)
        except SimRegistryError as refusal:
            reveal = Reveal(f"Not yet. The simulator refuses it: {refusal}", False)
        return self.counted(self.key, reveal)

    def solved(self) -> Reveal:
        """Show one way to do it, and why it works."""
        return Reveal(f"One way:\n\n{self.answer}\n\n{self.why}", None)

    def __str__(self) -> str:
        given = f"\n\n{self.given}" if self.given is not None else ""
        return f"Your turn ({self.key})\n\n{self.task}{given}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        given = ""
        if self.given is not None:
            shown = self.given._repr_html_() if isinstance(self.given, Table) else f"<pre>{escape(self.given)}</pre>"
            given = shown
        return f"<p><b>Your turn</b> ({escape(self.key)})</p>{as_html(self.task)}{given}"
