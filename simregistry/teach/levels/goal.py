"""What a level asks for, and what still differs from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simregistry.teach.levels.level_state import Images, LevelState, shown_image

# What can be limited, how the limit is shown, and what is said of a state beyond it.
LIMITS = {
    "sent": ("at most {} MB sent", "{} MB were sent; at most {} MB are allowed"),
    "fetched": ("at most {} MB fetched", "{} MB were fetched; at most {} MB are allowed"),
    "stored": ("at most {} MB stored in the registry", "{} MB are stored in the registry; at most {} MB are allowed"),
    "untagged": ("at most {} without a tag", "{} in the registries without a tag; at most {} allowed"),
}


@dataclass(frozen=True, slots=True)
class Goal:
    """What is asked for: names exactly so in the places that are given; where given, the shelf, and limits."""

    images: Mapping[str, Images]
    shelf: tuple[str, ...] | None = None
    sent: int | None = None
    fetched: int | None = None
    stored: int | None = None
    untagged: int | None = None

    def limits(self) -> dict[str, int]:
        """Return the limits that are set."""
        return {what: most for what in LIMITS if (most := getattr(self, what)) is not None}

    def differs(self, state: LevelState) -> tuple[str, ...]:
        """Say line by line what still differs; nothing where the goal is reached."""
        differences: list[str] = []
        for place, wanted in self.images.items():
            images = state.images[place]
            differences += [f"{place} lacks {name}" for name in wanted if name not in images]
            differences += [f"{place} has {name}, which should be gone" for name in images if name not in wanted]
            differences += [
                f"{place}: {name} is {shown_image(images[name])}; it should be {shown_image(wanted[name])}"
                for name in wanted
                if name in images and images[name] != wanted[name]
            ]
        if self.shelf is not None:
            held = set(state.shelves["registry"])
            differences += [f"the registry's storage lacks {layer}" for layer in sorted(set(self.shelf) - held)]
            differences += [f"the registry's storage still has {layer}" for layer in sorted(held - set(self.shelf))]
        for what, most in self.limits().items():
            if (is_so := _measured(state, what)) > most:
                differences.append(LIMITS[what][1].format(is_so, most))
        return tuple(differences)


def _measured(state: LevelState, what: str) -> int:
    measured = {
        "sent": state.sent, "fetched": state.fetched, "stored": state.stored, "untagged": len(state.untagged)
    }  # fmt: skip
    return measured[what]
