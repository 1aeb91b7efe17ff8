"""The controls of a level's board: the commands of what was chosen, the way through time, and help."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simregistry.show.explorers.scene import Control
from simregistry.teach.levels.all_levels import level_after
from simregistry.teach.levels.level import Level
from simregistry.teach.levels.level_attempt import LevelAttempt
from simregistry.teach.levels.level_moves import new_names, offered


def chosen_controls(level: Level, place: str, name: str, new: str, own_names: bool) -> Iterator[Control]:
    """List a button for each command of what was chosen, and the names that an image may get."""
    lines = offered(level, place, name, new)
    for line in lines:
        yield Control(f"run {line}", "button", line)
    if any(new and f" {new}" in line for line in lines):
        yield Control("new name", "choice", "New name", new, new_names(level, place, name, own_names))


def time_controls(game: LevelAttempt, ahead: Sequence[str]) -> Iterator[Control]:
    """List undo, redo, reset, and a slider over all commands, done and taken back."""
    done = len(game.log)
    steps = done + len(ahead)
    yield Control("undo", "button", "Undo", disabled=not done)
    yield Control("redo", "button", "Redo", disabled=not ahead)
    yield Control("reset", "button", "Reset", disabled=not done)
    if steps:
        yield Control("step", "slider", "Rewind", done, (f"{done} of {steps}",), 0, steps)


def help_controls(game: LevelAttempt) -> Iterator[Control]:
    """List the check, the hints one at a time, the solution once something was tried, and where to go next."""
    level = game.level
    yield Control("check", "button", "Check")
    if level.hints:
        following = min(game.hints + 1, len(level.hints))
        yield Control("hint", "button", f"Hint {following} of {len(level.hints)}")
    yield Control("solution", "button", "Show one way", disabled=not (game.tries and level.solution))
    if game.reached and level_after(level) is not None:
        yield Control("next level", "button", "Next level")
    yield Control("build level", "button", "Build a level")
