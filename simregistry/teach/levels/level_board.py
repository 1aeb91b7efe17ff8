"""The board of a level: the present state beside the goal, and commands by typing, by clicking or by dragging.

All of it is the attempt's own: the board carries out what the attempt carries out, and shows what it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from math import isfinite

from simregistry.show.explorers.explorer import Explorer, Hand
from simregistry.show.explorers.scene import Control, Scene
from simregistry.show.explorers.still_picture import still_figure
from simregistry.table import Table
from simregistry.teach.levels.all_levels import level_after
from simregistry.teach.levels.board_controls import chosen_controls, help_controls, time_controls
from simregistry.teach.levels.builder_controls import builder_controls, change_builder
from simregistry.teach.levels.level_attempt import LevelAttempt
from simregistry.teach.levels.level_builder import LevelBuilder, begin_here, builder_game
from simregistry.teach.levels.level_moves import dragged, new_names, offered, removed
from simregistry.teach.levels.level_picture import RECIPES, STORAGE, LevelPicture, last_changed, places_shown
from simregistry.teach.levels.level_state import MACHINES, PLACES, LevelState, shown_image
from simregistry.teach.levels.level_text import read_level
from simregistry.teach.levels.solver import commands
from simregistry.teach.reveals import Reveal

# Words that may be typed beside the level's commands; each is a button as well.
WORDS = ("help", "undo", "redo", "reset", "check", "hint", "solution", "fork", "build level")
# How many completions the field offers.
MOST_LINES = 200
FIRST = "Type a command, or click an image to see its commands. You can also drag an image to another place."
FAULTS = {"missing": "the goal has it", "extra": "it should go", "different": "the goal has other layers", "": ""}


class LevelBoard(Explorer):
    """A level to play. ``games`` are this game and its forks; ``ahead`` are commands that can be done again."""

    def __init__(self, attempt: LevelAttempt, builder: LevelBuilder | None = None) -> None:
        self.games: list[LevelAttempt] = []
        # What the author of a level says about it, for each game in which one is built.
        self.builders: dict[int, LevelBuilder] = {}
        self.number, self.ahead = 0, tuple[str, ...]()
        self.before: LevelState | None = None
        self.chosen: tuple[str, str] | None = None
        self.new_name, self.acting, self.last = "", False, ""
        self._add(attempt, builder)
        super().__init__()

    @property
    def game(self) -> LevelAttempt:
        """The game that is shown."""
        return self.games[self.number]

    @property
    def builder(self) -> LevelBuilder | None:
        """What the author says about the level that is built in this game; nothing where one is played."""
        return self.builders.get(self.number)

    @property
    def written(self) -> str:
        """The level that was written last, as ``share`` reads it."""
        return self.builder.written if self.builder else ""

    def _add(self, game: LevelAttempt, builder: LevelBuilder | None = None) -> None:
        game.watchers.append(lambda sentence: self.follow(game, sentence))
        self.games.append(game)
        self.number, self.ahead, self.chosen, self.before = len(self.games) - 1, (), None, None
        self.last = self._opening()
        if builder is not None:
            self.builders[self.number] = builder

    def _opening(self) -> str:
        return f"You may use {', '.join(self.game.level.allowed)}. {FIRST}"

    def follow(self, game: LevelAttempt, sentence: str) -> None:
        """Show what was done in a cell, not on the board."""
        if not self.acting and game is self.game:
            self.ahead, self.chosen, self.before, self.last = (), None, None, sentence
            self.show_scene()

    def act(self, hand: Hand) -> None:
        """Carry out a command, go through time, ask for help, or build."""
        self.acting = True
        try:
            self._act(hand)
        finally:
            self.acting = False

    def _act(self, hand: Hand) -> None:
        place, name = _block(hand.id)
        if (place, name) not in self._blocks():
            place = name = ""
        if hand.do == "line" and isinstance(hand.value, str):
            self._typed(hand.value)
        elif hand.do.startswith("run "):
            self._run(hand.do.removeprefix("run "))
        elif hand.do == "choose" and name:
            self.chosen = None if self.chosen == (place, name) else (place, name)
            self.last = self._says_chosen()
        elif hand.do == "carry" and name:
            self._carry(place, name, hand.on.removeprefix("place-"))
        elif hand.do == "remove" and name:
            self._run(removed(self.game.level, place, name))
        elif hand.do == "new name" and isinstance(hand.value, str):
            self.new_name = hand.value
        elif hand.do == "game" and str(hand.value).removeprefix("game ") in map(str, range(1, len(self.games) + 1)):
            self.number = int(str(hand.value).removeprefix("game ")) - 1
            self.ahead, self.chosen, self.before = (), None, None
            self.last = f"This is {hand.value}."
        elif hand.do == "step" and isinstance(hand.value, int | float) and isfinite(hand.value):
            self._go(int(hand.value))
        elif hand.do in (*WORDS, "next level"):
            self._help(hand.do)
        elif self.builder is not None:
            self._build(hand)

    def _typed(self, line: str) -> None:
        word = " ".join(line.lower().split())
        if word in WORDS:
            self._help(word)
        else:
            self._run(line)

    def _run(self, line: str) -> None:
        game = self.game
        before, was_reached, state = len(game.log), game.reached, game.bench.state()
        self.last = game.do(line).sentence
        if len(game.log) == before:
            return
        self.ahead, self.before = (), state
        if self.chosen is not None and self.chosen not in self._blocks():
            self.chosen = None
        if self.builder is None and game.reached and not was_reached:
            self.last = f"{self.last} {game.check().sentence} {game.stars} of 3 stars."

    def _carry(self, place: str, name: str, to: str) -> None:
        if to in PLACES and to != place:
            self._run(dragged(self.game.level, place, name, to, self._new_name(place, name)))

    def _help(self, word: str) -> None:
        game = self.game
        if word in ("undo", "redo", "reset"):
            self._go({"undo": len(game.log) - 1, "redo": len(game.log) + 1, "reset": 0}[word])
        elif word == "help":
            self.last = "\n".join(["Here you may use:", *game.allowed, f"and the words {', '.join(WORDS)}."])
        elif word == "fork":
            self._add(game.fork(), self.builder)
            self.last = (
                f"Game {self.number + 1} begins in the same state. Game {self.games.index(game) + 1} stays as it is."
            )
        elif word == "next level":
            following = level_after(game.level)
            if following is not None and game.reached:
                self._add(LevelAttempt(following, on_try=game.on_try))
        elif word == "build level":
            self._add(begin_here(game), LevelBuilder())
            self.last = "Play to the state in which your level should begin. Every command is allowed here."
        else:
            asked = {"check": game.check, "hint": game.hint, "solution": game.solution}[word]
            self.last = _lines(asked())

    def _go(self, step: int) -> None:
        """Go to the state after so many commands, back or forward again."""
        game, everything = self.game, (*self.game.log, *self.ahead)
        step = max(0, min(step, len(everything)))
        if step < len(game.log):
            game.rewind(step)
        for line in everything[len(game.log) : step]:
            game.do(line)
        self.ahead = everything[step:]
        self.chosen = self.before = None
        self.last = f"You are at command {step} of {len(everything)}." if step else "You are at the beginning."

    def _build(self, hand: Hand) -> None:
        if self.builder is None:
            return
        if hand.do == "begins here":
            self._add(begin_here(self.game), self.builder)
            self.last = "The level begins here. Play on to the state that should be its goal."
        elif hand.do == "write":
            self.builder.write(self.game)
            self.last = (
                f"The level is written: {len(self.game.log)} commands are its par. Copy its lines from the table."
            )
        elif hand.do == "play it" and self.written:
            self._add(LevelAttempt(read_level(self.written)))
        else:
            self.last = change_builder(self.builder, hand) or self.last

    def _blocks(self) -> Iterator[tuple[str, str]]:
        """List all that can be chosen."""
        state = self.game.bench.state()
        yield from ((place, name) for place, images in state.images.items() for name in images)
        yield from ((place, STORAGE) for place in state.shelves)
        yield from ((RECIPES, name) for name in self.game.level.recipes)

    def _new_name(self, place: str, name: str) -> str:
        names = new_names(self.game.level, place, name, self.builder is not None)
        return self.new_name if self.new_name in names else next(iter(names), "")

    def _says_chosen(self) -> str:
        if self.chosen is None:
            return self._opening()
        place, name = self.chosen
        new = self._new_name(place, name)
        lines = offered(self.game.level, place, name, new)
        return f"{self.says_block(self.game.bench.state(), place, name)} " + (
            "Its commands are below the picture." if lines else "No command of this level is for it."
        )

    def says_block(self, state: LevelState, place: str, name: str) -> str:
        """Name an image, a storage or a recipe, with its layers and how it differs from the goal."""
        level = self.game.level
        if place == RECIPES:
            return f"{name} builds {shown_image(level.recipes[name])}."
        if name == STORAGE:
            return f"The {place}'s storage: {', '.join(state.shelves[place]) or 'nothing yet'}."
        fault = FAULTS[level.goal.image_faults(place, state).get(name, "")]
        where = "on" if place in MACHINES else "in"
        image = shown_image(state.images[place].get(name, ()))
        return f"{name} {where} the {place}: {image}{'; ' if fault else ''}{fault}."

    def draw(self) -> Scene:
        """Draw the state and the goal, with the controls below and the commands so far."""
        game, picture = self.game, self._picture()
        return Scene(
            title=f"{game.level.title}: {'the level so far' if self.builder else 'the present state and the goal'}",
            width=820,
            height=picture.height,
            marks=tuple(picture.marks()),
            says=self.last,
            controls=tuple(self._controls()),
            goal="" if self.builder else game.level.text,
            reached=self.builder is None and game.reached,
            table=self._table(),
        )

    def _picture(self) -> LevelPicture:
        game = self.game
        level, state = game.level, game.bench.state()
        start: LevelState | None = level.bench().state() if self.builder else None
        done = f"{len(game.log)} command{'' if len(game.log) == 1 else 's'}"
        heads = (f"Now, after {done}", f"The goal, par {level.par}")
        if self.builder:
            heads = (f"Now, after {done}: this will be the goal", "Here the level begins")
        mentioned = [*level.start, *level.goal.images, *(line.partition(":")[0] for line in level.solution)]
        return LevelPicture(
            level.sizes, level.recipes, state, level.goal, places_shown(state, start, mentioned=mentioned), self.chosen,
            partial(self.says_block, state), heads, 0 if self.builder else game.stars, start,
            last_changed(self.before, state),
        )  # fmt: skip

    def _controls(self) -> Iterator[Control]:
        game, building = self.game, self.builder is not None
        yield Control("line", "field", "Command", options=(*commands(game.level)[:MOST_LINES], *WORDS))
        if self.chosen is not None:
            yield from chosen_controls(game.level, *self.chosen, self._new_name(*self.chosen), building)
        yield from time_controls(game, self.ahead)
        yield from builder_controls(self.builder) if self.builder else help_controls(game)
        yield Control("fork", "button", "Fork")
        if len(self.games) > 1:
            names = tuple(f"game {number + 1}" for number in range(len(self.games)))
            yield Control("game", "choice", "Game", names[self.number], names)

    def _table(self) -> Table | None:
        if self.builder is not None and self.builder.written:
            return Table(("the level as text",), tuple((line,) for line in self.builder.written.splitlines()))
        log = self.game.log
        rows = [(number, line, "") for number, line in enumerate(log, 1)]
        rows += [(number, line, "taken back") for number, line in enumerate(self.ahead, len(log) + 1)]
        return Table(("number", "command", ""), tuple(rows)) if rows else None

    def twin(self) -> str:
        """Write the first frame as it stands, with the tables of the level below it."""
        return f"{still_figure(self.draw())}{self.game._repr_html_()}<p><em>Run this cell to use it.</em></p>"


def _block(id: str) -> tuple[str, str]:
    """Read which image, storage or recipe of the present state a mark is."""
    side, _, rest = id.partition(" ")
    place, _, name = rest.partition(" ")
    return (place, name) if side == "0" else ("", "")


def _lines(reveal: Reveal) -> str:
    return "\n".join([reveal.sentence, *(f"• {line}" for line in reveal.details)])


def build_level(id: str = "") -> LevelBoard:
    """Open a board on which to build a level: from a level's own images, or from an empty registry.

    Play to the state in which the level should begin, press "The level begins here", play on to its goal, and press
    "Write the level". ``board.written`` is the text, which ``share`` reads.
    """
    board = LevelBoard(builder_game(id), LevelBuilder())
    board.last = "Play to the state in which your level should begin. Every command is allowed here."
    board.show_scene()
    return board
