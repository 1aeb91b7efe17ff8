"""The command line: reads arguments, calls the rooms, prints."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import time
from importlib.metadata import version
from pathlib import Path

from simregistry.connect.storage_folder import NotAStorageFolder, read_storage
from simregistry.errors import InvalidValue
from simregistry.oci.digest import Digest
from simregistry.oci.messages import Exchange, shorten
from simregistry.registry.gc.collectors import COLLECTORS
from simregistry.registry.gc.inventory import Inventory
from simregistry.registry.gc.questions import abandoned, shares, shares_table, why
from simregistry.registry.registry import Registry
from simregistry.study.sharing import Sharing

FIRST_LESSON = "00-start-here.ipynb"
COPIED_TO = "simregistry-course"


def parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    top = argparse.ArgumentParser(prog="simregistry", description="A container registry to learn from.")
    top.add_argument("--version", action="version", version=f"simregistry {version('simregistry')}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    lab = commands.add_parser("lab", help="open the course in JupyterLab, on the first lesson")
    lab.add_argument("--no-browser", action="store_true", help="print the address instead of opening a browser")
    lab.add_argument("--port", type=port, help="the port to listen on (default: 8888, or the next free one)")
    lab.add_argument("--ip", help="the address to listen on (default: localhost alone)")
    lab.set_defaults(run=run_lab)
    storage_commands(commands)
    serve = commands.add_parser("serve", help="serve a registry in memory, for real clients to push to and pull from")
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine alone)")
    serve.add_argument("--port", type=port_or_any, default=5000, help="0 takes a free one (default: %(default)s)")
    serve.add_argument("--max-bytes", type=int, default=1 << 40, metavar="N", help="the most bytes of one upload")
    serve.add_argument("--tls-cert", metavar="FILE", help="speak TLS with this certificate")
    serve.add_argument("--tls-key", metavar="FILE", help="and this key")
    serve.set_defaults(run=run_serve)
    return top


def storage_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the commands over a registry's storage folder; none of them writes to it."""
    gc = commands.add_parser("gc", help="say what a garbage collector would delete from a storage folder, and why")
    names = ["distribution-3", "distribution-2.8"]
    gc.add_argument("--collector", choices=names, default=names[0], help="whose rules (default: %(default)s)")
    gc.add_argument("--delete-untagged", action="store_true", help="as the real collector's option of this name")
    gc.add_argument("--kept", action="store_true", help="list what stays as well, with the way that keeps it")
    gc.add_argument("--json", action="store_true", help="print one object for a program to read")
    gc.set_defaults(run=run_gc)
    why = commands.add_parser("why", help="say which tags keep a blob, and by which way")
    report = commands.add_parser("report", help="say what sharing saves, and whose bytes are whose")
    report.add_argument("--figure", metavar="FILE", help="write a picture of what is shared")
    for each in (gc, why, report):
        each.add_argument("path", help="the folder that the registry's configuration calls rootdirectory")
    why.add_argument("digest", help="sha256: and its hexadecimal digits; the first few are enough")
    why.set_defaults(run=run_why)
    report.set_defaults(run=run_report)


def port(text: str) -> int:
    """Read a port number; Jupyter itself would end with a traceback over a wrong one."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a number from 1 to 65535")
    return int(text)


def port_or_any(text: str) -> int:
    """Read a port number, or 0 for any that is free."""
    return 0 if text == "0" else port(text)


def run_serve(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM; prints the address, and a line for each exchange."""
    # A server needs libraries that no other command does.
    import asyncio
    import ssl

    from simregistry.connect import server as door

    tls = None
    if arguments.tls_cert or arguments.tls_key:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(arguments.tls_cert, arguments.tls_key)

    async def run() -> None:
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, ended.set)
        registry = Registry(arguments.host)
        limit = arguments.max_bytes
        served = door.serve(registry, arguments.host, arguments.port, max_bytes=limit, tls=tls, watch=print_exchange)
        print(f"serving at {'https' if tls else 'http'}://{served.address}/v2/ (Ctrl-C ends it)", flush=True)
        if arguments.host not in ("127.0.0.1", "::1", "localhost"):
            print("note: other machines can reach it, and nobody has to sign in", file=sys.stderr, flush=True)
        await ended.wait()
        await served.stop()

    asyncio.run(run())
    return 0


def print_exchange(exchange: Exchange) -> None:
    """Print one exchange in a line: what was asked, the answer, and body bytes up and down."""
    print(f"{shorten(exchange.request.line)} {exchange.status} ↑{exchange.up:,} ↓{exchange.down:,}", flush=True)


