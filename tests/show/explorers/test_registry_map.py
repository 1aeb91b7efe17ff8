"""Laptops pull and push over a map of a registry: what is shown is what clients, cache and storage say."""

from __future__ import annotations

import pytest
from explorer_page import open_explorer

from simregistry.client.client import Client
from simregistry.errors import InvalidValue
from simregistry.registry.registry import Registry
from simregistry.show.explorers.office_network import CACHE, FRONT_ENDS, LAPTOPS
from simregistry.show.explorers.registry_map import STRAIGHT, THROUGH, RegistryMap, registry_map

A, B = FRONT_ENDS
ONE, TWO = LAPTOPS


def pull_both(explorer: RegistryMap, way: str) -> RegistryMap:
    """Let both laptops pull the chosen image one way."""
    explorer.hand("way", value=way)
    for laptop in LAPTOPS:
        explorer.hand("pull", f"pull-{laptop}")
    return explorer


def counts(explorer: RegistryMap) -> dict[tuple[str, str], int]:
    """The requests on the lines that were used."""
    return {ends: count for ends, count in explorer.network.counts().items() if count}


def test_a_pull_has_the_requests_and_bytes_of_a_client_alone():
    """A fresh client that pulls from a copy of the registry sends as many requests and gets as many bytes."""
    explorer = registry_map()
    alone = Client(registries=[Registry("registry.example", explorer.network.storage.copy())])
    report = alone.pull("registry.example/web:v1")
    scene = explorer.hand("pull", f"pull-{ONE}")
    assert counts(explorer) == {(ONE, A): len(report.conversation)}
    assert scene.mark(f"{ONE}-{A}-count").label == str(len(report.conversation))
    assert scene.mark(f"{A}-2").label == f"{len(report.conversation)} requests"
    assert explorer.network.left_registry() == report.conversation.down == explorer.network.one_pull
    assert scene.mark(f"{ONE}-{A}").look == "lit" and scene.mark(f"{ONE}-{B}").look == "ghost"


def test_through_the_cache_the_second_pull_asks_the_registry_once():
    """The check of the tag alone; the goal is reached, and straight pulls don't reach it."""
    explorer = pull_both(registry_map(), THROUGH)
    network = explorer.network
    asked = [request.method for request in network.cache.asked]
    assert len(asked) == network.counts()[CACHE, A] and asked[-1] == "HEAD" and asked.count("HEAD") == 1
    assert explorer.draw().reached and network.left_registry() <= network.one_pull
    assert network.images_at(CACHE) == ("web:v1",)
    straight = pull_both(registry_map(), STRAIGHT)
    assert not straight.draw().reached and straight.network.left_registry() == 2 * network.one_pull


def test_what_each_place_keeps_is_what_it_says_itself():
    """Laptops by their stores, cache and registry by their storages; a bar in proportion to the bytes."""
    explorer = pull_both(registry_map(), THROUGH)
    network, scene = explorer.network, explorer.draw()
    store = network.laptops[ONE].store
    assert set(network.images_at(ONE)) == {name.removeprefix("registry.example/") for name in store.images}
    kept = {ONE: sum(map(len, store.blobs.values())), CACHE: network.cache.storage.blobs.stored_bytes,
            "storage": network.storage.blobs.stored_bytes}  # fmt: skip
    for place, size in kept.items():
        assert scene.mark(f"{place}-bytes").label == f"{size:,} bytes"
        assert scene.mark(f"{place}-bar").width == pytest.approx(size * 15 / 100_000)


def test_a_cache_with_a_manifest_alone_has_no_image():
    """A laptop that has the layers asks the cache for the manifest, and the cache keeps that."""
    explorer = registry_map()
    explorer.hand("pull", f"pull-{ONE}")
    explorer.hand("way", value=THROUGH)
    explorer.hand("pull", f"pull-{ONE}")
    assert explorer.network.images_at(CACHE) == () and explorer.network.bytes_at(CACHE) > 0


def test_an_upload_goes_on_at_the_other_front_end():
    """The session is in the storage: what A took in, B doesn't need again."""
    explorer = registry_map("tool:1")
    explorer.hand("breaks")
    scene = explorer.hand("push", f"push-{ONE}")
    assert scene.mark("upload-bytes").label == "100,000 bytes" and scene.mark(A).look == "bad"
    assert "stopped: front end A went down" in scene.says
    assert explorer.network.lines[ONE, A].up == 100_000
    explorer.hand("front_end", value=B)
    scene = explorer.hand("push", f"push-{ONE}")
    assert explorer.network.images_at("storage") == ("tool:1", "web:v1", "web:v2")
    tool = explorer.network.laptops[ONE].store
    assert explorer.network.lines[ONE, A].up + explorer.network.lines[ONE, B].up == sum(map(len, tool.blobs.values()))
    assert explorer.network.open_uploads() == () and "upload" not in {mark.id for mark in scene.marks}


