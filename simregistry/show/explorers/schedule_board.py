"""Draw the order in which a push and a collector take their steps, and see whether the image lives.

The board is the set of all states that the race can reach (``study/races``), explored once. A way over it is one
schedule; nothing is computed here but which state a step leads to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from textwrap import wrap

from simregistry.errors import InvalidValue
from simregistry.show.explorers.explorer import Explorer, Hand
from simregistry.show.explorers.scene import Control, Mark, Scene
from simregistry.study.races.interleavings import Exploration, ReachedState
from simregistry.study.races.races import race
from simregistry.table import Table

# What protects the push, and the race in which it does: the names are those of the table of races.
WORLDS = {
    "nothing": "stop the world, but nobody stops",
    "read-only mode": "read-only mode",
    "50 s of grace, an upload takes 100 s": "grace shorter than an upload",
    "1,000 s of grace, an upload takes 100 s": "grace longer than a push",
    "1,000 s of grace, the layer is an old one": "grace, and a reused blob",
}
LEFT, TOP, RIGHT, ROW = 150.0, 104.0, 36.0, 66.0
# Letters of a step's name in a line.
WIDEST = 15
Point = tuple[int, int]
SAYS = {"": "", "!": "a loss is still possible; ", "✗": "a loss is certain; "}


@dataclass(frozen=True, slots=True)
class Board:
    """One race, explored: its states by where they are on the board."""

    exploration: Exploration

    @property
    def size(self) -> Point:
        """How many steps the two actors have."""
        across, down = (max(state.at[side] for state in self.exploration.states) for side in (0, 1))
        return across, down

    def at(self, state: int) -> Point:
        """Find where a state is on the board."""
        across, down = self.exploration.states[state].at
        return across, down

    def ends_in_loss(self) -> tuple[frozenset[int], frozenset[int]]:
        """List the states from which some way goes on to a loss, and those from which every way does."""
        states = self.exploration.states
        some, every = ({n for n, state in enumerate(states) if state.broken} for _ in range(2))
        # A step leads to a state with more steps taken, so the later states are decided first.
        for number in sorted(range(len(states)), key=lambda n: -sum(states[n].at)):
            follows = [after for _, after in states[number].moves]
            if any(after in some for after in follows):
                some.add(number)
            if follows and all(after in every for after in follows):
                every.add(number)
        return frozenset(some), frozenset(every)

    def dangers(self) -> dict[Point, str]:
        """Mark the points of the board: "!" where a loss is still possible, "✗" where it is certain or has happened."""
        some, every = self.ends_in_loss()
        marks = {self.at(number): "!" for number in some}
        return marks | {point: "✗" for point in marks if self._all_at(point) <= every}

    def _all_at(self, point: Point) -> frozenset[int]:
        return frozenset(number for number in range(len(self.exploration.states)) if self.at(number) == point)

    def step_names(self, side: int) -> dict[int, str]:
        """Name one actor's steps by the words that each of them has, whatever the other one has done."""
        said: dict[int, list[list[str]]] = {}
        for state in self.exploration.states:
            for taken, _ in state.moves:
                if taken.actor == self.exploration.actors[side]:
                    words = taken.did.partition(":")[0].partition(",")[0].split()
                    said.setdefault(state.at[side], []).append(words)
        return {step: " ".join(_common(lines)) for step, lines in sorted(said.items())}

    def shortest(self) -> list[int]:
        """List the states of the shortest way to a loss, from the start; only the start where there is no loss."""
        number = next((n for n, state in enumerate(self.exploration.states) if state.broken), 0)
        way = [number]
        while (before := self.exploration.states[way[0]].reached_by) is not None:
            way.insert(0, before[0])
        return way


