"""Fleets and swarms, against what can be worked out by hand."""

from __future__ import annotations

from itertools import pairwise

import pytest

from simregistry.errors import InvalidValue
from simregistry.study.fleet import WAYS, Site, pull_all, swarm
from simregistry.study.fleet.fleet import compare_ways

MB, GB = 10**6, 10**9


def test_one_registry_takes_n_times_as_long_and_sends_n_copies():
    """2,600 machines, 3 GB, 10 Gb/s: 6,240 s; every byte leaves the registry once a machine."""
    fleet = pull_all(2_600, [3 * GB // 2] * 2, "registry", Site(registry=1.25e9, machine_down=300e6))
    assert fleet.slowest == pytest.approx(6_240)
    assert fleet.registry_bytes == 2_600 * 3 * GB


@pytest.mark.parametrize("machines", [1, 4, 10, 50])
def test_the_narrower_of_both_ends_bounds(machines):
    """A machine's own line bounds while the registry has enough for all, then the registry does."""
    seconds = pull_all(machines, [100 * MB], "registry", Site(registry=100e6, machine_down=10e6)).slowest
    assert seconds == pytest.approx(max(10.0, machines * 1.0))


def test_a_cache_fetches_each_layer_once():
    """What leaves the registry is one copy; the machines wait for it, and then for their own line."""
    site = Site(registry=100e6, nearby=1e12, machine_down=50e6)
    fleet = pull_all(40, [200 * MB], "cache", site)
    assert fleet.registry_bytes == 200 * MB and fleet.nearby_bytes == 40 * 200 * MB
    assert fleet.slowest == pytest.approx(2 + 4)
    assert fleet.saved == pytest.approx(1 - 1 / 40)


def test_a_cache_does_not_help_a_fleet_that_asks_for_different_things():
    """Machines with an image of their own each: every byte leaves the registry, and the cache only adds its time."""
    site = Site(registry=100e6, nearby=1e12, machine_down=50e6)
    images = [[(n + 1) * MB] for n in range(20)]
    through, direct = pull_all(20, images, "cache", site), pull_all(20, images, "registry", site)
    assert through.registry_bytes == direct.registry_bytes
    assert through.slowest >= direct.slowest


def test_images_that_share_a_layer_share_it_in_the_cache():
    """The first layer of all images is one; the second is each image's own."""
    fleet = pull_all(4, [[10 * MB, 1 * MB], [10 * MB, 2 * MB]], "cache")
    assert fleet.registry_bytes == (10 + 1 + 2) * MB


def test_a_mirror_takes_nothing_from_the_registry():
    """It has everything before the fleet asks."""
    assert pull_all(10, [5 * MB], "mirror").registry_bytes == 0


@pytest.mark.parametrize("machines", [1, 5, 6, 200])
def test_peers_take_a_few_copies_and_double_each_round(machines):
    """The seeds' copies leave the registry, no more; a blob spreads in about log2(N / seeds) rounds after the first."""
    site = Site(registry=1e12, machine_down=10e6, machine_up=10e6, seeds=5)
    fleet = pull_all(machines, [100 * MB], "peers", site)
    assert fleet.registry_bytes == min(machines, 5) * 100 * MB
    assert fleet.peer_bytes == max(0, machines - 5) * 100 * MB
    rounds, have = 1, 5
    while have < machines:
        rounds, have = rounds + 1, have * 2
    assert fleet.slowest == pytest.approx(10 * rounds)


def test_more_layers_at_once_than_three_wait():
    """At most so many at a time: with one at a time four layers still take the line's time, one after the other."""
    one = pull_all(1, [10 * MB] * 4, "registry", Site(at_once=1, machine_down=10e6))
    assert one.slowest == pytest.approx(4.0)


def test_machines_that_start_apart_end_apart_and_the_same_each_time():
    """Starts are drawn from the seed: the same seconds again, others with another seed."""
    site = Site(spread=30.0, seed=3)
    first = pull_all(50, [MB], "registry", site)
    assert first == pull_all(50, [MB], "registry", site)
    assert first.seconds != pull_all(50, [MB], "registry", Site(spread=30.0, seed=4)).seconds
    assert all(a <= b for a, b in pairwise(first.seconds))


def test_percentiles_are_values_that_occur():
    """Half of four machines: the second; 99%: the last."""
    fleet = pull_all(4, [[MB], [2 * MB], [3 * MB], [4 * MB]], "registry", Site(machine_down=1e6))
    assert [round(fleet.percentile(p)) for p in (25, 50, 99, 100)] == [1, 2, 4, 4]


@pytest.mark.parametrize(
    "call",
    [lambda: pull_all(0, [1]), lambda: pull_all(1, []), lambda: pull_all(1, [1], "pigeon"), lambda: pull_all(1, [-1]),
     lambda: pull_all(10**6, [1]), lambda: Site(registry=0), lambda: Site(at_once=0), lambda: Site(spread=-1),
     lambda: swarm(0, 1, 1.0), lambda: swarm(10, 0, 1.0), lambda: swarm(10**6, 10**12, 1.0)],
)  # fmt: skip
def test_nonsense_is_refused(call):
    """Each with a word on what to give."""
    with pytest.raises(InvalidValue):
        call()


def test_all_ways_stand_in_one_table():
    """One line each, in the order in which they are explained."""
    assert [row[0] for row in compare_ways(10, [MB]).rows] == list(WAYS)


def test_a_swarm_is_never_quicker_than_its_line_and_near_it():
    """The floor is size over rate; with pieces enough, the last machine is not far above it."""
    found = swarm(200, 400 * MB, 20e6, piece=2 * MB)
    assert found.floor == 20.0
    assert 20.0 <= found.seconds[0] <= found.seconds[-1] < 1.35 * 20.0
    assert found.origin_copies < 12


def test_a_swarm_of_one_piece_spreads_by_doubling():
    """One piece: nobody can give before having it whole, so it takes rounds, not one."""
    found = swarm(64, MB, 1e6, piece=MB, origins=1, known=64)
    assert found.seconds[0] == 1.0 and 6 <= found.seconds[-1] <= 12


def test_every_machine_of_a_swarm_ends_with_everything_whatever_the_seed():
    """As many ends as machines, the same again from the same seed."""
    for seed in range(5):
        found = swarm(40, 10 * MB, 1e6, piece=MB, seed=seed)
        assert len(found.seconds) == 40 and found == swarm(40, 10 * MB, 1e6, piece=MB, seed=seed)
