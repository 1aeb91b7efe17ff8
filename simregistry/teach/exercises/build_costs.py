"""Build well: what is built again, what the cache compares, what an image hides, and what each way costs."""

from __future__ import annotations

import random

from simregistry.client.client import Client
from simregistry.table import Table
from simregistry.teach.answers import OneOf, SomeOf
from simregistry.teach.exercises.dockerfile_bench import BASE, Command, DockerfileBench, hidden
from simregistry.teach.exercises.dockerfile_writing import no_ballast, quick_rebuild
from simregistry.teach.exercises.named_layers import SERVICES, NamedLayers, draw_sizes
from simregistry.teach.exercises.what_the_cache_compares import built_again, seen_by_the_cache
from simregistry.teach.problem import Exercise, Misconception, Problem, beliefs

# A step: its instruction, the files it writes in the end, and those it writes and removes again by itself.
Step = tuple[str, list[str], list[str]]


def carried_unseen(dice: random.Random) -> Problem:
    """Ask which files are in the image although no container sees them."""
    tool, source = dice.choice(("tool", "parser", "player")), f"tmp/{dice.choice(('sources', 'kit', 'archive'))}.tar"
    config, cache = f"etc/{tool}.conf", f"var/cache/{dice.choice(('apt', 'pip', 'npm'))}"
    steps = _draw_hiding_steps(source, tool, config, cache, dice)
    client = _build_them(source, tool, config, cache, steps)
    # The base is one layer, and each step here leaves one: layer n is that of step n.
    named = [f"{path} of step {n}" for n, (_, files, gone) in enumerate(steps, 1) for path in (*files, *gone)]
    right = frozenset(f"{path} of step {number}" for path, number in hidden(client))
    written = next(n for n, (_, files, _) in enumerate(steps, 1) if source in files)
    is_removed = any(instruction == f"RUN rm /{source}" for instruction, _, _ in steps)
    removed = frozenset({f"{source} of step {written}"} if is_removed else ())
    passing = next(name for name in named if name.startswith(cache))
    rows = _rows_of_steps(steps)
    return Problem(
        text=(
            "Each step of this build leaves one layer. Which files are in a layer of the image, and so in every pull, "
            "although no container ever sees them?"
        ),
        answer=SomeOf(right, tuple(named)),
        misconceptions=_beliefs_on_carried_unseen(removed, right, passing),
        hints=(
            "Look for paths that a later step removes or writes again.",
            "A file that a later step removes is hidden. A file that the same step removes was never in a layer.",
        ),
        why=(f"A later step hides {', '.join(sorted(right))}. {passing} was gone before its step's layer was made."),
        given=Table(("step", "instruction", "writes"), rows),
    )


def _rows_of_steps(steps: list[Step]) -> tuple[tuple[int, str, str], ...]:
    """Write a row for each step."""
    return tuple(
        (n, text, ", ".join(f"/{path}" for path in (*files, *gone))) for n, (text, files, gone) in enumerate(steps, 1)
    )


def _build_them(source: str, tool: str, config: str, cache: str, steps: list[Step]) -> Client:
    """Build the steps."""
    bench = DockerfileBench({
        f"fetch /{source}": Command({source: 900}), f"make-{tool}": Command({f"usr/bin/{tool}": 300}, (source,)),
        f"default-config /{config}": Command({config: 40}), f"edit /{config}": Command({config: 50}, (config,)),
        "install-certs": Command({"etc/certs": 60, cache: 700}),
    })  # fmt: skip
    client = bench.client()
    bench.build(client, "\n".join([f"FROM {BASE}", *(text for text, _, _ in steps)]))
    return client


def _draw_hiding_steps(source: str, tool: str, config: str, cache: str, dice: random.Random) -> list[Step]:
    """Draw steps, some of which write, change or remove what others wrote."""
    groups: list[list[Step]] = [
        [(f"RUN fetch /{source}", [source], []), (f"RUN make-{tool}", [f"usr/bin/{tool}"], [])],
        [(f"RUN default-config /{config}", [config], [])],
        [(f"RUN install-certs && rm /{cache}", ["etc/certs"], [cache])],
    ]
    dice.shuffle(groups)
    steps = [step for group in groups for step in group]
    endings: list[Step] = [
        (f"RUN rm /{source}", [], []),
        (f"RUN edit /{config}", [config], []),
    ]
    steps += dice.choice((endings[:1], endings, endings[::-1], endings[1:]))
    return steps


def _beliefs_on_carried_unseen(
    removed: frozenset[str], right: frozenset[str], passing: str
) -> tuple[Misconception, ...]:
    return beliefs(
        ("what is removed is gone", frozenset(),
         "A later step can't change the layers below it. Everything in them is sent and pulled, seen or not."),
        ("only what is removed is hidden", removed,
         "A file that a later step writes again is in two layers, and a container sees only the upper one."),
        ("whatever is removed stays in the image", right | {passing},
         "A file that comes and goes within one step is in no layer. A layer has what is left when its step ends."),
        ("a removal takes a file out of its layer", right - removed,
         "A removal is a mark in a layer of its own. The bytes stay in the layer below, and every pull brings them."),
        unless=right, once=True,
    )  # fmt: skip


WAYS = ("a step each", "one step", "two stages", "squashed")


