"""What the lesson on a pull's time says is so follows from what was replayed; other pulls give other answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simregistry import Client
from simregistry.study import experiments, published, run_grid, timing, webapp
from simregistry.teach.predictions import time_truths as truths
from simregistry.teach.predictions.all_predictions import find_prediction, predictions_of
from simregistry.teach.predictions.answer_reading import read_answer
from simregistry.teach.predictions.outcome import Outcome, outcome_of
from simregistry.teach.predictions.prediction import Truth

MB = 10**6
SIX = timing.work_of_layers([25 * MB] * 6)
SLOW_SERVER = timing.Conditions(each=5 * MB)


def at_once(number: int, conditions: timing.Conditions | None = None, work: timing.Work = SIX) -> timing.Timeline:
    """Six layers of 25 MB, so many at a time."""
    return timing.replay(work, replace(timing.ENGINE, downloads=number), conditions)


def answered(key: str, truth: Truth, answer: object) -> Outcome:
    """What a learner reads about an answer."""
    prediction = find_prediction(key)
    return outcome_of(prediction, truth, read_answer(prediction, answer))


@pytest.fixture(scope="module")
def python():
    """The work of pulling python:3.13 on an empty machine."""
    return timing.work_of_image("python:3.13")


@pytest.fixture(scope="module")
def home(python):
    """That pull on the line at home."""
    return timing.replay(python)


def test_each_second_look_comes_after_a_prediction_that_there_is():
    """A look whose prediction can't be found would wait for ever."""
    after = [prediction.after for prediction in predictions_of("time").values() if prediction.after]
    assert len(after) == 2 and {find_prediction(key).after for key in after} == {""}


@pytest.mark.parametrize(("latency", "right"), [(0.1, 2.4), (0.5, 4.0)])
def test_a_layer_takes_its_round_trips_and_its_bytes(latency, right):
    """Four round trips, and two seconds of bytes; each way to forget something is named."""
    pull = timing.replay(timing.work_of_layers([25 * MB]), conditions=timing.Conditions(latency=latency))
    truth = truths.one_layer(pull)
    assert truth.right == right and truth.facts["trips"] == 4 and truth.facts["trip"] == latency
    assert answered("time.one-layer", truth, right).right
    assert answered("time.one-layer", truth, 2).beliefs == ("only the bytes take time",)
    assert answered("time.one-layer", truth, 2 + latency).beliefs == ("a request is all that has to travel",)
    bits = 0.25 + 4 * latency
    assert answered("time.one-layer", truth, bits).beliefs == ("a line of 100 Mbit/s carries 100 MB in a second",)


def test_more_at_a_time_can_be_slower_the_same_or_faster():
    """With something to unpack, with nothing to unpack, and where the server limits each connection."""
    plain = timing.work_of_layers([25 * MB] * 6, unpacking=0)
    mild = timing.Conditions(each=10 * MB)
    cases = {
        "slower": [at_once(number) for number in (1, 10)],
        "about the same": [at_once(number, work=plain) for number in (1, 10)],
        "much faster": [at_once(number, SLOW_SERVER) for number in (1, 10)],
        "a little faster": [at_once(number, mild, plain) for number in (1, 10)],
    }
    options = find_prediction("time.ten-at-once").options
    assert set(cases) == set(options)
    for right, pulls in cases.items():
        assert truths.ten_at_once(*pulls).right == right
    outcome = answered("time.ten-at-once", truths.ten_at_once(*cases["slower"]), "much faster")
    assert outcome.right is False and outcome.beliefs == ("more parallel downloads are always faster",)


@pytest.mark.parametrize(("each", "best", "slowest"), [(5 * MB, 3, 5), (2.5 * MB, 6, 3)])
def test_the_best_and_the_slowest_number_depend_on_the_server(each, best, slowest):
    """Where each connection gets a fifth of the line, three are too few."""
    pulls = {number: at_once(number, timing.Conditions(each=each)) for number in range(1, 9)}
    truth, row = truths.best_number(pulls), truths.slowest_number(pulls)
    assert truth.right == best and row.right == slowest == row.facts["number"]
    outcome = answered("time.best-number", truth, 8)
    assert outcome.right is False and "always faster" in outcome.beliefs[0]
    assert "left" in answered("time.best-number", truth, 7).details[0]
    assert "right" in answered("time.best-number", truth, 2).details[0]


def test_a_line_a_hundred_times_as_wide_leaves_the_unpacking(python, home):
    """Where nothing is unpacked, the belief would be nearly right."""
    wide = timing.Conditions(download=1250 * MB)
    truth = truths.data_centre(home, timing.replay(python, conditions=wide))
    assert truth.right == 7.3 and truth.facts["unpacking"] == pytest.approx(7.2, abs=0.1)
    assert answered("time.data-centre", truth, 7).right
    assert answered("time.data-centre", truth, 0.38).beliefs == ("bandwidth is always the bound",)
    assert truths.data_centre(home, timing.replay(python, timing.CRANE, wide)).right == 0.4


