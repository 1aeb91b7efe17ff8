"""The command line: read arguments, call the rooms, print what they return."""

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
    """Build the parser of all commands."""
    top = argparse.ArgumentParser(prog="simregistry", description="A container registry to learn from.")
    top.add_argument("--version", action="version", version=f"simregistry {version('simregistry')}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for module in (
        lab_command,
        course_commands,
        serve_command,
        storage_commands,
        copy_command,
        product_commands,
        published_command,
        savings_command,
    ):
        module.describe(commands)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run a command and return its exit status: 2 for arguments or files that it can't read."""
    arguments = parser().parse_args(argv)
    try:
        status: int = arguments.run(arguments)
    except BrokenPipeError:
        # The program that reads our output has ended (`| head`). Python would complain again when it closes the output,
        # so send what is left to nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (SimRegistryError, OSError) as error:
        print(f"simregistry: {error}", file=sys.stderr)
        return 2
    return status
