"""`simregistry lab`: find the lessons, open them in JupyterLab."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

FIRST_LESSON = "00-start-here.ipynb"
COPIED_TO = "simregistry-course"


def describe(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    lab = commands.add_parser("lab", help="open the course in JupyterLab, on the first lesson")
    lab.add_argument("--no-browser", action="store_true", help="print the address instead of opening a browser")
    lab.add_argument("--port", type=port, help="the port to listen on (default: 8888, or the next free one)")
    lab.add_argument("--ip", help="the address to listen on (default: localhost alone)")
    lab.set_defaults(run=run_lab)


def port(text: str) -> int:
    """Read a port number; Jupyter itself would end with a traceback over a wrong one."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a number from 1 to 65535")
    return int(text)


def lessons_folder(here: Path | None = None) -> Path:
    """Find the lessons: beside the package in a checkout, else as a copy of the installed ones in this folder."""
    package = Path(__file__).parents[1]
    checkout = package.parent / "notebooks"
    if (checkout / FIRST_LESSON).is_file():
        return checkout
    target = (here or Path.cwd()) / COPIED_TO
    # What a learner has written is never overwritten: only lessons that are not there yet are copied.
    target.mkdir(exist_ok=True)
    installed = package / "_notebooks"
    for lesson in sorted(path for path in installed.rglob("*") if path.suffix in (".ipynb", ".md")):
        copy = target / lesson.relative_to(installed)
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(lesson, copy)
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
