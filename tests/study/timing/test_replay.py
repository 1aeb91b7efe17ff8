"""Pushes and pulls in time: closed forms, what clients do, and conversations as they were."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simregistry import Client, Registry
from simregistry.errors import InvalidValue
from simregistry.study.examples import catalogue, webapp
from simregistry.study.timing import (
    CONTAINERD,
    CRANE,
    ENGINE,
    REAL_CLIENTS,
    Chain,
    Conditions,
    RequestStep,
    Work,
    bound,
    compare_clients,
    replay,
    work_of_image,
    work_of_layers,
    work_of_lazy_pull,
    work_of_pull,
    work_of_push,
)  # fmt: skip

PLAIN = Conditions(latency=0.0, download=100.0, upload=100.0, gunzip=1e12, disk=1e12, open_round_trips=0)


def blobs(*sizes, unpacked=0):
    """The work of fetching blobs of such sizes, all of which unpack to so much."""
    return Work(
        (), tuple(Chain(f"blob {n}", (RequestStep("GET", down=size),), unpacked) for n, size in enumerate(sizes))
    )


def only(**change):
    """The plain conditions, changed."""
    return Conditions(**{**{name: getattr(PLAIN, name) for name in PLAIN.__slots__}, **change})


def test_one_flow_is_latency_plus_size_over_bandwidth():
    """The closed form, exactly."""
    assert replay(blobs(1000), CRANE, only(latency=0.5)).seconds == 0.5 + 1000 / 100
    assert replay(blobs(3_000_000_000), CRANE, only(download=300e6)).seconds == 10.0


def test_a_new_line_costs_its_round_trips():
    """TCP and TLS 1.3: two round trips before the first request, and two for each further line."""
    one = replay(blobs(1000), CRANE, only(latency=0.5, open_round_trips=2)).seconds
    assert one == pytest.approx(2 * 0.5 + 0.5 + 10)


@pytest.mark.parametrize("n", [2, 3])
def test_flows_side_by_side_share_the_line(n):
    """N blobs at once take as long as their sum."""
    assert replay(blobs(*[1000] * n), ENGINE, PLAIN).seconds == pytest.approx(10 * n)


def test_only_so_many_at_a_time():
    """Of four blobs the engine's fourth begins when one of three has ended."""
    timeline = replay(blobs(1000, 1000, 1000, 1000), ENGINE, PLAIN)
    assert timeline.of("blob 3", "transfer")[0].start == pytest.approx(30)
    assert replay(blobs(1000, 1000, 1000, 1000), CRANE, PLAIN).of("blob 3", "transfer")[0].start == 0


def test_layers_are_unpacked_from_the_base_up():
    """A layer that is here early waits for its parent; spans of one unpacker never overlap."""
    work = Work(
        (), (Chain("base", (RequestStep("GET", down=2000),), 500), Chain("top", (RequestStep("GET", down=100),), 500))
    )
    timeline = replay(work, ENGINE, only(disk=100.0))
    (base,), (top,) = timeline.of("base", "unpack"), timeline.of("top", "unpack")
    assert timeline.of("top", "transfer")[0].end < base.start
    assert base.end == top.start and top.seconds == pytest.approx(5)
    assert timeline.seconds == pytest.approx(21 + 5 + 5)


def test_the_slot_is_free_while_a_layer_is_unpacked():
    """The next download does not wait for the disk (moby xfer/download.go)."""
    timeline = replay(blobs(100, 100, 100, 100, unpacked=1000), ENGINE, only(disk=100.0))
    assert timeline.of("blob 3", "transfer")[0].start < timeline.of("blob 0", "unpack")[0].end


def test_more_at_a_time_help_only_where_each_transfer_is_limited():
    """On one full line three at a time take as long as one; where a server gives each a third, three are quicker."""
    one, three = replace(ENGINE, downloads=1), ENGINE
    work = blobs(1000, 1000, 1000)
    assert replay(work, one, PLAIN).seconds == pytest.approx(replay(work, three, PLAIN).seconds) == 30
    limited = only(each=100 / 3)
    assert replay(work, one, limited).seconds == pytest.approx(90)
    assert replay(work, three, limited).seconds == pytest.approx(30)


def test_an_image_of_the_catalogue_is_pulled_for_its_work():
    """What a machine has already is not in the work; the bytes are the catalogue's."""
    alone = work_of_image("python:3.13")
    layers = sum(layer.size for layer in catalogue.find("python:3.13").layers)
    assert layers < alone.down < layers + 5_000
    assert work_of_image("python:3.13", already=["python:3.13"]).chains == ()


def test_a_lazy_start_reads_a_part_and_pays_a_round_trip_for_each_stretch():
    """6.4% of the bytes, in stretches of 4 MiB one after the other; far away their round trips add up."""
    layers = [100_000_000, 40_000_000]
    whole, lazy = work_of_layers(layers), work_of_lazy_pull(layers, index=0.0)
    assert lazy.down == pytest.approx(0.064 * 140_000_000, abs=2_100) and lazy.unpacked == 0
    assert replay(lazy).seconds < 0.1 * replay(whole).seconds
    far = Conditions(latency=1.0)
    one, many = (replay(work_of_lazy_pull([100_000_000], 0.5, span), conditions=far).seconds for span in (10**9, 10**6))
    assert many - one == pytest.approx(49)
    with pytest.raises(InvalidValue, match="shares"):
        work_of_lazy_pull([1], read=1.5)


