"""``%docker`` in a notebook: the commands of the terminal, run by a simulated laptop."""

from __future__ import annotations

import sys
from typing import Any

from IPython.core.getipython import get_ipython

from simregistry.client import docker_commands
from simregistry.client.client import Client
from simregistry.errors import SimRegistryError


def terminal(client: Client) -> None:
    """Let ``%docker`` and ``%%docker`` in this notebook run commands on a client; raise SimRegistryError elsewhere."""
    shell = get_ipython()
    if shell is None:
        raise SimRegistryError("%docker works in a notebook or in IPython; elsewhere call the client itself")

    def docker(line: str, cell: str | None = None) -> None:
        text = docker_commands.run_docker(client, line, shell.user_ns, cell)
        if text:
            sys.stdout.write(f"{text}\n")

    register: Any = shell.register_magic_function  # its published type forgets that it is bound
    register(docker, "line_cell", "docker")


def transcript(client: Client, *commands: str) -> str:
    """Return what a terminal would show for some docker commands, each below its own line.

    A lesson hands it to a reveal as evidence, where ``%docker`` would print an answer before anybody has answered.

    >>> print(transcript(Client(), "docker images"))
    $ docker images
    REPOSITORY   TAG   IMAGE ID   CREATED   SIZE
    """
    lines = []
    for command in commands:
        lines += [f"$ {command}", docker_commands.run_docker(client, command.removeprefix("docker "))]
    return "\n".join(line for line in lines if line)
