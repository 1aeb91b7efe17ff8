"""Panels: frames are pure, the widget shows one, the twin shows all."""

from __future__ import annotations

from simregistry.client.client import Client
from simregistry.oci.messages import Conversation
from simregistry.registry.registry import Registry
from simregistry.show import knob, rewind, rewind_table
from simregistry.show.sliders import rewind_frames
from simregistry.table import Table


def pushed() -> tuple[Registry, Registry, Conversation]:
    """A registry before and after a push, and what was said."""
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    laptop.build("registry.example/app:v1", "FROM scratch\nCOPY a /\n", {"a": "A"})
    before = registry.copy()
    return before, registry, laptop.push("registry.example/app:v1").conversation


def test_each_step_shows_what_it_changed_and_the_last_state_is_the_real_one():
    """The replay ends where the registry is; the copy it began with is as it was."""
    before, after, conversation = pushed()
    frames = rewind_frames(conversation, before)
    assert len(frames) == len(conversation)
    assert frames[-1].changes.endswith("tags: none → app:v1")
    assert before.repositories() == ()
    assert f"({after.snapshot().stored_bytes:,} bytes)" in {w: a for w, _, a in frames[-1].facts}["blobs stored"]


def test_nothing_half_done_is_ever_stored():
    """While an upload is under way, it is not among the blobs."""
    before, _, conversation = pushed()
    patches = [f for f in rewind_frames(conversation, before) if f.request.startswith("PATCH")]
    assert all("uploads under way" in f.changes and "blobs stored" not in f.changes for f in patches)


def test_the_panel_shows_the_frame_that_the_slider_chooses():
    """By the value of an HTML widget."""
    before, _, conversation = pushed()
    slider, picture = rewind(conversation, before).children
    assert "step: <b>1 of" in picture.value
    slider.value = len(conversation) - 1
    assert f"step: <b>{len(conversation)} of" in picture.value
    assert "▶ app:v1" in picture.value


def test_the_twin_has_a_line_for_each_step():
    """For paper, for a screen reader, and for the test."""
    before, _, conversation = pushed()
    assert len(rewind_table(conversation, before).rows) == len(conversation)


def test_a_knob_makes_a_frame_only_when_it_is_asked_for():
    """And only once."""
    made = []

    def frame(value: int) -> Table:
        made.append(value)
        return Table(("n",), ((value,),))

    slider, picture = knob([1, 2, 3], frame, "n").children
    slider.value = 2
    slider.value = 0
    slider.value = 2
    assert (made, ">3</td>" in picture.value) == ([1, 3], True)
