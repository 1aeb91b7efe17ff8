"""The command line: reads arguments, calls the rooms, prints."""

from __future__ import annotations

import argparse
import os
import sys
from importlib.metadata import version

from simregistry.cli import (
    copy_command,
    course_commands,
    lab_command,
    product_commands,
    published_command,
    savings_command,
    serve_command,
    storage_commands,
)
from simregistry.errors import SimRegistryError


def parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    top = argparse.ArgumentParser(prog="simregistry", description="A container registry to learn from.")
    top.add_argument("--version", action="version", version=f"simregistry {version('simregistry')}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for each in (
        lab_command,
        course_commands,
        serve_command,
        storage_commands,
        copy_command,
        product_commands,
        published_command,
        savings_command,
    ):
        each.describe(commands)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run a command; gives the exit status: 2 for what cannot be understood or read."""
    arguments = parser().parse_args(argv)
    try:
        status: int = arguments.run(arguments)
    except BrokenPipeError:
        # Whoever read the answer has seen enough (`| head`); Python would say so again when it closes its output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (SimRegistryError, OSError) as error:
        print(f"simregistry: {error}", file=sys.stderr)
        return 2
    return status
