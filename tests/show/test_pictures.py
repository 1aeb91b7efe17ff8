"""Pictures: sentence, table and figure from the same numbers, nothing cut off, no two labels on top of each other."""

from __future__ import annotations

import io
import itertools
from html import escape

import pytest
from matplotlib import rcParams
from PIL import Image

from simregistry.client.client import Client
from simregistry.oci.messages import Conversation, Exchange, Request, Response
from simregistry.registry.gc.inventory import take_inventory
from simregistry.registry.products.distribution_2_8.collector import DISTRIBUTION_2_8
from simregistry.registry.registry import Registry
from simregistry.registry.retention import Rule
from simregistry.show import (
    byte_meter,
    catalogue_stacks,
    collection,
    compression_orders,
    fleets,
    freed,
    gantt,
    grid_lines,
    growth,
    kept_by_chunk_size,
    kept_by_level,
    layer_stacks,
    merkle,
    published_beside_computed,
    ratios_by_images,
    savings,
    schedules,
    scoreboard,
    sequence,
    sharing,
    storage_over_time,
)
from simregistry.show.sharing_graph import clusters_of
from simregistry.study import fleet, published, run_grid, timing
from simregistry.study.chunking import FastCdc, ImageVersions, dedup_levels
from simregistry.study.examples import catalogue
from simregistry.study.examples.ci_year import Builds, ci_year
from simregistry.study.examples.small_images import SmallImage, SmallIndex, push_small
from simregistry.study.parameter_grid import experiments
from simregistry.study.population import Hub, populate
from simregistry.study.products.compare import HOW_SURE, compare_products
from simregistry.study.products.scenarios import SCENARIOS
from simregistry.study.races.races import race
from simregistry.study.sharing.sharing import Sharing

DOCKERFILE = "FROM scratch\nCOPY base /\nRUN pip install flask\nCOPY app.py /app/\n"
FOUR = [catalogue.find(name) for name in ("python:3.13", "python:3.12", "golang:1.27-trixie", "node:24")]


@pytest.fixture(scope="module")
def world():
    """A registry with two versions of an app, the client that pushed them, and the second push."""
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    for version in ("v1", "v2"):
        laptop.build(f"registry.example/app:{version}", DOCKERFILE, {"base": "b" * 9000, "app.py": version})
        push = laptop.push(f"registry.example/app:{version}")
    return registry, laptop, push


@pytest.fixture(scope="module")
def views(world):
    """One of each picture, small and large."""
    registry, laptop, push = world
    amd64, arm64 = (SmallImage.of_store(laptop.store, f"registry.example/app:{version}") for version in ("v1", "v2"))
    both = registry.copy()
    push_small(both, "app", "multi", SmallIndex.of_platforms({"linux/amd64": amd64, "linux/arm64": arm64}))
    return {
        "sharing of 4": sharing(Sharing.of_images(FOUR)),
        "sharing of 53": sharing(Sharing.of_images(catalogue.images())),
        "sharing of 2": sharing(registry),
        "sharing of 0": sharing(Registry()),
        "savings of 4": savings(Sharing.of_images(FOUR)),
        "savings of 53": savings(Sharing.of_images(catalogue.images())),
        "stack": layer_stacks(laptop, "registry.example/app:v1"),
        "stacks": layer_stacks(laptop, "registry.example/app:v1", "registry.example/app:v2"),
        "real stacks": catalogue_stacks(*FOUR[:2]),
        "merkle": merkle(registry, "app:v1"),
        "merkle of an index": merkle(both, "app:multi"),
        "meter": byte_meter(push, registry),
        "sequence": sequence(push.conversation, "push of v2"),
        "broken": sequence(Conversation((Exchange(Request("GET", "/v2/"), None),))),
        **cleaning_up(both),
        **time_and_scale(),
        **below_the_layer(),
        "scoreboard": scoreboard([compare_products(name) for name in SCENARIOS]),
        "scoreboard of two": scoreboard([compare_products("race", ["ecr", "distribution-3"])]),
        "long": sequence(Conversation((Exchange(Request("GET", "/v2/"), Response(200)),) * 60)),
    }


