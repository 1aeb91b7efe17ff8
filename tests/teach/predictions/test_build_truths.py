"""What is so in the lesson on building is read off builds, pushes and images: other ones have another truth."""

from __future__ import annotations

import pytest

from simregistry import Client, Registry, RunEffect
from simregistry.study.examples import catalogue, step_orders
from simregistry.teach.predictions import build_truths
from simregistry.teach.predictions.all_predictions import find_prediction


class World:
    """A laptop and a registry."""

    def __init__(self) -> None:
        self.laptop = Client(registries=[Registry(step_orders.HOST)])

    def version(self, habit: str, version: str, **options):
        """Build a version and push it: both reports."""
        report = step_orders.build_in_order(self.laptop, habit, version, **options)
        return report, self.laptop.push(step_orders.image_name(habit, version))


@pytest.fixture
def world():
    """Version 1 in both orders is in the registry."""
    world = World()
    for habit in ("careless", "careful"):
        world.version(habit, "v1")
    return world


def options_of(key):
    """The options of a question."""
    return set(find_prediction(f"build.{key}").options)


def test_the_steps_that_ran_are_read_off_the_build(world):
    """Copy and installation, the copy alone, or none; the first of them has a row."""
    careless, careful = (world.version(habit, "v2")[0] for habit in ("careless", "careful"))
    install = f"RUN {step_orders.INSTALL}"
    assert build_truths.steps_again(careless) == {"COPY . /app/", install} <= options_of("steps-again")
    assert build_truths.steps_again(careful) == {"COPY . /app/"}
    assert build_truths.steps_again(world.version("careful", "v2")[0]) == frozenset()
    assert [build_truths.first_miss(report) for report in (careless, careful)] == [2, 4]


def test_the_bytes_of_a_push_come_with_the_numbers_of_wrong_beliefs(world):
    """What the code alone would cost, and the whole image; the other order is far below."""
    report, careless = world.version("careless", "v2")
    truth = build_truths.careless_push(careless, report)
    assert truth.right == careless.sent_bytes == truth.facts["code"] + truth.facts["repeated"]
    assert truth.facts["repeated"] > step_orders.PACKAGES and truth.facts["whole"] == careless.image_bytes
    assert truth.facts["code"] - truth.facts["layer"] == sum(blob.size for blob in careless.blobs[-2:])
    careful = build_truths.careful_push(world.version("careful", "v2")[1], careless)
    assert careful.right < 15_000 < 80_000 < truth.right == careful.facts["careless"]


def test_where_the_careful_order_costs_more_is_read_off_the_table():
    """A layer more, where both build everything above the base."""
    assert build_truths.careful_dearer(step_orders.table()) == {"a requirement", "the base image"}
    assert build_truths.careful_dearer(step_orders.table("a line of code")) == frozenset()
    assert set(step_orders.CHANGES) == options_of("careful-dearer")


def test_the_change_after_which_one_step_runs_is_read_off_the_builds():
    """A line of code, in the careful order; in the careless one no change runs a single step."""
    careful, careless = (
        {change: step_orders.build_after(habit, change) for change in step_orders.CHANGES}
        for habit in ("careful", "careless")
    )
    assert build_truths.single_step(careful) == "a line of code"
    assert build_truths.single_step({"twice": careless["a line of code"], "once": careful["a line of code"]}) == "once"
    assert set(step_orders.CHANGES) == options_of("single-step")


def test_the_release_is_read_off_the_image(world):
    """A hit keeps the old one, a build without the cache has the new one."""
    effects = {step_orders.INSTALL: RunEffect({step_orders.FLASK: 60_000, step_orders.JINJA: "the new release"})}
    name = step_orders.image_name("careful", "v3")
    world.version("careful", "v3", effects=effects)
    assert build_truths.new_release(world.laptop, name) == "the old one"
    world.version("careful", "v3", effects=effects, cache=False)
    assert build_truths.new_release(world.laptop, name) == "the new one"
    assert options_of("new-release") == {"the old one", "the new one"}


def test_the_ways_without_sources_are_found_in_the_layers(world):
    """Not by the files that a container sees: it sees them in none of the four."""
    step_orders.build_each_way(world.laptop)
    truth = build_truths.without_sources(world.laptop)
    assert truth.right == {"one RUN", "two stages"} < options_of("without-sources") == set(step_orders.WAYS)
    assert truth.facts["most"] - truth.facts["least"] > step_orders.SOURCES
    for habit in step_orders.WAYS.values():
        assert step_orders.ARCHIVE not in world.laptop.rootfs(step_orders.image_name(habit))


def test_a_squashed_image_is_compared_with_the_layered_one(world):
    """All of it is sent."""
    layered = world.version("careful", "v2")[1]
    for version in ("v1", "v2"):
        step_orders.squashed(world.laptop, step_orders.image_name("careful", version))
        push = world.laptop.push(f"{step_orders.HOST}/careful-squashed:{version}")
    truth = build_truths.squashed_push(push, layered)
    assert truth.right == push.image_bytes > 30 * truth.facts["layered"]


def test_layers_that_two_builds_share_are_counted_above_the_base():
    """None for the two builds of Python; all for a build and itself."""
    old, new = catalogue.rebuilds()[-2:]
    assert old.layers[0] == new.layers[0]
    truth = build_truths.real_rebuild(old, new)
    assert truth.right == 0 and truth.facts == {"all": 3, "one": 1, "before": 1_293_901, "after": 4_265_347, "top": 249}
    assert build_truths.real_rebuild(new, new).right == 3


def test_the_layer_with_the_password_is_found():
    """Whichever it is."""
    laptop = Client()
    for lines, row in (("", 1), ("RUN first\n", 2)):
        laptop.build("leaky:v1", f"FROM scratch\n{lines}COPY p /{build_truths.PASSWORD}\nRUN last\n", {"p": "x"})
        assert build_truths.leak(laptop.layers("leaky:v1")) == row
