"""Instructions are moved, typed and removed: what runs again and what is sent is what builder and push report."""

from __future__ import annotations

import pytest
from explorer_page import open_explorer

from simregistry.show import build_bench
from simregistry.show.explorers.build_bench import LIMIT, MOST_LINES
from simregistry.study.examples import step_orders
from simregistry.study.examples.rebuild import CHANGED_FILES, rebuild

CODE = "one line of app.py"
CAREFUL = step_orders.DOCKERFILES["careful"].splitlines()
REQUIREMENTS = "COPY requirements.txt /app/"


def careful_bench():
    """The bench after the careless order became the careful one."""
    bench = build_bench()
    bench.hand("choose", "line-0")
    bench.hand("add", value=REQUIREMENTS)
    bench.hand("move", "line-2", "line-1")
    return bench


def test_it_begins_with_the_careless_order_and_no_change():
    """So the first frame doesn't answer what a change costs."""
    scene = build_bench().draw()
    assert [scene.mark(f"line-{n}").label.split("  ")[1] for n in range(3)] == step_orders.DOCKERFILES[
        "careless"
    ].splitlines()
    assert "No step runs again." in scene.says and not scene.reached


@pytest.mark.parametrize("change", CHANGED_FILES)
def test_what_is_shown_is_what_the_builder_and_the_push_report(change):
    """Each row says hit or miss with the builder's reason, and each layer says sent or not."""
    bench = careful_bench()
    scene, result = bench.hand("change", value=change), rebuild(CAREFUL, change)
    outcomes = {blob.digest: blob.outcome for blob in result.push.layers}
    for row, step in enumerate(result.again.steps[1:], 1):
        name = bench.lines[row].name
        assert scene.mark(f"state-{name}").label == ("✓ from the cache" if step.cached else "▶ runs again")
        assert step.cached or scene.mark(f"why-{name}").label == step.reason
        assert scene.mark(f"bytes-{name}").label == f"{step.bytes:,} bytes, {outcomes[step.layer.digest]}"
    sent, whole = result.push.sent_bytes, result.push.image_bytes
    assert scene.mark("head-push").label == f"push of version 2: {sent:,} of {whole:,} bytes"


def test_lengths_are_in_proportion_to_bytes():
    """In the column of layers, and in the bar of the push, whose parts add up to what is sent."""
    bench = careful_bench()
    scene = bench.hand("change", value="the base image")
    marks = {mark.id: mark for mark in scene.marks}
    a_byte = marks["sample"].width / 50_000
    assert marks["layer-line-0"].width == pytest.approx(307_200 * a_byte)
    assert marks["layer-line-2"].width == pytest.approx(bench.result.again.steps[2].bytes * a_byte)
    part = sum(mark.width for name, mark in marks.items() if name.startswith("sent-"))
    push = bench.result.push
    assert part / marks["whole"].width == pytest.approx(push.sent_bytes / push.image_bytes)


def test_the_goal_needs_the_order_the_change_and_all_files():
    """Fewer bytes because a file is missing don't count."""
    bench = careful_bench()
    assert not bench.draw().reached
    bench.hand("edit", value="COPY requirements.txt /srv/")
    assert "pip finds no /app/requirements.txt" in bench.draw().says
    assert bench.hand("change", value=CODE).reached and bench.result.push.sent_bytes < LIMIT
    short = build_bench()
    short.hand("remove")
    scene = short.hand("change", value=CODE)
    assert short.result.push.sent_bytes < LIMIT and not scene.reached
    assert f"The image has no /{step_orders.FLASK}." in scene.says


def test_a_refusal_is_said_and_changes_nothing():
    """The builder's own words; what was typed stays in its field until something else is done."""
    bench = build_bench()
    before = bench.lines
    scene = bench.hand("move-up", "line-2")
    assert "line 2: pip finds no /app/requirements.txt" in scene.says and bench.lines == before
    scene = bench.hand("edit", value="COPPY . /app/")
    assert "did you mean COPY? Nothing is changed." in scene.says and bench.lines == before
    assert {control.id: control.value for control in scene.controls}["edit"] == "COPPY . /app/"
    scene = bench.hand("choose", "line-1")
    assert {control.id: control.value for control in scene.controls}["edit"] == "COPY . /app/"
    assert "the first instruction must be FROM" in bench.hand("remove-this", "line-0").says


