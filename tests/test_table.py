"""Tables print, export and go to pandas; every report turns into plain JSON values."""

from __future__ import annotations

import csv
import io
import json
import math
import pkgutil
import sys
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

import pytest

import simregistry
from simregistry import Client, Registry
from simregistry.connect.copy_image import CopyReport
from simregistry.errors import SimRegistryError
from simregistry.oci.digest import Digest
from simregistry.registry.gc.inventory import take_inventory
from simregistry.registry.products.distribution_3.collector import DISTRIBUTION_3
from simregistry.registry.products.product import product
from simregistry.registry.retention import Rule, dry_run, subjects_of
from simregistry.study.capstone.class_table import ClassEntry, ClassTable, FittedPolicy, HeldOut
from simregistry.study.capstone.policy_grid import Knobs
from simregistry.study.capstone.search import BestPolicy
from simregistry.study.capstone.team import Team
from simregistry.study.capstone.year import year
from simregistry.study.capstone.year_result import CapstoneWeek, Failure, YearResult
from simregistry.study.chunking.dedup_levels import dedup_levels
from simregistry.study.chunking.image_versions import ImageVersions
from simregistry.study.examples import webapp
from simregistry.study.examples.ci_year import CiWeek, CiYear
from simregistry.study.fleet.fleet import pull_all
from simregistry.study.parameter_grid.run_grid import run_grid
from simregistry.study.population import Hub, populate
from simregistry.study.products.choose import choose
from simregistry.study.products.compare import compare_products
from simregistry.study.published.all_figures import published
from simregistry.study.races.races import race
from simregistry.study.sharing.sharing import Sharing
from simregistry.study.timing.replay import bound, replay
from simregistry.study.timing.work import work_of_layers
from simregistry.table import ShowsTable, Table, TableReport, plain

DIGEST = Digest.of(b"a layer")
TABLE = Table(("blob", "bytes", "kept"), (("base", 300_634, True), ("top, small", None, False)), title="two blobs")


def transfers() -> list[TableReport]:
    """A build, a push of it with its conversation, a pull, and what the registry says of itself."""
    registry = Registry("registry.example")
    laptop, server = Client(registries=[registry]), Client(registries=[registry])
    built, pushed = webapp.build(laptop), laptop.push("registry.example/web:v1")
    pulled = server.pull("registry.example/web:v1")
    webapp.build(laptop, "v2")
    laptop.push("registry.example/web:v2")
    inventory = take_inventory(registry.storage)
    rules = (Rule("old builds", "delete", older_than=1.0), Rule("v1", "keep", tags="v1"))
    sharing = Sharing.of(registry)
    return [
        built, pushed, pulled, pushed.conversation, registry.storage_report(), sharing,
        sharing.pair("web:v1", "web:v2"), DISTRIBUTION_3.plan(inventory, delete_untagged=True),
        dry_run(inventory, subjects_of(inventory), rules, now=10.0), CopyReport("web:v1", DIGEST, 3, 400, 1, (DIGEST,)),
    ]  # fmt: skip


def studies() -> list[TableReport]:
    """A small result of every experiment."""
    work = work_of_layers([10_000_000, 500])
    versions = ImageVersions(versions=2, files=3, base_files=2)
    return [
        dedup_levels(versions.images(), compress=False), CiYear("keep all", (CiWeek(6, 3, 400, 300, 0),)),
        pull_all(3, [1_000_000]), run_grid(lambda a, b: a * b / 3, {"a": [1, 2], "b": [3.5]}),
        populate(Hub(images=40)).sharing(), choose("public_pull"), compare_products("delete-one-tag", ["ecr", "acr"]),
        product("ecr"), published(["engine-gives-up"]), race("retention that looks again").run(), bound(work),
        replay(work),
    ]  # fmt: skip


