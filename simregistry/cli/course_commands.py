"""`simregistry course`, `progress` and `handouts`: the map of the course, a learner's progress, and a class's papers.

The exercises bring NumPy, and no other command should wait for it, so the functions import them.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from simregistry.cli.lab_command import course_folder, lessons_folder


def describe(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to the parser."""
    course = commands.add_parser("course", help="print the map of the course: lessons, exercises, levels, questions")
    course.add_argument("--json", action="store_true", help="print one object for a program to read")
    course.set_defaults(run=run_course)
    done = commands.add_parser("progress", help="say how far you are; nothing leaves this machine")
    done.add_argument("folder", nargs="?", type=Path, help="where your notebooks are (default: the course's own)")
    done.add_argument("--json", action="store_true", help="print one object for a program to read")
    done.set_defaults(run=run_progress)
    handouts = commands.add_parser("handouts", help="write student copies, keys, worksheets and nbgrader assignments")
    handouts.add_argument("--out", type=Path, default=Path("build/course"), help="the folder (default: build/course)")
    handouts.add_argument("--seed", type=seed, default=1, help="each seed gives different problems (default: 1)")
    handouts.set_defaults(run=run_handouts)


def seed(text: str) -> int:
    """Read a seed; argparse prints the error."""
    from simregistry.teach.problem import LARGEST_SEED

    if not (text.isascii() and text.isdecimal() and int(text) <= LARGEST_SEED):
        raise argparse.ArgumentTypeError(f"{text!r} isn't a seed: a whole number, 0 or more")
    return int(text)


def run_course(arguments: argparse.Namespace) -> int:
    """Print the map of the course."""
    from simregistry.teach import course_map

    course = course_map.course_map(lessons_folder())
    print(json.dumps(course.to_json(), indent=1) if arguments.json else course)
    return 0


def run_progress(arguments: argparse.Namespace) -> int:
    """Print what the learner tried and solved, lesson by lesson."""
    from simregistry.teach import course_map, progress

    path = progress.place(arguments.folder or course_folder())
    record = progress.read_progress(path)
    if arguments.json:
        print(json.dumps(progress.to_json(record), indent=1))
        return 0
    print(course_map.progress_table(record))
    if not any(record.values()):
        print(f"\nNothing yet. Each time you check an exercise, a quiz or a level, it is noted in {path.name}.")
    return 0


def run_handouts(arguments: argparse.Namespace) -> int:
    """Write student copies, keys, worksheets and assignments."""
    from simregistry.teach.handouts.sheet import read_folder
    from simregistry.teach.handouts.writing import write_handouts

    sheets = read_folder(lessons_folder() / "exercises" / "sources", arguments.seed)
    written = write_handouts(sheets, arguments.seed, arguments.out)
    tasks = sum(len(sheet.tasks) for sheet in sheets)
    print(f"{len(written)} files in {arguments.out}: {len(sheets)} sheets, {tasks} exercises, seed {arguments.seed}")
    return 0
