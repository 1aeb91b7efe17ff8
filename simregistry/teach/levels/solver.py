"""Find the shortest way through a level by trying every command in every state that can be reached."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations, product

from simregistry.errors import SimRegistryError
from simregistry.teach.levels.level import Level
from simregistry.teach.levels.level_state import MACHINES, REGISTRIES, LevelState
from simregistry.teach.levels.level_world import LevelWorld

SPARE, MIRROR = "web:spare", "mirror.example"


def commands(level: Level) -> tuple[str, ...]:
    """List every command that a level allows, with all names that it mentions and one spare name.

    Names by digest are left out: a tag does the same. The mirror is left out if the level does not mention it, because
    one more empty place makes the search many times as long.
    """
    short, full = short_names(level), full_names(level)
    return tuple(_written(level, list(full), list(short), level_hosts(level)))


def level_hosts(level: Level) -> tuple[str, ...]:
    """List the registries that a level mentions; the first one is always there."""
    return tuple(REGISTRIES) if _two_registries(level) else ("registry",)


def full_names(level: Level) -> tuple[str, ...]:
    """List the names that an image may get on a machine."""
    return tuple(f"{REGISTRIES[place]}/{name}" for place in level_hosts(level) for name in short_names(level))


def short_names(level: Level) -> tuple[str, ...]:
    """List the names that an image may get inside a registry: those that the level mentions, and a spare one."""
    short = {SPARE}
    for place, images in (*level.start.items(), *level.goal.images.items(), ("registry", level.untagged)):
        short |= {name if place in REGISTRIES else name.partition("/")[2] for name in images}
    # A solution may use a name that is nowhere else, such as a third tag for swapping two.
    words = [word for line in level.solution for word in line.split()]
    short |= {rest for host, _, rest in (word.partition("/") for word in words) if host in REGISTRIES.values()}
    return tuple(sorted(short))


def _two_registries(level: Level) -> bool:
    """Check whether a level mentions the mirror."""
    if "mirror" in level.start or "mirror" in level.goal.images:
        return True
    return MIRROR in " ".join(level.solution)


def _written(level: Level, full: list[str], short: list[str], places: tuple[str, ...]) -> Iterator[str]:
    for verb in level.allowed:
        if verb in ("push", "pull", "rmi"):
            yield from (f"{who}: docker {verb} {name}" for who in MACHINES for name in full)
        elif verb == "build":
            yield from (
                f"{who}: docker build -t {name} {recipe}"
                for who, name, recipe in product(MACHINES, full, level.recipes)
            )
        elif verb == "tag":
            yield from (f"{who}: docker tag {one} {other}" for who in MACHINES for one, other in permutations(full, 2))
        elif verb == "copy":
            yield from (f"{place}: copy {one} {other}" for place in places for one, other in permutations(short, 2))
        elif verb.startswith("gc"):
            yield from (f"{place}: {verb}" for place in places)
        else:
            yield from (f"{place}: {verb} {name}" for place in places for name in short)


def shorter(level: Level, most: int) -> tuple[str, ...] | None:
    """Find one of the shortest ways of at most so many commands, or None if there is no such way.

    The search visits states by their distance from the start, so the first way that it finds is a shortest one.
    """
    lines = commands(level)
    first = level.bench()
    if not level.goal.differs(first.state()):
        return ()
    seen = {_key(level, first, first.state())}
    front: list[tuple[LevelWorld, tuple[str, ...]]] = [(first, ())]
    for _ in range(most):
        ahead: list[tuple[LevelWorld, tuple[str, ...]]] = []
        for bench, way in front:
            for line, after in _steps(bench, lines):
                state = after.state()
                if not level.goal.differs(state):
                    return (*way, line)
                if _hopeful(level, state) and (key := _key(level, after, state)) not in seen:
                    seen.add(key)
                    ahead.append((after, (*way, line)))
        front = ahead
    return None


def _steps(bench: LevelWorld, lines: tuple[str, ...]) -> Iterator[tuple[str, LevelWorld]]:
    """Try each command and yield those that work, each with the bench after it."""
    for line in lines:
        who, _, rest = line.partition(": docker ")
        verb, _, names = rest.partition(" ")
        # A machine can do nothing with an image that it does not have. Finding that out needs no copy of the bench.
        if verb in ("push", "tag", "rmi") and names.split()[0] not in bench.machines[who].store.images:
            continue
        after = bench.copy()
        try:
            after.run(line)
        except (SimRegistryError, ConnectionError):
            continue
        yield line, after


def _hopeful(level: Level, state: LevelState) -> bool:
    """Check that a way has not moved too many bytes: no command takes them back."""
    limits = level.goal.limits()
    return state.sent <= limits.get("sent", state.sent) and state.fetched <= limits.get("fetched", state.fetched)


def _key(level: Level, bench: LevelWorld, state: LevelState) -> str:
    """Write down everything that later commands can depend on, so two ways to one state count as one."""
    machines = [
        (
            sorted(state.images[who].items()),
            sorted(client.store.blobs),
            [(host, sorted(memory.seen.items())) for host, memory in sorted(client.memories.items())],
        )
        for who, client in bench.machines.items()
    ]
    if not any(who in level.goal.images for who in MACHINES):
        # If the goal mentions no machine, the two machines can change places.
        machines.sort(key=repr)
    # A state doesn't show a repository's links, but a mount and a push ask for them.
    links = [
        [
            (name, sorted(here.blobs), sorted(here.manifests), sorted(here.tags.items()), here.ever_tagged)
            for name, here in sorted(registry.storage.repositories.items())
        ]
        for registry in bench.registries.values()
    ]
    limits = level.goal.limits()
    moved = [getattr(state, what) for what in ("sent", "fetched") if what in limits]
    return repr((machines, links, state.shelves, moved))
