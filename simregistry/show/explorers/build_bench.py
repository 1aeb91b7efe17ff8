"""Rearrange the instructions of a Dockerfile: what runs again after a change, and what does the next push send?

Every state is two real builds and two real pushes (``study/examples/rebuild``).
"""

from __future__ import annotations

from collections.abc import Sequence

from simregistry.errors import SimRegistryError
from simregistry.show.explorers.build_picture import BenchLine, BuildPicture
from simregistry.show.explorers.explorer import Explorer, Hand
from simregistry.show.explorers.scene import Control, Scene
from simregistry.study.examples import step_orders
from simregistry.study.examples.rebuild import CHANGED_FILES, Rebuild, rebuild
from simregistry.table import count

START = tuple(step_orders.DOCKERFILES["careless"].splitlines())
CODE = "one line of app.py"
LIMIT = 15_000
MOST_LINES = 8


class BuildBench(Explorer):
    """A Dockerfile to rearrange; the change and the Dockerfile decide what version 2 costs."""

    def __init__(self, lines: Sequence[str] = START) -> None:
        self.start = tuple(lines)
        self._begin()
        super().__init__()

    def _begin(self) -> None:
        self.lines = [BenchLine(f"line-{number}", text) for number, text in enumerate(self.start)]
        self.made, self.change, self.done, self.is_refused = len(self.lines), "nothing", False, False
        self.chosen = self.lines[-1].name
        # What was typed and refused stays in its field, to be mended.
        self.drafts: dict[str, str] = {}
        self.result = self.build(self.start, self.change)
        self.last = ""

    def build(self, lines: Sequence[str], change: str) -> Rebuild:
        """Build and push both versions."""
        return rebuild(lines, change)

    @property
    def at(self) -> int:
        """Where the chosen line is, counted from 0."""
        return self._row(self.chosen)

    def act(self, hand: Hand) -> None:
        """Choose, move, change, add or remove a line; choose what changed; or begin again."""
        row, self.is_refused = self._row(hand.id), False
        if hand.do == "choose" and row >= 0:
            self.chosen, self.drafts, self.last = hand.id, {}, f"Line {row + 1} is chosen."
        elif hand.do in ("move", "move-up", "move-down") and row >= 0:
            to = self._row(hand.on) if hand.do == "move" else row + (1 if hand.do == "move-down" else -1)
            self._move(row, to)
        elif hand.do in ("edit", "add"):
            self._write(hand.do, str(hand.value))
        elif hand.do in ("remove", "remove-this"):
            self._remove(row if hand.do == "remove-this" else self.at)
        elif hand.do == "change" and hand.value in CHANGED_FILES:
            self._take(self.lines, str(hand.value), f"Changed since version 1: {hand.value}.")
        elif hand.do == "again":
            self._begin()

    def _row(self, name: str) -> int:
        return next((row for row, line in enumerate(self.lines) if line.name == name), -1)

    def _move(self, row: int, to: int) -> None:
        if row == to or not 0 <= to < len(self.lines):
            return
        lines = [*self.lines]
        lines.insert(to, lines.pop(row))
        self._take(lines, self.change, f"Line {row + 1} is line {to + 1} now.")

    def _write(self, field: str, text: str) -> None:
        """Replace the chosen line by what was typed, or add that below it."""
        text, lines, at = text.strip(), [*self.lines], self.at
        if field == "edit":
            lines[at] = BenchLine(self.chosen, text)
            taken = self._take(lines, self.change, f"Line {at + 1} is changed.")
        else:
            lines.insert(at + 1, BenchLine(f"line-{self.made}", text))
            taken = self._take(lines, self.change, f"Line {at + 2} is new.")
            if taken:
                self.chosen, self.made = lines[at + 1].name, self.made + 1
        if not taken:
            self.drafts = {field: text}

    def _remove(self, row: int) -> None:
        lines = [line for number, line in enumerate(self.lines) if number != row]
        if self._take(lines, self.change, f"Line {row + 1} is removed.") and self.at < 0:
            self.chosen = lines[min(row, len(lines) - 1)].name

    def _take(self, lines: list[BenchLine], change: str, done: str) -> bool:
        """Build and push by these lines; if that is refused, say so and leave everything as it was."""
        if len(lines) > MOST_LINES:
            self.last, self.is_refused = f"There is room for {MOST_LINES} lines. Remove one first.", True
            return False
        try:
            result = self.build([line.text for line in lines], change)
        except SimRegistryError as refusal:
            end = "" if str(refusal).endswith("?") else "."
            self.last, self.is_refused = f"The builder refuses. {refusal}{end} Nothing is changed.", True
            return False
        self.lines, self.change, self.result, self.last, self.drafts = lines, change, result, done, {}
        self.done = self.done or self.goal_reached()
        return True

    def goal_reached(self) -> bool:
        """Say whether the push is small after a changed line, and no file is missing."""
        small = self.result.push.sent_bytes < LIMIT and not self.result.missing
        return self.change == CODE and small

    def _says(self) -> str:
        """Say what runs again and what is sent; if something was refused, only that."""
        if self.is_refused:
            return self.last
        result, push = self.result, self.result.push
        ran = len(result.ran)
        runs = f"{ran} {'step runs' if ran == 1 else 'steps run'} again." if ran else "No step runs again."
        layers = sum(layer.outcome == "sent" for layer in push.layers)
        sent = f"{layers or 'no'} {'layers' if layers > 1 else 'layer'}"
        says = [self.last, runs, f"The push sends {sent} and {count(push.sent_bytes)} bytes in all."]
        if result.missing:
            says.append(f"The image has no /{result.missing}.")
        if any(step.assumed for step in result.again.steps):
            says.append("A small made-up file stands for what an unknown command writes.")
        return " ".join(part for part in says if part)

    def draw(self) -> Scene:
        """Draw a row for each line, and the push below the rows."""
        picture = BuildPicture(self.result, tuple(self.lines), self.chosen, LIMIT)
        return Scene(
            title="A Dockerfile and what it costs: version 1 was pushed, something changed, and version 2 is pushed",
            width=820,
            height=picture.height,
            marks=tuple(picture.marks()),
            says=self._says(),
            controls=self._controls(),
            goal="Make the push after a one-line change of app.py smaller than 15 kB. The image keeps all its files.",
            reached=self.done,
            table=picture.table(),
        )

    def _controls(self) -> tuple[Control, ...]:
        chosen = self.drafts.get("edit", self.lines[self.at].text)
        return (
            Control("change", "choice", "Changed since version 1", self.change, tuple(CHANGED_FILES)),
            Control("edit", "field", "Chosen line", chosen),
            Control("add", "field", "New line below it", self.drafts.get("add", "")),
            Control("remove", "button", f"Remove line {self.at + 1}", disabled=len(self.lines) == 1),
            Control("again", "button", "Begin again"),
        )


def build_bench(lines: Sequence[str] = START) -> BuildBench:
    """Show a bench for a Dockerfile: one stage, one instruction a line, and the app of the lesson “Build well”."""
    return BuildBench(lines)
