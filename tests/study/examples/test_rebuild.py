"""Two builds and two pushes by one Dockerfile, with a change between them."""

from __future__ import annotations

import pytest

from simregistry import Client, Registry
from simregistry.errors import InvalidValue, SimRegistryError
from simregistry.study.examples import step_orders, webapp
from simregistry.study.examples.rebuild import CHANGED_FILES, rebuild

BASE = "FROM registry.example/base:1"
CARELESS, CAREFUL = (step_orders.DOCKERFILES[habit].splitlines() for habit in ("careless", "careful"))


@pytest.mark.parametrize("habit", ["careless", "careful"])
@pytest.mark.parametrize(("change", "name"), list(zip(CHANGED_FILES, step_orders.CHANGES, strict=True)))
def test_the_second_build_is_that_of_the_lesson(habit, change, name):
    """Step by step, the same reasons and the same bytes as `build_after`, which the lesson uses."""
    ours = rebuild(step_orders.DOCKERFILES[habit].splitlines(), change).again
    lessons = step_orders.build_after(habit, name)
    assert [(s.text, s.reason, s.bytes) for s in ours.steps] == [(s.text, s.reason, s.bytes) for s in lessons.steps]


def test_the_push_is_that_of_a_laptop_that_does_the_same():
    """Build and push version 1, change a line, build and push version 2."""
    laptop = Client(registries=[Registry(step_orders.HOST)])
    for version in ("v1", "v2"):
        step_orders.build_in_order(laptop, "careful", version)
        push = laptop.push(f"{step_orders.HOST}/careful:{version}")
    ours = rebuild(CAREFUL, "one line of app.py").push
    assert [(blob.digest, blob.outcome) for blob in ours.layers] == [(b.digest, b.outcome) for b in push.layers]


def test_a_changed_base_is_sent():
    """All of its bytes, and nothing of it is sent after any other change."""
    assert rebuild(CARELESS, "the base image").push.sent_bytes > rebuild(CARELESS).base_bytes == 307_200
    assert rebuild(CARELESS, "requirements.txt").push.sent_bytes < 307_200


def test_a_step_that_runs_again_may_leave_the_same_layer():
    """After a new base, both COPYs do: the same files make the same bytes. A command dates its files anew."""
    result = rebuild(CAREFUL, "the base image")
    outcomes = {blob.digest: blob.outcome for blob in result.push.layers}
    copied = [step for step in result.ran if step.text.startswith("COPY")]
    installed = [step for step in result.ran if step.text.startswith("RUN")]
    assert [outcomes[step.layer.digest] for step in copied] == ["already there", "already there"]
    assert [outcomes[step.layer.digest] for step in installed] == ["sent"]


def test_the_short_app_is_that_of_the_first_lessons():
    """Layer by layer as `webapp.build` makes it."""
    laptop = Client()
    ours = rebuild(webapp.dockerfile().splitlines(), grown=False).again
    assert ours.manifest.layers == webapp.build(laptop).manifest.layers


def test_what_the_app_lacks_is_named():
    """The first missing file; nothing where all of them are there."""
    assert rebuild(CAREFUL).missing == ""
    assert rebuild([BASE, "COPY app.py /app/"]).missing == "app/requirements.txt"
    assert rebuild([BASE, "COPY . /app/"]).missing == step_orders.FLASK
    assert rebuild(["FROM scratch"]).base_layers == 0


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([CARELESS[0], CARELESS[2], CARELESS[1]], "line 2: pip finds no /app/requirements.txt"),
        ([CARELESS[1], CARELESS[0]], "the first instruction must be FROM"),
        ([BASE, "COPY nope /"], "no file 'nope'"),
        ([BASE, "COPPY . /"], "did you mean COPY?"),
        ([BASE, "RUN a \\"], "one whole instruction in a line"),
        ([BASE, "# a comment"], "one whole instruction in a line"),
        ([BASE, "COPY <<EOF /a", "EOF"], "without <<"),
        ([BASE, BASE], "one FROM"),
        (["ARG A=1", BASE], "one FROM"),
        ([], "begin with FROM"),
        (["FROM elsewhere.example/a"], "no registry answers"),
    ],
)
def test_what_cannot_be_built_is_refused(lines, says):
    """By the builder where it knows; pip's file and the form of the lines are checked here."""
    with pytest.raises(SimRegistryError, match=says.replace("?", r"\?")):
        rebuild(lines)


def test_an_unknown_change_is_refused():
    """And the message lists those there are."""
    with pytest.raises(InvalidValue, match="choose one of: nothing"):
        rebuild(CARELESS, "the weather")