def what_each_way_costs(dice: random.Random) -> Problem:
    """Ask which way of building costs least, or most, for a use of the image."""
    service, neat = dice.choice(SERVICES), dice.choice(("one step", "two stages"))
    size = draw_sizes(dice, ("base", "sources", "tool", "code"), 2, 60)
    versions = dice.randint(2, 5)
    size, way = _ways_to_build(versions, size, neat)
    use, most, measured = _draw_use(dice, versions)
    costs, right = _cheapest(way, size, measured, most)
    rows = tuple((name, " + ".join(f"{layer} ({size[layer]})" for layer in stacks[0])) for name, stacks in way.items())
    return Problem(
        text=(
            f"{service} is built in three ways. From version to version only the code changes. "
            f"{use}. Which way takes the {'most' if most else 'fewest'} megabytes of layers? "
            "(The layer that only removes the sources is tiny and is left out.)"
        ),
        answer=OneOf(right, tuple(way)),
        misconceptions=_beliefs_on_what_each_way_costs(most, neat, right),
        hints=(
            "Which layers stay the same from version to version, and which are new?",
            "The single layer of the squashed image is different in each version.",
            "Write down for each way which layers come once, and which come with every version.",
        ),
        why=f"In megabytes: {', '.join(f'{name} {cost}' for name, cost in costs.items())}.",
        given=Table(("way", "layers of v1, from the base up (MB)"), rows),
    )


def _cheapest(
    way: dict[str, list[tuple[str, ...]]], size: dict[str, int], measured: str, most: bool
) -> tuple[dict[str, int], str]:
    """Measure each way, and find the one with the least or the most."""
    costs = {name: _cost(size, stacks, measured) for name, stacks in way.items()}
    extreme = max(costs.values()) if most else min(costs.values())
    right = next(name for name, cost in costs.items() if cost == extreme)
    return costs, right


def _draw_use(dice: random.Random, versions: int) -> tuple[str, bool, str]:
    """Draw what the image is used for, whether the most is asked for, and how it is measured."""
    use, most, measured = dice.choice(
        (
            (f"A machine that has no image pulls all {versions} versions", True, "first"),
            (f"A machine that has no image pulls all {versions} versions", False, "first"),
            (f"A registry keeps all {versions} versions", True, "stored"),
            (f"A registry keeps all {versions} versions", False, "stored"),
            ("A server that has v1 pulls v2", True, "update"),
            ("A machine that has the base image from a different service pulls v1", False, "beside"),
            ("A machine that has the base image from a different service pulls v1", True, "beside"),
        )
    )
    return use, most, measured


def _ways_to_build(
    versions: int, size: dict[str, int], neat: str
) -> tuple[dict[str, int], dict[str, list[tuple[str, ...]]]]:
    """Stack the versions in each way of building."""
    for n in range(2, versions + 1):
        size[f"code v{n}"] = size["code"]
    whole = size["base"] + size["tool"] + size["code"]
    size |= {f"all of v{n}": whole for n in range(1, versions + 1)}
    way: dict[str, list[tuple[str, ...]]] = {name: [] for name in WAYS if name in ("a step each", neat, "squashed")}
    for n in range(1, versions + 1):
        code = "code" if n == 1 else f"code v{n}"
        way["a step each"].append(("base", "sources", "tool", code))
        way[neat].append(("base", "tool", code))
        way["squashed"].append((f"all of v{n}",))
    return size, way


def _beliefs_on_what_each_way_costs(most: bool, neat: str, right: str) -> tuple[Misconception, ...]:
    return beliefs(
        ("squashing is always better" if not most else "many layers are always worse",
         "squashed" if not most else "a step each",
         "A single layer shares no base with anything. Whatever changes, all of it is a new layer." if not most else
         "Layers that are there already aren't sent again and aren't kept twice. Count the bytes that are new."),
        ("removing a file in a later step makes the image smaller" if not most else
         "what is shared is paid once for each version",
         "a step each" if not most else neat,
         "The sources are in a layer of their own, below the step that removes them. "
         "Their bytes count as long as the image does." if not most else
         "A layer that the versions share is sent once and kept once."),
        ("one layer is one transfer, so it must cost least" if most else "one more stage is one more layer to carry",
         "squashed" if most else neat,
         "It is one transfer, but of everything. Ask how much of it was there before." if most else
         "The first stage stays on the machine that builds. It isn't part of the image."),
        unless=right,
    )  # fmt: skip


def _cost(size: dict[str, int], stacks: list[tuple[str, ...]], measured: str) -> int:
    """Push the versions, do what is asked about, and add up the megabytes."""
    world = NamedLayers(size)
    for n, layers in enumerate(stacks, 1):
        world.push(f"app:{n}", layers)
    if measured == "stored":
        return world.registry.storage_report().layers.stored_bytes // 10**6
    if measured == "beside":
        world.push("other:1", ("base",))
        world.pull("other:1")
    moved = [world.travelled(world.pull(f"app:{n}")) for n in range(1, len(stacks) + 1)]
    counted = {"first": moved, "beside": moved[:1], "update": moved[1:2]}[measured]
    return sum(world.mb(names) for names in counted) // 10**6


EXERCISES = (
    Exercise("build.built-again", "predict", "What is built again?", ("build.cache",), built_again),
    Exercise("build.seen-by-the-cache", "explain", "What the cache looks at", ("build.compare",), seen_by_the_cache),
    Exercise("build.quick-rebuild", "construct", "The right order", ("build.cache", "build.compare"), quick_rebuild),
    Exercise("build.carried-unseen", "find", "Files that nobody sees", ("build.repair",), carried_unseen),
    Exercise("build.no-ballast", "construct", "Leave the sources behind", ("build.repair", "build.stages"), no_ballast),
    Exercise("build.what-it-costs", "explain", "What each way costs", ("build.stages",), what_each_way_costs),
)
