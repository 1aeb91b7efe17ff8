"""The experiments that a sweep runs: plain settings in, numbers by name out."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor

import pytest

from simregistry.errors import InvalidValue
from simregistry.study import run_grid
from simregistry.study.parameter_grid import experiments


def test_more_at_a_time_end_when_the_line_is_full():
    """Six layers at a fifth of the line each: six at a time fill it, and more change nothing but the rounds."""
    found = run_grid(experiments.pull_seconds, {"size": [150_000_000], "layers": [6], "each": [2.5e6], "unpacking": [0],
                                     "at_a_time": [1, 2, 3, 6, 10]})  # fmt: skip
    seconds = found.column("seconds")
    assert seconds[0] > seconds[1] > seconds[2] > seconds[3] == pytest.approx(12, abs=0.2)
    assert seconds[4] == seconds[3]


def test_neither_one_layer_nor_very_many_are_the_fastest():
    """One cannot overlap travelling and unpacking; very many pay round trips."""
    grid = {"size": [412_872_069], "layers": [1, 20, 500], "latency": [0.1]}
    one, some, many = run_grid(experiments.pull_seconds, grid).column("seconds")
    assert some < one < many


def test_a_fleet_and_a_hub_are_the_same_in_another_process():
    """Every experiment can be sent to a pool."""
    with ProcessPoolExecutor(2) as pool:
        for experiment, grid in (
            (experiments.fleet_seconds, {"machines": [3, 30], "way": ["cache", "peers"]}),
            (experiments.hub_saving, {"images": [200], "seed": [1, 2], "rebuild_days": [21, 9999]}),
        ):
            assert run_grid(experiment, grid, pool) == run_grid(experiment, grid)


def test_nonsense_is_refused():
    """Before anything is simulated."""
    with pytest.raises(InvalidValue, match="layers"):
        experiments.pull_seconds(100, layers=0)
