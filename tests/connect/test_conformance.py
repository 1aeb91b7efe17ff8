"""The walk of the specification's MUSTs: of the simulated registry all, of a real one what is known of it."""

from __future__ import annotations

import pytest
from conformance import WALK, Check, Line, walk
from peers import DockerRegistry

# What docker-registry 2.8.2 does not keep: measured by this walk, and held so that the walk is seen to fail where
# something is wrong. Most is newer than it (referrers, and the order and pages of tag lists); the rest are its faults.
NOT_KEPT_BY_2_8 = {
    "Pulling manifests: references_that_are_none",
    "Pulling manifests: names_that_are_none",
    "Pulling blobs: blobs_are_read",
    "Pulling blobs: ranges",
    "POST then PUT: post_and_put",
    "Pushing a blob in chunks: chunks_out_of_order",
    "Mounting a blob from another repository: mounts",
    "Pushing Manifests: manifests_are_written",
    "Pushing Manifests: images_in_another_algorithm",
    "Pushing Manifests: kinds_of_manifest",
    "Pushing Manifests with Subject: subjects_are_echoed",
    "Pulling manifests: manifests_under_a_wrong_digest",
    "Listing Tags: tags_in_order",
    "Listing Tags: tags_in_pages",
    "Listing Tags: no_tags_asked_for",
    "Listing Tags: tags_after_one",
    "Listing Referrers: no_referrers",
    "Listing Referrers: referrers_of_no_digest",
    "Listing Referrers: referrers_are_listed",
    "Listing Referrers: referrers_are_filtered",
    "Enabling the Referrers API: referrers_come_and_go",
    "Deleting Manifests: manifests_are_deleted",
    "Error Codes: refusals_have_their_form",
}


@pytest.mark.parametrize("check", WALK, ids=[check.name for check in WALK])
def test_the_simulated_registry_keeps_every_must(served, check: Check):
    """The sentence is beside the check."""
    check.run(Line(served.host, served.port))


def test_the_walk_fails_where_a_registry_does_not_keep_a_must(tmp_path):
    """Held against a real registry of the time before 1.1."""
    with DockerRegistry(tmp_path / "storage") as real:
        assert set(walk("127.0.0.1", real.port)) == NOT_KEPT_BY_2_8