def cleaning_up(registry):
    """The pictures of collecting."""
    inventory, nothing = take_inventory(registry.storage), take_inventory(Registry().storage)
    plan = DISTRIBUTION_2_8.plan(inventory, delete_untagged=True)
    years = [
        ci_year("nothing", None, Builds(days=84)),
        ci_year("ten", [Rule("n", "delete", newest=10)], Builds(days=84)),
    ]
    return {
        "collection 1": collection(plan, 1),
        "collection 4": collection(plan, 4),
        "collection of nothing": collection(DISTRIBUTION_2_8.plan(nothing)),
        "freed": freed(inventory),
        "freed of nothing": freed(nothing),
        "year": storage_over_time(years),
        "losing schedules": schedules(race("stop the world, but nobody stops").run()),
        "safe schedules": schedules(race("read-only mode").run()),
    }


def time_and_scale():
    """The pictures of the lessons on time and fleets: real pulls, fleets, a sweep, hubs, and published figures."""
    python = timing.work_of_image("python:3.13")
    grid = {"machines": [1, 10, 100], "way": ["registry", "cache", "peers"]}
    ways = [fleet.pull_all(40, [30_000_000, 90_000_000], way) for way in fleet.WAYS]
    return {
        "gantt": gantt(timing.replay(python)),
        "gantt with waits": gantt(timing.replay(python, faults={python.chains[2].name: 2})),
        "gantt of many": gantt(timing.replay(timing.work_of_layers([10**6] * 50))),
        "gantt of nothing": gantt(timing.replay(timing.Work((), ()))),
        "fleets": fleets(ways),
        "one fleet": fleets(ways[:1]),
        "mirror alone": fleets(ways[1:2]),
        "sweep": grid_lines(run_grid(experiments.fleet_seconds, grid), "machines", "seconds", "way", "s"),
        "sweep of one": grid_lines(
            run_grid(experiments.pull_seconds, {"size": [1000], "layers": [1, 2]}), "layers", "seconds"
        ),
        "growth": growth({"a hub": populate(Hub(images=300)).sharing()}),
        "figures": published_beside_computed(
            published.published(["update-redis", "update-alpine", "engine-gives-up", "nydus-zran"])
        ),
    }


def below_the_layer():
    """The pictures of the lesson “Beyond layers”."""
    family = dedup_levels(ImageVersions(versions=4, files=8, base_files=8).images())
    six = {
        size: dedup_levels(ImageVersions(versions=3, files=6).images(), {"c": FastCdc(size)}, compress=False)
        for size in (256, 4096)
    }
    return {
        "kept": kept_by_level(family), "orders": compression_orders(family), "ratios": ratios_by_images(family), "sizes": kept_by_chunk_size(six, "c"),
        "ratios of one": ratios_by_images(dedup_levels(ImageVersions(versions=1).images(), compress=False)),
    }  # fmt: skip


