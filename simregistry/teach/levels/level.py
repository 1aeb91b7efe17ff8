"""A level as data: where it begins, its goal, the commands it allows, and how many of them are needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simregistry.teach.levels.goal import Goal
from simregistry.teach.levels.level_state import REGISTRIES, Images, Stack
from simregistry.teach.levels.level_world import LevelWorld


@dataclass(frozen=True, slots=True)
class Level:
    """One puzzle."""

    id: str
    lesson: str
    objective: str
    title: str
    text: str
    par: int
    sizes: Mapping[str, int]
    start: Mapping[str, Images]
    goal: Goal
    allowed: tuple[str, ...]
    hints: tuple[str, ...]
    solution: tuple[str, ...]
    # Images that were overwritten before the level begins, so no tag names them any more.
    untagged: Images = field(default_factory=dict)
    # What ``docker build`` makes, by the name of its Dockerfile.
    recipes: Mapping[str, Stack] = field(default_factory=dict)

    def bench(self) -> LevelWorld:
        """Set the level up: registries and machines as they are before the first command."""
        bench = LevelWorld(self.sizes, self.recipes)
        for name, image in self.untagged.items():
            bench.fill("registry", name, image)
            # The tag goes and its manifest stays: that is how an image becomes untagged.
            bench.run(f"registry: delete tag {name}")
        for place, images in self.start.items():
            for name, image in images.items():
                if place in REGISTRIES:
                    bench.fill(place, name, image)
                elif isinstance(image, tuple):
                    bench.put(place, name, image)
        return bench

    def permits(self, line: str) -> bool:
        """Check whether the level allows a command."""
        rest = " ".join(line.partition(":")[2].split()).removeprefix("docker ")
        return any(rest == verb if verb.startswith("gc") else rest.startswith(f"{verb} ") for verb in self.allowed)
