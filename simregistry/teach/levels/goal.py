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

    def image_faults(self, place: str, state: LevelState) -> dict[str, str]:
        """Name the images of a place that differ from the goal: each is "missing", "extra" or "different"."""
        if place not in self.images:
            return {}
        images, wanted = state.images[place], self.images[place]
        faults = {name: "missing" for name in wanted if name not in images}
        faults |= {name: "extra" for name in images if name not in wanted}
        return faults | {name: "different" for name in wanted if name in images and images[name] != wanted[name]}

    def shelf_faults(self, state: LevelState) -> dict[str, str]:
        """Name the layers that the registry's storage lacks ("missing") or still has ("extra")."""
        if self.shelf is None:
            return {}
        held, wanted = set(state.shelves["registry"]), set(self.shelf)
        faults = dict.fromkeys(sorted(wanted - held), "missing")
        return faults | dict.fromkeys(sorted(held - wanted), "extra")

    def kept(self, what: str, state: LevelState) -> bool:
        """Check whether the state keeps a limit."""
        return _measured(state, what) <= self.limits()[what]

    def differs(self, state: LevelState) -> tuple[str, ...]:
        """Say line by line what still differs; nothing where the goal is reached."""
        differences: list[str] = []
        for place, wanted in self.images.items():
            images = state.images[place]
            for name, fault in self.image_faults(place, state).items():
                if fault == "missing":
                    differences.append(f"{place} lacks {name}")
                elif fault == "extra":
                    differences.append(f"{place} has {name}, which should be gone")
                else:
                    shown, asked = shown_image(images[name]), shown_image(wanted[name])
                    differences.append(f"{place}: {name} is {shown}; it should be {asked}")
        for layer, fault in self.shelf_faults(state).items():
            differences.append(f"the registry's storage {'lacks' if fault == 'missing' else 'still has'} {layer}")
        for what, most in self.limits().items():
            if not self.kept(what, state):
                differences.append(LIMITS[what][1].format(_measured(state, what), most))
        return tuple(differences)


def _measured(state: LevelState, what: str) -> int:
    measured = {
        "sent": state.sent, "fetched": state.fetched, "stored": state.stored, "untagged": len(state.untagged)
    }  # fmt: skip
    return measured[what]