NAMES = [
    "sharing of 4", "sharing of 53", "sharing of 2", "sharing of 0", "savings of 4", "savings of 53", "stack", "stacks",
    "real stacks", "merkle", "merkle of an index", "meter", "sequence", "broken", "long",
    "collection 1", "collection 4", "collection of nothing", "freed", "freed of nothing", "year", "losing schedules",
    "safe schedules", "gantt", "gantt with waits", "gantt of many", "gantt of nothing", "fleets", "one fleet",
    "mirror alone", "sweep", "sweep of one", "growth", "figures", "kept", "orders", "ratios",
    "sizes", "ratios of one", "scoreboard", "scoreboard of two",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_no_label_lies_on_another_or_off_the_page(views, name):
    """The boxes of all texts, as they are drawn."""
    figure = views[name].figure()
    renderer = figure.canvas.get_renderer()
    texts = [
        t
        for axes in figure.axes
        for t in [*axes.texts, *(axes.get_yticklabels() if axes.axison else [])]
        if t.get_text()
    ]
    boxes = [(t.get_text(), t.get_window_extent(renderer).shrunk(0.96, 0.8)) for t in texts]
    width, height = figure.canvas.get_width_height()
    for text, box in boxes:
        assert box.x0 >= 0 and box.x1 <= width and box.y0 >= 0 and box.y1 <= height, f"{text!r} is cut off"
    for (one, a), (other, b) in itertools.combinations(boxes, 2):
        assert not a.overlaps(b), f"{one!r} lies on {other!r}"


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_has_a_sentence_and_is_a_thousand_pixels_wide(views, name):
    """The sentence is its text and its caption; the alternative text is short, and says what kind of picture it is."""
    view = views[name]
    data = view._repr_mimebundle_()
    assert set(data) == {"text/plain", "text/html"} and data["text/plain"] == repr(view)
    assert f"<figcaption>{escape(view.sentence)}</figcaption>" in data["text/html"]
    assert f'alt="{view.alt}"' in data["text/html"] and 3 <= len(view.alt.split()) <= 12
    assert view.sentence.endswith(".")
    assert Image.open(io.BytesIO(view.png())).width == 1000


def test_the_same_view_is_the_same_picture(views):
    """No date, no dice."""
    assert views["sharing of 53"].png() == views["sharing of 53"].png()


def test_drawing_leaves_no_trace(views):
    """The reader's own settings of matplotlib stay as they are."""
    before = dict(rcParams)
    views["meter"].png()
    assert dict(rcParams) == before


def test_a_picture_can_be_saved(views, tmp_path):
    """As PNG."""
    views["meter"].save(tmp_path / "meter.png")
    assert (tmp_path / "meter.png").read_bytes() == views["meter"].png()


def test_the_numbers_in_sentence_and_table_are_those_of_the_result(views, world):
    """Computed, not written."""
    _registry, _laptop, push = world
    assert "8,882,642,570 bytes; stored: 5,694,677,530; saved: 35.9%" in views["sharing of 53"].sentence
    assert views["savings of 53"].table.rows[0][1] == 8_882_642_570
    assert f"{push.sent_bytes:,} sent" in views["meter"].sentence
    assert views["stacks"].sentence.startswith(
        "registry.example/app:v1, registry.example/app:v2: 4 different layers; 2 are"
    )
    assert [row[0] for row in views["merkle"].table.rows] == ["tag", "manifest", "config", "layer", "layer", "layer"]
    shared_base = [row for row in views["merkle of an index"].table.rows if "," in row[3]]
    assert len(shared_base) == 2


def test_every_cell_of_the_scoreboard_says_how_sure_it_is(views):
    """A word in the table, a mark in the picture, and a legend in words."""
    view = views["scoreboard"]
    assert view.sentence.endswith("Of 56 cells, 35 documented, 13 inferred, 8 not said.")
    cells = [cell for row in view.table for cell in row[1:]]
    assert [sum(word in cell for cell in cells) for word in HOW_SURE] == [35, 13, 8]
    assert all(cell.count("(") == (cell != "not said") for cell in cells)
    drawn = [text.get_text() for axes in view.figure().axes for text in axes.texts]
    assert [drawn.count(mark) for mark in "●◐○"] == [35, 13, 8]
    assert [text for text in drawn if text.startswith(("●  ", "◐  ", "○  "))] == [
        f"{mark}  {word}: {means}" for mark, (word, means) in zip("●◐○", HOW_SURE.items(), strict=True)
    ]


def test_clusters_hang_together_by_more_than_crumbs():
    """The empty WORKDIR layer of 32 bytes joins nothing."""
    found = Sharing.of_images(catalogue.images())
    clusters = clusters_of(found, found.to_networkx())
    assert sorted(i.name for c in clusters for i in c) == sorted(i.name for i in catalogue.images())
    by_name = {i.name: n for n, c in enumerate(clusters) for i in c}
    assert by_name["python:3.13"] == by_name["rust:1"] != by_name["python:3.13-slim"]
