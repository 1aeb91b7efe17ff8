"""A level as text: TOML, so that one can be shared.

Such a text comes from anybody: names, sizes and counts are checked, nothing in it is carried out but the commands of a
bench, and one that cannot be played is refused when it is read, not when it is played.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any
from unicodedata import category

from simregistry.errors import InvalidValue, SimRegistryError
from simregistry.oci.descriptor import Platform
from simregistry.oci.reference import Reference
from simregistry.teach.levels.goal import LIMITS, Goal
from simregistry.teach.levels.level import Level
from simregistry.teach.levels.level_state import MACHINES, PLACES, REGISTRIES, Image, Images, Stack
from simregistry.teach.levels.level_world import VERBS

LONGEST_TEXT, MOST_NAMES, MOST_COMMANDS, LONGEST_NAME = 20_000, 40, 12, 60
WORDS = ("id", "lesson", "objective", "title", "text")
KNOWN = {*WORDS, "par", "allowed", "hints", "solution", "sizes", "start", "untagged", "recipes", "goal"}


def read_level(text: str) -> Level:
    """Read a level from its text, or raise InvalidValue saying what to write instead."""
    if not isinstance(text, str):
        raise InvalidValue("level", repr(text)[:60], "give the text of a level")
    if len(text) > LONGEST_TEXT:
        raise InvalidValue("level", f"{len(text):,} characters", f"at most {LONGEST_TEXT:,} are read")
    try:
        said = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidValue("level", text[:60], f"is no TOML ({error})") from None
    if strange := sorted(set(said) - KNOWN):
        raise InvalidValue("level", ", ".join(strange)[:100], f"take it out; known are {', '.join(sorted(KNOWN))}")
    words = {word: _word(word, said.get(word)) for word in WORDS}
    sizes = _sizes(said)
    par = _whole("par", said.get("par"), 1, MOST_COMMANDS)
    allowed = _lines("allowed", said.get("allowed"))
    if strange := [verb for verb in allowed if verb not in VERBS] or ([] if allowed else ["no command"]):
        raise InvalidValue("allowed", strange[0][:60], f"use some of {', '.join(VERBS)}")
    return _played(
        Level(
            **words, par=par, sizes=sizes, start=_places("start", said, sizes), goal=_goal(said, sizes),
            allowed=allowed, hints=_lines("hints", said.get("hints", [])),
            solution=_lines("solution", said.get("solution", [])),
            untagged=_images("untagged", said.get("untagged", {}), sizes, "registry"), recipes=_recipes(said, sizes),
        )
    )  # fmt: skip


def _played(level: Level) -> Level:
    """Hold a level against itself: it can be set up, is not won before it begins, and its solution wins it."""
    bench = level.bench()
    if not level.goal.differs(bench.state()):
        raise InvalidValue("goal", level.id, "it is reached before the first command; ask for something else")
    if not level.solution:
        return level
    if len(level.solution) != level.par:
        raise InvalidValue("par", level.par, f"write {len(level.solution)}: so many commands has the solution")
    for line in level.solution:
        if not level.permits(line):
            raise InvalidValue("solution", line[:100], f"it may use {', '.join(level.allowed)} alone")
        try:
            bench.run(line)
        except (SimRegistryError, ConnectionError) as error:
            raise InvalidValue("solution", line[:100], f"this command does not work: {error}"[:300]) from None
    if differs := level.goal.differs(bench.state()):
        raise InvalidValue("solution", level.id, f"it does not reach the goal: {differs[0]}"[:300])
    return level


def write_level(level: Level) -> str:
    """Write a level as the text that ``read_level`` reads."""
    lines = [f"{word} = {_quoted(getattr(level, word))}" for word in WORDS]
    lines += [f"par = {level.par}", *(f"{key} = {_listed(getattr(level, key))}" for key in ("allowed", "hints"))]
    lines += [f"solution = {_listed(level.solution)}"]
    lines += ["", "[sizes]", *(f"{_quoted(name)} = {size}" for name, size in level.sizes.items())]
    for key, images in (("recipes", level.recipes), ("untagged", level.untagged)):
        lines += ["", f"[{key}]", *_written(images)] if images else []
    for place, images in level.start.items():
        lines += ["", f"[start.{place}]", *_written(images)]
    lines += ["", "[goal]", *(f"{what} = {most}" for what, most in level.goal.limits().items())]
    lines += [f"shelf = {_listed(level.goal.shelf)}"] if level.goal.shelf is not None else []
    for place, images in level.goal.images.items():
        lines += ["", f"[goal.{place}]", *_written(images)]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    # JSON writes a ship as two surrogates, which TOML refuses; TOML wants DEL escaped, which JSON leaves.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _listed(texts: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _written(images: Mapping[str, Image]) -> list[str]:
    return [f"{_quoted(name)} = {_listed(each) if isinstance(each, tuple) else _table_in_line(each)}"
            for name, each in images.items()]  # fmt: skip


def _table_in_line(index: Mapping[str, Stack]) -> str:
    return "{ " + ", ".join(f"{_quoted(platform)} = {_listed(stack)}" for platform, stack in index.items()) + " }"


def _sizes(said: Mapping[str, Any]) -> dict[str, int]:
    found = _table("sizes", said)
    for layer in found:
        _plain("name of a layer", layer, LONGEST_NAME)
    return {layer: _whole(f"size of {layer}", size, 1, 100_000) for layer, size in found.items()}


def _recipes(said: Mapping[str, Any], sizes: Mapping[str, int]) -> dict[str, Stack]:
    found = _table("recipes", {"recipes": said.get("recipes", {})})
    if strange := [name for name in found if not re.fullmatch(r"[A-Za-z0-9._-]{1,60}", name)]:
        raise InvalidValue("recipes", strange[0][:60], "use letters, digits, . _ and - in the name of a recipe")
    return {name: _stack(f"recipes: {name}", stack, sizes) for name, stack in found.items()}


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


def _images(key: str, said: Any, sizes: Mapping[str, int], place: str) -> dict[str, Image]:
    found = _table(key, {key: said})
    made: dict[str, Image] = {}
    for name, image in found.items():
        full = name if place in MACHINES else f"registry.example/{name}"
        read = Reference.parse(full)
        if read.registry not in REGISTRIES.values() or not read.tag or read.digest or str(read) != full:
            raise InvalidValue(key, name[:60], "write HOST/REPOSITORY:TAG on a machine, REPOSITORY:TAG in a registry")
        made[name] = _index(f"{key}: {name}", image, sizes, place) if isinstance(image, dict) else _stack(
            f"{key}: {name}", image, sizes
        )  # fmt: skip
    return made


def _index(key: str, said: dict[str, Any], sizes: Mapping[str, int], place: str) -> Mapping[str, Stack]:
    if place in MACHINES:
        raise InvalidValue(key[:60], "an index", "a machine has the image of one platform; write its layers")
    if not said or len(said) > MOST_NAMES or any(str(Platform.parse(platform)) != platform for platform in said):
        raise InvalidValue(key[:60], ", ".join(said)[:60], f"write from 1 to {MOST_NAMES} platforms, as linux/amd64")
    return {platform: _stack(f"{key}: {platform}", stack, sizes) for platform, stack in said.items()}


def _stack(key: str, said: Any, sizes: Mapping[str, int]) -> Stack:
    layers = _lines(key, said)
    if not layers or any(layer not in sizes for layer in layers):
        raise InvalidValue(key[:60], ", ".join(layers)[:60], f"use the layers {', '.join(sizes)}"[:300])
    return layers


def _table(key: str, said: Mapping[str, Any]) -> dict[str, Any]:
    found = said.get(key)
    if not isinstance(found, dict) or len(found) > MOST_NAMES:
        raise InvalidValue(key[:60], str(found)[:60], f"write a table [{key[:60]}] of at most {MOST_NAMES} lines")
    return found


def _word(key: str, said: Any) -> str:
    if not isinstance(said, str) or not said.strip():
        raise InvalidValue(key, str(said)[:60], "write a text of at most 2,000 characters")
    if key == "id" and not re.fullmatch(r"[a-z0-9-]{1,60}", said):
        raise InvalidValue(key, said[:60], "use small letters, digits and -")
    return _plain(key, said, 2000)


def _plain(key: str, said: str, most: int) -> str:
    """Refuse what would move a terminal's cursor, or cannot be written to a file."""
    if not said or len(said) > most or any(category(letter) in ("Cc", "Cs") for letter in said.replace("\n", "")):
        raise InvalidValue(key, repr(said)[:60], f"write a plain text of at most {most:,} characters")
    return said


def _whole(key: str, said: Any, least: int, most: int) -> int:
    if not isinstance(said, int) or isinstance(said, bool) or not least <= said <= most:
        raise InvalidValue(key[:60], str(said)[:60], f"write a whole number from {least} to {most:,}")
    return said


def _lines(key: str, said: Any) -> tuple[str, ...]:
    if not isinstance(said, list) or len(said) > MOST_NAMES or not all(isinstance(each, str) for each in said):
        raise InvalidValue(key[:60], str(said)[:60], f"write a list of at most {MOST_NAMES} texts")
    return tuple(_plain(key[:60], each, 300) for each in said)
