"""Every image of the catalogue with the layers it shares: what is lit is what the images' manifests say."""

from __future__ import annotations

import pytest
from explorer_page import open_explorer

from simregistry.show.explorers.sharing_web import SharingWeb
from simregistry.show.explorers.stack_explorer import ALL, STACKS, stack_explorer
from simregistry.study import catalogue
from simregistry.study.examples.small_images import nominal_layer
from simregistry.study.sharing.sharing import Sharing

COMPILERS = "44fed46b68cf"


def all_images():
    """The explorer with all images shown."""
    explorer = stack_explorer()
    explorer.hand("mode", value=ALL)
    return explorer


def having(short: str) -> set[str]:
    """Names of the catalogue's images that have a layer, read off the images themselves."""
    return {image.name for image in catalogue.images() if short in {layer.digest.short for layer in image.layers}}


def lit(scene) -> set[str]:
    """Ids of images and layers that are lit."""
    return {mark.id for mark in scene.marks if mark.look == "lit" and mark.shape != "line"}


def test_every_shared_layer_is_drawn_and_leads_to_the_images_that_have_it():
    """Layers of at most a thousand bytes are left out; lines are as many as images have these layers."""
    scene = all_images().draw()
    layers = {layer.digest.short: layer.size for image in catalogue.images() for layer in image.layers}
    wanted = {short for short, size in layers.items() if size > 1_000 and len(having(short)) > 1}
    assert {mark.id.split()[1] for mark in scene.marks if mark.id.startswith("shared-layer")} == wanted
    lines = [mark for mark in scene.marks if mark.id.startswith("line-")]
    assert len(lines) == sum(len(having(short)) for short in wanted)
    shown = {mark.id.split()[1] for mark in scene.marks if mark.id.startswith("shared-image")}
    assert shown == set().union(*(having(short) for short in wanted))
    alone = {image.name for image in catalogue.images()} - shown
    rest = scene.mark("rest-1").label.partition(": ")[2]
    assert set(rest.split(", ")) == alone


def test_a_chosen_layer_lights_its_images_and_a_chosen_image_its_layers():
    """A second time ends it; what is not there is passed over."""
    explorer = all_images()
    scene = explorer.hand("trace", f"shared-layer {COMPILERS}")
    assert lit(scene) == {f"shared-layer {COMPILERS}"} | {f"shared-image {name}" for name in having(COMPILERS)}
    assert "It is in 6 images" in scene.says and len(having(COMPILERS)) == 6
    scene = explorer.hand("trace", "shared-image rust:1")
    rust = {layer.digest.short for layer in catalogue.find("rust:1").layers if len(having(layer.digest.short)) > 1}
    assert lit(scene) == {"shared-image rust:1"} | {f"shared-layer {short}" for short in rust}
    assert "rust:1: 379 MB of its 593 MB are in other images too." in scene.says
    assert lit(explorer.hand("trace", "shared-image rust:1")) == set()
    assert lit(explorer.hand("trace", "shared-image nothing:v1")) == set()


def test_the_goal_is_the_layer_in_most_images_and_no_other():
    """Counted from the images."""
    explorer = all_images()
    shorts = [mark.id.split()[1] for mark in explorer.draw().marks if mark.id.startswith("shared-layer")]
    most = max(shorts, key=lambda short: len(having(short)))
    for short in (short for short in shorts if short != most):
        assert not explorer.hand("trace", f"shared-layer {short}").reached
    assert explorer.hand("trace", f"shared-layer {most}").reached
    assert not explorer.hand("mode", value=STACKS).reached


def test_the_two_pictures_keep_what_was_done():
    """What was pushed is still in the registry when one comes back from all images."""
    explorer = stack_explorer()
    explorer.hand("toggle", "image-0")
    explorer.hand("mode", value=ALL)
    assert "1 image takes 49.3 MB" in explorer.hand("mode", value=STACKS).says
    assert explorer.hand("mode", value="a third one").title == explorer.draw().title
    assert explorer.pushed == ["debian:trixie"]


def test_images_that_share_nothing_are_named_and_not_drawn():
    """Two images on one base, and one alone."""
    base = nominal_layer("base", 300_000)
    web = SharingWeb(Sharing.of_layers([("a:1", [base]), ("b:1", [base]), ("c:1", [nominal_layer("c", 5_000)])]))
    assert web.ids == {"shared-image a:1", "shared-image b:1", f"shared-layer {base.digest.short}"}
    assert any(mark.label.endswith(": c:1") for mark in web.marks(""))


def test_by_keyboard_alone_the_goal_is_reached(browser):
    """Choose the picture, tab back into it, go from an image to its layer."""
    shown = open_explorer(browser, stack_explorer())
    keys = shown.page.keyboard
    shown.tab_into_picture()
    keys.press("Tab")
    keys.press("ArrowDown")
    shown.page.get_by_text("Find the layer that most of these images have.").wait_for()
    keys.press("Shift+Tab")
    assert shown.focused().startswith("image debian:trixie-slim")
    keys.press("ArrowRight")
    assert shown.focused().startswith("layer 6310eb16bf42")
    keys.press("Enter")
    shown.page.get_by_text("✓ Done.").wait_for()
    assert "It is in 13 images" in shown.says() and shown.requests == [] and shown.errors == []


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_serious_is_found_and_no_label_overlaps(browser, axe, dark):
    """In both themes, with a layer chosen by the pointer."""
    shown = open_explorer(browser, all_images(), dark=dark)
    assert shown.labels_that_overlap() == []
    shown.page.locator(f"[data-id='shared-layer {COMPILERS}']").click()
    shown.page.get_by_text("It is in 6 images").wait_for()
    assert shown.serious(axe) == [] and shown.labels_that_overlap() == []
