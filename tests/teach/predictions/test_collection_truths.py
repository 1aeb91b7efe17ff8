"""What the lesson on collection says is so: it follows from inventories and plans, and other ones give another answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simregistry import (
    DAY,
    DISTRIBUTION_2_8,
    DISTRIBUTION_3,
    Client,
    Registry,
    Request,
    Rule,
    Subject,
    dry_run,
    shares,
    sweep,
    take_inventory,
)
from simregistry.show import collector_explorer
from simregistry.study.examples import webapp
from simregistry.teach.predictions import collection_truths as truths
from simregistry.teach.predictions.all_predictions import find_prediction
from simregistry.teach.predictions.outcome import outcome_of


@pytest.fixture
def attested():
    """A registry with an image, its attestation and an index over both, which has the only tag."""
    registry = Registry("registry.example")
    return registry, webapp.push_attested(registry)


def beliefs(key, truth, *answers):
    """The beliefs that wrong answers show."""
    return [outcome_of(find_prediction(key), truth, answer).beliefs for answer in answers]


def test_deleting_a_tag_moves_no_byte_and_a_sweep_does(registry):
    """The image can be pulled by its digest until a layer is lost, and until the collector has run."""
    before = take_inventory(registry.storage)
    answer = registry.handle(Request("DELETE", "/v2/web/manifests/v1"))
    truth = truths.tag_deleted(before, registry, answer)
    assert (truth.right, truth.facts["status"]) == ("the whole image", 202)
    assert truth.facts["before"] == truth.facts["after"] == "413,554"
    wrong = beliefs("collection.tag-deleted", truth, "nothing", "the manifest, but no layers")
    assert wrong == [("deleting a tag frees space",)] * 2
    broken = registry.copy()
    broken.storage.blobs.delete(before.references[before.holdings["web"].tags["v1"]][-1])
    assert truths.tag_deleted(before, broken, answer).right == "the manifest, but no layers"
    sweep(registry.storage, DISTRIBUTION_3.plan(take_inventory(registry.storage), delete_untagged=True))
    truth = truths.tag_deleted(before, registry, answer)
    assert (truth.right, truth.facts["after"]) == ("nothing", "401,337")


def test_deleting_a_manifest_takes_names_alone(registry):
    """The tag and the link to the manifest; with a sweep, bytes and the other links as well."""
    before = take_inventory(registry.storage)
    registry.handle(Request("DELETE", f"/v2/web/manifests/{before.holdings['web'].tags['v1']}"))
    assert truths.manifest_deleted(before, take_inventory(registry.storage)) == {
        "the tag v1",
        "the link to the manifest",
    }
    sweep(registry.storage, DISTRIBUTION_3.plan(take_inventory(registry.storage), delete_untagged=True))
    options = find_prediction("collection.manifest-deleted").options
    assert truths.manifest_deleted(before, take_inventory(registry.storage)) == set(options)


def test_garbage_is_what_the_plan_takes(registry):
    """By the names of the question."""
    digest = take_inventory(registry.storage).holdings["web"].tags["v2"]
    manifest = registry.manifest("web", str(digest))
    names = {registry.image("web:v1").manifest.digest: "v1", digest: "v2", manifest.layers[0].digest: "base"}
    registry.handle(Request("DELETE", "/v2/web/manifests/v2"))
    plan = DISTRIBUTION_3.plan(take_inventory(registry.storage), delete_untagged=True)
    names |= dict.fromkeys(set(plan.swept) - set(names), "code v2")
    assert truths.garbage(plan, names) == {"v2", "code v2"}


def test_the_base_gets_its_mark_when_the_roots_are_followed():
    """Seen on a copy, so that the learner's explorer stays where it is; in an image without layers, a root is the base."""
    explorer = collector_explorer()
    assert truths.base_step(explorer) == "after Follow the roots" and explorer.stage == 0
    root = next(digest for digest, name in explorer.names.items() if name == "v1")
    assert truths.base_step(collector_explorer(explorer.start, {root: "base"})) == "after Mark the roots"


