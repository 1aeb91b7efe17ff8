"""What a hand on the board means: the commands of an image that was clicked, and of one that was dragged."""

from __future__ import annotations

from simregistry.errors import InvalidValue
from simregistry.teach.levels.level import Level
from simregistry.teach.levels.level_picture import RECIPES, STORAGE
from simregistry.teach.levels.level_state import MACHINES, REGISTRIES
from simregistry.teach.levels.solver import full_names, short_names

# Names that a level's builder can choose from, beside those that are there.
OWN_NAMES = ("web:1", "web:2", "web:latest", "shop:1")


def new_names(level: Level, place: str, name: str, own: bool = False) -> tuple[str, ...]:
    """List the names that an image may get: inside a registry without a host, elsewhere with one."""
    inside = place in REGISTRIES
    names = dict.fromkeys(short_names(level) if inside else full_names(level))
    if own:
        names |= dict.fromkeys(one if inside else f"{REGISTRIES['registry']}/{one}" for one in OWN_NAMES)
    return tuple(sorted(one for one in names if one != name))


def offered(level: Level, place: str, name: str, new: str) -> tuple[str, ...]:
    """List the allowed commands for what was clicked; ``new`` is the name for a tag, a copy or a build.

    >>> from simregistry.teach.levels.all_levels import find_level
    >>> offered(find_level("first-push"), "laptop", "registry.example/web:1", "registry.example/web:2")[0]
    'laptop: docker push registry.example/web:1'
    """
    if place == RECIPES:
        lines = [f"{who}: docker build -t {new} {name}" for who in MACHINES]
    elif name == STORAGE:
        lines = [f"{place}: gc", f"{place}: gc --delete-untagged"]
    elif place in MACHINES:
        lines = [f"{place}: docker {rest}" for rest in (f"push {name}", f"tag {name} {new}", f"rmi {name}")]
    else:
        lines = [f"{who}: docker pull {REGISTRIES[place]}/{name}" for who in MACHINES]
        lines += [f"{place}: {rest} {name}" for rest in ("delete tag", "delete manifest")]
        lines.append(f"{place}: copy {name} {new}")
    return tuple(line for line in lines if level.permits(line))


def dragged(level: Level, place: str, name: str, to: str, new: str) -> str:
    """Write the command for an image that was dragged to another place; raises InvalidValue where there is none."""
    if place == RECIPES:
        if to in MACHINES:
            return f"{to}: docker build -t {new} {name}"
        raise InvalidValue("place", to, "a registry doesn't build; drag the recipe to a machine")
    if place in MACHINES and to in MACHINES:
        raise InvalidValue("place", to, "machines can't reach each other; push to a registry, then pull")
    if place in REGISTRIES and to in REGISTRIES:
        raise InvalidValue("place", to, "a registry sends nothing by itself; pull to a machine, tag, push")
    if place in REGISTRIES:
        return f"{to}: docker pull {REGISTRIES[place]}/{name}"
    if not name.startswith(f"{REGISTRIES[to]}/"):
        host = name.partition("/")[0]
        raise InvalidValue(
            "place", to, f"a push goes to the host in the name, {host}; tag the image for {REGISTRIES[to]}"
        )
    return f"{place}: docker push {name}"


def removed(level: Level, place: str, name: str) -> str:
    """Write the command that takes an image's name away."""
    if place in MACHINES:
        return f"{place}: docker rmi {name}"
    line = f"{place}: delete tag {name}"
    return line if level.permits(line) else f"{place}: delete manifest {name}"
