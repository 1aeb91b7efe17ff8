"""A way over the board is a schedule that is really run: what it shows is what the race says."""

from __future__ import annotations

import re

import pytest
from explorer_page import open_explorer

from simregistry.errors import InvalidValue
from simregistry.show.explorers.schedule_board import WORLDS, schedule_board
from simregistry.study.races.interleavings import run_schedule
from simregistry.study.races.race_scene import every_promise_kept
from simregistry.study.races.races import race

LOSS = ["push"] * 5 + ["collector"] + ["push"] + ["collector"] * 2
SAFE = ["push"] * 6 + ["collector"] * 3


def drawn(order: list[str], world: str = "nothing"):
    """A board on which an order was drawn step by step."""
    board = schedule_board()
    board.hand("world", value=world)
    for actor in order:
        board.hand(f"{actor}-step")
    return board


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize(
    "order", [LOSS, SAFE, ["collector"] * 3 + ["push"] * 6, ["push", "collector"] * 3 + ["push"] * 3]
)
def test_the_board_says_what_running_the_schedule_says(world, order):
    """Step by step, and in the end; a step that would have to wait is not taken on either."""
    board = drawn(order, world)
    scene, actors = race(WORLDS[world]).cast()
    try:
        taken = run_schedule(scene, actors, order, every_promise_kept)
    except InvalidValue as waits:
        place = int(re.search(r"wait at step (\d+)", str(waits))[1])
        assert order[place - 1] != [row[1] for row in board.draw().table.rows][place - 1 : place][0]
        return
    rows = board.draw().table.rows
    assert [(row[1], row[2], row[3]) for row in rows] == [(one.actor, one.did, one.broken) for one in taken][
        : len(rows)
    ]
    assert bool(board.here.broken) == any(one.broken for one in taken)


def test_losing_the_image_by_hand_reaches_the_goal_and_the_shown_way_does_not():
    """Who asks for the shortest loss has not drawn one."""
    board = schedule_board()
    assert board.hand("shortest").mark("at-6-3").look == "bad" and not board.draw().reached
    assert drawn(LOSS).draw().reached and not drawn(SAFE).draw().reached
    assert not drawn(LOSS, "50 s of grace, an upload takes 100 s").draw().reached


def test_points_are_marked_by_what_can_still_come():
    """Of each point, the losses that can be reached from it, counted by running every schedule."""
    board = schedule_board()
    dangers = board.board.dangers()
    assert dangers[(0, 0)] == "!" and dangers[(5, 1)] == "✗" and (6, 0) not in dangers
    scene = board.hand("shown")
    assert scene.mark("at-5-1").label == "✗" and scene.mark("at-6-0").label == ""
    board.hand("world", value="read-only mode")
    assert "No point of the board" in board.hand("shown").says or not board.board.dangers()


def test_one_goes_back_and_begins_again():
    """A point of the way cuts the way; a point that no step leads to changes nothing."""
    board = drawn(["push", "push", "collector"])
    assert board.hand("go", "at-1-0").mark("at-2-0").look == "lit" and len(board.way) == 2
    assert "No step leads there" in board.hand("go", "at-6-3").says and len(board.way) == 2
    board.hand("go", "nonsense")
    board.hand("again")
    assert board.way == [0]
    assert "can't take a step" in drawn(["collector"] * 4).scene["says"]


def test_a_race_of_three_has_no_board():
    """Two sides, two actors."""
    with pytest.raises(InvalidValue, match="two sides"):
        schedule_board({"three": "two pushes of one layer"})


def test_by_pointer_a_loss_is_drawn_in_one_stroke(browser):
    """Press at the start, go over the points, let go."""
    shown = open_explorer(browser, schedule_board())
    first = shown.page.locator("[data-id='at-0-0']").bounding_box()
    shown.page.mouse.move(first["x"] + 14, first["y"] + 14)
    shown.page.mouse.down()
    for point in ("1-0", "2-0", "3-0", "4-0", "5-0", "5-1", "6-1", "6-2", "6-3"):
        box = shown.page.locator(f"[data-id='at-{point}']").bounding_box()
        shown.page.mouse.move(box["x"] + 14, box["y"] + 14, steps=4)
        shown.page.wait_for_function(f"document.querySelector(\"[data-id='at-{point}'] .sr-c0\") !== null")
    shown.page.mouse.up()
    shown.page.get_by_text("✓ Done.").wait_for()
    assert shown.explorer.here.broken and shown.requests == [] and shown.errors == []


def test_by_keyboard_alone_a_loss_is_drawn(browser):
    """Arrow keys and Enter on the points; what protects the push is chosen with the keyboard too."""
    shown = open_explorer(browser, schedule_board())
    shown.tab_into_picture()
    keys = shown.page.keyboard
    for key in ["ArrowRight"] * 5 + ["ArrowDown", "ArrowRight", "ArrowDown", "ArrowDown"]:
        keys.press(key)
        keys.press("Enter")
        shown.page.wait_for_timeout(60)
    shown.page.get_by_text("✓ Done.").wait_for()
    keys.press("Tab")
    keys.press("ArrowDown")
    shown.page.get_by_text("protection is now: read-only mode").wait_for()


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_serious_is_found_and_no_label_overlaps(browser, axe, dark):
    """In both themes, on each board, with and without the marks."""
    shown = open_explorer(browser, schedule_board(), dark=dark)
    for world in WORLDS:
        shown.page.get_by_label("Protection").select_option(world)
        shown.page.get_by_text("Nobody has taken a step yet").wait_for()
        assert shown.labels_that_overlap() == []
    shown.button("Show where it is lost").click()
    shown.button("Hide where it is lost").wait_for()
    assert shown.serious(axe) == [] and shown.labels_that_overlap() == []
