"""The search: all of a stated family, tries that are stored and can be made anew, and years that it has not seen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from long_runs import long_after

from simregistry.errors import InvalidValue
from simregistry.registry.retention import Rule
from simregistry.study import run_grid
from simregistry.study.capstone import (
    BASELINE,
    GRID,
    TRIED,
    Knobs,
    best,
    compare_policies,
    fit,
    held_out,
    play_year,
    trial,
)
from simregistry.study.capstone.policy_grid import policy_grid
from simregistry.study.capstone.search import SEEDS, mean, score_on, search, tries_of

ANEW = 7


@pytest.mark.long
def test_the_stored_tries_of_a_seed_are_what_a_search_finds_now():
    """All 144, from nothing: a change of the model that nobody stored anew is found here."""
    assert search([ANEW])[ANEW] == tries_of(ANEW)


@pytest.mark.parametrize("seed", long_after(5, SEEDS))
def test_a_stored_best_scores_what_is_stored(seed):
    """Played now, each seed's best has its points, and no other of the family has more."""
    found = best(seed)
    assert play_year(found.rules, seed).points == found.points == max(tries_of(seed))


def test_the_family_is_the_grid_in_its_order():
    """Each combination once."""
    tried = list(policy_grid())
    assert len(tried) == len(set(tried)) == TRIED == 144
    assert [tried[0].builds, tried[1].in_use] == [GRID["builds"][0], GRID["in_use"][1]]


def test_a_knob_at_nothing_switches_its_rule_off():
    """Then no rule of that name is there; latest fits none that deletes."""
    assert Knobs(0, 0, 0, 0).rules() == ()
    assert [rule.name for rule in Knobs(5, 7, 8, 21).rules()] == ["builds", "branches", "releases", "in use"]
    assert str(Knobs(5, 7, 0, 0)) == "5 builds, branches 7 days, all releases"
    with pytest.raises(InvalidValue, match="switches the rule off"):
        Knobs(-1, 7, 0, 0)


def test_a_trial_is_an_experiment_that_any_executor_sweeps():
    """Threads give what one core gives."""
    grid = {"builds": [5], "branches": [7], "releases": [0], "in_use": [0, 35], "seed": [1]}
    with ThreadPoolExecutor(2) as pool:
        assert run_grid(trial, grid, pool) == run_grid(trial, grid)


def test_a_fit_on_several_seeds_is_the_best_mean():
    """Worse than each seed's own best on that seed, or as good; better than all others in the mean."""
    found = fit(range(1, 6))
    assert found.points <= mean(best(seed).points for seed in range(1, 6))
    means = [mean(tries_of(seed)[n] for seed in range(1, 6)) for n in range(TRIED)]
    assert found.points == max(means)
    assert "5 seeds" in str(found)


def test_what_was_fitted_falls_behind_where_it_was_not():
    """On twenty years that it has not seen, a policy fitted to one year has lost what was luck; twenty years lose less."""
    found = held_out([best(1), fit(range(1, 21))], range(21, 41))
    (one_there, one_elsewhere), (many_there, many_elsewhere) = found.behind()
    assert one_there == 0 and one_elsewhere > 5
    assert 0 < many_there < many_elsewhere < one_elsewhere
    assert "20 other years" in str(found)


def test_a_mean_of_stored_tries_is_the_mean_of_the_plays():
    """What is looked up is what a learner would see."""
    found = fit(range(1, 6))
    assert score_on(found.knobs, (21, 22)) == mean(play_year(found.rules, seed).points for seed in (21, 22))


def test_a_year_that_was_fitted_to_is_not_held_out():
    """Mixing them up is refused, with the seed."""
    with pytest.raises(InvalidValue, match="3"):
        held_out([fit([1, 3])], [2, 3])


def test_a_class_stands_in_order_with_baseline_and_best():
    """Best mean first; nobody beats each year's own best with a policy of the family."""
    table = compare_policies({"ada": Knobs(10, 28, 0, 35).rules(), "ben": [Rule("all", "delete")]}, seeds=(1, 2))
    assert [entry.name for entry in table.entries][1:] == ["ada", "(baseline: a month)", "ben"]
    assert [entry.points for entry in table.entries] == sorted((e.points for e in table.entries), reverse=True)
    assert all(entry.worst <= entry.points for entry in table.entries)
    assert table.entries[2].results == tuple(play_year(BASELINE, seed) for seed in (1, 2))
    assert str(table) == str(
        compare_policies({"ada": Knobs(10, 28, 0, 35).rules(), "ben": [Rule("all", "delete")]}, [1, 2])
    )


def test_a_class_table_names_whose_policy_is_none():
    """A teacher with thirty policies finds the one."""
    with pytest.raises(InvalidValue, match="ben's policy"):
        compare_policies({"ada": [], "ben": ...}, seeds=[1])


@pytest.mark.parametrize("seeds", [[], [1, 1]])
def test_seeds_are_given_each_once(seeds):
    """None, or one twice, is refused."""
    with pytest.raises(InvalidValue, match="seed"):
        compare_policies({}, seeds)
    with pytest.raises(InvalidValue, match="at least one"):
        fit([])