def years() -> list[TableReport]:
    """A year of the capstone, with every report over it."""
    failures = (Failure(2, "tester", "web:branch", DIGEST, "old builds: delete", 1, lost=True),)
    weeks = (CapstoneWeek(6, 3, 1, 10, 50),)
    result = YearResult((Rule("old builds", "delete"),), 1, 100, 7, (50, 110), weeks, failures)
    policy = BestPolicy(Knobs(5, 7, 8, 0), (1,), 77.5)
    return [
        result, result.score, policy, year(1, Team(days=56)), ClassTable((1,), (ClassEntry("mine", (result,)),)),
        HeldOut((FittedPolicy(policy, 80.0, 60.0),), (2,), 70.0),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def reports() -> list[TableReport]:
    """One value, at least, of every class of report."""
    return [*transfers(), *studies(), *years()]


def below(parent: type) -> set[type]:
    """All classes that build on one, once every module of the package is imported."""
    for module in pkgutil.walk_packages(simregistry.__path__, "simregistry."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    found, waiting = set(), [parent]
    while waiting:
        children = [child for child in waiting.pop().__subclasses__() if child.__module__.startswith("simregistry.")]
        found.update(children)
        waiting += children
    return found


def test_every_class_of_report_is_tried_here(reports):
    """A new report is put into the lists above; ``Transfer`` is what pushes and pulls have in common."""
    tried = {type(report).__name__ for report in reports}
    assert {cls.__name__ for cls in below(TableReport)} - tried == {"Transfer"}


def test_every_report_turns_into_plain_json_values(reports):
    """What comes back from JSON is equal: no digest, tuple or infinity was in it."""
    for report in reports:
        values = report.to_dict()
        assert json.loads(json.dumps(values, allow_nan=False)) == values, type(report).__name__
        assert values, type(report).__name__


def test_every_report_prints_its_table(reports):
    """In a terminal, as a repr, and in a notebook; a search that found nothing to show says so in a sentence."""
    for report in reports:
        shown = str(report.table()) if type(report).__name__ != "Exploration" else report.sentence
        assert str(report) == repr(report) == shown, type(report).__name__
        assert report._repr_html_().startswith(("<table>", "<p>")), type(report).__name__


def test_no_dataclass_prints_its_fields_in_the_place_of_its_table():
    """`@dataclass` writes a repr of its own unless it is told not to."""
    for cls in below(ShowsTable):
        assert cls.__repr__ is ShowsTable.__repr__, f"{cls.__name__} needs repr=False"


def test_a_class_without_a_table_shows_none():
    """And it's found out when the first value is made, not when somebody prints it."""

    class Nothing(ShowsTable):
        pass

    with pytest.raises(TypeError, match="table"):
        Nothing()


def test_a_report_has_its_figures_beside_its_fields(reports):
    """What it works out from its fields is what people ask for."""
    by_class = {type(report).__name__: report.to_dict() for report in reports}
    storage, pushed = by_class["StorageReport"], by_class["PushReport"]
    assert storage["saved_bytes"] == storage["logical_bytes"] - storage["stored_bytes"] > 0
    assert storage["layers"]["saving"] == storage["layers"]["saved_bytes"] / storage["layers"]["logical_bytes"]
    assert pushed["sent_bytes"] == sum(exchange["up"] for exchange in pushed["conversation"]["exchanges"])
    assert pushed["conversation"]["exchanges"][0]["request"] == "GET /v2/"
    assert by_class["Plan"]["collector"] == "distribution-3"


def test_plain_values_are_of_pythons_own_types():
    """A digest is a string like any other, and a set has an order."""
    assert type(plain(DIGEST)) is str
    assert plain({DIGEST: {"b", "a"}}) == {str(DIGEST): ["a", "b"]}
    assert plain([math.inf, -math.inf, math.nan, 1.5, True]) == [None, None, None, 1.5, True]


def test_bytes_are_told_by_digest_and_size():
    """A report is no place for a layer's content."""
    assert plain(b"a layer") == {"digest": DIGEST, "size": 7}


def test_a_function_is_no_data_and_a_view_is_no_figure():
    """A field that holds a function is left out, and so is a property that gives many values."""

    @dataclass(frozen=True)
    class Experiment:
        size: int
        compute: object = len

        @property
        def double(self) -> int:
            return 2 * self.size

        @property
        def several(self) -> list[int]:
            return [self.size]

    assert plain(Experiment(4)) == {"size": 4, "double": 8}


def test_what_has_no_plain_form_is_named():
    """With what its author can do."""
    with pytest.raises(TypeError, match=r"a complex has no plain form: give its class a to_json\(\)"):
        plain({"z": 1j})


def test_a_table_goes_over_its_rows():
    """And is true, however many rows it has: code asks whether a table is there, not whether it's empty."""
    assert list(TABLE) == [("base", 300_634, True), ("top, small", None, False)]
    assert Table(("blob",), ())


def test_records_name_each_cell():
    """Cells are values, not the strings that are printed."""
    assert TABLE.records()[0] == {"blob": "base", "bytes": 300_634, "kept": True}
    assert Table(("blob",), ()).records() == []


def test_records_refuse_to_lose_a_column():
    """Two equal names would be one key."""
    with pytest.raises(ValueError, match="two columns have one name: at, at"):
        Table(("at", "at"), ((1, 2),)).records()


def test_a_table_turns_into_plain_values():
    """Title, columns, rows, in the order in which they are printed."""
    table = Table(("blob", "digest"), (("base", DIGEST),), title="one blob").to_dict()
    assert table == {"title": "one blob", "columns": ["blob", "digest"], "rows": [["base", str(DIGEST)]]}
    assert json.loads(json.dumps(table)) == table


def test_csv_is_read_back_as_it_was_written():
    """A comma in a cell is no border of it, and numbers have no thousands separators."""
    assert list(csv.reader(io.StringIO(TABLE.to_csv()))) == [
        ["blob", "bytes", "kept"],
        ["base", "300634", "True"],
        ["top, small", "", "False"],
    ]


@pytest.fixture
def pandas(monkeypatch) -> ModuleType:
    """A pandas whose DataFrame is a tuple of what it was made from."""
    module = ModuleType("pandas")
    module.DataFrame = lambda rows, columns: (columns, rows)
    monkeypatch.setitem(sys.modules, "pandas", module)
    return module


def test_pandas_gets_columns_and_rows(pandas):
    """A report hands over the rows of its table."""
    copied = CopyReport("web:v1", DIGEST, 3, 400, 1)
    columns, rows = copied.to_dataframe()
    assert columns == ["image", "digest", "blobs copied", "bytes", "there already"]
    assert rows == [["web:v1", DIGEST.short, 3, 400, 1]]


def test_pandas_gets_a_grids_numbers_as_they_are(pandas):
    """Its table rounds them to three digits after the point."""
    result = run_grid(lambda a: a / 3, {"a": [1]})
    assert result.table().rows == ((1, "0.333"),)
    assert result.to_dataframe() == (["a", "value"], [[1, 1 / 3]])


def test_where_pandas_is_missing_the_error_says_what_to_install(monkeypatch):
    """It is not a dependency: whoever wants a DataFrame most often has it."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(SimRegistryError, match="run `pip install pandas`"):
        TABLE.to_dataframe()


def test_the_real_pandas_takes_a_table():
    """Numbers come out as numbers, and a column's name as it was."""
    frame = pytest.importorskip("pandas") and TABLE.to_dataframe()
    assert list(frame.columns) == list(TABLE.columns) and frame["bytes"].sum() == 300_634
