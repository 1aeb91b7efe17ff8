"""`simregistry published`: print published figures beside what the package computes."""

from __future__ import annotations

import argparse
import json
import sys


def describe(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("published", help="show published figures beside what simregistry computes")
    command.add_argument("ids", nargs="*", metavar="ID", help="only these figures (default: all)")
    command.add_argument("--why", action="store_true", help="also say why some differ, and what the grades mean")
    command.add_argument("--json", action="store_true", help="print a list of objects for a program to read")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Compute the figures and print them; on a terminal, show which one is being computed."""
    # Imported here, because these bring NumPy and SimPy and no other command should wait for them.
    from simregistry.study.published import GRADES, published

    chosen = published(arguments.ids or None)
    if sys.stderr.isatty():
        for number, figure in enumerate(chosen.figures, 1):
            print(f"\r{number} of {len(chosen.figures)}: {figure.id:<40}", end="", file=sys.stderr, flush=True)
            _ = figure.computed
        print("\r" + " " * 60 + "\r", end="", file=sys.stderr)
    if arguments.json:
        print(json.dumps([figure.json() for figure in chosen.figures], indent=1))
        return 0
    print(chosen)
    if arguments.why:
        print(f"\n{chosen.differences()}\n")
        print("\n".join(f"{grade:<3} {means}" for grade, means in GRADES.items()))
    return 0
