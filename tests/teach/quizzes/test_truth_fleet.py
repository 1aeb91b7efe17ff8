"""The quiz of the lesson “A fleet”: each option fits exactly where the package says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simregistry import Client, PullThrough, Registry
from simregistry.study import fleet, timing, webapp
from simregistry.study.population import Hub, populate
from simregistry.study.published import GRADES, find_figure

MB = 10**6


def copies_that_leave():
    """fleet.q1: counted."""
    copies = fleet.pull_all(200, [100 * MB], "cache").registry_bytes / (100 * MB)
    return {"two hundred, because the cache was empty": copies == 200, "one": copies == 1, "none": copies == 0}


def where_a_cache_changes_little():
    """fleet.q2: with and without one."""

    def gain(images):
        direct, cached = (fleet.pull_all(100, images, way).slowest for way in ("registry", "cache"))
        return direct / cached

    own = [[50 * MB + n] for n in range(100)]
    line = timing.Conditions(download=1250 * MB)
    wide = replace(line, download=10 * line.download)
    pull = timing.work_of_layers([100 * MB] * 4)
    quicker = timing.replay(pull, conditions=line).seconds / timing.replay(pull, conditions=wide).seconds
    return {
        "each machine pulls an image of its own, once": gain(own) < 1.1,
        "a thousand machines start the same service": gain([[50 * MB]]) < 1.1,
        "the machines are held up by unpacking": quicker < 1.1,
    }


def what_a_median_shows():
    """fleet.q3: the median is an input, and the images' size, which is none, fails."""
    layers, images = find_figure("zhao-layer-median"), find_figure("zhao-image-median")
    other = populate(Hub(images=3_000, seed=8)).sharing()
    given = layers.kind == "input" and abs(other.median_layer_bytes / 4e6 - 1) < 0.1
    return {
        "that the model is right": images.close,
        "nothing yet": given and images.kind == "result" and not images.close,
        "that the published median is right": False,
    }


def how_to_print_it():
    """fleet.q4: the grade of what somebody's notes say."""
    return {
        "as the paper's figure, with its section": "notes" in GRADES["C"],
        "as second-hand, with both sources": "second-hand" in GRADES["S"],
        "not at all": "S" not in GRADES,
    }


def the_new_version_now():
    """fleet.q5: tried behind a cache that has the old version."""
    registry, name = Registry("registry.example"), "registry.example/web:stable"
    laptop = Client(registries=[registry])
    for version in ("v1", "v2"):
        webapp.build(laptop, version)
    cache = PullThrough(registry, host="registry.example", recheck=3600)
    machine = Client(registries=[cache])

    def push(version):
        laptop.tag(f"registry.example/web:{version}", name)
        return laptop.push(name).digest

    old = push("v1")
    assert machine.pull(name).digest == old
    cache.clock.advance(600)
    new = push("v2")
    twice = [Client(registries=[cache]).pull(name).digest for _ in range(2)][-1]
    push("v2")
    pushed = Client(registries=[cache]).pull(name).digest
    by_digest = Client(registries=[cache]).pull(f"registry.example/web@{new}").digest
    return {
        "to pull the tag twice": twice == new,
        "to push the new version to the registry": pushed == new,
        "to pull it by digest": by_digest == new != old,
    }


def six_seconds():
    """fleet.q6: nobody receives faster than their own line, with any help."""
    own = 300 * MB
    helped = fleet.pull_all(50, [3_000 * MB], "peers", fleet.Site(machine_down=own, machine_up=1e12, seeds=50))
    wide = fleet.pull_all(50, [3_000 * MB], "registry", fleet.Site(machine_down=own, registry=1e12))
    return {
        "that needs enough peers": helped.slowest <= 6,
        "that can't be": min(helped.slowest, wide.slowest) > 6,
        "that needs a registry": wide.slowest <= 6,
    }


HOLDS = {
    "fleet.q1": copies_that_leave,
    "fleet.q2": where_a_cache_changes_little,
    "fleet.q3": what_a_median_shows,
    "fleet.q4": how_to_print_it,
    "fleet.q5": the_new_version_now,
    "fleet.q6": six_seconds,
}


@pytest.mark.parametrize("id", HOLDS)
def test_an_option_fits_exactly_where_the_package_says_so(id, fits):
    """The wrong ones too are computed: none of them is right by accident."""
    fits(id, HOLDS[id]())