def test_what_a_tag_frees_is_what_it_alone_leads_to():
    """And the numbers of three beliefs."""
    shop = Registry("registry.example")
    desk = Client(registries=[shop])
    for version, tag in (("v1", "v1"), ("v3", "latest")):
        webapp.build(desk, version)
        desk.tag(f"registry.example/web:{version}", f"registry.example/web:{tag}")
        desk.push(f"registry.example/web:{tag}")
    truth = truths.freed(take_inventory(shop.storage))
    assert (truth.right, truth.facts["code"], truth.facts["both"]) == (12_217, 10_240, 413_554)
    assert beliefs("collection.freed", truth, 400_000, 10_240, 413_554) == [
        ("bytes of an image = bytes freed by deleting it",),
        ("only layers take space",),
        ("bytes of an image = bytes freed by deleting it",),
    ]


def test_the_largest_image_is_found_in_its_row(registry):
    """The first row of two alike, and its numbers."""
    top = shares(take_inventory(registry.storage))
    truth = truths.largest_image(top)
    assert (truth.right, truth.facts["alone"]) == (1, 12_217)


def test_rules_are_read_off_the_dry_run(registry):
    """The tags that go."""
    inventory = take_inventory(registry.storage)
    digest = inventory.holdings["web"].tags["v1"]
    subjects = [Subject("web", tag, digest, since=day * DAY) for tag, day in (("ci-1", 1), ("ci-2", 9))]
    run = dry_run(inventory, subjects, [Rule("one", "delete", newest=1)], now=10 * DAY)
    assert truths.rules(run) == {"ci-1"}


def test_the_two_versions_differ_over_an_index(attested):
    """Version 3 deletes nothing, and 2.8 sweeps nearly all; a plan that deletes one of the manifests is told apart."""
    registry, index = attested
    inventory = take_inventory(registry.storage)
    old, new = (each.plan(inventory, delete_untagged=True) for each in (DISTRIBUTION_2_8, DISTRIBUTION_3))
    truth = truths.children(new, old, index)
    assert truth.right == "nothing"
    assert truth.facts == {"lost": "400,969", "whole": "402,953"}
    assert truths.children(old, new, index).right == "both manifests and what they name"
    one, other = (replace(old, manifests=(gone,)) for gone in old.manifests)
    assert truths.children(one, old, index).right == "the image and what it names"
    assert truths.children(other, old, index).right == "the attestation and what it names"
    assert truths.kept_by_old(old) == 3


def test_the_pull_is_really_tried(attested):
    """Before the sweep it works. After it the manifest is refused; without a layer, or without the tag, it stops there."""
    registry, index = attested
    assert truths.pull(registry, index).right == "nowhere, it works"
    without_layer, without_tag = registry.copy(), registry.copy()
    layer = take_inventory(registry.storage).references[index.manifests[0].digest][-1]
    without_layer.storage.blobs.delete(layer)
    assert truths.pull(without_layer, index).right == "at a layer"
    without_tag.handle(Request("DELETE", "/v2/web/manifests/v1"))
    assert truths.pull(without_tag, index).right == "at the tag"
    sweep(registry.storage, DISTRIBUTION_2_8.plan(take_inventory(registry.storage), delete_untagged=True))
    truth = truths.pull(registry, index)
    assert truth.right == "at the image's manifest" and truth.facts["tags"] == "v1"
    assert "404" in str(truth.facts["refusal"])


def test_an_attested_image_can_be_pulled_and_its_attestation_is_no_platform():
    """The client takes the image and leaves the attestation."""
    registry = Registry("registry.example")
    index = webapp.push_attested(registry)
    assert [str(child.platform) for child in index.manifests] == ["linux/amd64", "unknown/unknown"]
    pulled = Client(registries=[registry]).pull("registry.example/web:v1")
    assert pulled.digest == index.manifests[0].digest
    note = registry.manifest("web", str(index.manifests[1].digest))
    assert note.layers[0].media_type == "application/vnd.in-toto+json"
    assert index.manifests[1].annotations["vnd.docker.reference.digest"] == str(index.manifests[0].digest)
