"""Five ways to write a Dockerfile: what each builds again, carries along, and sends."""

from __future__ import annotations

import pytest

from simregistry import Client, Registry
from simregistry.client.build.run_effects import RunEffect
from simregistry.study.examples import step_orders


@pytest.mark.parametrize("habit", step_orders.DOCKERFILES)
def test_a_second_build_of_the_same_makes_nothing(habit):
    """Every step is a hit."""
    laptop = Client()
    step_orders.build_in_order(laptop, habit)
    assert step_orders.build_in_order(laptop, habit).built_bytes == 0


def test_the_order_of_steps_decides_what_a_line_of_code_costs():
    """Dockerfile best practices, "Leverage build cache": the installation is done again, or it is not."""
    careless, careful = (step_orders.rebuilt(habit, "a line of code") for habit in ("careless", "careful"))
    assert careless > step_orders.PACKAGES > careful
    assert step_orders.rebuilt("careful", "a requirement") > step_orders.PACKAGES
    assert step_orders.rebuilt("careful", "the base image") == step_orders.rebuilt("careful", "a requirement")
    assert [row[0] for row in step_orders.table().rows] == list(step_orders.CHANGES)


def pushed(habit: str, **options) -> list[int]:
    """The bytes that a push of version 1, and then of version 2, sends; ``options`` are those of both builds."""
    laptop = Client(registries=[Registry(step_orders.HOST)])
    sent = []
    for version in ("v1", "v2"):
        step_orders.build_in_order(laptop, habit, version, **options)
        sent.append(laptop.push(f"{step_orders.HOST}/{habit}:{version}").sent_bytes)
    return sent


def test_a_step_that_runs_again_is_pushed_again():
    """Version 2 differs in one line of code: 83 kB with the careless order, 12 kB with the careful one."""
    careless, careful = pushed("careless")[1], pushed("careful")[1]
    assert careless > step_orders.PACKAGES + len(step_orders.app_files()["app.py"]) > 6 * careful
    assert (careless, careful) == (83_349, 11_983)


def test_the_layers_that_are_compared_are_hardly_padded():
    """A tar has a header of 512 bytes a file and ends on a multiple of 10,240 bytes: little of that is empty here."""
    laptop = Client()
    step_orders.build_in_order(laptop, "careless")
    for layer in laptop.layers(f"{step_orders.HOST}/careless:v1")[1:]:
        needed = 1_024 + sum(512 + -(-len(entry.content) // 512) * 512 for entry in layer)
        assert 0 <= layer.size - needed < 1_024


def test_with_rewritten_times_the_careless_order_costs_as_little():
    """The installation runs again and leaves the same bytes."""
    sent = pushed("careless", build_args={"SOURCE_DATE_EPOCH": "0"})
    assert sent[1] < 12_000
    laptop = Client()
    step_orders.build_in_order(laptop, "careless", build_args={"SOURCE_DATE_EPOCH": "0"})
    again = step_orders.build_in_order(laptop, "careless", "v2", build_args={"SOURCE_DATE_EPOCH": "0"})
    assert again.built_bytes > step_orders.PACKAGES


def test_a_file_that_was_written_again_differs_in_its_day_alone():
    """Same size and content; in the careful order it is not written again."""
    laptop = Client()
    for habit, days in (("careless", ["1970-01-01", "1970-01-02"]), ("careful", ["1970-01-01"] * 2)):
        for version in ("v1", "v2"):
            step_orders.build_in_order(laptop, habit, version)
        names = [f"{step_orders.HOST}/{habit}:{version}" for version in ("v1", "v2")]
        one, two = step_orders.written(laptop, step_orders.FLASK, *names).rows
        assert one[1:3] == two[1:3] and [one[3], two[3]] == days


def test_a_removal_makes_an_image_larger_and_one_step_does_not_carry_the_sources():
    """image-spec layer.md, "Whiteouts": what is below stays."""
    laptop = Client()
    sizes = {
        habit: step_orders.build_in_order(laptop, habit).manifest.image_bytes
        for habit in ("messy", "tidy", "two stages")
    }
    assert sizes["messy"] - sizes["tidy"] > step_orders.SOURCES
    assert abs(sizes["tidy"] - sizes["two stages"]) < 1_000
    assert "tmp/sources.tar" not in laptop.rootfs("registry.example/messy:v1")
    trees = [laptop.rootfs(f"registry.example/{name}:v1") for name in ("messy", "tidy", "two-stages")]
    tools = [{path: entry.content for path, entry in tree.items() if entry.kind == "file"} for tree in trees]
    assert tools[0] == tools[1] == tools[2]


def test_the_cache_does_not_know_what_a_command_does():
    """The same text on the same state is a hit, whatever it would do today."""
    laptop = Client()
    step_orders.build_in_order(laptop, "careful")
    new = {step_orders.INSTALL: RunEffect({"usr/lib/python3/site-packages/flask.py": b"new"})}
    assert step_orders.build_in_order(laptop, "careful", effects=new).built_bytes == 0


def test_a_squashed_image_has_the_same_files_and_shares_nothing():
    """One layer, sent whole each time."""
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    sent = {}
    for version in ("v1", "v2"):
        step_orders.build_in_order(laptop, "careful", version)
        step_orders.squashed(laptop, f"registry.example/careful:{version}")
        for name in ("careful", "careful-squashed"):
            sent[name, version] = laptop.push(f"registry.example/{name}:{version}").sent_bytes
    whole, one = (laptop.rootfs(f"registry.example/{name}:v2") for name in ("careful", "careful-squashed"))
    assert {p: e.content for p, e in whole.items()} == {p: e.content for p, e in one.items()}
    assert sent["careful", "v2"] < 20_000 < 300_000 < sent["careful-squashed", "v2"]
