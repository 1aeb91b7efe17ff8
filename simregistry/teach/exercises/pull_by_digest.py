"""Pull, by digest: a reference that always names the same image."""

from __future__ import annotations

import random
from collections.abc import Callable

from simregistry.client.client import Client
from simregistry.errors import SimRegistryError
from simregistry.oci.digest import Digest
from simregistry.oci.reference import Reference
from simregistry.teach.answers import FreeText
from simregistry.teach.exercises.named_layers import (
    HOST,
    SERVICES,
    NamedLayers,
    draw_sizes,
)
from simregistry.teach.problem import Misconception, Problem, beliefs


def pin_it(dice: random.Random) -> Problem:
    """Ask for a reference that always names the same image."""
    name = dice.choice(SERVICES)
    builds = ("build 1", "build 2", "build 3")
    world = NamedLayers(draw_sizes(dice, builds))
    pinned = dice.choice(builds[:2])
    digests = {build: world.push(f"{name}:latest", (build,)).digest for build in builds}
    problem = _pins(world, digests, pinned)
    right = f"{HOST}/{name}@{digests[pinned]}"
    return Problem(
        text=(
            f"Three builds were pushed to {HOST}/{name} as latest, one after the other:\n\n"
            + "\n".join(f"    {build}: {digest}" for build, digest in digests.items())
            + f"\n\nWrite the reference that pulls {pinned}, now and no matter what is pushed later."
        ),
        answer=FreeText(right, problem, "a reference, such as registry.example/app:1 or registry.example/app@sha256:…"),
        misconceptions=_beliefs_on_pin_it(name, pinned, digests),
        hints=("A tag can move. What can't?", "Behind the repository's name, write @ and the whole digest."),
        why="A digest names bytes. It names the same bytes after every later push.",
        also_right=(f"{HOST}/{name}:latest@{digests[pinned]}",),
    )


def _pins(world: NamedLayers, digests: dict[str, Digest], pinned: str) -> Callable[[str], str]:
    """Make the check of a reference: does it pull the build, now and later?"""

    def problem(text: str) -> str:
        reference = Reference.parse(text)
        fresh = Client(registries=[world.registry])
        try:
            fresh.pull(text)
        except (SimRegistryError, ConnectionError) as error:
            return str(error)
        got = next(build for build, digest in digests.items() if digest == fresh.manifest(text).digest)
        if got != pinned:
            return f"that pulls {got}"
        return "" if reference.digest else "a tag can move, so name the image itself"

    return problem


def _beliefs_on_pin_it(name: str, pinned: str, digests: dict[str, Digest]) -> tuple[Misconception, ...]:
    return beliefs(
        ("latest means the one that is meant", f"{HOST}/{name}:latest",
         "latest was pushed three times, and it names the last of the three builds."),
        ("a build's number is its tag", f"{HOST}/{name}:{pinned.replace(' ', '-')}",
         "A registry knows only the tags that were pushed. These builds were all pushed as latest."),
        ("the digest is a tag", f"{HOST}/{name}:{digests[pinned].encoded[:12]}",
         "What comes after a colon is a tag. A digest comes after @, and it is whole, with its algorithm."),
    )  # fmt: skip
