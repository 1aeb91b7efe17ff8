"""Sweeps: the whole grid once, by any executor, saved and taken up again."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from simregistry.errors import InvalidValue
from simregistry.study import run_grid
from simregistry.study.fleet import Site, pull_all


def fleet(machines, way):
    """An experiment: how long a fleet takes, and what leaves the registry."""
    found = pull_all(machines, [10_000_000, 50_000_000], way, Site(spread=2.0))
    return {"slowest": found.slowest, "egress": found.registry_bytes}


GRID = {"machines": [1, 5, 20], "way": ["registry", "cache", "peers"]}


def test_every_combination_is_run_once_in_the_grids_order():
    """Nine rows, the last name turning fastest."""
    found = run_grid(fleet, GRID)
    assert [row[:2] for row in found.rows] == [(m, w) for m in GRID["machines"] for w in GRID["way"]]
    assert found.values == ("slowest", "egress") and len(found) == 9
    assert found.where(way="cache").column("egress") == (60e6, 60e6, 60e6)
    assert found.where(way="cache").only("egress", "machines").rows == ((1, 60e6), (5, 60e6), (20, 60e6))


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_a_pool_gives_the_same_results(pool):
    """Threads and processes: identical rows."""
    with pool(2) as executor:
        assert run_grid(fleet, GRID, executor) == run_grid(fleet, GRID)


def test_a_dask_cluster_gives_the_same_results():
    """A class's cluster takes over unchanged: its client's executor is one of concurrent.futures."""
    import distributed

    cluster = distributed.LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None)
    with cluster, distributed.Client(cluster) as client:
        assert run_grid(fleet, GRID, client.get_executor()) == run_grid(fleet, GRID)


def test_a_sweep_that_was_broken_off_goes_on_where_it_was(tmp_path):
    """What was saved is not computed again; a line that was half written is."""
    calls = []

    def counted(a):
        calls.append(a)
        if a == 3 and len(calls) < 4:
            raise ConnectionError("the cluster went away")
        return a * 2.0

    file = tmp_path / "sweep.jsonl"
    with pytest.raises(ConnectionError):
        run_grid(counted, {"a": [1, 2, 3]}, save=file)
    file.write_text(file.read_text() + '{"experiment": "half a li')
    calls.append(None)
    assert run_grid(counted, {"a": [1, 2, 3]}, save=file).column("value") == (2.0, 4.0, 6.0)
    assert calls == [1, 2, 3, None, 3]
    assert all(json.loads(line) for line in file.read_text().splitlines())


def test_two_experiments_can_share_a_file(tmp_path):
    """Each finds its own runs."""
    file = tmp_path / "sweep.jsonl"
    assert run_grid(double, {"a": [1]}, save=file).column("value") == (2.0,)
    assert run_grid(treble, {"a": [1]}, save=file).column("value") == (3.0,)
    assert len(file.read_text().splitlines()) == 2


def double(a):
    """Twice."""
    return a * 2


def treble(a):
    """Three times."""
    return a * 3


def test_progress_is_told():
    """How many of how many, to the end."""
    told = []
    run_grid(double, {"a": [1, 2, 3]}, progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_file_of_something_else_is_refused_and_left_alone(tmp_path):
    """Nothing is written into a file that is no saved sweep."""
    file = tmp_path / "notes.txt"
    file.write_text("my notes\nmore\n")
    with pytest.raises(InvalidValue, match="notes.txt, line 1"):
        run_grid(double, {"a": [1]}, save=file)
    assert file.read_text() == "my notes\nmore\n"


@pytest.mark.parametrize(
    "grid", [{}, {"a": []}, {"a": "abc"}, {"a": [object()]}, [1], None, {"a": 5}, {c: list(range(99)) for c in "abcd"}]
)
def test_a_grid_that_is_none_is_refused(grid):
    """Each with a word on what to write."""
    with pytest.raises(InvalidValue, match="grid"):
        run_grid(double, grid)


def test_an_experiment_must_give_numbers():
    """A string is no result, and an unknown column is named."""
    with pytest.raises(InvalidValue, match="return a number"):
        run_grid(str, {"object": [1]})
    with pytest.raises(InvalidValue, match="there is a, value"):
        run_grid(double, {"a": [1]}).column("b")
