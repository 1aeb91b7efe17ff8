"""A level as data: where it begins, what is to be reached, with which commands, in how many.

It is written as TOML, so that one can be shared as text. Such a text comes from anybody: names, sizes and counts are
checked, and nothing in it is carried out but the commands above.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simregistry.errors import InvalidValue
from simregistry.oci.reference import Reference
from simregistry.teach.levels.bench import MACHINES, REGISTRIES, VERBS, Bench, Images, Stack, State

LONGEST_TEXT, MOST_NAMES, MOST_COMMANDS = 20_000, 40, 12
PLACES = (*REGISTRIES, *MACHINES)
WORDS = ("id", "lesson", "objective", "title", "text")
LIMITS = ("sent", "fetched")


@dataclass(frozen=True, slots=True)
class Goal:
    """What is asked for: tags exactly so; where given, the shelves, the machines, and at most so many megabytes."""

    images: Mapping[str, Images]
    shelf: tuple[str, ...] | None = None
    sent: int | None = None
    fetched: int | None = None

    def differs(self, state: State) -> tuple[str, ...]:
        """Say line by line what still differs; nothing where the goal is reached."""
        told: list[str] = []
        for place, wanted in self.images.items():
            found = _found(state, place)
            told += [f"{place} lacks {name}" for name in wanted if name not in found]
            told += [f"{place} has {name}, which should be gone" for name in found if name not in wanted]
            told += [
                f"{place}: {name} is {' + '.join(found[name])}; it should be {' + '.join(wanted[name])}"
                for name in wanted
                if name in found and found[name] != wanted[name]
            ]
        if self.shelf is not None:
            held = set(state.shelves["registry"])
            told += [f"the registry's shelf lacks {layer}" for layer in sorted(set(self.shelf) - held)]
            told += [f"the registry's shelf still has {layer}" for layer in sorted(held - set(self.shelf))]
        for what in LIMITS:
            most, moved = getattr(self, what), getattr(state, what)
            if most is not None and moved > most:
                told.append(f"{moved} MB were {what}; at most {most} MB are allowed")
        return tuple(told)


def _found(state: State, place: str) -> Images:
    if place in MACHINES:
        return state.machines[place]
    return {name.partition(": ")[2]: stack for name, stack in state.tags.items() if name.startswith(f"{place}: ")}


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
    # Images that were overwritten before the level begins: in a repository without a tag.
    untagged: Images = field(default_factory=dict)

    def bench(self) -> Bench:
        """Set it up."""
        bench = Bench(self.sizes)
        for name, stack in self.untagged.items():
            bench.fill("registry", name, stack)
            # The tag goes, its manifest stays: that is how an image comes to be untagged.
            bench.run(f"registry: delete tag {name}")
        for place, images in self.start.items():
            for name, stack in images.items():
                if place in REGISTRIES:
                    bench.fill(place, name, stack)
                else:
                    bench.put(place, name, stack)
        return bench

    def permits(self, line: str) -> bool:
        """Say whether a command is among the allowed ones."""
        rest = " ".join(line.partition(":")[2].split()).removeprefix("docker ")
        return any(rest == verb if verb.startswith("gc") else rest.startswith(f"{verb} ") for verb in self.allowed)


def read_level(text: str) -> Level:
    """Read a level from its text, or raise InvalidValue saying what to write instead."""
    if len(text) > LONGEST_TEXT:
        raise InvalidValue("level", f"{len(text):,} characters", f"at most {LONGEST_TEXT:,} are read")
    try:
        said = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidValue("level", text[:60], f"is no TOML ({error})") from None
    known = {*WORDS, "par", "allowed", "hints", "solution", "sizes", "start", "untagged", "goal"}
    if strange := sorted(set(said) - known):
        raise InvalidValue("level", ", ".join(strange)[:100], f"take it out; known are {', '.join(sorted(known))}")
    words = {word: _word(word, said.get(word)) for word in WORDS}
    sizes = {layer: _whole(f"size of {layer}", size, 1, 100_000) for layer, size in _table("sizes", said).items()}
    par = _whole("par", said.get("par"), 1, MOST_COMMANDS)
    allowed = _lines("allowed", said.get("allowed"))
    if strange := [verb for verb in allowed if verb not in VERBS]:
        raise InvalidValue("allowed", strange[0][:60], f"use some of {', '.join(VERBS)}")
    return Level(
        **words, par=par, sizes=sizes, start=_places("start", said, sizes), goal=_goal(said, sizes), allowed=allowed,
        hints=_lines("hints", said.get("hints", [])), solution=_lines("solution", said.get("solution", [])),
        untagged=_images("untagged", said.get("untagged", {}), sizes, "registry"),
    )  # fmt: skip


def write_level(level: Level) -> str:
    """Write a level as the text that ``read_level`` reads."""
    lines = [f"{word} = {json.dumps(getattr(level, word))}" for word in WORDS]
    lines += [
        f"par = {level.par}",
        *(f"{key} = {json.dumps(list(getattr(level, key)))}" for key in ("allowed", "hints", "solution")),
    ]
    lines += ["", "[sizes]", *(f"{json.dumps(name)} = {size}" for name, size in level.sizes.items())]
    goal = [f"{what} = {getattr(level.goal, what)}" for what in LIMITS if getattr(level.goal, what) is not None]
    goal += [f"shelf = {json.dumps(list(level.goal.shelf))}"] if level.goal.shelf is not None else []
    lines += ["", "[untagged]", *_written(level.untagged)]
    for place, images in level.start.items():
        lines += ["", f"[start.{place}]", *_written(images)]
    lines += ["", "[goal]", *goal]
    for place, images in level.goal.images.items():
        lines += ["", f"[goal.{place}]", *_written(images)]
    return "\n".join(lines) + "\n"


def _written(images: Images) -> list[str]:
    return [f"{json.dumps(name)} = {json.dumps(list(stack))}" for name, stack in images.items()]


def _goal(said: Mapping[str, Any], sizes: Mapping[str, int]) -> Goal:
    found = _table("goal", said)
    limits = {key: _whole(key, found[key], 0, 10**6) for key in LIMITS if key in found}
    shelf = _lines("shelf", found["shelf"]) if "shelf" in found else None
    if shelf is not None and (strange := [layer for layer in shelf if layer not in sizes]):
        raise InvalidValue("shelf", strange[0][:60], f"use the layers {', '.join(sizes)}")
    images = {place: each for place, each in found.items() if place not in (*LIMITS, "shelf")}
    return Goal(_places("goal", {"goal": images}, sizes), shelf, **limits)


def _places(key: str, said: Mapping[str, Any], sizes: Mapping[str, int]) -> dict[str, Images]:
    found = _table(key, said)
    if strange := [place for place in found if place not in PLACES]:
        raise InvalidValue(key, strange[0][:60], f"use some of {', '.join(PLACES)}")
    return {place: _images(f"{key}.{place}", images, sizes, place) for place, images in found.items()}


def _images(key: str, said: Any, sizes: Mapping[str, int], place: str) -> dict[str, Stack]:
    found = _table(key, {key: said})
    made: dict[str, Stack] = {}
    for name, stack in found.items():
        layers = _lines(f"{key}: {name}", stack)
        if not layers or any(layer not in sizes for layer in layers):
            raise InvalidValue(f"{key}: {name}"[:60], ", ".join(layers)[:60], f"use the layers {', '.join(sizes)}")
        read = Reference.parse(name if place in MACHINES else f"registry.example/{name}")
        if (
            read.registry not in REGISTRIES.values()
            or not read.tag
            or str(read) != (name if place in MACHINES else f"registry.example/{name}")
        ):
            raise InvalidValue(key, name[:60], "write HOST/REPOSITORY:TAG on a machine, REPOSITORY:TAG in a registry")
        made[name] = layers
    return made


def _table(key: str, said: Mapping[str, Any]) -> dict[str, Any]:
    found = said.get(key)
    if not isinstance(found, dict) or len(found) > MOST_NAMES:
        raise InvalidValue(key, str(found)[:60], f"write a table [{key}] of at most {MOST_NAMES} lines")
    return found


def _word(key: str, said: Any) -> str:
    if not isinstance(said, str) or not said.strip() or len(said) > 2000:
        raise InvalidValue(key, str(said)[:60], "write a text of at most 2,000 characters")
    if key == "id" and not re.fullmatch(r"[a-z0-9-]{1,60}", said):
        raise InvalidValue(key, said[:60], "use small letters, digits and -")
    return said


def _whole(key: str, said: Any, least: int, most: int) -> int:
    if not isinstance(said, int) or isinstance(said, bool) or not least <= said <= most:
        raise InvalidValue(key[:60], str(said)[:60], f"write a whole number from {least} to {most:,}")
    return said


def _lines(key: str, said: Any) -> tuple[str, ...]:
    fine = (
        isinstance(said, list)
        and len(said) <= MOST_NAMES
        and all(isinstance(each, str) and len(each) <= 300 for each in said)
    )
    if not fine:
        raise InvalidValue(key[:60], str(said)[:60], f"write a list of at most {MOST_NAMES} texts")
    return tuple(said)