def test_a_stopped_front_end_answers_nobody_and_loses_nothing():
    """Its requests aren't counted, the other one has everything, and a copy in the cache is enough without both."""
    explorer = registry_map()
    explorer.hand("switch", A)
    assert "front end A doesn't answer" in explorer.hand("pull", f"pull-{ONE}").says and counts(explorer) == {}
    explorer.hand("front_end", value=B)
    explorer.hand("way", value=THROUGH)
    explorer.hand("pull", f"pull-{ONE}")
    explorer.hand("switch", B)
    explorer.hand("pull", f"pull-{TWO}")
    assert explorer.network.images_at(TWO) == ("web:v1",)
    explorer.hand("image", value="web:v2")
    assert "front end B doesn't answer" in explorer.hand("pull", f"pull-{TWO}").says


def test_what_can_t_be_done_says_why():
    """An image that isn't there, a push to the cache, a start that doesn't exist."""
    explorer = registry_map("tool:1")
    assert "No local image registry.example/tool:1" in explorer.hand("push", f"push-{TWO}").says
    assert "404" in explorer.hand("pull", f"pull-{TWO}").says
    explorer.hand("way", value=THROUGH)
    assert "push to the registry behind it" in explorer.hand("push", f"push-{ONE}").says
    with pytest.raises(InvalidValue, match="web:v2"):
        registry_map("web:v9")


@pytest.mark.parametrize(("do", "id", "value"), [("pull", "pull-laptop 9", ""), ("push", "pull-laptop 1", ""), ("switch", "storage", ""),
                                                 ("image", "", "web:v9"), ("way", "", 3), ("front_end", "", "C")])  # fmt: skip
def test_what_is_not_on_the_map_changes_nothing(do, id, value):
    """A page can send anything."""
    explorer = registry_map()
    before = explorer.draw()
    assert explorer.hand(do, id, value=value) == before


def test_by_pointer_the_goal_is_reached(browser):
    """A choice and two clicks; nothing is asked of any network."""
    shown = open_explorer(browser, registry_map())
    shown.button("front end B, runs. Stop it.").click()
    shown.page.get_by_text("Front end B is stopped.").wait_for()
    shown.page.get_by_label("Laptops go").select_option(THROUGH)
    for laptop in LAPTOPS:
        shown.button(f"{laptop}: pull web:v1 through the cache").click()
        shown.page.get_by_text(f"{laptop.capitalize()} pulled web:v1").wait_for()
    shown.page.get_by_text("✓ Done.").wait_for()
    assert shown.requests == [] and shown.errors == []


def test_by_keyboard_alone_the_goal_is_reached(browser):
    """The choice of the way first, then back into the picture."""
    shown = open_explorer(browser, registry_map())
    shown.tab_into_picture()
    keys = shown.page.keyboard
    keys.press("Tab")
    keys.press("Tab")
    keys.press("ArrowDown")
    shown.page.get_by_text("Laptops now go through the cache.").wait_for()
    keys.press("Shift+Tab")
    keys.press("Shift+Tab")
    assert shown.focused().startswith("laptop 1: pull web:v1 through the cache")
    keys.press("Enter")
    shown.page.get_by_text("Laptop 1 pulled web:v1").wait_for()
    keys.press("ArrowDown")
    assert shown.focused().startswith("laptop 2: pull web:v1 through the cache")
    keys.press(" ")
    shown.page.get_by_text("✓ Done.").wait_for()


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_serious_is_found_and_no_label_overlaps(browser, axe, dark):
    """In both themes: at the beginning, and when every line has a count and an upload is open."""
    explorer = registry_map()
    shown = open_explorer(browser, explorer, dark=dark)
    assert shown.serious(axe) == [] and shown.labels_that_overlap() == []
    for image, door in (("web:v1", A), ("web:v2", B)):
        for way in (THROUGH, STRAIGHT):
            explorer.hand("image", value=image)
            explorer.hand("front_end", value=door)
            pull_both(explorer, way)
    explorer.hand("breaks")
    explorer.hand("image", value="tool:1")
    explorer.hand("push", f"push-{ONE}")
    assert len(counts(explorer)) == 8 and explorer.network.open_uploads()
    shown.button("front end A, runs. Stop it.").click()
    shown.page.get_by_text("Front end A is stopped.").wait_for()
    assert shown.serious(axe) == [] and shown.labels_that_overlap() == []
