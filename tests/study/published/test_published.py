"""Published figures: what comes out, what does not, and that nothing unsure is printed as fact."""

from __future__ import annotations

import json
import re

import pytest

from simregistry.cli import main
from simregistry.errors import InvalidValue
from simregistry.study.published import ALL, GRADES, Figure, find_figure, published
from simregistry.study.published.figure import shown_value
from simregistry.study.published.layers import updates
from simregistry.study.published.trace import ANSWERS, METHODS

RESULTS = [figure for figure in ALL if figure.kind == "result"]


def test_at_least_twelve_results_come_out_within_15_percent():
    """Results alone count: what was put in is no success."""
    close = published().close
    assert len(close) >= 12 and all(figure.kind == "result" and figure.deviation <= 0.15 for figure in close)


@pytest.mark.parametrize("figure", RESULTS, ids=lambda figure: figure.id)
def test_a_result_comes_out_or_its_difference_is_explained(figure):
    """Nothing that is off is left without a reason, and the reason does not stand where nothing is off by much."""
    assert figure.close or len(figure.why) > 20


@pytest.mark.parametrize("figure", [figure for figure in ALL if figure.kind == "input"], ids=lambda figure: figure.id)
def test_what_was_put_in_is_what_was_published(figure):
    """An input that is off would be a mistake in the model's parameters."""
    assert figure.deviation < 0.06


def test_every_figure_has_a_grade_a_source_and_what_was_given():
    """Unconfirmed figures have no grade here, so none can be printed; ids are told apart."""
    assert "U" not in GRADES and all(figure.grade in GRADES for figure in ALL)
    assert all(len(figure.source) > 10 and figure.given and figure.unit for figure in ALL)
    assert len({figure.id for figure in ALL}) == len(ALL)
    with pytest.raises(InvalidValue, match="unconfirmed"):
        Figure("x", "x", 1, "x", "U", "result", "somewhere or other", "x", lambda: 1.0)


def test_a_result_is_not_the_published_value_handed_back():
    """Another published value leaves what is computed where it was: no function reads it."""
    for figure in RESULTS:
        other = Figure(**{**vars_of(figure), "published": figure.published + 1.0})
        assert other.computed == figure.computed


def vars_of(figure):
    """The fields of a figure."""
    return {name: getattr(figure, name) for name in Figure.__dataclass_fields__}


def test_the_traces_counts_are_one_sum():
    """Methods and answers count the same 40,872,024 records."""
    assert sum(METHODS.values()) == sum(ANSWERS.values()) == 40_872_024


def test_the_updates_sum_to_what_the_study_states():
    """Each new side's bytes, and all three together."""
    new = {name: sum(layer.size for layer in sides["new"]) for name, sides in updates().items()}
    assert sorted(new.values()) == [3_844_421, 43_584_978, 58_506_941] and sum(new.values()) == 105_936_340


def test_the_command_prints_them_and_its_json_is_the_same(capsys):
    """A table for people, a list of objects for programs, from the same numbers."""
    assert main(["published", "update-redis", "kraken-registry", "--why"]) == 0
    text = capsys.readouterr().out
    assert "6,240" in text and "2 of 2 results" in text and "second-hand" in text
    assert main(["published", "update-redis", "hub-limit", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["kind"] for row in rows] == ["result", "input"]
    assert {"id", "published", "computed", "deviation", "grade", "kind", "source"} <= set(rows[0])
    assert rows[0]["computed"] == 32 and rows[0]["deviation"] == 0


def test_an_unknown_figure_is_refused_with_the_names_there_are(capsys):
    """In Python and in a terminal."""
    with pytest.raises(InvalidValue, match="update-redis"):
        find_figure("nope")
    assert main(["published", "nope"]) == 2
    assert "update-redis" in capsys.readouterr().err


def test_numbers_are_written_to_be_read():
    """Whole numbers whole, fractions to four digits; nothing like 1e+06."""
    assert not any(re.search(r"e[+-]\d", shown_value(figure.computed)) for figure in ALL)
