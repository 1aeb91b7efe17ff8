"""The rooms and their arrows, read from the source with ast: who may import whom, and what the core never does."""

from __future__ import annotations

import ast
import re
import runpy
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path

import pytest
from one_test import one_test_of

from simregistry.exports import stub

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "simregistry"

# From the ground up: a file imports from its own room and from rooms that stand earlier.
ROOMS = ["errors", "exports", "table", "oci", "registry", "client", "connect", "study", "show", "teach", "cli"]
CORE = {"errors", "exports", "table", "oci", "registry", "client"}

# What a room may import beside the standard library; a library comes into one room only.
LIBRARIES = {
    "table": {"pandas"},
    "connect": {"httpx", "tornado"},
    "study": {"networkx", "numpy", "simpy"},
    "show": {"IPython", "anywidget", "ipywidgets", "matplotlib", "networkx", "numpy", "traitlets"},
    "cli": {"jupyterlab"},
}

# Imports that may stand inside a function of the core, as (file, module): pandas is not a dependency.
LATE_IMPORTS: set[tuple[str, str]] = {("table.py", "pandas")}

# The core is told the time and handed its dice, reports and never prints, starts no thread and opens no socket.
HIDDEN_CLOCKS = {"time.time", "time.time_ns", "time.monotonic", "time.perf_counter", "time.sleep"}
HIDDEN_CLOCKS |= {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
HIDDEN_DICE = {"uuid.uuid1", "uuid.uuid4", "os.urandom"}
OUTSIDE = {"asyncio", "http.client", "http.server", "logging", "multiprocessing", "secrets", "socket", "subprocess"}
OUTSIDE |= {"concurrent", "threading", "urllib.request"}

LONGEST_FILE, LONGEST_FUNCTION = 300, 60

# What a repository and a storage keep, and the methods that change a dict or a list in place.
KEPT = {"blobs", "manifests", "tags", "referrers", "ever_tagged", "repositories"}
# A client's image store has blobs of its own; here it goes by another name than `store`.
IMAGE_STORES = {("teach/levels/level_world.py", "other.blobs")}
IN_PLACE = {"add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "setdefault", "update"}

# A policy and a collector in each product's folder: the product is the rest of their name.
FILES_OF_A_PRODUCT = re.compile(r"registry/products/\w+/(policy|collector)\.py")
# The learner's parts are called what the real parts are called.
LEARNERS_PARTS = "teach/build_your_own/solutions.py"
# Each command of the command line describes its arguments and runs: one interface.
OF_A_COMMAND = {"describe", "run"}
# What is so in a lesson, and what one does there, is called by its key: push.broken-line is push_truths.broken_line.
OF_A_KEY = re.compile(r"teach/(predictions/\w+_truths|turns/\w+_turns)\.py")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """A source file of the package: its path as the messages give it, such as client/push.py, and its text."""

    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The source, parsed once for all rules."""
        return ast.parse(self.text, filename=self.name)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Everything in the source, wherever it stands."""
        return list(ast.walk(self.tree))

    @property
    def room(self) -> str:
        """The room it stands in: its folder, or its own name at the top."""
        return self.name.partition("/")[0].removesuffix(".py")

    @property
    def stem(self) -> str:
        """The file's name without its ending."""
        return self.name.rpartition("/")[2].removesuffix(".py")

    @cached_property
    def imports(self) -> set[str]:
        """The full names of all modules that it imports, wherever in it the import stands."""
        return set(imports_of(self.nodes, self.name))

    @property
    def inner_rooms(self) -> set[str]:
        """The rooms of this package that it imports from."""
        names = (module.split(".") for module in self.imports)
        return {parts[1] for parts in names if parts[0] == "simregistry" and len(parts) > 1}


def imports_of(nodes: Iterable[ast.AST], name: str) -> Iterator[str]:
    """The full names of the modules that some nodes of a source import."""
    here = ("simregistry", *name.removesuffix(".py").split("/"))
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(here[: -node.level]) if node.level else ""
            module = ".".join(part for part in (above, node.module) if part)
            # `from simregistry import oci` and `from . import push` import the modules they name.
            yield from (f"{module}.{alias.name}" for alias in node.names) if module == "simregistry" else (module,)


def dotted(node: ast.expr) -> str:
    """The last two names of an expression such as datetime.datetime.now: "datetime.now"."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value).rpartition('.')[2]}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


SOURCES = [
    Source(path.relative_to(PACKAGE).as_posix(), path.read_text(encoding="utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
]
every = one_test_of({source.name: (source,) for source in SOURCES})
core = one_test_of({source.name: (source,) for source in SOURCES if source.room in CORE})
client = one_test_of({source.name: (source,) for source in SOURCES if source.room == "client"})
outside_storage = one_test_of(
    {source.name: (source,) for source in SOURCES if not source.name.startswith("registry/storage/")}
)


@every
def test_every_source_stands_in_a_known_room(source: Source):
    """A new room is put into the list, between the rooms it stands on and those that stand on it."""
    assert source.room in {*ROOMS, "__init__"}


@every
def test_arrows_go_one_way(source: Source):
    """A file imports from its own room and from rooms that stand earlier, never later."""
    earlier = CORE if source.room == "__init__" else {*ROOMS[: ROOMS.index(source.room) + 1]}
    assert source.inner_rooms <= earlier, f"it imports upwards: {source.inner_rooms - earlier}"


@client
def test_only_the_transport_knows_the_registry(source: Source):
    """A client talks to a registry through its transport alone, so that a real one can take its place."""
    assert source.name == "client/transport.py" or "registry" not in source.inner_rooms


@every
def test_a_library_is_imported_in_its_own_room_only(source: Source):
    """Beside the standard library a room imports what is listed for it, and the core nothing."""
    tops = {module.partition(".")[0] for module in source.imports}
    foreign = tops - set(sys.stdlib_module_names) - {"simregistry"}
    assert foreign <= LIBRARIES.get(source.room, set())


@core
def test_the_core_imports_at_the_top(source: Source):
    """No import hides inside a function of the core: the arrows can be read from a file's first lines."""
    functions = (node for node in source.nodes if isinstance(node, Function))
    late = {module for function in functions for module in imports_of(ast.walk(function), source.name)}
    assert {(source.name, module) for module in late} <= LATE_IMPORTS


@core
def test_the_core_has_no_hidden_clock_dice_or_voice(source: Source):
    """Time and chance are passed in, and nothing is printed: the same call gives the same values everywhere."""
    called = {dotted(node.func) for node in source.nodes if isinstance(node, ast.Call)}
    dice = {name for name in called if name.startswith("random.")} - {"random.Random"}
    assert not dice | called & (HIDDEN_CLOCKS | HIDDEN_DICE | {"print", "input", "open"})


@core
def test_the_core_stays_inside_its_process(source: Source):
    """The core imports nothing that starts a thread, opens a socket, logs, or draws its own chance."""
    assert not (source.imports | {module.partition(".")[0] for module in source.imports}) & OUTSIDE


@core
def test_the_core_takes_clock_and_dice_by_their_modules(source: Source):
    """`from time import time` would slip past the test above, so nothing is taken out of these modules by name."""
    taken = {
        (node.module, alias.name)
        for node in source.nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if node.module in {"time", "random", "uuid", "os"}
    }
    # uuid5 is a hash of a name: no chance in it.
    assert taken <= {("random", "Random"), ("uuid", "uuid5"), ("uuid", "NAMESPACE_URL")}


def changed(node: ast.AST) -> Iterator[ast.expr]:
    """What a statement or a call changes: what it assigns to, deletes from, or calls a method of that changes it."""
    if isinstance(node, ast.Assign | ast.Delete):
        waiting = list(node.targets)
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        waiting = [node.target]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in IN_PLACE:
        waiting = [node.func.value]
    else:
        return
    for target in waiting:
        if isinstance(target, ast.Tuple | ast.List):
            waiting += target.elts
        elif isinstance(target, ast.Subscript | ast.Starred):
            # tags["v1"] = … changes tags.
            waiting.append(target.value)
        else:
            yield target


@outside_storage
def test_only_the_storage_writes_a_repository(source: Source):
    """Names are put in and taken out by the methods of Repository and Storage, so none is forgotten on the way.

    An object may change what is its own (`self.blobs`), and a client's image store is another thing (`store.blobs`).
    """
    kept = (node for node in source.nodes if isinstance(node, ast.Attribute) and dotted(node.value) != "self")
    reached_into = {ast.unparse(node) for node in kept if node.attr.removeprefix("_") in KEPT and node.attr[0] == "_"}
    written = {
        ast.unparse(target)
        for node in source.nodes
        for target in changed(node)
        if isinstance(target, ast.Attribute)
        and target.attr in KEPT
        and dotted(target.value) != "self"
        and not (target.attr == "blobs" and dotted(target.value).rpartition(".")[2] == "store")
        and (source.name, ast.unparse(target)) not in IMAGE_STORES
    }
    assert not reached_into | written, "it writes what a storage keeps; call a method of Repository or Storage"


@every
def test_a_file_is_one_noun_or_verb(source: Source):
    """A file over 300 lines holds two ideas."""
    assert len(source.text.splitlines()) <= LONGEST_FILE


@every
def test_a_function_can_be_read_at_once(source: Source):
    """A function over 60 lines decides, does and tells all at once."""
    long = [
        f"{node.name} ({node.end_lineno - node.lineno + 1} lines)"
        for node in source.nodes
        if isinstance(node, Function) and node.end_lineno - node.lineno >= LONGEST_FUNCTION
    ]
    assert not long


def repeated(places: Iterable[tuple[str, str]]) -> list[str]:
    """Say which names stand in more than one place, and where."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for name, place in places:
        by_name[name].append(place)
    return [f"{name}: {', '.join(found)}" for name, found in sorted(by_name.items()) if len(found) > 1]


def public(sources: Iterable[Source], kind: type | tuple[type, ...] | object) -> Iterator[tuple[str, str]]:
    """The public classes or functions that stand at the top of a source, each with its file."""
    for source in sources:
        names = (node.name for node in source.tree.body if isinstance(node, kind))
        yield from ((name, source.name) for name in names if not name.startswith("_"))


def repeated_stems(sources: Iterable[Source]) -> list[str]:
    """File names that two folders have; a package's own files and those of a product are meant to repeat."""
    files = (source for source in sources if not FILES_OF_A_PRODUCT.fullmatch(source.name))
    return repeated((source.stem, source.name) for source in files if source.stem not in {"__init__", "__main__"})


def repeated_classes(sources: Iterable[Source]) -> list[str]:
    """Public classes that two files define."""
    return repeated(public(sources, ast.ClassDef))


def repeated_functions(sources: Iterable[Source]) -> list[str]:
    """Public functions that two files define, but for the named exceptions."""
    return repeated(
        (name, place)
        for name, place in public(sources, Function)
        if place != LEARNERS_PARTS
        and not OF_A_KEY.fullmatch(place)
        and not (place.startswith("cli/") and name in OF_A_COMMAND)
    )


@pytest.mark.parametrize("repeats", [repeated_stems, repeated_classes, repeated_functions])
def test_a_public_name_means_one_thing(repeats):
    """Whoever searches for a file, a class or a function finds the one that is meant."""
    offenders = repeats(SOURCES)
    assert not offenders, "\n".join(["these names mean two things; rename one of each:", *offenders])


# A fault for each rule, as (rule, file, text): a rule that never complains holds nothing.
PLANTED = [
    (test_every_source_stands_in_a_known_room, "helpers/lists.py", ""),
    (test_arrows_go_one_way, "oci/digest.py", "from simregistry.registry.gc import mark"),
    (test_arrows_go_one_way, "show/charts.py", "from simregistry import teach"),
    (test_arrows_go_one_way, "__init__.py", "def late():\n    from .show import charts"),
    (
        test_only_the_transport_knows_the_registry,
        "client/push.py",
        "from simregistry.registry.registry import Registry",
    ),
    (test_only_the_transport_knows_the_registry, "client/build/cache.py", "import simregistry.registry.clock"),
    (test_a_library_is_imported_in_its_own_room_only, "oci/layer.py", "import numpy as np"),
    (test_a_library_is_imported_in_its_own_room_only, "study/fleet/cost.py", "from matplotlib import pyplot"),
    (test_the_core_imports_at_the_top, "oci/layer.py", "def pack():\n    import tarfile"),
    (test_the_core_has_no_hidden_clock_dice_or_voice, "registry/clock.py", "import time\nnow = time.time()"),
    (test_the_core_has_no_hidden_clock_dice_or_voice, "oci/layer.py", "import random\nrandom.shuffle([])"),
    (test_the_core_has_no_hidden_clock_dice_or_voice, "table.py", "print(1)"),
    (test_the_core_stays_inside_its_process, "client/push.py", "from concurrent.futures import Executor"),
    (test_the_core_takes_clock_and_dice_by_their_modules, "registry/clock.py", "from time import time as now"),
    *(
        (test_only_the_storage_writes_a_repository, "registry/mirror.py", text)
        for text in (
            "repository.manifests[digest] = manifest",
            "repository.tags = {}",
            "self.repository.tags, seen = {}, True",
            "repository.tags |= others",
            "repository.ever_tagged: bool = True",
            "del storage.repository(name).blobs[digest]",
            "del (self.storage.repositories[name])",
            "storage.repositories[name].manifests.pop(digest, None)",
            "repository.referrers.setdefault(subject, []).append(digest)",
            "held.referrers[subject].remove(digest)",
            "storage.repositories.update(others)",
            "storage.blobs = others",
            "size = repository._blobs[digest]",
        )
    ),
    (test_a_file_is_one_noun_or_verb, "oci/layer.py", "\n" * (LONGEST_FILE + 1)),
    (test_a_function_can_be_read_at_once, "oci/layer.py", "def pack():\n" + "    1\n" * LONGEST_FUNCTION),
]


@pytest.mark.parametrize(("rule", "name", "text"), PLANTED, ids=lambda value: getattr(value, "__name__", ""))
def test_each_rule_finds_its_offender(rule, name, text):
    """The rule as it is applied to each source, applied to one that breaks it."""
    with pytest.raises(AssertionError):
        rule.__wrapped__(Source(name, text))


def test_the_rule_of_one_writer_lets_readers_and_owners_be():
    """Who reads, who changes what is its own, and who fills a client's image store."""
    text = """
size = len(repository.blobs) + sum(repository.tags.count(tag) for tag in tags)
self.blobs[name] = content
client.store.blobs.update(fetched)
tags = dict(repository.tags)
tags.pop("v1")
repository.point_tag("v1", digest)
"""
    test_only_the_storage_writes_a_repository.__wrapped__(Source("registry/mirror.py", text))


def test_a_name_that_repeats_is_named_with_its_files():
    """Also where one of the two is an exception; private names and methods may repeat."""
    text = "class Scene:\n    def run(self): ...\n\ndef run(): ...\n\ndef _run(): ..."
    names = ["study/races/scene.py", "study/fleet/scene.py", "registry/products/ecr/policy.py", "registry/gc/policy.py"]
    sources = [Source(name, text) for name in [*names, "cli/scenes_command.py", LEARNERS_PARTS]]
    assert repeated_stems(sources) == ["scene: study/races/scene.py, study/fleet/scene.py"]
    assert repeated_stems([*sources, Source("cli/policy.py", "")])[0] == "policy: registry/gc/policy.py, cli/policy.py"
    assert repeated_functions(sources) == [f"run: {', '.join(names)}"]
    assert repeated_classes(sources) == [f"Scene: {', '.join([*names, 'cli/scenes_command.py', LEARNERS_PARTS])}"]


# The tables of exports: what a package offers to lessons, and the stub file that says the same to editors.

STUBS = runpy.run_path(str(ROOT / ".ci" / "stubs.py"), run_name="stubs")
TABLES = {name: (name, import_module(name).EXPORTS) for name in STUBS["PACKAGES"]}
each_table = one_test_of(TABLES)


def test_every_table_of_exports_has_a_stub():
    """A package with a table is in the list of `.ci/stubs.py`."""
    with_table = {
        ".".join(["simregistry", *source.name.split("/")[:-1]])
        for source in SOURCES
        if source.stem == "__init__" and re.search(r"^EXPORTS\b.*=", source.text, flags=re.MULTILINE)
    }
    assert with_table == set(TABLES)


@each_table
def test_every_exported_name_is_there(package, groups):
    """Each name of a table leads to what it names, and stands in one group."""
    names = [name for group in groups.values() for name in group]
    assert sorted(set(names)) == sorted(names)
    assert [name for name in names if not hasattr(import_module(package), name)] == []


@each_table
def test_an_exported_name_hides_no_module(package, groups):
    """A function called like a module beside it would be one or the other, by who imported first."""
    folder = ROOT.joinpath(*package.split("."))
    modules = {path.stem for path in folder.glob("*.py")} | {path.parent.name for path in folder.glob("*/__init__.py")}
    places = {name: place for group in groups.values() for name, place in group.items()}
    assert {name: places[name] for name in places.keys() & modules if places[name] != f"{package}.{name}"} == {}


@each_table
def test_a_stub_says_what_its_table_says(package, groups):
    """Else run `.ci/stubs.py`."""
    assert STUBS["stub_file"](package).read_text(encoding="utf-8") == stub(groups)


def test_the_rules_for_exports_find_their_offenders():
    """A name that leads nowhere, one that stands twice, one that hides a module, and a stub that is out of date."""
    nowhere = {"Trees": {"Elm": "simregistry.oci.digest:Elm"}}
    twice = {"A": {"Digest": "simregistry.oci.digest:Digest"}, "B": {"Digest": "simregistry.oci.digest:Digest"}}
    hiding = {"Rooms": {"oci": "simregistry.oci.digest:Digest"}}
    for rule, groups in [
        (test_every_exported_name_is_there, nowhere),
        (test_every_exported_name_is_there, twice),
        (test_an_exported_name_hides_no_module, hiding),
        (test_a_stub_says_what_its_table_says, hiding),
    ]:
        with pytest.raises(AssertionError):
            rule.__wrapped__("simregistry", groups)
