"""The controls of a level's builder: what its author says about the level."""

from __future__ import annotations

from collections.abc import Iterator

from simregistry.show.explorers.explorer import Hand
from simregistry.show.explorers.scene import Control
from simregistry.teach.levels.level_builder import (
    ALL_COMMANDS,
    EVERYWHERE,
    REGISTRIES_ALONE,
    USED_COMMANDS,
    LevelBuilder,
)

MOST_HINTS = 9


def builder_controls(builder: LevelBuilder) -> Iterator[Control]:
    """List the controls, in the order in which an author needs them."""
    yield Control("begins here", "button", "The level begins here")
    yield Control("title", "field", "Title, then Enter", builder.title)
    yield Control("text", "field", "What to do, then Enter", builder.text)
    yield Control("a hint", "field", f"Hint {len(builder.hints) + 1}, then Enter")
    yield Control("asks for", "choice", "The goal asks for", builder.asks_for, (EVERYWHERE, REGISTRIES_ALONE))
    yield Control("allows", "choice", "Allowed commands", builder.allows, (ALL_COMMANDS, USED_COMMANDS))
    yield Control("write", "button", "Write the level")
    yield Control("play it", "button", "Play it", disabled=not builder.written)


def change_builder(builder: LevelBuilder, hand: Hand) -> str:
    """Take what the author says, and return a sentence about it; nothing where it is not known here."""
    value = str(hand.value).strip()
    if hand.do == "title" and value:
        builder.title = value
        return f"The title is {value}. The id is {builder.id}."
    if hand.do == "text" and value:
        builder.text = value
        return "That is what players will read."
    if hand.do == "a hint" and value and len(builder.hints) < MOST_HINTS:
        builder.hints = (*builder.hints, value)
        return f"Hint {len(builder.hints)} is kept."
    if hand.do == "asks for" and value in (EVERYWHERE, REGISTRIES_ALONE):
        builder.asks_for = value
        return f"The goal asks for {value}."
    if hand.do == "allows" and value in (ALL_COMMANDS, USED_COMMANDS):
        builder.allows = value
        return f"Allowed commands: {value}."
    return ""
