"""Settings are changed and the pull is replayed: what is shown is what the timing model says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from explorer_page import open_explorer

from simregistry.errors import InvalidValue
from simregistry.show.explorers.pull_timeline import LEFT, RIGHT, pull_timeline
from simregistry.study.timing import ENGINE, Conditions, bound, replay, work_of_layers

SIX = work_of_layers([25_000_000] * 6)
# The index of each step on its slider.
FAR, FASTEST, WIDEST = 4, 3, 3


def test_the_first_pull_is_the_model_s_own():
    """The defaults are those of the timing model; seconds, bound and table are what it returns."""
    explorer = pull_timeline()
    assert explorer.pull == replay(SIX) and explorer.bound == bound(SIX)
    assert explorer.draw().mark("end-name").label == f"ends at {replay(SIX).seconds:.2f} s"
    assert explorer.draw().table == bound(SIX).table()


def test_each_setting_goes_to_the_model():
    """One after the other, against a replay under the same conditions."""
    explorer = pull_timeline()
    explorer.hand("connection", value="5 MB/s")
    explorer.hand("at_a_time", value=0)
    explorer.hand("round_trip", value=2)
    explorer.hand("line", value=2)
    explorer.hand("unpacking", value=0)
    conditions = Conditions(0.1, download=125e6, gunzip=50e6, each=5e6)
    assert explorer.pull == replay(SIX, replace(ENGINE, downloads=1), conditions)
    explorer.hand("layers", value="a base of 100 MB, 5 of 10 MB")
    other = work_of_layers([100_000_000, *[10_000_000] * 5])
    assert explorer.pull == replay(other, replace(ENGINE, downloads=1), conditions)


def test_a_faster_unpacker_has_a_disk_that_takes_it():
    """Two gigabytes a second are unpacked in two gigabytes a second, not in what the usual disk takes."""
    explorer = pull_timeline("1 of 150 MB")
    explorer.hand("unpacking", value=FASTEST)
    (unpacking,) = explorer.pull.of("layer 1", "unpack")
    assert unpacking.seconds == pytest.approx(150e6 * 2.6 / 2e9)


def test_bars_are_in_proportion_to_seconds():
    """The width of a bar is its share of the axis, and waiting fills the gaps."""
    explorer = pull_timeline(connection="5 MB/s", at_a_time=1)
    scene = explorer.draw()
    (travels,) = explorer.pull.of("layer 2", "transfer")
    wait, _, bar, _ = (mark for mark in scene.marks if mark.id.startswith("bar-2-"))
    assert bar.width == pytest.approx(travels.seconds * (RIGHT - LEFT) / 40)
    assert bar.x == pytest.approx(LEFT + travels.start * (RIGHT - LEFT) / 40)
    assert wait.look == "ghost" and wait.x + wait.width < bar.x
    waits = [bar for bar in explorer.bars("layer 2") if bar.kind == "waits"]
    assert waits[0].end == explorer.pull.of("layer 1", "transfer")[-1].end


def test_a_pull_beyond_the_picture_says_so():
    """A bar ends at the edge, and an arrow says when the pull ends."""
    explorer = pull_timeline()
    scene = explorer.hand("scale", value="10 s")
    assert scene.mark("end-name").label.endswith("s →") and "end" not in {mark.id for mark in scene.marks}
    assert max(mark.x + mark.width for mark in scene.marks if mark.id.startswith("bar-")) == RIGHT


def test_the_goal_needs_all_three_bounds():
    """A wide line lets the unpacking bound it; a distant registry and a fast machine, the round trips."""
    explorer = pull_timeline()
    assert explorer.seen == {"network"} and not explorer.draw().reached
    assert not explorer.hand("line", value=WIDEST).reached and explorer.bound.by == "unpacking"
    explorer.hand("unpacking", value=FASTEST)
    assert explorer.hand("round_trip", value=FAR).reached and explorer.bound.by == "round trips"
    assert not explorer.hand("again").reached


@pytest.mark.parametrize(("do", "value"), [("line", 17), ("line", -1), ("line", "no"), ("layers", "7"), ("other", 1),
                                           ("layers", 1e300), ("line", float("inf"))])  # fmt: skip
def test_a_step_that_does_not_exist_changes_nothing(do, value):
    """A page can send anything."""
    explorer = pull_timeline()
    before = dict(explorer.chosen)
    explorer.hand(do, value=value)
    assert explorer.chosen == before


def test_a_start_that_does_not_exist_is_refused():
    """The error lists what can be chosen."""
    with pytest.raises(InvalidValue, match="20 Mbit/s"):
        pull_timeline(line="3 Mbit/s")


def test_by_pointer_the_goal_is_reached(browser):
    """A choice and a click on a row; nothing is asked of any network."""
    shown = open_explorer(browser, pull_timeline(line="10 Gbit/s"))
    shown.button("Read the times of layer 2").click()
    shown.page.get_by_text("layer 2: round trips from").wait_for()
    shown.page.get_by_label("Layers").select_option("6 of 10 kB")
    shown.page.get_by_text("The round trips bound it.").wait_for()
    shown.page.get_by_label("Layers").select_option("1 of 150 MB")
    slider = shown.page.get_by_label("Bandwidth").bounding_box()
    assert slider is not None
    shown.page.mouse.click(slider["x"] + 3, slider["y"] + slider["height"] / 2)
    shown.page.get_by_text("✓ Done.").wait_for()
    assert shown.explorer.chosen["line"] == "20 Mbit/s"
    assert shown.requests == [] and shown.errors == []


def test_by_keyboard_alone_the_goal_is_reached(browser):
    """Arrow keys in the picture and on the sliders."""
    shown = open_explorer(browser, pull_timeline())
    shown.tab_into_picture()
    keys = shown.page.keyboard
    keys.press("ArrowDown")
    assert shown.focused().startswith("Read the times of layer 1 (base)")
    keys.press("Enter")
    shown.page.get_by_text("layer 1: round trips from").wait_for()
    for name, presses in (("Bandwidth", 2), ("Unpacking", 2), ("Round trip", 3)):
        while not shown.page.evaluate(f"document.activeElement.closest('label')?.textContent.startsWith('{name}')"):
            keys.press("Tab")
        for _ in range(presses):
            keys.press("ArrowRight")
    shown.page.get_by_text("✓ Done.").wait_for()
    text = shown.page.evaluate("document.activeElement.getAttribute('aria-valuetext')")
    assert text == "500 ms"


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_serious_is_found_and_no_label_overlaps(browser, axe, dark):
    """In both themes: at the beginning, with many layers, and with a pull beyond the picture."""
    shown = open_explorer(browser, pull_timeline(), dark=dark)
    assert shown.serious(axe) == [] and shown.labels_that_overlap() == []
    for label, option in (
        ("Layers", "15 of 10 MB"),
        ("Width of the picture", "2 s"),
        ("One connection gets", "1 MB/s"),
    ):
        shown.page.get_by_label(label).select_option(option)
        shown.page.wait_for_timeout(100)
        assert shown.labels_that_overlap() == []
    assert shown.serious(axe) == []