def test_the_layer_above_the_largest_waits_longest(home):
    """The row is the one that the table has there. In another image it is another row."""
    truth = truths.waits_longest(home)
    record = home.table().rows[truth.right - 1]
    assert record[0] == truth.facts["name"] == "1599fa592074"
    assert float(record[3]) - float(record[2]) == pytest.approx(truth.facts["waits"], abs=0.02)
    below = home.names[truth.right - 2]
    largest = max(home.names, key=lambda name: sum(span.seconds for span in home.of(name, "unpack")))
    assert below == largest
    small_on_large = timing.replay(timing.work_of_layers([100 * MB, MB, 60 * MB]))
    assert truths.waits_longest(small_on_large).facts["name"] == "layer 2"


def test_what_bounds_a_small_change_is_read_off_the_bound(registry, python):
    """Far away it is the round trips; a large image is bounded by something else."""
    server = Client(registries=[registry])
    for version in ("v1", "v2"):
        report = server.pull(f"{webapp.HOST}/web:{version}")
    far = timing.Conditions(latency=0.2)
    truth = truths.small_change(timing.bound(timing.work_of_pull(report), conditions=far))
    assert truth.right == "round trips" and truth.facts["round_trips"] < 0.01
    # The answer names seven of them.
    assert truth.facts["seconds"] == pytest.approx(7 * far.latency, abs=0.01)
    assert answered("time.small-change", truth, "network").beliefs == ("bandwidth is always the bound",)
    assert truths.small_change(timing.bound(python)).right == "network"
    assert (
        truths.small_change(timing.bound(python, conditions=timing.Conditions(download=1250 * MB))).right == "unpacking"
    )


@pytest.mark.parametrize(("latency", "unpacking", "right"), [(0.1, 2.6, "20 layers"), (2.0, 0.0, "one layer")])
def test_the_best_number_of_layers_depends_on_the_way_and_the_unpacking(latency, unpacking, right):
    """Very far away, and with nothing to unpack, the belief is right."""
    grid = {"layers": [1, 7, 20, 500], "size": [412_872_069], "latency": [latency], "unpacking": [unpacking]}
    truth = truths.layer_count(run_grid(experiments.pull_seconds, grid))
    assert truth.right == right and right in find_prediction("time.layer-count").options
    if right != "one layer":
        outcome = answered("time.layer-count", truth, "one layer")
        assert outcome.beliefs == ("fewer layers are always faster",)


def test_layers_that_are_here_take_no_time():
    """And with none here, the pull takes what it takes alone."""
    alone = timing.replay(timing.work_of_image("python:3.12"))
    second = timing.replay(timing.work_of_image("python:3.12", already=["python:3.13"]))
    truth = truths.already_here(second, alone)
    assert truth.right == 3.1 and truth.facts["percent"] == 8
    assert "image" in answered("time.already-here", truth, 37.6).beliefs[0]
    assert answered("time.already-here", truth, 2.6).beliefs == ("bandwidth is always the bound",)
    assert truths.already_here(alone, alone).facts["percent"] == 100


def test_the_full_pull_is_the_measured_one_and_the_models_is_told():
    """The bytes and the rest are worked out from the figures themselves."""
    figures = [published.find_figure(name) for name in ("nydus-native", "nydus-full")]
    truth = truths.full_pull(figures)
    assert truth.right == 126 and truth.facts["computed"] == 122
    assert truth.facts["bytes"] == pytest.approx(353.05 / 3, abs=0.1) and truth.facts["rest"] == 3.9
    assert answered("time.full-pull", truth, 122).right and answered("time.full-pull", truth, 118).right
    assert answered("time.full-pull", truth, 183).beliefs == ("twice the bytes take twice the time",)
    lazy = published.find_figure("nydus-zran")
    assert truths.full_pull([figures[0], lazy]).right == 15


def test_a_wait_costs_what_the_line_is_idle_for(python, home):
    """The base's waits cost nothing. Those of the largest layer do."""
    base, largest = python.chains[0].name, max(python.chains, key=lambda chain: chain.unpacked).name
    truth = truths.broken_base(home, timing.replay(python, faults={base: 2}))
    assert truth.right == 0 and truth.facts["waits"] == 15
    assert answered("time.broken-base", truth, 0).right
    assert answered("time.broken-base", truth, 15).beliefs == ("every wait makes the whole pull later",)
    assert truths.broken_base(home, timing.replay(python, faults={largest: 2})).right == 7
