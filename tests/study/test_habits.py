"""Five ways to write a Dockerfile: what each builds again, carries along, and sends."""

from __future__ import annotations

import pytest

from simregistry import Client, Registry
from simregistry.client.effects import Effect
from simregistry.study import habits


@pytest.mark.parametrize("habit", habits.DOCKERFILES)
def test_a_second_build_of_the_same_makes_nothing(habit):
    """Every step is a hit."""
    laptop = Client()
    habits.build(laptop, habit)
    assert habits.build(laptop, habit).built_bytes == 0


def test_the_order_of_steps_decides_what_a_line_of_code_costs():
    """Dockerfile best practices, "Leverage build cache": the installation is done again, or it is not."""
    careless, careful = (habits.rebuilt(habit, "a line of code") for habit in ("careless", "careful"))
    assert careless > habits.PACKAGES > careful
    assert habits.rebuilt("careful", "a requirement") > habits.PACKAGES
    assert habits.rebuilt("careful", "the base image") == habits.rebuilt("careful", "a requirement")
    assert [row[0] for row in habits.table().rows] == list(habits.CHANGES)


def test_a_removal_makes_an_image_larger_and_one_step_does_not_carry_the_sources():
    """image-spec layer.md, "Whiteouts": what is below stays."""
    laptop = Client()
    sizes = {habit: habits.build(laptop, habit).manifest.image_bytes for habit in ("messy", "tidy", "two stages")}
    assert sizes["messy"] - sizes["tidy"] > habits.SOURCES
    assert abs(sizes["tidy"] - sizes["two stages"]) < 1_000
    assert "tmp/sources.tar" not in laptop.rootfs("registry.example/messy:v1")
    trees = [laptop.rootfs(f"registry.example/{name}:v1") for name in ("messy", "tidy", "two-stages")]
    tools = [{path: entry.content for path, entry in tree.items() if entry.kind == "file"} for tree in trees]
    assert tools[0] == tools[1] == tools[2]


def test_the_cache_does_not_know_what_a_command_does():
    """The same text on the same state is a hit, whatever it would do today."""
    laptop = Client()
    habits.build(laptop, "careful")
    new = {habits.INSTALL: Effect({"usr/lib/python3/site-packages/flask.py": b"new"})}
    assert habits.build(laptop, "careful", effects=new).built_bytes == 0


def test_a_squashed_image_has_the_same_files_and_shares_nothing():
    """One layer, sent whole each time."""
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    sent = {}
    for version in ("v1", "v2"):
        habits.build(laptop, "careful", version)
        habits.squashed(laptop, f"registry.example/careful:{version}")
        for name in ("careful", "careful-squashed"):
            sent[name, version] = laptop.push(f"registry.example/{name}:{version}").sent_bytes
    whole, one = (laptop.rootfs(f"registry.example/{name}:v2") for name in ("careful", "careful-squashed"))
    assert {p: e.content for p, e in whole.items()} == {p: e.content for p, e in one.items()}
    assert sent["careful", "v2"] < 20_000 < 300_000 < sent["careful-squashed", "v2"]
