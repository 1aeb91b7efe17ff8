"""The source files and their rooms, read without importing anything: what each file is about."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path

from docstrings import first_paragraph

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "simregistry"
# From the ground up. The files that are in no room's folder come first, under a name of their own.
ROOMS = ("oci", "registry", "client", "connect", "study", "show", "teach", "cli")
GROUND = "ground"
ON_THE_GROUND = "One error class per code of the specification, a table, and how a package offers its names."
INIT = "__init__.py"
DEFINED = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Item:
    """A public class or function of a file."""

    name: str
    line: int
    says: str


@dataclass(frozen=True)
class File:
    """A source file: its path from the root of the project, and its text."""

    path: str
    text: str

    @property
    def module(self) -> str:
        """Its name in an import."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def room(self) -> str:
        """The room that it is in."""
        folder = self.path.split("/")[1]
        return folder if folder in ROOMS else GROUND

    @property
    def folder(self) -> str:
        """Its folder, as a path from the root of the project."""
        return self.path.rpartition("/")[0]

    @property
    def page(self) -> str:
        """Its own page, with the source."""
        return f"source/{self.path}.html"

    @cached_property
    def tree(self) -> ast.Module:
        """The source, parsed."""
        return ast.parse(self.text, filename=self.path)

    @cached_property
    def says(self) -> str:
        """What its docstring says first."""
        return first_paragraph(ast.get_docstring(self.tree))

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Its public classes and functions."""
        public = (node for node in self.tree.body if isinstance(node, DEFINED) and not node.name.startswith("_"))
        return tuple(Item(node.name, node.lineno, first_paragraph(ast.get_docstring(node))) for node in public)

    @cached_property
    def lines(self) -> dict[str, int]:
        """The line of each name that it defines; a method is called ``Class.name``."""
        return dict(_lines(self.tree.body, ""))

    def address(self, name: str) -> str:
        """Return the address of a name's line, or the top of the page if the file does not define the name."""
        return f"{self.page}#L-{self.lines[name]}" if name in self.lines else self.page


def _lines(body: list[ast.stmt], within: str) -> Iterator[tuple[str, int]]:
    for node in body:
        if isinstance(node, DEFINED):
            yield within + node.name, node.lineno
        if isinstance(node, ast.ClassDef):
            yield from _lines(node.body, f"{within}{node.name}.")
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names = [name for target in targets if target for name in ast.walk(target) if isinstance(name, ast.Name)]
        yield from ((within + name.id, node.lineno) for name in names)


@dataclass(frozen=True)
class Folder:
    """A folder: its ``__init__`` says what it is, and then come its files."""

    path: str
    init: File
    files: tuple[File, ...]


@dataclass(frozen=True)
class Room:
    """A room: its name, and its folders."""

    name: str
    says: str
    folders: tuple[Folder, ...]

    @property
    def files(self) -> list[File]:
        """All its files."""
        return [file for folder in self.folders for file in folder.files]

    @property
    def title(self) -> str:
        """What its page is headed by: its folder, or the files on the ground."""
        return self.name if self.name != GROUND else ", ".join(file.path.split("/")[-1] for file in self.files)

    @property
    def page(self) -> str:
        """Its page."""
        return f"rooms/{self.name}.html"


def read_files() -> list[File]:
    """Read the package's files, those of a folder before those of the folders in it."""
    paths = sorted(PACKAGE.rglob("*.py"), key=lambda path: (path.parent.parts, path.name != INIT, path.name))
    return [File(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in paths]


def read_rooms(files: list[File]) -> list[Room]:
    """Sort the files into rooms, from the ground up."""
    rooms = []
    for name in (GROUND, *ROOMS):
        grouped = groupby((file for file in files if file.room == name), key=lambda file: file.folder)
        folders = tuple(Folder(path, init, tuple(others)) for path, (init, *others) in grouped)
        rooms.append(Room(name, ON_THE_GROUND if name == GROUND else folders[0].init.says, folders))
    return rooms
