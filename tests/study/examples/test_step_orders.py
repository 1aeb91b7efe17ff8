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
