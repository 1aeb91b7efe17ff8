"""A level as text: TOML, so that people can share levels.

Anybody may have written such a text. Names, sizes and counts are checked, and nothing in it is carried out except the
commands of a bench. A level that cannot be played is refused when it is read, before anybody plays it.
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
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidValue("level", text[:60], f"isn't TOML ({error})") from None
    if strange := sorted(set(document) - KNOWN):
        raise InvalidValue("level", ", ".join(strange)[:100], f"take it out; known are {', '.join(sorted(KNOWN))}")
    words = {word: _word(word, document.get(word)) for word in WORDS}
    sizes = _sizes(document)
    par = _whole("par", document.get("par"), 1, MOST_COMMANDS)
    allowed = _lines("allowed", document.get("allowed"))
    if strange := [verb for verb in allowed if verb not in VERBS] or ([] if allowed else ["no command"]):
        raise InvalidValue("allowed", strange[0][:60], f"use some of {', '.join(VERBS)}")
    return _played(
        Level(
            **words, par=par, sizes=sizes, start=_places("start", document, sizes), goal=_goal(document, sizes),
            allowed=allowed, hints=_lines("hints", document.get("hints", [])),
            solution=_lines("solution", document.get("solution", [])),
            untagged=_images("untagged", document.get("untagged", {}), sizes, "registry"),
            recipes=_recipes(document, sizes),
        )
    )  # fmt: skip


def _played(level: Level) -> Level:
    """Return a level that can be played: it can be set up, is not won at the start, and its solution wins it."""
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
    # JSON writes a ship emoji as two surrogates, which TOML refuses. TOML wants DEL escaped, which JSON does not do.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _listed(texts: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _written(images: Mapping[str, Image]) -> list[str]:
    return [f"{_quoted(name)} = {_listed(image) if isinstance(image, tuple) else _table_in_line(image)}"
            for name, image in images.items()]  # fmt: skip


def _table_in_line(index: Mapping[str, Stack]) -> str:
    return "{ " + ", ".join(f"{_quoted(platform)} = {_listed(stack)}" for platform, stack in index.items()) + " }"


def _sizes(document: Mapping[str, Any]) -> dict[str, int]:
    sizes = _table("sizes", document)
    for layer in sizes:
        _plain("name of a layer", layer, LONGEST_NAME)
    return {layer: _whole(f"size of {layer}", size, 1, 100_000) for layer, size in sizes.items()}


def _recipes(document: Mapping[str, Any], sizes: Mapping[str, int]) -> dict[str, Stack]:
    recipes = _table("recipes", {"recipes": document.get("recipes", {})})
    if strange := [name for name in recipes if not re.fullmatch(r"[A-Za-z0-9._-]{1,60}", name)]:
        raise InvalidValue("recipes", strange[0][:60], "use letters, digits, . _ and - in the name of a recipe")
    return {name: _stack(f"recipes: {name}", stack, sizes) for name, stack in recipes.items()}


def _goal(document: Mapping[str, Any], sizes: Mapping[str, int]) -> Goal:
    goal = _table("goal", document)
    limits = {key: _whole(key, goal[key], 0, 10**6) for key in LIMITS if key in goal}
    shelf = _lines("shelf", goal["shelf"]) if "shelf" in goal else None
    if shelf is not None and (strange := [layer for layer in shelf if layer not in sizes]):
        raise InvalidValue("shelf", strange[0][:60], f"use the layers {', '.join(sizes)}")
    images = {place: value for place, value in goal.items() if place not in (*LIMITS, "shelf")}
    return Goal(_places("goal", {"goal": images}, sizes), shelf, **limits)


def _places(key: str, document: Mapping[str, Any], sizes: Mapping[str, int]) -> dict[str, Images]:
    places = _table(key, document)
    if strange := [place for place in places if place not in PLACES]:
        raise InvalidValue(key, strange[0][:60], f"use some of {', '.join(PLACES)}")
    return {place: _images(f"{key}.{place}", images, sizes, place) for place, images in places.items()}


def _images(key: str, value: Any, sizes: Mapping[str, int], place: str) -> dict[str, Image]:
    images: dict[str, Image] = {}
    for name, image in _table(key, {key: value}).items():
        full = name if place in MACHINES else f"registry.example/{name}"
        reference = Reference.parse(full)
        known = reference.registry in REGISTRIES.values()
        if not known or not reference.tag or reference.digest or str(reference) != full:
            raise InvalidValue(key, name[:60], "write HOST/REPOSITORY:TAG on a machine, REPOSITORY:TAG in a registry")
        if isinstance(image, dict):
            images[name] = _index(f"{key}: {name}", image, sizes, place)
        else:
            images[name] = _stack(f"{key}: {name}", image, sizes)
    return images


def _index(key: str, platforms: dict[str, Any], sizes: Mapping[str, int], place: str) -> Mapping[str, Stack]:
    if place in MACHINES:
        raise InvalidValue(key[:60], "an index", "a machine has the image of one platform; write its layers")
    fits = 1 <= len(platforms) <= MOST_NAMES
    if not fits or any(str(Platform.parse(platform)) != platform for platform in platforms):
        rule = f"write from 1 to {MOST_NAMES} platforms, as linux/amd64"
        raise InvalidValue(key[:60], ", ".join(platforms)[:60], rule)
    return {platform: _stack(f"{key}: {platform}", stack, sizes) for platform, stack in platforms.items()}


def _stack(key: str, value: Any, sizes: Mapping[str, int]) -> Stack:
    layers = _lines(key, value)
    if not layers or any(layer not in sizes for layer in layers):
        raise InvalidValue(key[:60], ", ".join(layers)[:60], f"use the layers {', '.join(sizes)}"[:300])
    return layers


def _table(key: str, document: Mapping[str, Any]) -> dict[str, Any]:
    table = document.get(key)
    if not isinstance(table, dict) or len(table) > MOST_NAMES:
        raise InvalidValue(key[:60], str(table)[:60], f"write a table [{key[:60]}] of at most {MOST_NAMES} lines")
    return table


def _word(key: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidValue(key, str(value)[:60], "write a string of at most 2,000 characters")
    if key == "id" and not re.fullmatch(r"[a-z0-9-]{1,60}", value):
        raise InvalidValue(key, value[:60], "use small letters, digits and -")
    return _plain(key, value, 2000)


def _plain(key: str, text: str, most: int) -> str:
    """Refuse what would move a terminal's cursor, or cannot be written to a file."""
    if not text or len(text) > most or any(category(letter) in ("Cc", "Cs") for letter in text.replace("\n", "")):
        raise InvalidValue(key, repr(text)[:60], f"write a plain text of at most {most:,} characters")
    return text


def _whole(key: str, value: Any, least: int, most: int) -> int:
    # True is a whole number to Python, and to nobody else.
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise InvalidValue(key[:60], str(value)[:60], f"write a whole number from {least} to {most:,}")
    return value


def _lines(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MOST_NAMES or not all(isinstance(line, str) for line in value):
        raise InvalidValue(key[:60], str(value)[:60], f"write a list of at most {MOST_NAMES} texts")
    return tuple(_plain(key[:60], line, 300) for line in value)