def lessons_folder(here: Path | None = None) -> Path:
    """Find the lessons: beside the package in a checkout, else as a copy of the installed ones in this folder."""
    package = Path(__file__).parent
    checkout = package.parent / "notebooks"
    if (checkout / FIRST_LESSON).is_file():
        return checkout
    target = (here or Path.cwd()) / COPIED_TO
    # What a learner has written is never overwritten: only lessons that are not there yet are copied.
    target.mkdir(exist_ok=True)
    for lesson in sorted((package / "_notebooks").glob("*.ipynb")):
        if not (target / lesson.name).exists():
            shutil.copy(lesson, target)
    return target


def lab_arguments(arguments: argparse.Namespace, folder: Path) -> list[str]:
    """Put together what JupyterLab is told."""
    # The first page by its address, not by its file: so the address that is printed leads to it as well.
    first_page = f"--LabApp.default_url=/lab/tree/{FIRST_LESSON}"
    command = [f"--ServerApp.root_dir={folder}", first_page]
    if arguments.no_browser or not has_display():
        command.append("--no-browser")
    if arguments.port:
        command.append(f"--port={arguments.port}")
    if arguments.ip:
        command.append(f"--ip={arguments.ip}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # In a container one is root, and Jupyter would refuse to start.
        command.append("--allow-root")
    return command


def has_display() -> bool:
    """Say whether a browser could be opened here."""
    on_unix_desktop = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    return sys.platform in ("darwin", "win32") or on_unix_desktop


def run_lab(arguments: argparse.Namespace) -> int:
    """Open the course; the address is printed by JupyterLab."""
    from jupyterlab.labapp import LabApp

    folder = lessons_folder()
    print(f"The lessons are in {folder}. Ctrl-C ends JupyterLab.", flush=True)
    # In this process: a signal that ends the command then ends the server and its kernels, not a parent of them.
    LabApp.launch_instance(argv=lab_arguments(arguments, folder))
    return 0


def inventory_of(path: str) -> Inventory:
    """Read a storage folder, with a bar on a terminal: a large one takes a while."""
    shown = sys.stderr.isatty()
    inventory = read_storage(path, progress_bar if shown else None)
    if shown:
        print(file=sys.stderr)
    return inventory


def progress_bar(step: str, done: int, whole: int) -> None:
    """Draw how far a step is, over what was drawn before."""
    filled = 30 * done // max(whole, 1)
    print(f"\r{step:<12} [{'#' * filled:<30}] {done:,}/{whole:,} ", end="", file=sys.stderr, flush=True)


def print_faults(inventory: Inventory) -> None:
    """Say on stderr what is not as it should be in a folder: it is passed over, never dropped unsaid."""
    for fault in inventory.all_faults():
        print(f"note: {fault.place}: {fault.what}", file=sys.stderr)


def run_gc(arguments: argparse.Namespace) -> int:
    """Plan a collection; 1 where the modelled collector would give up."""
    inventory = inventory_of(arguments.path)
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
    """Say what keeps a blob; 1 where nothing does."""
    inventory = inventory_of(arguments.path)
    digest = inventory.find(arguments.digest)
    ways = why(inventory, digest)
    for way in ways:
        print(" → ".join(step.short if isinstance(step, Digest) else step for step in way))
    if not ways:
        print(COLLECTORS["distribution-3"].plan(inventory, delete_untagged=True).why(digest))
    return 0 if ways else 1


def run_report(arguments: argparse.Namespace) -> int:
    """Print savings, the most shared layers, and the tags and repositories with most bytes of their own."""
    inventory = inventory_of(arguments.path)
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
        # Drawing is slow to load, and no other command needs it.
        from simregistry.show.sharing_graph import sharing as draw_sharing

        view = draw_sharing(sharing)
        view.save(arguments.figure)
        print(f"\n{arguments.figure}: {view.sentence}")
    return 0


def main(argv: list[str] | None = None) -> int:
    """Run a command; gives the exit status: 2 for what cannot be understood or read."""
    arguments = parser().parse_args(argv)
    try:
        status: int = arguments.run(arguments)
    except BrokenPipeError:
        # Whoever read the answer has seen enough (`| head`); Python would say so again when it closes its output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (NotAStorageFolder, InvalidValue, OSError) as error:
        print(f"simregistry: {error}", file=sys.stderr)
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main())
