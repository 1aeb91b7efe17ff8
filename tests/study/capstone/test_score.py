"""The score: one number, whose parts are printed, and which more of anything never raises."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simregistry.study.capstone import YearScore

GB = 10**9
ONE = YearScore(mean_bytes=2 * GB, peak_bytes=5 * GB, budget_bytes=5 * GB, failed=4, lost=2)


def test_the_parts_add_up_to_the_number():
    """As they are printed: a learner can add them up."""
    rows = ONE.table().rows
    assert rows[-1] == ("score", "", 82.0)
    assert sum(row[2] for row in rows[:-1]) == pytest.approx(82.0)


@pytest.mark.parametrize(
    ("part", "steps"),
    [
        ("mean_bytes", [0, GB, 2 * GB, 5 * GB, 9 * GB]),
        ("peak_bytes", [5 * GB, 6 * GB, 7 * GB, 50 * GB]),
        ("failed", [0, 1, 2, 500]),
        ("lost", [0, 1, 2, 90]),
    ],
)
def test_more_of_any_part_means_fewer_points(part, steps):
    """Strictly, in steps that can be seen."""
    points = [replace(ONE, **{part: value}).points for value in steps]
    assert points == sorted(set(points), reverse=True)


def test_within_the_budget_the_fullest_day_costs_nothing():
    """One byte above costs next to nothing; one percent above costs a point."""
    assert replace(ONE, peak_bytes=GB).points == ONE.points == replace(ONE, peak_bytes=5 * GB + 1).points
    assert replace(ONE, peak_bytes=5 * GB + 5 * GB // 100).points == ONE.points - 1


def test_a_score_may_be_less_than_nothing():
    """There is no floor: of two bad years the worse is still the worse."""
    assert replace(ONE, failed=300).points < 0


def test_a_score_shows_its_parts():
    """In a terminal and in a notebook; nothing taken is 0.0, without a sign."""
    assert "100% of the budget" in str(ONE) and "<table" in ONE._repr_html_()
    assert "-0.0" not in str(replace(ONE, failed=0, lost=0))
