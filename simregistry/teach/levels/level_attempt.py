"""A level in a player's hands: do, look, undo, fork, ask for a hint.

The log of commands is all that is kept; undo, rewind and fork play it again from the start, which gives the same state
each time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any, ClassVar

from simregistry.errors import InvalidValue, SimRegistryError
from simregistry.table import Table
from simregistry.teach.attempt import HintedAttempt
from simregistry.teach.levels.goal import LIMITS, Goal
from simregistry.teach.levels.level import Level
from simregistry.teach.levels.level_state import REGISTRIES, Images, shown_image
from simregistry.teach.levels.level_text import read_level, write_level
from simregistry.teach.levels.level_world import VERBS, LevelWorld
from simregistry.teach.reveals import Reveal

COLUMNS = ("where", "image", "layers, from the base up")


@dataclass(slots=True)
class LevelAttempt(HintedAttempt):
    """One level, and the commands so far."""

    level: Level
    log: tuple[str, ...] = ()
    bench: LevelWorld = field(init=False, repr=False)
    # Whoever shows this game is called with a sentence when something was done in it.
    watchers: list[Callable[[str], None]] = field(default_factory=list, init=False, repr=False, compare=False)
    board: Any = field(default=None, init=False, repr=False, compare=False)

    first: ClassVar[str] = "Check once first: you are told what still differs."
    no_hints: ClassVar[str] = "This level has no hints."

    def __post_init__(self) -> None:
        self.bench = self._again(self.log)

    def _again(self, log: tuple[str, ...]) -> LevelWorld:
        bench = self.level.bench()
        for line in log:
            bench.run(line)
        return bench

    @property
    def allowed(self) -> tuple[str, ...]:
        """How the commands are written that may be used here."""
        return tuple(VERBS[verb] for verb in self.level.allowed)

    def do(self, line: str) -> Reveal:
        """Carry out one command. What fails changes nothing, and is not counted."""
        if not isinstance(line, str) or not line.strip():
            return Reveal(f"Write a command, such as {self.allowed[0]}.", None)
        if not self.level.permits(line):
            return Reveal(f"Here you may use: {'; '.join(self.allowed)}.", None)
        try:
            # A command that fails half-way leaves things behind, as in life; here it is taken back.
            ahead = self.bench.copy()
            sentence = ahead.run(line)
        except (SimRegistryError, ConnectionError) as error:
            return Reveal(f"That does not work: {error}", None)
        self.bench, self.log = ahead, (*self.log, " ".join(line.split()))
        reveal = Reveal(f"{sentence}. Command {len(self.log)}, par {self.level.par}.", None)
        self._changed(reveal.sentence)
        return reveal

    def _changed(self, sentence: str) -> None:
        for watcher in self.watchers:
            watcher(sentence)

    @property
    def reached(self) -> bool:
        """Whether the goal is reached; asking is no check, and nothing is recorded."""
        return not self.level.goal.differs(self.bench.state())

    @property
    def stars(self) -> int:
        """Three for par, two for up to two commands more, one for any other way, none before the goal is reached."""
        over = len(self.log) - self.level.par
        return 0 if not self.reached else 3 if over <= 0 else 2 if over <= 2 else 1

    def check(self) -> Reveal:
        """Say whether the goal is reached, and what still differs."""
        differs = self.level.goal.differs(self.bench.state())
        if differs:
            reveal = Reveal(f"Not there yet: {len(differs)} to go.", False, 0.0, differs)
        else:
            reveal = Reveal(self._praise(), True, 1.0)
        return self.counted(self.level.id, reveal)

    def _praise(self) -> str:
        used, par = len(self.log), self.level.par
        commands = f"{used} command{'s' if used != 1 else ''}"
        return f"Reached with {commands}, " + ("which is par." if used <= par else f"{used - par} over par ({par}).")

    def undo(self) -> LevelAttempt:
        """Take the last command back."""
        return self.rewind(max(0, len(self.log) - 1))

    def reset(self) -> LevelAttempt:
        """Start again from the beginning."""
        return self.rewind(0)

    def rewind(self, commands: int) -> LevelAttempt:
        """Go back to the state after so many commands."""
        if not isinstance(commands, int) or isinstance(commands, bool) or not 0 <= commands <= len(self.log):
            raise InvalidValue("rewind", commands, f"give a number from 0 to {len(self.log)}")
        self.log = self.log[:commands]
        self.bench = self._again(self.log)
        self._changed(f"You are back at command {commands}." if commands else "You are back at the beginning.")
        return self

    def fork(self) -> LevelAttempt:
        """Begin a second game in the same state; what is done in the one leaves the other alone."""
        return replace(self)

    @property
    def all_hints(self) -> tuple[str, ...]:
        """The level's hints."""
        return self.level.hints

    def solved(self) -> Reveal:
        """Write one way, where the level's author wrote one down."""
        if not self.level.solution:
            return Reveal("Nobody wrote a solution down for this level.", None)
        return Reveal(f"One way, in {len(self.level.solution)}:", None, 0.0, self.level.solution)

    def share(self, id: str, title: str, text: str) -> str:
        """Make a level of the present state, as a string: it begins where this one began, and is won where this one is.

        Whoever gets the text plays it with ``LevelAttempt(read_level(text))``. Raises InvalidValue where it could not
        be played: nothing was done yet, too much was, or a word is none.
        """
        state = self.bench.state()
        places = [p for p, images in state.images.items() if p == "registry" or p in self.level.goal.images or
                  (p in REGISTRIES and images)]  # fmt: skip
        goal = Goal({p: state.images[p] for p in places}, state.shelves["registry"], untagged=len(state.untagged))
        par = max(1, len(self.log))
        made = replace(
            self.level, id=id, title=title, text=text, goal=goal, par=par, hints=(), solution=self.log
        )  # fmt: skip
        shared = write_level(made)
        read_level(shared)
        return shared

    def now(self) -> Table:
        """Show the state: what names what, what is in the registry's storage, and what moved."""
        state = self.bench.state()
        rows = _rows({place: state.images[place] for place in REGISTRIES})
        rows += [(place, f"{name} (no tag)", shown_image(image)) for place, name, image in state.untagged]
        rows += _rows({place: images for place, images in state.images.items() if place not in REGISTRIES})
        rows += [(f"{which}'s storage", "", ", ".join(held)) for which, held in state.shelves.items() if held]
        moved = f"{state.sent} MB sent, {state.fetched} MB fetched, {state.stored} MB stored in the registry"
        return Table(COLUMNS, tuple(rows), moved)

    def goal(self) -> Table:
        """Show what is to be reached."""
        goal = self.level.goal
        rows = _rows(goal.images)
        rows += [(place, "no image", "") for place, images in goal.images.items() if not images]
        rows += [("registry's storage", "", ", ".join(goal.shelf))] if goal.shelf is not None else []
        rows = rows or [("everywhere", "as you like", "")]
        limits = [LIMITS[what][0].format(most) for what, most in goal.limits().items()]
        return Table(COLUMNS, tuple(rows), "; ".join(["the goal", *limits]))

    def sizes(self) -> Table:
        """Show how large each layer is."""
        return Table(("layer", "MB"), tuple(self.level.sizes.items()))

    def recipes(self) -> Table:
        """Show what each recipe builds."""
        return Table(
            ("recipe", COLUMNS[2]), tuple((name, shown_image(stack)) for name, stack in self.level.recipes.items())
        )

    def _tables(self) -> tuple[Table, ...]:
        return (self.now(), self.goal(), self.sizes(), *([self.recipes()] if self.level.recipes else []))

    def __str__(self) -> str:
        head = f"{self.level.title} ({self.level.id}), par {self.level.par}"
        allowed = "\n".join(["You may use:", *(f"    {written}" for written in self.allowed)])
        return "\n\n".join([head, self.level.text, *map(str, self._tables()), allowed])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        allowed = "".join(f"<li><code>{escape(written)}</code></li>" for written in self.allowed)
        head = f"<b>{escape(self.level.title)}</b> ({self.level.id}), par {self.level.par}"
        tables = "".join(table._repr_html_() for table in self._tables())
        return f"<p>{head}</p><p>{escape(self.level.text)}</p>{tables}<p>You may use:</p><ul>{allowed}</ul>"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Show the board where there is a page, and the tables where there is none."""
        # A board draws; who only types commands loads no library for drawing.
        from simregistry.teach.levels.level_board import LevelBoard

        if self.board is None:
            self.board = LevelBoard(self)
        data, more = self.board._repr_mimebundle_(**kwargs)
        return {**data, "text/plain": str(self)}, more


def _rows(places: Mapping[str, Images]) -> list[tuple[str, ...]]:
    return [(place, name, shown_image(image)) for place, images in places.items() for name, image in images.items()]
