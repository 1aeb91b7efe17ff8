"""A Dockerfile is typed line by line: which lines make a layer is what the builder reports."""

from __future__ import annotations

import pytest
from explorer_page import open_explorer

from simregistry.show import layer_bench
from simregistry.study.examples import step_orders
from simregistry.study.examples.rebuild import APP, rebuild

LINES = ("COPY . /app/", "ENV PORT=8080", f"RUN {step_orders.INSTALL}", "USER nobody", "EXPOSE 8080")


def test_it_begins_with_the_base_alone():
    """So the first frame says nothing of the other keywords."""
    scene = layer_bench().draw()
    assert [mark.id for mark in scene.marks if mark.drag] == ["line-0"]
    assert scene.mark("state-line-0").label == "3 files" and not scene.reached


def test_files_and_bytes_are_those_of_the_layers():
    """Beside each line, in order; a line without a layer says so."""
    bench = layer_bench()
    for line in LINES:
        scene = bench.hand("add", value=line)
    again = rebuild(["FROM registry.example/base:1", *LINES], grown=False).again
    for row, step in enumerate(again.steps[1:], 1):
        shown = scene.mark(f"bytes-line-{row}").label
        assert shown == (f"{step.bytes:,} bytes" if step.layer else "no layer")
    assert again.reference == f"{APP}:v2" and scene.mark("why-line-1").label == "app.py, requirements.txt"
    assert scene.mark("why-line-3").label == "flask.py"
    assert scene.mark("state-line-2").label == "noted in the config"
    assert "change" not in {control.id for control in scene.controls}


def test_the_goal_counts_lines_and_layers():
    """Six lines and two layers above the base; one layer more undoes nothing that was done."""
    bench = layer_bench()
    for line in LINES[:-1]:
        assert not bench.hand("add", value=line).reached
    assert bench.hand("add", value=LINES[-1]).reached
    other = layer_bench()
    for line in ("COPY app.py /app/",) * 5:
        scene = other.hand("add", value=line)
    assert not scene.reached and "6 layers" in scene.says


def test_by_keyboard_alone_the_goal_is_reached(browser):
    """The first stop is the picture; the field for a new line keeps the focus."""
    shown = open_explorer(browser, layer_bench())
    shown.tab_into_picture()
    keys = shown.page.keyboard
    keys.press("Tab")
    keys.press("Tab")
    for number, line in enumerate(LINES, 2):
        keys.type(line)
        keys.press("Enter")
        shown.page.get_by_text(f"Line {number} is new.").wait_for()
    shown.page.get_by_text("✓ Done.").wait_for()
    assert shown.requests == [] and shown.errors == []


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_serious_is_found_and_no_label_overlaps(browser, axe, dark):
    """In both themes, at the beginning and after some lines; a line is dragged by the pointer."""
    shown = open_explorer(browser, layer_bench(), dark=dark)
    assert shown.serious(axe) == [] and shown.labels_that_overlap() == []
    field = shown.page.get_by_label("New line below it")
    for number, line in enumerate(LINES, 2):
        field.fill(line)
        field.press("Enter")
        shown.page.get_by_text(f"Line {number} is new.").wait_for()
    shown.drag("line-5", "line-2")
    shown.page.get_by_text("Line 6 is line 3 now.").wait_for()
    assert shown.serious(axe) == [] and shown.labels_that_overlap() == []