class ScheduleBoard(Explorer):
    """A grid to draw one schedule on; a push goes right, a collector goes down."""

    def __init__(self, worlds: Mapping[str, str] = WORLDS) -> None:
        self.worlds = dict(worlds)
        self.boards: dict[str, Board] = {}
        self.chosen = next(iter(self.worlds))
        self.way, self.shown, self.lost_by_hand = [0], False, False
        self.last = "Nobody has taken a step yet."
        super().__init__()

    @property
    def board(self) -> Board:
        """The chosen race; it is explored when it is first asked for."""
        if self.chosen not in self.boards:
            exploration = race(self.worlds[self.chosen]).run()
            if len(exploration.actors) != 2:
                raise InvalidValue("world", self.chosen, "a board has two sides: choose a race of two actors")
            self.boards[self.chosen] = Board(exploration)
        return self.boards[self.chosen]

    @property
    def here(self) -> ReachedState:
        """The state at the end of the way."""
        return self.board.exploration.states[self.way[-1]]

    def act(self, hand: Hand) -> None:
        """Take a step, go back, choose what protects the push, or ask for the shortest loss."""
        if hand.do == "go":
            self._go(_point(hand.on or hand.id))
        elif hand.do in ("push-step", "collector-step"):
            self._step(hand.do == "collector-step")
        elif hand.do == "world" and hand.value in self.worlds:
            self.chosen, self.way = str(hand.value), [0]
            self.last = f"The collector's protection is now: {self.chosen}. Nobody has taken a step yet."
        elif hand.do == "shown":
            self.shown = not self.shown
            self.last = self._says_dangers() if self.shown else self._says()
        elif hand.do == "shortest":
            self.way = self.board.shortest()
            self.last = self._says() if self.here.broken else "No order of these steps loses the image."
        elif hand.do == "again":
            self.way, self.last = [0], "Nobody has taken a step yet."

    def _says_dangers(self) -> str:
        marks = self.board.dangers()
        lost = sum(mark == "✗" for mark in marks.values())
        if not marks:
            return "No point of the board leads to a loss."
        return f"From {len(marks)} points of the board a loss can still come. From {lost} of them it is certain."

    def _step(self, collector: bool) -> None:
        actor = self.board.exploration.actors[collector]
        follows = [number for taken, number in self.here.moves if taken.actor == actor]
        if follows:
            self._take(follows[0])
        else:
            self.last = f"The {actor} can't take a step now. {self._says()}"

    def _go(self, point: Point | None) -> None:
        points = [self.board.at(state) for state in self.way]
        if point in points:
            self.way = self.way[: points.index(point) + 1]
            self.last = self._says()
            return
        follows = [number for _, number in self.here.moves if self.board.at(number) == point]
        if follows:
            self._take(follows[0])
        else:
            self.last = f"No step leads there from here. {self._says()}"

    def _take(self, state: int) -> None:
        self.way.append(state)
        if self.here.broken and self.chosen == next(iter(self.worlds)):
            self.lost_by_hand = True
        self.last = self._says()

    def _says(self) -> str:
        if self.here.reached_by is None:
            return "Nobody has taken a step yet."
        taken = self.here.reached_by[1]
        # Several ways may lead into one state: the step is that of this way.
        before = self.board.exploration.states[self.way[-2]] if len(self.way) > 1 else None
        for step, number in before.moves if before else ():
            if number == self.way[-1]:
                taken = step
        if self.here.broken:
            return f"The {taken.actor} {taken.did}. The image is lost: {self.here.broken}."
        rest = " All steps are taken, and the image can be pulled." if not self.here.moves else ""
        return f"The {taken.actor}: {taken.did}.{rest}"

    def draw(self) -> Scene:
        """Draw the board with the way on it."""
        return Scene(
            title="A board of schedules: the push goes right, the collector goes down",
            width=820,
            height=TOP + ROW * self.board.size[1] + 56,
            marks=(*self._heads(), *self._lines(), *self._points()),
            says=self.last,
            controls=self._controls(),
            goal=f"Draw an order that loses the image, with this protection: {next(iter(self.worlds))}.",
            reached=self.lost_by_hand,
            stroke="go",
            table=self._table(),
        )

    def _controls(self) -> tuple[Control, ...]:
        push, collector = self.board.exploration.actors
        can = {taken.actor for taken, _ in self.here.moves}
        return (
            Control("world", "choice", "Protection", self.chosen, tuple(self.worlds)),
            Control("push-step", "button", f"Step of the {push}", disabled=push not in can),
            Control("collector-step", "button", f"Step of the {collector}", disabled=collector not in can),
            Control("again", "button", "Begin again"),
            Control("shown", "button", "Hide where it is lost" if self.shown else "Show where it is lost"),
            Control("shortest", "button", "Show the shortest loss"),
        )

    def _table(self) -> Table:
        rows = []
        for number, (before, after) in enumerate(zip(self.way, self.way[1:], strict=False), 1):
            states = self.board.exploration.states
            taken = next(step for step, follows in states[before].moves if follows == after)
            rows.append((number, taken.actor, taken.did, taken.broken))
        return Table(("step", "who", "does", "and then"), tuple(rows))

    def _place(self, point: Point) -> tuple[float, float]:
        across = (820 - LEFT - RIGHT) / max(1, self.board.size[0])
        return LEFT + across * point[0], TOP + ROW * point[1]

    def _heads(self) -> Iterator[Mark]:
        push, collector = self.board.exploration.actors
        yield Mark("push", "text", LEFT, 18, label=f"{push} →", bold=True, align="start")
        if self.shown:
            low = TOP + ROW * self.board.size[1] + 38
            yield Mark("legend", "text", LEFT, low, label="! a loss can still come   ✗ it is certain", align="start")
        yield Mark("collector", "text", 16, TOP - 24, label=f"{collector} ↓", bold=True, align="start")
        for step, did in self.board.step_names(0).items():
            x = (self._place((step, 0))[0] + self._place((step + 1, 0))[0]) / 2
            for line, text in enumerate(wrap(f"{step + 1}. {did}", WIDEST)[:3]):
                yield Mark(f"push-{step}-{line}", "text", x, 42 + 15 * line, label=text, size=12)
        for step, did in self.board.step_names(1).items():
            y = (self._place((0, step))[1] + self._place((0, step + 1))[1]) / 2
            lines = wrap(f"{step + 1}. {did}", WIDEST)[:3]
            for line, text in enumerate(lines):
                up = y + 15 * (line - (len(lines) - 1) / 2)
                yield Mark(f"collector-{step}-{line}", "text", 14, up, label=text, size=12, align="start")

    def _lines(self) -> Iterator[Mark]:
        across, down = self.board.size
        for column in range(across + 1):
            yield self._line(f"column-{column}", (column, 0), (column, down), "dim")
        for row in range(down + 1):
            yield self._line(f"row-{row}", (0, row), (across, row), "dim")
        for number, (before, after) in enumerate(zip(self.way, self.way[1:], strict=False)):
            yield self._line(f"way-{number}", self.board.at(before), self.board.at(after), "lit")

    def _line(self, id: str, start: Point, end: Point, look: str) -> Mark:
        (x, y), (to_x, to_y) = self._place(start), self._place(end)
        return Mark(id, "line", x, y, to_x - x, to_y - y, look=look)

    def _points(self) -> Iterator[Mark]:
        way = {self.board.at(state): number for number, state in enumerate(self.way)}
        follows = {self.board.at(number): taken for taken, number in self.here.moves}
        dangers = self.board.dangers() if self.shown else {}
        if self.here.broken:
            dangers[self.board.at(self.way[-1])] = "✗"
        for point in sorted({self.board.at(number) for number in range(len(self.board.exploration.states))}):
            x, y = self._place(point)
            where = f"push {point[0]} of {self.board.size[0]}, collector {point[1]} of {self.board.size[1]}"
            state = "your way was here" if point in way else "not reachable in one step"
            if point in follows:
                state = f"next step, {follows[point].actor}: {follows[point].did}"
            yield Mark(
                f"at-{point[0]}-{point[1]}", "dot", x, y, 28, label=dangers.get(point, ""), bold=True,
                colour=0 if point in way else None, do="go", drop=f"at-{point[0]}-{point[1]}",
                look="bad" if point in dangers else "lit" if point in follows else "" if point in way else "ghost",
                says=f"{where}; {SAYS[dangers.get(point, '')]}{state}",
            )  # fmt: skip


def _point(id: str) -> Point | None:
    parts = id.split("-")
    if len(parts) != 3 or parts[0] != "at" or not all(part.isascii() and part.isdecimal() for part in parts[1:]):
        return None
    return int(parts[1]), int(parts[2])


def _common(lines: list[list[str]]) -> list[str]:
    """Find the words that all lines have at the same place; the first line where they begin differently."""
    same = [words[0] for words in zip(*lines, strict=False) if len(set(words)) == 1]
    return same if lines[0][:1] == same[:1] else lines[0]


def schedule_board(worlds: Mapping[str, str] = WORLDS) -> ScheduleBoard:
    """Show a board to draw schedules on; ``worlds`` names races of two actors by what protects the push."""
    return ScheduleBoard(worlds)
