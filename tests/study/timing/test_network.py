"""Flows over links, against what can be worked out by hand."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from simregistry.errors import InvalidValue
from simregistry.study.timing.network import Network, max_min_rates


def ends(transfers, capacities):
    """Start each (at, size, path) on links of such capacities; give when each ended."""
    environment = simpy.Environment()
    network = Network(environment)
    links = [network.link(capacity) for capacity in capacities]
    found = {}

    def flow(number, at, size, path):
        yield environment.timeout(at)
        yield network.transfer(size, [links[n] for n in path])
        found[number] = environment.now

    for number, (at, size, path) in enumerate(transfers):
        environment.process(flow(number, at, size, path))
    environment.run()
    return [found[number] for number in range(len(transfers))]


def test_one_flow_takes_its_size_over_the_bandwidth():
    """3 GB at 300 MB/s is 10 s."""
    assert ends([(0, 3e9, [0])], [300e6]) == [10.0]


@pytest.mark.parametrize("n", [1, 2, 3, 7, 100])
def test_equal_flows_share_equally_and_end_together(n):
    """N flows over one link take N times as long as one."""
    assert ends([(0, 1000, [0])] * n, [100]) == pytest.approx([10.0 * n] * n)


def test_a_short_flow_gives_its_share_back():
    """Of 100 and 300 bytes at 100 a second, the short ends at 2 s; the long then has the link alone and ends at 4 s."""
    assert ends([(0, 100, [0]), (0, 300, [0])], [100]) == pytest.approx([2.0, 4.0])


def test_a_late_flow_takes_half_from_when_it_comes():
    """The first has 100 bytes through after 1 s; both then share: 50 a second each."""
    assert ends([(0, 200, [0]), (1, 100, [0])], [100]) == pytest.approx([3.0, 3.0])


def test_the_narrowest_link_bounds_and_its_neighbours_take_what_is_left():
    """Max-min: with a bottleneck of 20 on one flow's way, the two others share the rest of 100."""
    assert ends([(0, 200, [0, 1]), (0, 400, [0]), (0, 400, [0])], [100, 20]) == pytest.approx([10.0, 10.0, 10.0])


def test_no_bytes_take_no_time_and_nonsense_is_refused():
    """An empty transfer ends at once; a link without bandwidth is none."""
    assert ends([(5, 0, [0])], [100]) == [5.0]
    with pytest.raises(InvalidValue, match="above 0"):
        Network(simpy.Environment()).link(0)


capacities = st.lists(st.integers(1, 1000), min_size=1, max_size=5)


@given(capacities, st.data())
def test_shares_fill_links_and_favour_nobody(found, data):
    """Max-min, for any links and paths: no link is overfull, and each flow has a full link where nobody has more."""
    links = np.array([inf, *map(float, found)])
    paths = data.draw(st.lists(st.lists(st.integers(1, len(found)), min_size=1, max_size=3), min_size=1, max_size=12))
    padded = np.array([[*path, 0, 0, 0][:3] for path in (sorted(set(each)) for each in paths)])
    rates = max_min_rates(links, padded, np.full(len(paths), inf))
    load = np.bincount(padded.ravel(), weights=np.repeat(rates, 3), minlength=len(links))
    assert (load[1:] <= links[1:] * (1 + 1e-9)).all()
    for path, rate in zip(padded, rates, strict=True):
        assert any(
            link
            and load[link] >= links[link] * (1 - 1e-6)
            and rate >= rates[(padded == link).any(axis=1)].max() * (1 - 1e-6)
            for link in path
        )


def test_a_flow_never_has_more_than_it_may():
    """Who may have 10 has 10, and the others share what that leaves."""
    rates = max_min_rates(np.array([inf, 100.0]), np.array([[1], [1], [1]]), np.array([10.0, inf, inf]))
    assert rates.tolist() == [10.0, 45.0, 45.0]
