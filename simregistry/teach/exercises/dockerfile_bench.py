"""A bench to try Dockerfiles on: a small base, commands whose effects are stated, and what an image hides.

No command really runs. For each one we state what it needs and writes, and a RUN does what its commands say, one after
the other. So the bench can build any Dockerfile that a learner writes, however the commands are spread over its steps.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from simregistry.client.build.dockerfile import Instruction, parse_dockerfile
from simregistry.client.build.report import BuildReport
from simregistry.client.build.run_effects import RunEffect
from simregistry.client.client import Client
from simregistry.client.image_store import ImageStore
from simregistry.oci.entry import Entry
from simregistry.teach.exercises.named_layers import HOST

BASE = f"{HOST}/base:1"
NAME = f"{HOST}/mine:1"
# What a step may call that leaves nothing of interest here.
HARMLESS = ("cd", "mkdir", "set", "true")
APART = re.compile(r"&&|;|\n")


@dataclass(frozen=True, slots=True)
class Command:
    """What a command looks for, and the files it leaves, by path from the root (bytes)."""

    writes: Mapping[str, int]
    needs: tuple[str, ...] = ()


@cache
def _base() -> ImageStore:
    """Build the base image once: it is the same on every bench."""
    client = Client()
    client.build(BASE, "FROM scratch\nCOPY rootfs /\n", {"rootfs/etc/release": "1\n"})
    return client.store


@dataclass(frozen=True, slots=True)
class DockerfileBench:
    """Commands by their text, and the files that a Dockerfile may copy."""

    commands: Mapping[str, Command]
    context: Mapping[str, str] = field(default_factory=dict)

    def client(self) -> Client:
        """Make a machine that has the base image and nothing else."""
        store = _base()
        return Client(store=ImageStore(dict(store.blobs), dict(store.images)))

    def build(self, client: Client, dockerfile: str, changed: Mapping[str, str] | None = None) -> BuildReport:
        """Build on a machine; ``changed`` are files of the context that differ this time."""
        context = dict(self.context) | dict(changed or {})
        return client.build(NAME, dockerfile, context, effects=self.effects(dockerfile))

    def effects(self, dockerfile: str) -> dict[str, RunEffect]:
        """Say what each RUN does to the files that are there when it runs; raises InvalidValue naming its line."""
        client, run_effects, context = self.client(), dict[str, RunEffect](), self.context
        lines = dockerfile.splitlines()
        for stage in parse_dockerfile(dockerfile).stages:
            for instruction in stage.instructions:
                if instruction.keyword == "RUN":
                    before = "\n".join(lines[: instruction.line - 1])
                    client.build(NAME, before, context, effects=run_effects)
                    run_effects[" ".join(instruction.args.split())] = self._run(instruction, client.rootfs(NAME))
        return run_effects

    def _run(self, instruction: Instruction, tree: Mapping[str, Entry]) -> RunEffect:
        """Go through the commands of one step."""
        if instruction.heredocs or instruction.json_form is not None:
            raise instruction.fault("write the commands in one line, with && between them")
        there, written, removed = set(tree), dict[str, int](), set[str]()
        for command in (" ".join(part.split()) for part in APART.split(instruction.args)):
            name = command.partition(" ")[0]
            if name == "rm":
                for path in _removed_by(instruction, command):
                    gone = {file for file in there if file == path or file.startswith(f"{path}/")}
                    if not gone:
                        raise instruction.fault(f"rm finds no /{path} when it runs")
                    there -= gone
                    written = {file: size for file, size in written.items() if file not in gone}
                    removed |= {path} if path in tree else gone & set(tree)
            elif command in self.commands:
                known = self.commands[command]
                missing = [path for path in known.needs if path not in there]
                if missing:
                    raise instruction.fault(f"{name} finds no /{missing[0]} when it runs")
                written |= known.writes
                there |= set(known.writes)
            elif name not in HARMLESS:
                have = ", ".join([*self.commands, "rm PATH"])
                raise instruction.fault(f"this exercise has the commands {have}")
        return RunEffect(written, tuple(sorted(removed - set(written))))


def _removed_by(instruction: Instruction, command: str) -> list[str]:
    paths = [word for word in command.split()[1:] if not word.startswith("-")]
    if not paths or not all(path.startswith("/") and path.strip("/") for path in paths):
        raise instruction.fault("rm takes paths from the root, such as /tmp/file")
    return [path.strip("/") for path in paths]


def seen(client: Client) -> dict[str, bytes]:
    """Read the files that a container of the image sees."""
    return {path: entry.content for path, entry in client.rootfs(NAME).items() if entry.kind == "file"}


def hidden(client: Client) -> tuple[tuple[str, int], ...]:
    """List the files that travel and that no container sees: path, and number of the layer from the base up.

    A file is hidden by a layer above that removes it, or that brings its path anew.
    """
    tops: dict[str, int] = {}
    carried: list[tuple[str, int]] = []
    for number, layer in enumerate(client.layers(NAME)):
        for entry in layer:
            if entry.kind == "file" and not entry.is_whiteout:
                tops[entry.path] = number
                carried.append((entry.path, number))
    there = seen(client)
    return tuple((path, number) for path, number in carried if path not in there or tops[path] != number)
