"""Carry out lines such as ``laptop: docker push NAME`` on simulated machines, one after the other.

A turn whose answer is a few commands is read and tried here. The first command that fails ends it, and its words are
those that the tool prints.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from simregistry.client.client import Client
from simregistry.client.docker_commands import COMMANDS, UsageError
from simregistry.errors import SimRegistryError
from simregistry.oci.messages import shorten
from simregistry.teach.answers import FreeText
from simregistry.teach.reveals import Reveal
from simregistry.teach.unread import Unread

MOST_LINES = 20
# What a machine does with the words after ``docker build``; a turn says it, since only the turn knows the files.
Build = Callable[[Client, str], object]


@dataclass(frozen=True, slots=True)
class CommandLines:
    """Machines by name, the commands that may be used, and how a build is done where one may be."""

    machines: Mapping[str, Client]
    verbs: tuple[str, ...]
    builds: Mapping[str, Build]

    def read(self, answer: object) -> tuple[str, ...] | Reveal:
        """Read a list of commands, or a string with one a line; what can't be read is answered with how to write it."""
        wanted = f"commands, one a line, such as {next(iter(self.machines))}: docker images"
        text = FreeText("", lambda text: "", wanted).read(answer)
        if isinstance(text, Unread):
            return text.reveal(answer, wanted)
        lines = tuple(text.splitlines())
        if len(lines) > MOST_LINES:
            return Reveal(f"{len(lines)} lines are more than a turn needs. Write at most {MOST_LINES}.", None)
        return lines

    def run(self, lines: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
        """Carry lines out up to the first refusal; return what to show, a line each, and the refusal ("" for none)."""
        shown: list[str] = []
        for number, line in enumerate(lines, 1):
            refusal = self._run_one(line)
            shown.append(f"{number}. {shorten(line)}: {'refused' if refusal else 'done'}")
            if refusal:
                return tuple(shown), shorten(refusal)
        return tuple(shown), ""

    def _run_one(self, line: str) -> str:
        name, colon, rest = (part.strip() for part in line.partition(":"))
        words = rest.split()
        if name.casefold() not in self.machines or not colon or words[:1] != ["docker"] or len(words) < 2:
            example = f"{next(iter(self.machines))}: docker images"
            return f"Write a machine ({' or '.join(self.machines)}), a colon and a docker command, such as {example}"
        machine, verb = name.casefold(), words[1]
        if verb not in self.verbs:
            return f"The docker commands of this turn are {', '.join(self.verbs)}"
        try:
            self._do(machine, verb, words[2:])
        except UsageError as usage:
            return str(usage).partition("\n")[0]
        except SimRegistryError as error:
            return f"Error response from daemon: {error}"
        return ""

    def _do(self, machine: str, verb: str, words: list[str]) -> None:
        client, command = self.machines[machine], COMMANDS[verb]
        arguments = command.read(words)
        if verb != "build":
            command.act(client, arguments)
        elif machine in self.builds:
            self.builds[machine](client, arguments.tag)
        else:
            raise SimRegistryError(f"failed to read dockerfile: no such file on the {machine}")
