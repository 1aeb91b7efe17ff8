"""The quiz of the lesson “A pull and its time”: each option fits exactly where the package says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simregistry.study import timing

MB = 10**6
FAR = timing.Conditions(latency=0.02, download=12.5 * MB)


def seconds_of_250_mb():
    """time.q1: played; layers matter little."""
    one, ten = (timing.replay(timing.work_of_layers([250 * MB // n] * n, 0), conditions=FAR).seconds for n in (1, 10))
    return {
        "2.5 s": round(one, 1) == 2.5,
        "20 s": round(one) == 20,
        "it depends on the number of layers": ten > one * 1.1,
    }


def ten_at_a_time():
    """time.q2: three and ten on a full line."""
    work = timing.work_of_layers([20 * MB] * 12, 0)
    three, ten = (timing.replay(work, replace(timing.ENGINE, downloads=n), FAR).seconds for n in (3, 10))
    return {
        "the pull takes a third of the time": ten < three / 2,
        "next to nothing": abs(ten - three) < 0.02 * three,
        "it gets slower, since the line gets narrower": ten > three * 1.02,
    }


def when_unpacked():
    """time.q3: where the small layer's unpacking begins."""
    timeline = timing.replay(timing.work_of_layers([300 * MB, 5 * MB]), conditions=FAR)
    small, base = timeline.of("layer 2", "unpack")[0], timeline.of("layer 1", "unpack")[0]
    here, base_here = timeline.of("layer 2", "transfer")[-1].end, timeline.of("layer 1", "transfer")[-1].end
    return {
        "after 1 s, when it is here": small.start == here,
        "after the base has been unpacked": small.start == base.end,
        "after 30 s, side by side with the base": small.start == base_here,
    }


def in_the_data_centre():
    """time.q4: a wide line, and what is saved by each thing."""
    line = timing.Conditions(download=1250 * MB)
    seven = timing.work_of_layers([400 * MB // 7] * 7)
    found = timing.bound(seven, conditions=line)
    one = timing.replay(timing.work_of_layers([400 * MB]), conditions=line).seconds
    return {
        "a wider line": found.by == "network",
        "faster unpacking, or less to unpack": found.by == "unpacking",
        "all files in one layer": one < found.seconds * 0.9,
    }


HOLDS = {
    "time.q1": seconds_of_250_mb,
    "time.q2": ten_at_a_time,
    "time.q3": when_unpacked,
    "time.q4": in_the_data_centre,
}


@pytest.mark.parametrize("id", HOLDS)
def test_an_option_fits_exactly_where_the_package_says_so(id, fits):
    """The wrong ones too are computed: none of them is right by accident."""
    fits(id, HOLDS[id]())
