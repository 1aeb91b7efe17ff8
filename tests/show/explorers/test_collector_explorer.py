"""Names are deleted and blobs collected in a real storage; what is said before is what comes of it."""

from __future__ import annotations

import pytest
from explorer_page import open_explorer

from simregistry import Client, take_inventory
from simregistry.registry.products.collectors import COLLECTORS
from simregistry.show.explorers.collector_explorer import collector_explorer, small_shop


def stored(explorer) -> int:
    """The bytes in the explorer's storage."""
    return take_inventory(explorer.registry.storage).stored_bytes


def collect(explorer):
    """Mark the roots, follow them, sweep."""
    for do in ("mark", "mark", "sweep"):
        scene = explorer.hand(do)
    return scene


@pytest.mark.parametrize("name", ["app:v1", "app:latest", "app:multi"])
def test_what_a_deletion_would_free_is_what_it_frees(name):
    """Said before, and then done; without it the collector frees what has no tag already."""
    explorer = collector_explorer()
    said = explorer.would_free(name)
    assert f"{said:,} more bytes" in explorer.hand("choose", name).says
    before, plain = stored(explorer), explorer.plan().freed_bytes
    explorer.hand("delete")
    assert stored(explorer) == before
    collect(explorer)
    assert before - stored(explorer) == said + plain


@pytest.mark.parametrize("collector", ["distribution-3", "distribution-2.8", "harbor", "zot"])
@pytest.mark.parametrize("untagged", ["yes", "no"])
def test_the_marks_are_the_collectors_own(collector, untagged):
    """A tick where it keeps, a cross where it takes."""
    explorer = collector_explorer()
    explorer.hand("untagged", value=untagged)
    explorer.hand("collector", value=collector)
    explorer.hand("mark")
    scene = explorer.hand("mark")
    plan = COLLECTORS[collector].plan(take_inventory(small_shop().registry.storage), delete_untagged=untagged == "yes")
    crossed = {mark.id for mark in scene.marks if mark.look == "bad"}
    assert crossed == {str(digest) for digest in plan.swept}


def test_the_roots_are_marked_first_and_then_what_they_lead_to():
    """The base has no mark before the roots are followed."""
    explorer = collector_explorer()
    base = next(str(digest) for digest, name in explorer.names.items() if name == "base")
    assert explorer.hand("mark").mark(base).look == "" and explorer.scene["says"].startswith("The roots are marked: 3")
    assert explorer.hand("sweep").mark(base).look == ""
    assert explorer.hand("mark").mark(base).look == "good"


def test_the_old_collector_breaks_the_image_for_two_platforms():
    """A client that pulls finds out, and so does the explorer."""
    explorer = collector_explorer()
    assert {explorer._label(digest) for digest in explorer.differences()} >= {"amd64", "arm64"}
    explorer.hand("collector", value="distribution-2.8")
    scene = collect(explorer)
    assert explorer.broken_tags() == ("app:multi",) and "Broken now: app:multi" in scene.says and not scene.reached
    with pytest.raises(Exception, match=r"(?i)manifest"):
        Client(registries=[explorer.registry]).pull("registry.example/app:multi")


def test_the_storage_that_is_passed_in_stays_as_it_is():
    """The explorer works on a copy."""
    shop = small_shop()
    before = take_inventory(shop.registry.storage)
    explorer = collector_explorer(shop.registry.storage, shop.names)
    explorer.hand("delete", "app:multi")
    collect(explorer)
    assert take_inventory(shop.registry.storage) == before and stored(explorer) < before.stored_bytes


def test_a_blob_cannot_be_deleted_by_hand_and_nonsense_changes_nothing():
    """It says why it is there."""
    explorer = collector_explorer()
    base = next(digest for digest, name in explorer.names.items() if name == "base")
    assert "app:" in explorer.hand("choose", str(base)).says
    assert "collector's business" in explorer.hand("delete").says
    before = stored(explorer)
    for do, id, value in (
        ("choose", "no such thing", ""),
        ("collector", "", "mine"),
        ("sweep", "", ""),
        ("delete", "x:y", ""),
    ):
        explorer.hand(do, id, value=value)
    assert stored(explorer) == before


def test_by_pointer_the_goal_is_reached(browser):
    """Delete the image for two platforms, mark, sweep."""
    shown = open_explorer(browser, collector_explorer())
    shown.button("tag app:multi").click()
    shown.page.get_by_text("more bytes are freed").wait_for()
    for name in ("Delete what is chosen", "Mark the roots", "Follow the roots", "Sweep"):
        shown.page.get_by_role("button", name=name, exact=True).click()
    shown.page.get_by_text("✓ Done.").wait_for()
    assert shown.explorer.broken_tags() == () and shown.requests == [] and shown.errors == []


def test_by_keyboard_alone_the_goal_is_reached(browser):
    """Arrow keys to the tag, the Delete key, Tab to the buttons."""
    shown = open_explorer(browser, collector_explorer())
    shown.tab_into_picture()
    keys = shown.page.keyboard
    for key in ["ArrowLeft"] * 4 + ["ArrowUp"] * 4 + ["ArrowDown"] * 4:
        if shown.focused().startswith("tag app:multi"):
            break
        keys.press(key)
    keys.press("Delete")
    shown.page.get_by_text("Deleted app:multi").wait_for()
    for _ in range(5):
        keys.press("Tab")
        if shown.focused() == "Mark the roots":
            break
    keys.press("Enter")
    shown.page.get_by_text("The roots are marked").wait_for()
    keys.press("Enter")
    shown.page.get_by_text("Followed.").wait_for()
    keys.press("Tab")
    assert shown.focused() == "Sweep"
    keys.press("Enter")
    shown.page.get_by_text("✓ Done.").wait_for()


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_serious_is_found_and_no_label_overlaps(browser, axe, dark):
    """In both themes, marked and swept."""
    shown = open_explorer(browser, collector_explorer(), dark=dark)
    assert shown.labels_that_overlap() == []
    shown.page.get_by_role("button", name="Mark the roots").click()
    shown.page.get_by_role("button", name="Follow the roots").click()
    shown.page.get_by_text("Followed.").wait_for()
    assert shown.serious(axe) == [] and shown.labels_that_overlap() == []
