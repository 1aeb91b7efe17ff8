"""What the lesson on layers says is so: it follows from the layers, and other layers give another answer."""

from __future__ import annotations

from dataclasses import replace

from simregistry import Changeset, Client, RunEffect
from simregistry.study.examples import catalogue, webapp
from simregistry.teach.predictions import layers_truths as truths
from simregistry.teach.predictions.all_predictions import find_prediction
from simregistry.teach.predictions.outcome import outcome_of

BELOW = Changeset.of({"sh": "s" * 50, "log": "l" * 30})


def test_one_line_more_is_one_whole_file():
    """The second layer's files are counted; the beliefs' numbers are those of all files and of the line."""
    truth = truths.one_line([BELOW, Changeset.of({"log": "l" * 30 + "done\n"})])
    assert (truth.right, truth.facts) == (35, {"snapshot": 85, "added": 5})
    prediction = find_prediction("layers.one-line")
    beliefs = [outcome_of(prediction, truth, answer).beliefs for answer in (85, 5, 35)]
    assert beliefs[0] == ("a layer is a snapshot of the whole file system",) and beliefs[1] and not beliefs[2]


def test_digits_are_compared_one_by_one():
    """The same layer differs in a handful (none), another one in nearly all."""
    other = Changeset.of({"sh": "S" * 50, "log": "l" * 30})
    assert truths.one_letter(BELOW, BELOW).right == "a handful of them"
    assert truths.one_letter(BELOW, other).right == "nearly all of them"


def test_keywords_are_those_of_steps_with_a_layer():
    """From the build's report."""
    laptop = Client()
    assert truths.instructions(webapp.build(laptop)) == {"COPY", "RUN"}
    assert truths.instructions(webapp.build_base(laptop)) == {"COPY"}


def test_a_removed_file_is_an_entry_with_a_mark():
    """The entries of the archive, whiteouts among them."""
    assert truths.gone(Changeset.of({"a": "1"}, removed=["etc/old.conf"])) == {"a", "etc/.wh.old.conf"}


def test_a_deletion_adds_bytes():
    """Both layers are counted, and the numbers of the beliefs with them."""
    recipe = "FROM scratch\nRUN fetch /big\nRUN rm /big\n"
    effects = {"fetch /big": RunEffect({"big": 20_000}), "rm /big": RunEffect(removed=("big",))}
    report = Client().build("cleaned:1", recipe, effects=effects)
    truth = truths.deleted(report)
    assert (truth.right, truth.facts["last"]) == (40_960, 10_240)
    prediction = find_prediction("layers.deleted")
    for said in (0, 10_240):
        assert outcome_of(prediction, truth, said).beliefs == (
            "deleting a file in a later step makes the image smaller",
        )


def test_top_layers_of_rebuilds_are_counted():
    """Five builds of nginx have five; builds with one top layer would have one."""
    builds = catalogue.rebuilds()
    assert (truths.rebuilt(builds).right, truths.bases(builds)) == (5, 3)
    same = [replace(image, layers=builds[0].layers) for image in builds]
    assert (truths.rebuilt(same).right, truths.bases(same)) == (1, 1)


def test_the_history_shows_the_digest_of_the_config():
    """Found in the text that the command prints."""
    laptop = Client()
    webapp.build(laptop)
    truth = truths.history_id(laptop, "registry.example/web:v1")
    assert truth.right == "the config"
    assert truth.facts["digits"] == laptop.manifest("registry.example/web:v1").config.digest.short


def test_the_files_of_the_top_layer_are_counted():
    """A directory is none of them, and the layers below don't count."""
    laptop = Client()
    webapp.build_base(laptop)
    laptop.build("folder:1", "FROM registry.example/base:1\nCOPY . /app/\n", webapp.context())
    truth = truths.whole_folder(laptop.layers("folder:1"))
    assert (truth.right, truth.facts) == (2, {"names": "app.py and requirements.txt"})
    assert truths.whole_folder([BELOW, Changeset.of({"a/b": "1"})]).right == 1