def test_crane_does_not_unpack_and_takes_no_time_for_it():
    """A client that keeps blobs as they are is done with the last byte."""
    assert replay(blobs(1000, unpacked=10**9), CRANE, PLAIN).seconds == 10.0


def test_a_failed_transfer_is_tried_again_after_the_clients_waits():
    """The engine waits 5 and 10 s after a first and a second failure, and gives up after the fifth: 50 s of waiting."""
    assert replay(blobs(1000), ENGINE, PLAIN, {"blob 0": 2}).seconds == pytest.approx(15 + 10)
    given_up = replay(blobs(1000), ENGINE, PLAIN, {"blob 0": 5})
    assert given_up.failed == "blob 0" and given_up.seconds == pytest.approx(50) == ENGINE.longest_wait
    assert replay(blobs(1000), CRANE, PLAIN, {"blob 0": 2}).seconds == pytest.approx(1 + 3 + 10)
    assert replay(blobs(1000), CRANE, PLAIN, {"blob 0": 3}).failed == "blob 0"


def test_a_push_ends_with_its_manifest_only_where_nothing_failed():
    """The last step waits for all chains, and is left out where one was given up."""
    work = Work((), (Chain("a", (RequestStep("PUT", up=1000),)),), (RequestStep("PUT manifest", up=100),))
    assert replay(work, ENGINE, PLAIN).spans[-1].name == "manifest, last"
    assert "manifest, last" not in replay(work, ENGINE, PLAIN, {"a": 9}).names


def test_a_pulls_conversation_becomes_its_work():
    """Every byte of the conversation is in the work, each blob a chain, and what was here already is not fetched."""
    registry = catalogue.load(Registry("docker.io"), ["python:3.13", "node:24"])
    client = Client(registries=[registry])
    first = client.pull("python:3.13")
    work = work_of_pull(first)
    assert work.down == first.conversation.down and len(work.steps) == len(first.conversation)
    assert {chain.name for chain in work.chains} == {blob.digest.short for blob in first.blobs[:-1]}
    assert work.unpacked == sum(int(layer.size * 2.6) for layer in first.layers)
    second = client.pull("node:24")
    fetched = sum(layer.size for layer in second.layers if layer.outcome == "fetched")
    assert work_of_pull(second).unpacked == pytest.approx(fetched * 2.6, abs=10)


def test_a_pushs_conversation_becomes_its_work():
    """Check, begin, send and close of a blob are one chain, in order; the manifest comes last."""
    registry = Registry(webapp.HOST)
    laptop = Client(registries=[registry])
    webapp.build_base(laptop)
    push = laptop.push(f"{webapp.HOST}/base:1")
    work = work_of_push(push)
    assert work.up == push.conversation.up and len(work.steps) == len(push.conversation)
    assert [step.label.split()[0] for step in work.chains[0].steps] == ["HEAD", "POST", "PATCH", "PUT"]
    assert [step.label for step in work.after] == ["PUT other"]


def test_what_bounds_a_pull_depends_on_the_line():
    """On a slow line it is the network; on a fast one unpacking; for many tiny layers far away the round trips."""
    work = work_of_layers([60_000_000, 200_000_000, 5_000_000])
    assert bound(work, ENGINE, Conditions(download=5e6)).by == "network"
    assert bound(work, ENGINE, Conditions(download=1e9)).by == "unpacking"
    tiny = work_of_layers([2_000] * 60)
    assert bound(tiny, ENGINE, Conditions(latency=0.2)).by == "round trips"


def test_the_same_work_takes_the_same_time_each_time():
    """No clock and no chance: equal timelines."""
    work = work_of_layers([1_000_000 * n for n in range(1, 30)])
    assert replay(work) == replay(work)


@pytest.mark.parametrize("wrong", [{"download": 0}, {"latency": -1}, {"disk": -5}, {"open_round_trips": -1}])
def test_conditions_that_cannot_be_are_refused(wrong):
    """The error says what to give."""
    with pytest.raises(InvalidValue, match="give"):
        Conditions(**wrong)


def test_a_fault_of_an_unknown_chain_is_refused():
    """Its message names the chains there are."""
    with pytest.raises(InvalidValue, match="blob 0"):
        replay(blobs(1), faults={"blob 7": 1})


def test_the_clients_are_what_their_sources_say():
    """Put in from the published defaults, each with its source."""
    assert (ENGINE.downloads, ENGINE.uploads, ENGINE.attempts) == (3, 5, 5)
    assert (CONTAINERD.downloads, CONTAINERD.uploads, CONTAINERD.unpackers) == (3, 3, 1)
    assert (CRANE.downloads, CRANE.attempts, CRANE.longest_wait) == (4, 3, 4.0)
    assert all("(C)" in client.source for client in REAL_CLIENTS)
    assert len(compare_clients({"one": blobs(1000)}, REAL_CLIENTS).rows[0]) == 4