def test_lines_are_typed_and_removed_up_to_a_number():
    """A new line is chosen; a line without a layer says so; a made-up effect is said."""
    bench = build_bench()
    scene = bench.hand("add", value="ENV PORT=8080")
    assert bench.chosen == "line-3" and scene.mark("bytes-line-3").label == "no layer"
    assert "made-up file" in bench.hand("add", value="RUN something").says
    for _ in range(MOST_LINES):
        scene = bench.hand("add", value="USER nobody")
    assert len(bench.lines) == MOST_LINES and "There is room for 8 lines" in scene.says
    assert scene.height <= 520
    bench.hand("remove")
    assert len(bench.lines) == MOST_LINES - 1 and bench.at >= 0
    assert bench.hand("again").says == build_bench().draw().says


@pytest.mark.parametrize("nonsense", [("move", "line-9", "line-0"), ("move", "line-1", "nowhere"),
                                      ("change", "", ""), ("choose", "head-push", ""), ("fly", "line-1", "")])  # fmt: skip
def test_nonsense_from_a_page_is_passed_over(nonsense):
    """Nothing changes."""
    bench = build_bench()
    before = bench.draw()
    assert bench.hand(*nonsense) == before


def test_by_pointer_the_goal_is_reached(browser):
    """Choose the change and the first line, type a line, drag the installation; nothing is asked of any network."""
    shown = open_explorer(browser, build_bench())
    shown.page.get_by_label("Changed since version 1").select_option(CODE)
    shown.page.get_by_text("2 steps run again").wait_for()
    shown.drag("line-2", "line-1")
    shown.page.get_by_text("pip finds no /app/requirements.txt").wait_for()
    shown.button("line 1, FROM").click()
    shown.page.get_by_text("Line 1 is chosen.").wait_for()
    field = shown.page.get_by_label("New line below it")
    field.fill(REQUIREMENTS)
    field.press("Enter")
    shown.page.get_by_text("Line 2 is new.").wait_for()
    shown.drag("line-2", "line-1")
    shown.page.get_by_text("✓ Done.").wait_for()
    assert [line.text for line in shown.explorer.lines] == CAREFUL
    assert shown.requests == [] and shown.errors == []


def test_by_keyboard_alone_the_goal_is_reached(browser):
    """Tab, arrow keys, Enter and Shift with an arrow; the focus follows the line that moves."""
    shown = open_explorer(browser, build_bench())
    keys = shown.page.keyboard
    shown.tab_into_picture()
    assert shown.focused().startswith("line 1, FROM")
    keys.press("Enter")
    shown.page.get_by_text("Line 1 is chosen.").wait_for()
    keys.press("Tab")
    keys.press("ArrowDown")
    shown.page.get_by_text(f"Changed since version 1: {CODE}").wait_for()
    keys.press("Tab")
    keys.press("Tab")
    keys.type(REQUIREMENTS)
    keys.press("Enter")
    shown.page.get_by_text("Line 2 is new.").wait_for()
    for _ in range(3):
        keys.press("Shift+Tab")
    for _ in range(3):
        keys.press("ArrowDown")
    assert shown.focused().startswith("line 4, RUN pip install")
    keys.press("Shift+ArrowUp")
    shown.page.get_by_text("✓ Done.").wait_for()
    assert shown.focused().startswith("line 3, RUN pip install")


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_serious_is_found_and_no_label_overlaps(browser, axe, dark):
    """In both themes, at the beginning and with as many lines as there is room for."""
    bench = build_bench()
    shown = open_explorer(browser, bench, dark=dark)
    assert shown.serious(axe) == [] and shown.labels_that_overlap() == []
    for text in ("RUN fetch sources", "ENV PORT=8080", "ADD app.py /usr/share/applications/app.py", "USER nobody"):
        bench.hand("add", value=text)
    bench.hand("add", value=f"RUN {'make everything that the app needs && ' * 3}true")
    shown.page.get_by_label("Changed since version 1").select_option(CODE)
    shown.page.get_by_text("run again").first.wait_for()
    assert shown.serious(axe) == [] and shown.labels_that_overlap() == []
