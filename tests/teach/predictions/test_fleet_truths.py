"""What the lesson on fleets says is so: it follows from the pulls, and other lines or images give another answer."""

from __future__ import annotations

import pytest

from simregistry import Client, PullThrough, Registry
from simregistry.study import fleet, published, run_grid, webapp
from simregistry.study.published.figure import GRADES
from simregistry.teach.predictions import fleet_truths as truths
from simregistry.teach.predictions.all_predictions import find_prediction
from simregistry.teach.predictions.answer_reading import read_answer
from simregistry.teach.predictions.outcome import outcome_of

MB = 10**6
WEB = [300 * MB, 240 * MB, 60 * MB]
OFFICE = fleet.Site(registry=300e6, machine_down=200e6)


def outcome(key, truth, answer):
    """What is said to an answer."""
    prediction = find_prediction(key)
    return outcome_of(prediction, truth, read_answer(prediction, answer, None))


def belief(key, truth, answer):
    """The belief that an answer is explained by."""
    return outcome(key, truth, answer).beliefs[0]


def in_two_ways(images, machines=200):
    """A fleet's pull straight from the registry, and through a cache."""
    return [fleet.pull_all(machines, images, way) for way in ("registry", "cache")]


def grown_fleet(site=None):
    """Peers: one machine alone, and a fleet before and after it doubles."""
    grid = {"machines": [1, *truths.DOUBLED], "way": ["peers"]}
    return run_grid(lambda machines, way: {"seconds": fleet.pull_all(machines, WEB, way, site).slowest}, grid)


def test_three_machines_share_the_registrys_line():
    """600 MB at 100 MB a second each; the sums of three beliefs are known."""
    three = fleet.pull_all(3, WEB, site=OFFICE)
    truth = truths.last_of_three(three, OFFICE)
    assert truth.right == 6.0 and truth.facts["share"] == 100
    assert belief("fleet.last-of-three", truth, 3) == "only my own line counts"
    assert belief("fleet.last-of-three", truth, "9 s") == "machines are served one after the other"
    assert belief("fleet.last-of-three", truth, 2) == "the registry sends each layer once, whoever asks"
    assert outcome("fleet.last-of-three", truth, 6).right
    assert truths.egress_of_three(three, WEB).right == 3
    assert truths.last_of_three(fleet.pull_all(1, WEB, site=OFFICE), OFFICE).right == 3.0


def test_the_question_names_the_lines_and_the_bytes_that_the_lesson_uses():
    """The texts of questions have numbers in them; they are those of the pull."""
    text = find_prediction("fleet.last-of-three").text
    assert all(f"{number:g} MB" in text for number in (sum(WEB) / MB, OFFICE.registry / MB, OFFICE.machine_down / MB))
    text = find_prediction("fleet.shared-base").text
    assert all(f"({size / MB:g} MB)" in text for size in WEB)


def test_the_ways_are_sorted_by_what_leaves_the_registry():
    """One copy a machine, five, one and none; fewer machines than copies change the order."""
    truth = truths.least_egress([fleet.pull_all(200, WEB, way) for way in fleet.WAYS])
    assert truth.right == ("mirror", "cache", "peers", "registry")
    assert (truth.facts["cache"], truth.facts["peers"], truth.facts["registry"]) == (0.6, 3.0, 120.0)
    assert set(truth.right) == set(find_prediction("fleet.least-egress").options)
    outcomes = [fleet.pull_all(200, [[size + n for size in WEB] for n in range(200)], way) for way in fleet.WAYS]
    assert truths.least_egress(outcomes).right != truth.right


