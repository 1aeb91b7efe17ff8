"""Bytes are flipped, layers swapped and digests followed: what is shown is the registry's own."""

from __future__ import annotations

import pytest
from explorer_page import open_explorer

from simregistry.show.explorers.digest_explorer import digest_explorer
from simregistry.study.examples.small_images import SmallImage


def flipped_base() -> SmallImage:
    """The image after the second byte of the base was flipped: "a" becomes "`"."""
    return SmallImage.of_files([("base.txt", "b`se"), ("code.txt", "code")])


def test_a_flipped_byte_changes_every_digest_above_it_and_no_other():
    """Layer, config and manifest; the other layer stays, and so does the tag."""
    explorer = digest_explorer()
    first = explorer.tagged()
    scene = explorer.hand("flip", "byte-0-1")
    assert explorer.changed() == ("base.txt", "config", "manifest")
    assert scene.mark("manifest").label == flipped_base().manifest.digest.short
    assert explorer.tagged() == first and scene.mark("old").label == first.short
    assert explorer.hand("flip", "byte-0-1").mark("manifest").label == first.short


def test_a_push_moves_the_tag():
    """And the goal is reached only then."""
    explorer = digest_explorer()
    assert not explorer.hand("flip", "byte-0-1").reached
    scene = explorer.hand("push")
    assert explorer.registry.manifest("app", "v1").digest == flipped_base().manifest.digest
    assert scene.reached and "old" not in {mark.id for mark in scene.marks}
    assert not explorer.hand("again").reached


@pytest.mark.parametrize(("do", "id", "on"), [("swap", "layer-base.txt", "layer-code.txt"), ("swap-up", "layer-base.txt", ""),
                                              ("swap-down", "layer-code.txt", "")])  # fmt: skip
def test_swapped_layers_keep_their_digests(do, id, on):
    """Config and manifest have an order in them, so they change."""
    explorer = digest_explorer()
    explorer.hand(do, id, on)
    swapped = SmallImage.of_files([("code.txt", "code"), ("base.txt", "base")])
    assert explorer.image().manifest.digest == swapped.manifest.digest
    assert explorer.changed() == ("config", "manifest")


def test_a_digest_is_followed_to_what_it_names():
    """The manifest names the config and both layers; a second time ends it."""
    explorer = digest_explorer()
    scene = explorer.hand("follow", "manifest")
    assert {mark.id for mark in scene.marks if mark.look == "lit"} == {
        "manifest",
        "config",
        "layer-base.txt",
        "layer-code.txt",
    }
    assert not [mark for mark in explorer.hand("follow", "manifest").marks if mark.look == "lit"]


def test_by_pointer_the_goal_is_reached(browser):
    """Click a byte, drag a layer there and back, push; nothing is asked of any network."""
    shown = open_explorer(browser, digest_explorer())
    shown.button("byte 2 of base.txt").click()
    assert "New digests: base.txt, config, manifest." in shown.says()
    shown.drag("layer-base.txt", "layer-code.txt")
    shown.page.get_by_text("have changed places. New digests: base.txt, config").wait_for()
    assert shown.explorer.files[1][0] == "base.txt"
    shown.drag("layer-code.txt", "layer-base.txt")
    shown.page.get_by_text("code.txt and base.txt have changed places").wait_for()
    shown.button("Push as v1").click()
    shown.page.get_by_text("✓ Done.").wait_for()
    assert shown.explorer.tagged() == flipped_base().manifest.digest
    assert shown.requests == [] and shown.errors == []


def test_by_keyboard_alone_the_goal_is_reached(browser):
    """Tab, arrow keys, Enter; the focus stays where it was."""
    shown = open_explorer(browser, digest_explorer())
    shown.tab_into_picture()
    keys = shown.page.keyboard
    for _ in range(8):
        if shown.focused().startswith("byte 1 of base.txt"):
            break
        keys.press("ArrowDown")
    keys.press("ArrowRight")
    assert shown.focused().startswith("byte 2 of base.txt")
    keys.press("Enter")
    shown.page.get_by_text("New digests: base.txt").wait_for()
    assert shown.focused().startswith("byte 2 of base.txt")
    keys.press("Tab")
    assert shown.focused() == "Push as v1"
    keys.press("Enter")
    shown.page.get_by_text("✓ Done.").wait_for()


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_serious_is_found_and_no_label_overlaps(browser, axe, dark):
    """In both themes, at the beginning and after a step."""
    shown = open_explorer(browser, digest_explorer(), dark=dark)
    shown.button("byte 2 of base.txt").click()
    shown.page.get_by_text("New digests: base.txt").wait_for()
    assert shown.serious(axe) == [] and shown.labels_that_overlap() == []
