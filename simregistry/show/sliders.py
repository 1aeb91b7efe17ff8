"""Panels: a slider that chooses a frame. Pure functions make the frames; the widget only shows one of them.

``Output`` and ``interact`` are not used. A frame is the value of an HTML widget: that works in every front end, is
stored with the notebook, and a test can compare it. After each panel a lesson shows its static twin.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import ipywidgets

from simregistry.oci.messages import Conversation, shorten
from simregistry.registry.registry import Registry, Snapshot
from simregistry.show.static_twin import TwinBox
from simregistry.show.view import View
from simregistry.study.races.interleavings import Exploration
from simregistry.table import Table, count


@dataclass(frozen=True, slots=True)
class Frame:
    """One step of a conversation, and what it changed in the registry."""

    number: int
    request: str
    answer: str
    facts: tuple[tuple[str, str, str], ...]

    @property
    def changes(self) -> str:
        """The changes in one line."""
        changed = [f"{what}: {before} → {after}" for what, before, after in self.facts if before != after]
        return "; ".join(changed) or "nothing changes"

    def html(self) -> str:
        """Write the step as HTML, with a mark at everything that changed."""
        rows = tuple((what, old, f"▶ {new}" if old != new else new) for what, old, new in self.facts)
        return (
            f"<p><code>{escape(self.request)}</code><br>→ {escape(self.answer)}</p>"
            f"{Table(('the registry', 'before', 'after'), rows)._repr_html_()}"
        )


def rewind_frames(conversation: Conversation, before: Registry) -> tuple[Frame, ...]:
    """Play a conversation again on a copy of the registry, and note the state before and after each step."""
    registry = before.copy()
    frames = []
    state = _facts(registry.snapshot())
    for number, exchange in enumerate(conversation, 1):
        # A request whose connection broke before an answer changed nothing.
        if exchange.response is not None:
            registry.handle(exchange.request)
        after = _facts(registry.snapshot())
        answer = "no answer: the line broke" if exchange.status is None else f"{exchange.status}"
        facts = tuple((what, state[what], after[what]) for what in after)
        frames.append(Frame(number, shorten(exchange.request.line), f"{answer}  {exchange.note}".strip(), facts))
        state = after
    return tuple(frames)


def _facts(state: Snapshot) -> dict[str, str]:
    tags = [f"{repository}:{tag}" for repository, tags in state.tags.items() for tag in tags]
    waiting = sum(state.uploads.values())
    return {
        "blobs stored": f"{len(state.shelf)} ({count(state.stored_bytes)} bytes)",
        "uploads under way": f"{len(state.uploads)} ({count(waiting)} bytes)" if state.uploads else "none",
        "tags": ", ".join(tags) or "none",
    }


def rewind(conversation: Conversation, before: Registry) -> Any:
    """Show a conversation step by step, with the registry's state before and after each; ``before`` is not changed."""
    frames = rewind_frames(conversation, before)
    steps = {f"{frame.number} of {len(frames)}": frame for frame in frames}
    return knob(list(steps), lambda step: steps[step].html(), "step")


def rewind_table(conversation: Conversation, before: Registry) -> Table:
    """Show what each step changed: the static twin of ``rewind``."""
    frames = rewind_frames(conversation, before)
    return Table(
        ("step", "request", "answer", "what changes"), tuple((f.number, f.request, f.answer, f.changes) for f in frames)
    )


def replay_schedule(exploration: Exploration) -> Any:
    """Show the shortest losing schedule step by step: who does what, and which promise is broken."""
    steps = {f"{n} of {len(exploration.shortest)}": taken for n, taken in enumerate(exploration.shortest, 1)}

    def frame(step: str) -> str:
        taken = steps[step]
        state = f"<b>✗ {escape(taken.broken)}</b>" if taken.broken else "✓ every promise is kept"
        return f"<p><b>{escape(taken.actor)}</b>: {escape(taken.did)}</p><p>{state}</p>"

    return knob(list(steps), frame, "step")


def knob(values: Sequence[Any], frame: Callable[[Any], View | Table | str], label: str = "value") -> Any:
    """Make a slider over some values that shows ``frame(value)``; each frame is made once, when it is first chosen."""
    options = list(values)
    made: dict[int, str] = {}

    def html_at(position: int) -> str:
        if position not in made:
            # The slider's own read-out has room for only ten letters or so.
            heading = f"<p>{escape(label)}: <b>{escape(str(options[position]))}</b></p>"
            made[position] = heading + frame_html(frame(options[position]))
        return made[position]

    slider = ipywidgets.SelectionSlider(
        options=[(str(option), position) for position, option in enumerate(options)],
        value=0,
        description=label,
        readout=False,
        continuous_update=False,
    )
    picture = ipywidgets.HTML(html_at(0))

    def show_chosen(change: Mapping[str, Any]) -> None:
        picture.value = html_at(change["new"])

    slider.observe(show_chosen, names="value")
    # The first frame stands still on a page without a kernel; more of it is the business of the table below it.
    sentence = f"A slider over {label}, from {options[0]} to {options[-1]}. Run this cell to drag it."
    return TwinBox([slider, picture], sentence, f"<p><em>{escape(sentence)}</em></p>")


def frame_html(result: View | Table | str) -> str:
    """Write a view or a table as HTML; a string is HTML already."""
    if isinstance(result, View):
        return result.html()
    return result._repr_html_() if isinstance(result, Table) else result