def test_a_cache_helps_those_who_ask_for_the_same():
    """Images of their own take longer through it; one image takes a quarter; a shared base is in between."""
    own = truths.own_images(in_two_ways([[size + n for size in WEB] for n in range(200)]))
    assert own.right == "more time" and round(own.facts["percent"]) == 12
    assert truths.own_images(in_two_ways(WEB)).right == "about a quarter of the time"
    pairs = [[size + n // 2 for size in WEB] for n in range(200)]
    assert truths.own_images(in_two_ways(pairs)).right == "about half of the time"
    assert truths.own_images(in_two_ways(WEB, machines=8)).right == "about the same time"
    for option in ("about a quarter of the time", "about half of the time"):
        assert belief("fleet.own-images", own, option) == "a cache helps every fleet"


def test_what_images_share_leaves_the_registry_once():
    """540 MB once and 200 code layers; images, one image, and code layers alone are other sums."""
    variants = [[*WEB[:2], WEB[2] + n] for n in range(200)]
    truth = truths.shared_base(fleet.pull_all(200, variants, "cache"), WEB)
    assert truth.right == (300 + 240 + 200 * 60) * MB
    assert belief("fleet.shared-base", truth, "120 GB") == "a cache keeps images, not layers"
    assert belief("fleet.shared-base", truth, 0.6) == "a cache helps every fleet"
    assert belief("fleet.shared-base", truth, 12) == "what is shared costs nothing"
    assert outcome("fleet.shared-base", truth, "12.5 GB").right
    assert truths.shared_base(fleet.pull_all(200, WEB, "cache"), WEB).right == sum(WEB)


def test_peers_need_one_round_more_for_twice_the_machines():
    """A narrow line of the machines that give makes the first copies the bound, and then it differs."""
    truth = truths.doubling(grown_fleet())
    assert truth.right == "less than a fifth longer" and truth.facts["before"] < truth.facts["after"]
    for option in ("twice as long", "no longer at all"):
        assert belief("fleet.doubling", truth, option)
    direct = grown_fleet(fleet.Site(seeds=1000))
    assert truths.doubling(direct).right == "twice as long"


def test_the_first_size_at_which_peers_are_faster_is_found():
    """At the size before, the cache was; a wider line of the cache moves the place."""
    sizes = range(150, 401, 25)
    pulls = {n: [fleet.pull_all(n, WEB, way) for way in ("cache", "peers")] for n in sizes}
    truth = truths.overtake(pulls)
    assert truth.right == 225 and truth.facts["peers"] < truth.facts["cache"]
    before_cache, before_peers = pulls[200]
    assert before_cache.slowest < before_peers.slowest
    site = fleet.Site(nearby=6e9)
    wider = {n: [fleet.pull_all(n, WEB, way, site) for way in ("cache", "peers")] for n in sizes}
    assert truths.overtake(wider).right > 225


@pytest.fixture
def registry():
    """A registry with version 1 of the web app under the tag stable, and a laptop that has both versions."""
    registry = Registry("registry.example")
    laptop = Client(registries=[registry])
    for version in ("v1", "v2"):
        webapp.build(laptop, version)
    laptop.tag("registry.example/web:v1", "registry.example/web:stable")
    laptop.push("registry.example/web:stable")
    return registry, laptop


@pytest.mark.parametrize(
    ("recheck", "later"), [(3600, {"11:15"}), (0, {"10:30", "11:15"}), (1200, {"10:30", "11:15"}), (86_400, set())]
)
def test_a_cache_gives_the_old_version_until_it_asks_again(registry, recheck, later):
    """It depends on how often it asks where a tag points."""
    registry, laptop = registry
    name = "registry.example/web:stable"
    cache = PullThrough(registry, host="registry.example", recheck=recheck)
    waves = {"10:00": [Client(registries=[cache]).pull(name)]}
    laptop.tag("registry.example/web:v2", name)
    new = laptop.push(name)
    for time, minutes in (("10:30", 30), ("11:15", 45)):
        cache.clock.advance(minutes * 60)
        waves[time] = [Client(registries=[cache]).pull(name) for _ in range(2)]
    truth = truths.moved_tag(waves, new)
    assert truth == {f"those of {time}" for time in later}
    assert truth <= set(find_prediction("fleet.moved-tag").options)


def test_nobody_is_faster_than_their_own_line():
    """3,000 MB at 300 MB a second; the registry's own time is that of a belief."""
    kraken = published.published(["kraken-registry"])
    alone = fleet.pull_all(1, [3000 * MB], site=fleet.Site(machine_down=300e6))
    truth = truths.kraken_floor(alone, kraken)
    assert truth.right == 10.0
    assert belief("fleet.kraken-floor", truth, 6240) == "the registry's line is always the bound"
    assert outcome("fleet.kraken-floor", truth, "10 s").right


def test_the_row_that_was_worked_out_is_the_one_with_the_letter_d():
    """Wherever it is in the table."""
    for names, row in ((["kraken-registry", "kraken-p50"], 1), (["kraken-p50", "kraken-p99", "kraken-registry"], 3)):
        truth = truths.nobody_measured(published.published(names))
        assert truth.right == row and truth.facts == {"grade": "D", "seconds": 6240.0}
    assert "arithmetic" in GRADES["D"]


def test_a_row_that_sets_the_model_is_no_result():
    """One of three; without the rows that were put in nothing else changes."""
    assert truths.put_in(published.published(["ant-1", "ant-5", "ant-50"])) == {"5 clients"}
    assert truths.put_in(published.published(["ant-1", "ant-50"])) == frozenset()
    options = set(find_prediction("fleet.put-in").options)
    assert options == {"1 client", "5 clients", "50 clients"}
