"""`simregistry gc`, `why` and `report`: look at a storage folder, a layout or an archive, and never write to it."""

from __future__ import annotations

import argparse
import json
import sys
import time

from simregistry.cli.copy_command import PLACES, open_source
from simregistry.connect.copy_image import inventory_of_source
from simregistry.connect.storage_folder import read_storage
from simregistry.oci.digest import Digest
from simregistry.registry.gc.inventory import Inventory
from simregistry.registry.gc.reports import abandoned, shares, shares_table, why
from simregistry.registry.products.collectors import COLLECTORS
from simregistry.study.sharing.sharing import Sharing


def describe(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to the parser."""
    gc = commands.add_parser("gc", help="say what a garbage collector would delete from a storage folder, and why")
    names = ["distribution-3", "distribution-2.8"]
    gc.add_argument("--collector", choices=names, default=names[0], help="which collector (default: %(default)s)")
    gc.add_argument("--delete-untagged", action="store_true", help="like the real collector's option of this name")
    gc.add_argument("--kept", action="store_true", help="also list what stays, with the references that keep it")
    gc.add_argument("--json", action="store_true", help="print one object for a program to read")
    gc.set_defaults(run=run_gc)
    why = commands.add_parser("why", help="say which tags keep a blob, and through which manifests")
    report = commands.add_parser("report", help="say what sharing saves, and which tags use which bytes")
    report.add_argument("--figure", metavar="FILE", help="write a picture of the shared layers to a file")
    for command in (gc, why, report):
        command.add_argument("path", help="the folder that the registry's configuration calls rootdirectory")
    report.description = "PATH may also be oci:DIR, docker-archive:FILE or storage:DIR."
    why.add_argument("digest", help="sha256: and its hexadecimal digits; the first few are enough")
    why.set_defaults(run=run_why)
    report.set_defaults(run=run_report)


def read_inventory(path: str) -> Inventory:
    """Read the inventory of a storage folder, with a progress bar on a terminal, or of an oci: or archive place."""
    if path.startswith(PLACES):
        return inventory_of_source(open_source(path)[0])
    shown = sys.stderr.isatty()
    inventory = read_storage(path.removeprefix("storage:"), progress_bar if shown else None)
    if shown:
        print(file=sys.stderr)
    return inventory


def progress_bar(step: str, done: int, whole: int) -> None:
    """Draw how far a step is, over the last bar."""
    filled = 30 * done // max(whole, 1)
    print(f"\r{step:<12} [{'#' * filled:<30}] {done:,}/{whole:,} ", end="", file=sys.stderr, flush=True)


def print_faults(inventory: Inventory) -> None:
    """Print on stderr what is wrong in a folder: it is left out, but never silently."""
    for fault in inventory.all_faults():
        print(f"note: {fault.place}: {fault.what}", file=sys.stderr)


def run_gc(arguments: argparse.Namespace) -> int:
    """Print the plan of a collection; return 1 if the real collector would give up."""
    inventory = read_inventory(arguments.path)
    plan = COLLECTORS[arguments.collector].plan(inventory, arguments.delete_untagged)
    if arguments.json:
        print(json.dumps(plan.to_json(), indent=1))
    else:
        print_faults(inventory)
        print(plan)
        if arguments.kept:
            print(f"\n{plan.kept_table()}")
    return 1 if plan.failed else 0


def run_why(arguments: argparse.Namespace) -> int:
    """Print the references that keep a blob, one path a line; return 1 if nothing keeps it."""
    inventory = read_inventory(arguments.path)
    digest = inventory.find(arguments.digest)
    paths = why(inventory, digest)
    for path in paths:
        print(" → ".join(step.short if isinstance(step, Digest) else step for step in path))
    if not paths:
        print(COLLECTORS["distribution-3"].plan(inventory, delete_untagged=True).why(digest))
    return 0 if paths else 1


def run_report(arguments: argparse.Namespace) -> int:
    """Print what sharing saves, the most shared layers, and the tags and repositories with most bytes of their own."""
    inventory = read_inventory(arguments.path)
    print_faults(inventory)
    sharing = Sharing.of_inventory(inventory)
    print(f"{len(inventory.blobs):,} blobs, {inventory.stored_bytes:,} bytes on the shelf\n")
    print(sharing.table(), end="\n\n")
    print("most shared layers", sharing.top(10), sep="\n", end="\n\n")
    print("tags whose deletion would free most (bytes only here)", shares_table(shares(inventory)[:10]), sep="\n")
    print("\nrepositories", shares_table(shares(inventory, by="repository")[:10]), sep="\n")
    print(f"\nuploads under way: {len(inventory.uploads)}, {sum(u.received for u in inventory.uploads):,} bytes")
    if inventory.uploads:
        print(abandoned(inventory, older_than=0, now=time.time()))
    if arguments.figure:
        # Imported here, because drawing is slow to load and no other command needs it.
        from simregistry.show.sharing_graph import sharing as draw_sharing

        view = draw_sharing(sharing)
        view.save(arguments.figure)
        print(f"\n{arguments.figure}: {view.sentence}")
    return 0
