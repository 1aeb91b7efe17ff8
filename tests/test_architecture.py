"""The rooms and their arrows, read from the source with ast: who may import whom, and what the core never does."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "simregistry"
SOURCES = sorted(PACKAGE.rglob("*.py"))

# From the ground up: a file imports from its own room and from rooms that stand earlier.
ROOMS = ["errors", "exports", "table", "oci", "registry", "client", "connect", "study", "show", "teach", "cli"]
CORE = {"errors", "exports", "table", "oci", "registry", "client"}

# What a room may import beside the standard library; a library comes into one room only.
LIBRARIES = {
    "connect": {"httpx", "tornado"},
    "study": {"numpy", "simpy"},
    "show": {"IPython", "ipywidgets", "matplotlib", "networkx", "numpy"},
    "cli": {"jupyterlab"},
}

# Imports that may stand inside a function of the core, as (file, module). None is needed.
LATE_IMPORTS: set[tuple[str, str]] = set()

# The core is told the time and handed its dice, reports and never prints, starts no thread and opens no socket.
HIDDEN_CLOCKS = {"time.time", "time.time_ns", "time.monotonic", "time.perf_counter", "time.sleep"}
HIDDEN_CLOCKS |= {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
HIDDEN_DICE = {"uuid.uuid1", "uuid.uuid4", "os.urandom"}
OUTSIDE = {"asyncio", "http.client", "http.server", "logging", "multiprocessing", "secrets", "socket", "subprocess"}
OUTSIDE |= {"concurrent", "threading", "urllib.request"}

LONGEST_FILE, LONGEST_FUNCTION = 300, 60


def name_of(path: Path) -> str:
    """A source's path as the messages give it: client/push.py."""
    return path.relative_to(PACKAGE).as_posix()


def room_of(path: Path) -> str:
    """The room a source stands in: its folder, or its own name at the top."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def tree_of(path: Path) -> ast.Module:
    """The source, parsed."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports_of(tree: ast.AST, path: Path) -> Iterator[str]:
    """The full names of all modules that a source imports, wherever in it the import stands."""
    here = ("simregistry", *path.relative_to(PACKAGE).with_suffix("").parts)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(here[: -node.level]) if node.level else ""
            module = ".".join(part for part in (above, node.module) if part)
            # `from simregistry import oci` and `from . import push` import the modules they name.
            yield from (f"{module}.{alias.name}" for alias in node.names) if module == "simregistry" else (module,)


def inner_rooms(path: Path) -> set[str]:
    """The rooms of this package that a source imports from."""
    names = (module.split(".") for module in imports_of(tree_of(path), path))
    return {parts[1] for parts in names if parts[0] == "simregistry" and len(parts) > 1}


def dotted(node: ast.expr) -> str:
    """The last two names of an expression such as datetime.datetime.now: "datetime.now"."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value).rpartition('.')[2]}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


core = pytest.mark.parametrize("path", [path for path in SOURCES if room_of(path) in CORE], ids=name_of)
every = pytest.mark.parametrize("path", SOURCES, ids=name_of)


@every
def test_every_source_stands_in_a_known_room(path):
    """A new room is put into the list, between the rooms it stands on and those that stand on it."""
    assert room_of(path) in {*ROOMS, "__init__"}


@every
def test_arrows_go_one_way(path):
    """A file imports from its own room and from rooms that stand earlier, never later."""
    room = room_of(path)
    earlier = CORE if room == "__init__" else {*ROOMS[: ROOMS.index(room) + 1]}
    assert inner_rooms(path) <= earlier, f"{name_of(path)} imports upwards: {inner_rooms(path) - earlier}"


@pytest.mark.parametrize("path", sorted((PACKAGE / "client").glob("*.py")), ids=name_of)
def test_only_the_transport_knows_the_registry(path):
    """A client talks to a registry through its transport alone, so that a real one can take its place."""
    assert path.name == "transport.py" or "registry" not in inner_rooms(path)


@every
def test_a_library_is_imported_in_its_own_room_only(path):
    """Beside the standard library a room imports what is listed for it, and the core nothing."""
    tops = {module.partition(".")[0] for module in imports_of(tree_of(path), path)}
    foreign = tops - set(sys.stdlib_module_names) - {"simregistry"}
    assert foreign <= LIBRARIES.get(room_of(path), set())


@core
def test_the_core_imports_at_the_top(path):
    """No import hides inside a function of the core: the arrows can be read from a file's first lines."""
    functions = (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    late = {(name_of(path), module) for function in functions for module in imports_of(function, path)}
    assert late <= LATE_IMPORTS


@core
def test_the_core_has_no_hidden_clock_dice_or_voice(path):
    """Time and chance are passed in, and nothing is printed: the same call gives the same values everywhere."""
    called = {dotted(node.func) for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)}
    dice = {name for name in called if name.startswith("random.")} - {"random.Random"}
    assert not dice | called & (HIDDEN_CLOCKS | HIDDEN_DICE | {"print", "input", "open"})


@core
def test_the_core_stays_inside_its_process(path):
    """The core imports nothing that starts a thread, opens a socket, logs, or draws its own chance."""
    imported = set(imports_of(tree_of(path), path))
    assert not (imported | {module.partition(".")[0] for module in imported}) & OUTSIDE


@core
def test_the_core_takes_clock_and_dice_by_their_modules(path):
    """`from time import time` would slip past the test above, so nothing is taken out of these modules by name."""
    taken = {
        (node.module, alias.name)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if node.module in {"time", "random", "uuid", "os"}
    }
    # uuid5 is a hash of a name: no chance in it.
    assert taken <= {("random", "Random"), ("uuid", "uuid5"), ("uuid", "NAMESPACE_URL")}


@every
def test_a_file_is_one_noun_or_verb(path):
    """A file over 300 lines holds two ideas."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@every
def test_a_function_can_be_read_at_once(path):
    """A function over 60 lines decides, does and tells all at once."""
    long = [
        f"{node.name} ({node.end_lineno - node.lineno + 1} lines)"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno >= LONGEST_FUNCTION
    ]
    assert not long
