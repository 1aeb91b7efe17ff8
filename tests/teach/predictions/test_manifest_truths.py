"""What the lesson on the manifest says is so: it follows from what happened, and other events give another answer."""

from __future__ import annotations

import json

import pytest

from simregistry import Client, Descriptor, ImageConfig, ImageIndex, ImageManifest, Request
from simregistry.errors import TransferFailed
from simregistry.oci.messages import Response
from simregistry.teach.predictions import manifest_truths as truths
from simregistry.teach.predictions.all_predictions import find_prediction
from simregistry.teach.predictions.outcome import outcome_of

V1, V2 = "registry.example/web:v1", "registry.example/web:v2"


@pytest.fixture
def manifests(registry):
    """The manifests of both."""
    machine = Client(registries=[registry])
    machine.pull(V1)
    machine.pull(V2)
    return machine.manifest(V1), machine.manifest(V2)


def test_the_manifest_is_searched_and_read(registry, manifests):
    """It has names and sizes of layers, not their files; a page with files, a command and a tag has all five."""
    answer = registry.handle(Request("GET", "/v2/web/manifests/v1"))
    truth = truths.what_is_in_it(answer, manifests[0])
    assert truth.right == {"each layer's digest", "each layer's size"}
    assert truth.facts == {"size": 853, "layers": 399_360, "whole": 400_484}
    assert truths.third_layer(answer) == 71_680
    prediction = find_prediction("manifest.what-is-in-it")
    outcome = outcome_of(prediction, truth, {*truth.right, "the files of the layers"})
    assert outcome.beliefs == ("the manifest contains the layers",) and outcome_of(prediction, truth, truth.right).right
    stuffed = json.loads(answer.body) | {"Cmd": "run", "tag": "v1", "files": "f" * 400_000}
    page = Response(200, {}, json.dumps(stuffed).encode())
    assert truths.what_is_in_it(page, manifests[0]).right == set(prediction.options)


def test_a_time_stamp_changes_the_config_and_the_manifest(manifests):
    """Nothing changes in the same image; in another version the top layer does as well."""
    v1, v2 = manifests
    stamped = ImageManifest.of(ImageConfig.of(created="2026-07-14T01:22:41Z").descriptor, v1.layers)
    assert truths.time_stamp(v1, v1) == frozenset()
    assert truths.time_stamp(v1, stamped) == {"the image ID", "the manifest's digest"}
    assert "the top layer's digest" in truths.time_stamp(v1, v2)
    assert truths.which_row({"none": (v1, v1), "code": (v1, v2), "time": (v1, stamped)}) == 3


def test_the_order_counts_if_the_manifests_and_the_doors_differ(manifests):
    """Each of the three options can come out."""
    v1, v2 = manifests
    seen = [truths.change_places(*case).right for case in (
        (v1, v1, ["blue", "blue"]), (v1, v2, ["blue", "blue"]), (v1, v2, ["blue\n", "green\n"]),
    )]  # fmt: skip
    assert seen == list(find_prediction("manifest.change-places").options)


def test_the_release_file_says_which_base_it_is():
    """The running example's own, or another."""
    assert truths.base_rebuilt("1\n") == "the app on the old base"
    assert truths.base_rebuilt("1, fixed\n") == "the app on the new base"


def test_a_pull_begins_with_the_digest_of_a_manifest(registry, manifests):
    """The registry is asked under each digest."""
    ids = {"image ID": manifests[0].config, "manifest": manifests[0], "top layer": manifests[0].layers[-1]}
    answers = {what: registry.handle(Request("GET", f"/v2/web/manifests/{it.digest}")) for what, it in ids.items()}
    truth = truths.pull_by(answers)
    assert truth.right == "the manifest's digest"
    assert truth.facts == {"image": 404, "manifest": 200, "layer": 404}


def test_the_client_chooses_from_an_index(registry, manifests):
    """Two documents are fetched for an index, and one where the tag leads to a manifest."""
    platform = {"platform": {"os": "linux", "architecture": "arm64"}}
    index = ImageIndex.of([Descriptor.from_json(manifests[1].descriptor.to_json() | platform)])
    headers = {"Content-Type": index.media_type}
    registry.handle(Request("PUT", "/v2/web/manifests/multi", {}, headers, index.raw))
    phone = Client(registries=[registry], platform="linux/arm64")
    truth = truths.platforms(phone.pull("registry.example/web:multi"))
    assert (truth.right, truth.facts["manifests"]) == ("the client, which reads the list", 2)
    assert truths.platforms(phone.pull(V1)).right == "the registry, which knows the machine"


def test_a_pull_with_a_swapped_layer_keeps_nothing(registry, manifests):
    """Where nothing was swapped, all four are kept."""
    machine = Client(registries=[registry])
    machine.pull(V2)
    assert truths.swapped(machine, manifests[1]).right == 4
    registry.storage.blobs.tamper(manifests[1].layers[-1].digest, b"something else")
    fresh = Client(registries=[registry])
    with pytest.raises(TransferFailed):
        fresh.pull(V2)
    truth = truths.swapped(fresh, manifests[1])
    beliefs = [outcome_of(find_prediction("manifest.swapped"), truth, said).beliefs for said in (0, 3, 4)]
    assert truth.right == 0 and [len(shown) for shown in beliefs] == [0, 1, 1]
