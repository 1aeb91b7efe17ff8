"""Stacks are pushed, taken out and followed: what is shown is what a real registry and the catalogue say."""

from __future__ import annotations

from itertools import combinations

import pytest
from explorer_page import open_explorer

from simregistry.errors import InvalidValue
from simregistry.registry.registry import Registry
from simregistry.show.explorers.stack_columns import BARS, BASE, LEAST, TOP, NamedStack, fitting_scale
from simregistry.show.explorers.stack_explorer import BELOW, SHOWN, stack_explorer
from simregistry.study import catalogue
from simregistry.study.examples.small_images import SmallImage, nominal_layer, push_small
from simregistry.study.sharing.sharing import Sharing

# Two ways to the goal, as numbers of stacks.
BUILT_ON_DEBIAN = (0, 3, 6, 7)
TWO_PAIRS = (1, 5, 6, 7)


def with_pushed(numbers):
    """An explorer with some of its stacks pushed."""
    explorer = stack_explorer()
    for number in numbers:
        explorer.hand("toggle", f"image-{number}")
    return explorer


def small_registry() -> Registry:
    """Two images on one base, and one that shares nothing."""
    registry = Registry("registry.example")
    base, layers = nominal_layer("base", 300_000), {"a": 250, "b": 90_000}
    for name, size in layers.items():
        push_small(registry, name, "v1", SmallImage.of_nominal([base, nominal_layer(name, size)]))
    push_small(registry, "c", "v1", SmallImage.of_nominal([nominal_layer("c", 10_000)]))
    return registry


@pytest.mark.parametrize("numbers", [(0,), (2, 4), BUILT_ON_DEBIAN, TWO_PAIRS, tuple(range(9))])
def test_the_bars_and_the_colours_are_what_a_registry_reports(numbers):
    """A registry that catalogue.load filled says the same; so do the layers by their colours."""
    explorer = with_pushed(numbers)
    names = [SHOWN[number] for number in numbers]
    report = catalogue.load(Registry("docker.io"), names).storage_report().layers
    assert explorer.figures() == report
    scene = explorer.draw()
    long = 540 / explorer.longest
    assert scene.mark("brought-stored").width == pytest.approx(report.stored_bytes * long)
    colours = {0: 0, 1: 0, None: 0}
    for number, stack in enumerate(explorer.stacks):
        for level, layer in enumerate(stack.layers):
            colours[scene.mark(f"layer-{number}-{level}").colour] += layer.size
    assert (colours[0], colours[1]) == (report.stored_bytes, report.saved_bytes)
    assert scene.table is not None and scene.table.rows[-1][3:5] == (report.logical_bytes, report.stored_bytes)


def test_what_is_taken_out_leaves_no_trace():
    """The figures are those of the images that are left; the axis stays."""
    explorer = with_pushed((3, 6, 7))
    ticks = [mark for mark in explorer.draw().marks if mark.id.startswith("tick")]
    explorer.hand("toggle", "image-3")
    assert explorer.figures() == with_pushed((6, 7)).figures()
    assert [mark for mark in explorer.draw().marks if mark.id.startswith("tick")] == ticks
    assert explorer.hand("again").table is None and explorer.figures().logical_bytes == 0


def test_the_goal_is_reached_by_the_few_fours_that_share_enough():
    """Of all fours, counted from the catalogue alone; three or five images do not count."""
    good = []
    for four in combinations(range(len(SHOWN)), 4):
        figures = Sharing.of_images([catalogue.find(SHOWN[number]) for number in four]).figures
        good += [four] if figures.stored_bytes < BELOW * figures.logical_bytes else []
    assert good == [BUILT_ON_DEBIAN, TWO_PAIRS]
    assert all(with_pushed(four).draw().reached for four in good)
    assert not with_pushed((3, 6, 7)).draw().reached and not with_pushed((2, 3, 6, 7)).draw().reached
    assert not with_pushed((2, 0, 3, 6, 7)).draw().reached


def test_a_chosen_layer_is_lit_in_every_stack_that_has_it_and_in_no_other():
    """Two layers of one size are two layers; a second time ends it."""
    explorer = stack_explorer()
    scene = explorer.hand("choose", "layer-6-0")
    digest = catalogue.find("ruby:3.3").layers[0].digest
    having = {number for number, name in enumerate(SHOWN) if digest in {x.digest for x in catalogue.find(name).layers}}
    assert {mark.id for mark in scene.marks if mark.look == "lit"} == {f"layer-{number}-0" for number in having}
    assert "It is in 4 of the 9 images: debian:trixie, golang:1.27-trixie, ruby:3.3, ruby:3.4." in scene.says
    # gcc:14 has a layer of the very same size that is another layer.
    assert scene.mark("layer-2-0").look == "dim" and scene.mark("layer-2-0").label == scene.mark("layer-6-0").label
    assert not [mark for mark in explorer.hand("choose", "layer-7-0").marks if mark.look in ("lit", "dim")]
    assert "Only gcc:14 has it." in explorer.hand("choose", "layer-2-0").says


