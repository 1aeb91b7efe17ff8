"""Lesson 12: each option of a question fits exactly where the package says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simregistry.study import fleet, timing
from simregistry.study.population import Hub, populate
from simregistry.study.published import GRADES, find_figure

MB = 10**6
FAR = timing.Conditions(latency=0.02, download=12.5 * MB)


def seconds_of_250_mb():
    """12-q1: played; layers matter little."""
    one, ten = (timing.replay(timing.work_of_layers([250 * MB // n] * n, 0), conditions=FAR).seconds for n in (1, 10))
    return {
        "2.5 s": round(one, 1) == 2.5,
        "20 s": round(one) == 20,
        "it depends on the number of layers": ten > one * 1.1,
    }


def ten_at_a_time():
    """12-q2: three and ten on a full line."""
    work = timing.work_of_layers([20 * MB] * 12, 0)
    three, ten = (timing.replay(work, replace(timing.ENGINE, downloads=n), FAR).seconds for n in (3, 10))
    return {
        "the pull takes a third of the time": ten < three / 2,
        "next to nothing": abs(ten - three) < 0.02 * three,
        "it gets slower, since the line gets narrower": ten > three * 1.02,
    }


def when_unpacked():
    """12-q3: where the small layer's unpacking begins."""
    timeline = timing.replay(timing.work_of_layers([300 * MB, 5 * MB]), conditions=FAR)
    small, base = timeline.of("layer 2", "unpack")[0], timeline.of("layer 1", "unpack")[0]
    here, base_here = timeline.of("layer 2", "transfer")[-1].end, timeline.of("layer 1", "transfer")[-1].end
    return {
        "after 1 s, when it is here": small.start == here,
        "after the base has been unpacked": small.start == base.end,
        "after 30 s, side by side with the base": small.start == base_here,
    }


def in_the_data_centre():
    """12-q4: a wide line, and what is saved by each thing."""
    line = timing.Conditions(download=1250 * MB)
    seven = timing.work_of_layers([400 * MB // 7] * 7)
    found = timing.bound(seven, conditions=line)
    one = timing.replay(timing.work_of_layers([400 * MB]), conditions=line).seconds
    return {
        "a wider line": found.by == "network",
        "faster unpacking, or less to unpack": found.by == "unpacking",
        "all files in one layer": one < found.seconds * 0.9,
    }


def copies_that_leave():
    """12-q5: counted."""
    copies = fleet.pull_all(200, [100 * MB], "cache").registry_bytes / (100 * MB)
    return {"two hundred: the cache was empty": copies == 200, "one": copies == 1, "none": copies == 0}


def where_a_cache_changes_little():
    """12-q6: with and without one."""

    def gain(images):
        direct, cached = (fleet.pull_all(100, images, way).slowest for way in ("registry", "cache"))
        return direct / cached

    own = [[50 * MB + n] for n in range(100)]
    line = timing.Conditions(download=1250 * MB)
    wide = replace(line, download=10 * line.download)
    pull = timing.work_of_layers([100 * MB] * 4)
    quicker = timing.replay(pull, conditions=line).seconds / timing.replay(pull, conditions=wide).seconds
    return {
        "machines that each pull an image of their own, once": gain(own) < 1.1,
        "a thousand machines that start the same service": gain([[50 * MB]]) < 1.1,
        "machines whose pulls are bounded by unpacking": quicker < 1.1,
    }


def what_a_median_shows():
    """12-q7: the median is an input, and the images' size, which is none, fails."""
    layers, images = find_figure("zhao-layer-median"), find_figure("zhao-image-median")
    other = populate(Hub(images=3_000, seed=8)).sharing()
    given = layers.kind == "input" and abs(other.median_layer_bytes / 4e6 - 1) < 0.1
    return {
        "that the model is right": images.close,
        "nothing yet; predict something that was not put in": given and images.kind == "result" and not images.close,
        "that the published median is right": False,
    }


def how_to_print_it():
    """12-q8: the grade of what somebody's notes say."""
    return {
        "as the paper's figure, with the section": "notes" in GRADES["C"],
        "as second-hand, with both sources": "second-hand" in GRADES["S"],
        "not at all": "S" not in GRADES,
    }


HOLDS = {
    "12-q1": seconds_of_250_mb,
    "12-q2": ten_at_a_time,
    "12-q3": when_unpacked,
    "12-q4": in_the_data_centre,
    "12-q5": copies_that_leave,
    "12-q6": where_a_cache_changes_little,
    "12-q7": what_a_median_shows,
    "12-q8": how_to_print_it,
}


@pytest.mark.parametrize("id", HOLDS)
def test_an_option_fits_exactly_where_the_package_says_so(id, fits):
    """The wrong ones too are computed: none of them is right by accident."""
    fits(id, HOLDS[id]())
