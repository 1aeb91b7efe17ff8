"""Build a level: play to a state, let the level begin there, play on, and write the state at the end as the goal."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from simregistry.errors import InvalidValue
from simregistry.teach.levels.all_levels import find_level
from simregistry.teach.levels.goal import Goal
from simregistry.teach.levels.level import Level
from simregistry.teach.levels.level_attempt import LevelAttempt
from simregistry.teach.levels.level_state import MACHINES, Image
from simregistry.teach.levels.level_text import read_level, write_level
from simregistry.teach.levels.level_world import VERBS

EVERYWHERE, REGISTRIES_ALONE = "registries and machines", "registries alone"
ALL_COMMANDS, USED_COMMANDS = "all", "only those I used"
# Where nothing is there yet and everything is allowed.
SANDBOX = Level(
    id="sandbox", lesson="start", objective="start.move", title="A level of your own",
    text="Play to the state in which your level should begin.", par=1,
    sizes={"base": 80, "slim": 30, "python": 45, "code 1": 5, "code 2": 6}, start={}, goal=Goal({}),
    allowed=tuple(VERBS), hints=(), solution=(),
    recipes={"Dockerfile.1": ("base", "python", "code 1"), "Dockerfile.2": ("base", "python", "code 2"),
             "Dockerfile.slim": ("slim", "code 1")},
)  # fmt: skip


@dataclass(slots=True)
class LevelBuilder:
    """What the author of a level says about it; what is done is in the game."""

    title: str = "My level"
    text: str = "Reach the goal in as few commands as you can."
    hints: tuple[str, ...] = ()
    asks_for: str = EVERYWHERE
    allows: str = ALL_COMMANDS
    # The level as it was written last.
    written: str = ""

    @property
    def id(self) -> str:
        """The level's id, from its title."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")[:60] or "my-level"

    def write(self, game: LevelAttempt) -> str:
        """Write the level that begins where the game began and is won where it is now.

        Raises InvalidValue where nobody could play it.
        """
        # The goal asks for the places that the goal of the game being shared has, and for the registries.
        places = MACHINES if self.asks_for == EVERYWHERE else ()
        played = LevelAttempt(replace(game.level, goal=Goal({place: {} for place in places})), log=game.log)
        level = read_level(played.share(self.id, self.title, self.text))
        if self.allows == USED_COMMANDS:
            level = replace(level, allowed=tuple(verb for verb in level.allowed if _is_used(level, verb)))
        text = write_level(replace(level, hints=self.hints))
        read_level(text)
        self.written = text
        return text


def _is_used(level: Level, verb: str) -> bool:
    alone = replace(level, allowed=(verb,))
    return any(alone.permits(line) for line in level.solution)


def begin_here(game: LevelAttempt) -> LevelAttempt:
    """Begin a new game in the present state, with all commands; raises InvalidValue if no level can begin there.

    A level begins with images, tagged and untagged. Layers that no image uses can't be part of its start.
    """
    state = game.bench.state()
    untagged: dict[str, Image] = {}
    for number, (place, repository, image) in enumerate(state.untagged):
        if place == "registry":
            untagged[f"{repository}:untagged-{number + 1}"] = image
    start = {place: images for place, images in state.images.items() if images}
    level = replace(
        game.level, start=start, untagged=untagged, goal=Goal({}), allowed=tuple(VERBS), hints=(), solution=()
    )  # fmt: skip
    begun = LevelAttempt(level)
    fresh = begun.bench.state()
    if (fresh.images, fresh.untagged, fresh.shelves) != (state.images, state.untagged, state.shelves):
        rule = "a level can't begin with layers that no image uses; collect them first"
        raise InvalidValue("start", "this state", rule)
    return begun


def builder_game(id: str = "") -> LevelAttempt:
    """Begin a game to build a level in: with the layers and images of a level, or with an empty registry."""
    return begin_here(LevelAttempt(find_level(id) if id else SANDBOX))