def test_the_last_stack_can_be_any_other_image_and_fits():
    """Every image of the catalogue fits below the legend; what was pushed of the old one goes."""
    explorer = with_pushed((0, 8))
    for image in catalogue.images():
        if image.name in SHOWN[:-1]:
            continue
        scene = explorer.hand("last", value=image.name)
        top = scene.mark(f"layer-8-{len(image.layers) - 1}")
        assert top.y >= TOP - 0.01 and min(m.height for m in scene.marks if m.id.startswith("layer-")) >= LEAST
    assert explorer.pushed == ["debian:trixie"]
    assert explorer.hand("last", value="wordpress:php8.4-apache").mark("name-8-2").label == "apache"
    # Neither one of the other stacks nor what is no image.
    for nonsense in (SHOWN[0], "nothing:v1", 7):
        explorer.hand("last", value=nonsense)
    assert explorer.stacks[-1].name == "wordpress:php8.4-apache"


def test_heights_are_in_proportion_except_the_least():
    """A layer of 250 bytes can be seen; larger ones keep the ratio of their bytes."""
    explorer = stack_explorer(small_registry())
    scene = explorer.draw()
    assert [stack.name for stack in explorer.stacks] == ["a:v1", "b:v1", "c:v1"]
    assert scene.mark("layer-0-1").height == LEAST and scene.mark("layer-0-1").y + LEAST < BASE < BARS
    ratio = scene.mark("layer-1-1").height / scene.mark("layer-1-0").height
    assert ratio == pytest.approx(90_000 / 300_000)
    assert [control.id for control in scene.controls] == ["again"] and scene.goal.startswith("Push three images")
    assert fitting_scale([NamedStack("empty:v1", ())]) > 0


@pytest.mark.parametrize("images", [(), ("alpine:3.24", "alpine:3.24"), (*SHOWN, "rust:1", "redis:8")])
def test_what_cannot_be_shown_says_how_many_can(images):
    """No image, one twice, or eleven."""
    with pytest.raises(InvalidValue, match="show one to 10 images"):
        stack_explorer(images)


@pytest.mark.parametrize("id", ["", "image-", "image-99", "layer-0", "layer-0-99", "layer-99-0", "image-٣", "x-1-2-3"])
def test_a_page_may_send_nonsense(id):
    """Nothing happens."""
    explorer = stack_explorer()
    first = explorer.draw()
    assert explorer.hand("toggle", id) == explorer.hand("choose", id) == first


def test_the_first_frame_tells_nothing_of_what_is_shared():
    """No layer has a colour, and no sum is there, before a hand does something: the stored twin is that frame."""
    scene = stack_explorer().draw()
    assert {mark.colour for mark in scene.marks if mark.id.startswith("layer-")} == {None}
    assert scene.table is None and not scene.reached


def test_by_pointer_the_goal_is_reached(browser):
    """Follow a layer, push the four images that have it; nothing is asked of any network."""
    shown = open_explorer(browser, stack_explorer())
    shown.page.locator("[data-id='layer-6-0']").click()
    shown.page.get_by_text("It is in 4 of the 9 images").wait_for()
    for number in BUILT_ON_DEBIAN:
        shown.page.locator(f"[data-id='image-{number}']").click()
        shown.page.get_by_text(f"{SHOWN[number]} has").wait_for()
    shown.page.get_by_text("✓ Done.").wait_for()
    assert "4 images take 1.2 GB without sharing. The registry stores 633 MB, which is 52.6%." in shown.says()
    shown.page.get_by_label("The last stack").select_option("rust:1")
    shown.page.get_by_text("The last stack is rust:1 now").wait_for()
    assert shown.requests == [] and shown.errors == []


def test_by_keyboard_alone_the_goal_is_reached(browser):
    """Tab, arrow keys, Enter; a layer is reached from its image, and the focus stays where it was."""
    shown = open_explorer(browser, stack_explorer())
    shown.tab_into_picture()
    keys = shown.page.keyboard
    assert shown.focused().startswith("debian:trixie, 49.3 MB in 1 layer")
    keys.press("ArrowUp")
    assert shown.focused() == "layer 1 of debian:trixie, 49.3 MB, not in the registry"
    keys.press("Enter")
    shown.page.get_by_text("It is in 4 of the 9 images").wait_for()
    assert shown.focused().endswith("not in the registry, chosen")
    keys.press("ArrowDown")
    for number, name in enumerate(SHOWN[:8]):
        assert shown.focused().startswith(name)
        if number in BUILT_ON_DEBIAN:
            keys.press("Enter")
            shown.page.get_by_text(f"{name} has").wait_for()
        keys.press("ArrowRight")
    shown.page.get_by_text("✓ Done.").wait_for()


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_serious_is_found_and_no_label_overlaps(browser, axe, dark):
    """In both themes: at the beginning, with a layer chosen, with everything pushed, with the longest names."""
    shown = open_explorer(browser, stack_explorer(), dark=dark)
    assert shown.labels_that_overlap() == []
    shown.page.locator("[data-id='layer-6-1']").click()
    shown.page.get_by_text("It is in 3 of the 9 images").wait_for()
    shown.page.get_by_label("The last stack").select_option("debian:trixie-20260918-slim")
    for number in range(9):
        shown.page.locator(f"[data-id='image-{number}']").click()
    shown.page.get_by_text("9 images take").wait_for()
    assert shown.serious(axe) == [] and shown.labels_that_overlap() == []
