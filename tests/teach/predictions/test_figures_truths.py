"""What the appendix on published figures says is so: other figures and other hubs give another answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simregistry.study import Hub, populate, published
from simregistry.study.published import Published
from simregistry.teach.predictions import figures_truths as truths
from simregistry.teach.predictions.all_predictions import find_prediction


@pytest.fixture(scope="module")
def image():
    """The median image as published, and as drawn."""
    return published.find_figure("zhao-image-median")


def with_value(figure, value):
    """A figure with another computed value."""
    return replace(figure, compute=lambda: value)


def test_a_figure_says_itself_whether_it_was_put_in(image):
    """The median layer sets a distribution; the median image does not."""
    assert truths.median_kind(published.find_figure("zhao-layer-median")) == "an input"
    assert truths.median_kind(image) == "a result"


def test_the_image_in_the_middle_is_too_large(image):
    """Eight times; other values get the other options."""
    truth = truths.image_size(image)
    assert truth.right == "several times too large" and round(truth.facts["computed"]) == 144
    assert truths.image_size(with_value(image, 20e6)).right == "about right"
    assert truths.image_size(with_value(image, 2e6)).right == "several times too small"


def test_close_results_are_counted_and_the_farthest_is_found(image):
    """Of a few figures, whose values are known; inputs are counted nowhere."""
    off = [with_value(image, image.published * times) for times in (1.5, 4, 2)]
    close = with_value(image, image.published)
    put_in = replace(close, kind="input")
    some = Published((close, off[0], put_in, off[1], off[2]))
    assert truths.within(some).right == 1 and truths.within(some).facts == {"off": 3}
    truth = truths.farthest(some)
    assert truth.right == 2 and truth.facts["percent"] == pytest.approx(300)
    assert len(some.differences().rows) == 3


def test_the_question_says_how_many_results_the_table_has():
    """Its number is that of the table."""
    results = sum(figure.kind == "result" for figure in published.published().figures)
    assert f"has {results} results" in find_prediction("figures.within").text


def test_rebuilt_bases_cost_bytes():
    """A hub without rebuilds stores less; the first question's hub is the appendix's own."""
    hub = Hub(images=20_000, seed=1)
    report, never = (populate(replace(hub, rebuild_days=days)).sharing() for days in (21, 10_000))
    assert truths.used_once(report) == 77
    assert truths.never_rebuilt(never).right == "4 times less"
    assert truths.never_rebuilt(report).right == "1.6 times less"
    assert set(truths.TIMES_LESS) == set(find_prediction("figures.never-rebuilt").options)
