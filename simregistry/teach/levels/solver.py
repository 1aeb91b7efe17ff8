"""The shortest way through a level, found by trying every command in every state that can be reached."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from simregistry.errors import SimRegistryError
from simregistry.teach.levels.bench import MACHINES, REGISTRIES, Bench, State
from simregistry.teach.levels.level import Level


def commands(level: Level) -> tuple[str, ...]:
    """List every command that a level allows, over all names that stand in it."""
    short: dict[str, set[str]] = {place: set() for place in REGISTRIES}
    for line in (*level.start.items(), *level.goal.images.items(), ("registry", level.untagged)):
        place, images = line
        for name in images:
            if place in REGISTRIES:
                short[place].add(name)
            else:
                host, _, rest = name.partition("/")
                short[next(each for each, known in REGISTRIES.items() if known == host)].add(rest)
    # What a solution writes down may be a name that stands nowhere else, such as one to swap two tags by.
    for each in level.solution:
        for word in each.split():
            host, slash, rest = word.partition("/")
            if slash and host in REGISTRIES.values():
                short[next(place for place, known in REGISTRIES.items() if known == host)].add(rest)
    full = [f"{REGISTRIES[place]}/{name}" for place in REGISTRIES for name in sorted(short[place])]
    return tuple(_written(level, full, sorted(short["registry"])))


def _written(level: Level, full: list[str], short: list[str]) -> Iterator[str]:
    places = [who for who in MACHINES if who in level.start or who in level.goal.images] or ["laptop"]
    # A machine that the level never names is empty, and could do what the first one can.
    for verb in level.allowed:
        if verb in ("push", "pull", "rmi"):
            yield from (f"{who}: docker {verb} {name}" for who in places for name in full)
        elif verb == "tag":
            yield from (f"{who}: docker tag {one} {other}" for who in places for one, other in permutations(full, 2))
        elif verb == "copy":
            yield from (f"registry: copy {one} {other}" for one, other in permutations(short, 2))
        elif verb.startswith("gc"):
            yield f"registry: {verb}"
        else:
            yield from (f"registry: {verb} {name}" for name in short)


def shorter(level: Level, most: int) -> tuple[str, ...] | None:
    """Look for a way of at most so many commands; gives the first that is found, or None where there is none."""
    known = commands(level)
    first = level.bench()
    seen = {_key(level, first)}
    front: list[tuple[Bench, tuple[str, ...]]] = [(first, ())]
    if not level.goal.differs(first.state()):
        return ()
    for _ in range(most):
        ahead: list[tuple[Bench, tuple[str, ...]]] = []
        for bench, way in front:
            for line in known:
                after = bench.copy()
                try:
                    after.run(line)
                except (SimRegistryError, ConnectionError):
                    continue
                key = _key(level, after)
                if key in seen:
                    continue
                seen.add(key)
                if not level.goal.differs(after.state()):
                    return (*way, line)
                if _hopeful(level, after.state()):
                    ahead.append((after, (*way, line)))
        front = ahead
    return None


def _hopeful(level: Level, state: State) -> bool:
    """Give up a way that moved too many bytes: no command takes them back."""
    limits = (("sent", level.goal.sent), ("fetched", level.goal.fetched))
    return all(most is None or getattr(state, what) <= most for what, most in limits)


def _key(level: Level, bench: Bench) -> str:
    """Write down what later commands can depend on; two ways to one state are one."""
    state = bench.state()
    memories = {
        who: {host: sorted(memory.seen.items()) for host, memory in client.memories.items()}
        for who, client in bench.machines.items()
    }
    moved = (state.sent if level.goal.sent is not None else 0, state.fetched if level.goal.fetched is not None else 0)
    return repr((sorted(state.tags.items()), state.untagged, state.shelves, state.machines, memories, moved))
