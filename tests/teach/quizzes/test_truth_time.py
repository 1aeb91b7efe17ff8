"""The quiz of the lesson “A pull and its time”: each option fits exactly where the package says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simregistry.study import timing

MB = 10**6
FAR = timing.Conditions(latency=0.02, download=12.5 * MB)


def seconds_of_250_mb():
    """time.q1: replayed; the number of layers matters little."""
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
        "the pull gets slower, since the line carries less": ten > three * 1.02,
    }


def when_unpacked():
    """time.q3: where the small layer's unpacking begins."""
    timeline = timing.replay(timing.work_of_layers([300 * MB, 5 * MB]), conditions=FAR)
    small, base = timeline.of("layer 2", "unpack")[0], timeline.of("layer 1", "unpack")[0]
    here, base_here = timeline.of("layer 2", "transfer")[-1].end, timeline.of("layer 1", "transfer")[-1].end
    return {
        "after 1 s, when it is here": small.start == here,
        "after the layer below has been unpacked": small.start == base.end,
        "after 30 s, side by side with the layer below": small.start == base_here,
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


def ten_kilobytes_far_away():
    """time.q5: on the line, and on one that carries ten times as much."""
    line = timing.Conditions(latency=0.25, download=12.5 * MB)
    wide = replace(line, download=10 * line.download)
    work = timing.work_of_layers([10_000], 0)
    before, after = (timing.replay(work, conditions=conditions).seconds for conditions in (line, wide))
    assert round(before, 1) == 4 * line.latency
    share = after / before
    return {
        "a tenth of the time": share < 0.2,
        "half of the time": 0.2 <= share < 0.8,
        "as long as before": share > 0.99,
    }


def one_large_layer():
    """time.q6: a server that gives each connection a tenth of the line, and each change alone."""
    limited = replace(FAR, each=FAR.download / 10)
    one = timing.work_of_layers([300 * MB])
    before = timing.replay(one, conditions=limited).seconds
    changed = {
        "ten downloads": timing.replay(one, replace(timing.ENGINE, downloads=10), limited),
        "the same files": timing.replay(timing.work_of_layers([100 * MB] * 3), conditions=limited),
        "a base of 200 MB": timing.replay(timing.work_of_layers([100 * MB]), conditions=limited),
        "a line twice": timing.replay(one, conditions=replace(limited, download=2 * limited.download)),
    }
    return {name: timeline.seconds <= before * 2 / 3 for name, timeline in changed.items()}


HOLDS = {
    "time.q1": seconds_of_250_mb,
    "time.q2": ten_at_a_time,
    "time.q3": when_unpacked,
    "time.q4": in_the_data_centre,
    "time.q5": ten_kilobytes_far_away,
    "time.q6": one_large_layer,
}


@pytest.mark.parametrize("id", HOLDS)
def test_an_option_fits_exactly_where_the_package_says_so(id, fits):
    """The wrong ones too are computed: none of them is right by accident."""
    fits(id, HOLDS[id]())
