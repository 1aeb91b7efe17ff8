"""The capstone's pictures: each is a sentence, a table and a figure of the same results."""

from __future__ import annotations

import pytest

from simregistry.errors import InvalidValue
from simregistry.show.capstone_chart import points_lost, shelf_over_year
from simregistry.study.capstone import BASELINE, Knobs, Team, play_year

SHORT = Team(days=84)
RESULTS = {
    "nothing goes": play_year([], 1, SHORT),
    "a month": play_year(BASELINE, 1, SHORT),
    "by number": play_year(Knobs(5, 7, 8, 0).rules(), 1, SHORT),
}


def test_a_season_tells_fullest_days_and_failed_pulls():
    """In the sentence, with a line for every fourth week in the table."""
    view = shelf_over_year(RESULTS)
    failed = len(RESULTS["a month"].failures)
    assert "84 days under a budget of 5 GB" in view.sentence
    assert failed and f"{failed} pulls failed" in view.sentence
    assert [row[1] for row in view.table.rows] == [RESULTS["nothing goes"].stored[day] for day in (6, 34, 62)]


def test_a_season_draws_a_mark_for_each_failed_pull():
    """Below the lines, in a row for each policy; the budget is a line of its own."""
    above, below = shelf_over_year(RESULTS).figure().axes
    marks = [collection for collection in below.collections if len(collection.get_segments())]
    drawn = sorted(len(collection.get_segments()) for collection in marks)
    assert drawn == sorted(len(result.failures) for result in RESULTS.values() if result.failures)
    assert any(set(line.get_ydata()) == {5 * 10**9} for line in above.lines)


def test_points_add_up_to_what_is_missing_from_a_hundred():
    """A bar ends where the score's loss does."""
    view = points_lost(RESULTS)
    axes = view.figure().axes[0]
    ends = [
        max(bar.get_x() + bar.get_width() for bar in axes.patches if round(bar.get_y() + 0.31) == row)
        for row in range(3)
    ]
    assert ends == pytest.approx([100 - result.points for result in RESULTS.values()])
    assert f"a month {RESULTS['a month'].points:.1f}" in view.sentence


@pytest.mark.parametrize("draw", [shelf_over_year, points_lost])
def test_no_label_is_cut_off(draw):
    """All texts lie on the page, for one policy and for six with long names."""
    for results in (
        {"one": RESULTS["a month"]},
        {f"a rather long name, number {n}": RESULTS["a month"] for n in range(6)},
    ):
        figure = draw(results).figure()
        box = figure.bbox
        for axes in figure.axes:
            tight = axes.get_tightbbox()
            assert box.x0 - 1 <= tight.x0 and tight.x1 <= box.x1 + 1
            assert box.y0 - 1 <= tight.y0 and tight.y1 <= box.y1 + 1


@pytest.mark.parametrize("draw", [shelf_over_year, points_lost])
def test_what_cannot_stand_side_by_side_is_refused(draw):
    """None, more than there are colours, or years of two lengths."""
    with pytest.raises(InvalidValue, match="1 to 6"):
        draw({})
    with pytest.raises(InvalidValue, match="1 to 6"):
        draw(dict.fromkeys(map(str, range(7)), RESULTS["a month"]))
    with pytest.raises(InvalidValue, match="one length"):
        draw({"short": RESULTS["a month"], "shorter": play_year([], 1, Team(days=70))})
