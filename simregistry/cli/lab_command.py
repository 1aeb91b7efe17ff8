"""`simregistry lab`: find the lessons, and open the learner's copy of them in JupyterLab."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from simregistry.teach.working_copy import fresh_lesson, refresh

FIRST_LESSON = "00-start-here.ipynb"
# The learner's copy: a folder that git ignores in a checkout, and one of this name after an install.
IN_CHECKOUT, AFTER_INSTALL = "course", "simregistry-course"
SAVE_HOOK = "simregistry.cli.save_hook.twin_only"


def describe(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    lab = commands.add_parser("lab", help="open your copy of the course in JupyterLab, on the first lesson")
    lab.add_argument("--no-browser", action="store_true", help="print the address instead of opening a browser")
    lab.add_argument("--port", type=port, help="the port to listen on (default: 8888, or the next free one)")
    lab.add_argument("--ip", help="the address to listen on (default: localhost alone)")
    lab.add_argument(
        "--fresh", metavar="LESSON", action="append", default=[],
        help="start a lesson again, named by the beginning of its name, such as 05; your version is kept beside it",
    )  # fmt: skip
    lab.set_defaults(run=run_lab)


def port(text: str) -> int:
    """Read a port number, since Jupyter ends with a traceback when it gets a wrong one."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} isn't a port: a number from 1 to 65535")
    return int(text)


def lessons_folder() -> Path:
    """Find the lessons as the project stores them: beside the package in a checkout, else inside the package."""
    package = Path(__file__).parents[1]
    checkout = package.parent / "notebooks"
    return checkout if (checkout / FIRST_LESSON).is_file() else package / "_notebooks"


def course_folder(here: Path | None = None) -> Path:
    """Name the folder of the learner's copy: ``course`` in a checkout, else ``simregistry-course`` in this folder."""
    stored = lessons_folder()
    return stored.parent / IN_CHECKOUT if stored.name == "notebooks" else (here or Path.cwd()) / AFTER_INSTALL


def learners_course(fresh: Sequence[str] = ()) -> Path:
    """Bring the learner's copy up to date, say what they should know, and return its folder."""
    stored, folder = lessons_folder(), course_folder()
    for refreshed in refresh(stored, folder):
        if refreshed.line:
            print(refreshed.line)
    for beginning in fresh:
        lesson = fresh_lesson(stored, folder, beginning)
        kept = f"; yours is now {lesson.beside.name}" if lesson.beside else ""
        print(f"{lesson.path.name} is as new{kept}")
    return folder


def lab_arguments(arguments: argparse.Namespace, folder: Path) -> list[str]:
    """Build the arguments of JupyterLab."""
    # The first page is named by its address, not by its file, so that the address that Jupyter prints leads to it.
    first_page = f"--LabApp.default_url=/lab/tree/{FIRST_LESSON}"
    hook = f"--FileContentsManager.pre_save_hook={SAVE_HOOK}"
    command = [f"--ServerApp.root_dir={folder}", first_page, hook]
    if arguments.no_browser or not has_display():
        command.append("--no-browser")
    if arguments.port:
        command.append(f"--port={arguments.port}")
    if arguments.ip:
        command.append(f"--ip={arguments.ip}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # In a container everybody is root, and Jupyter would refuse to start.
        command.append("--allow-root")
    return command


def has_display() -> bool:
    """Say whether this machine can open a browser."""
    on_unix_desktop = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    return sys.platform in ("darwin", "win32") or on_unix_desktop


def run_lab(arguments: argparse.Namespace) -> int:
    """Open the course in JupyterLab, which prints the address."""
    from jupyterlab.labapp import LabApp

    folder = learners_course(arguments.fresh)
    print(f"Your copy of the course is in {folder}. Ctrl-C ends JupyterLab.", flush=True)
    # Run Jupyter in this process, so that a signal that ends the command also ends the server and its kernels.
    LabApp.launch_instance(argv=lab_arguments(arguments, folder))
    return 0
