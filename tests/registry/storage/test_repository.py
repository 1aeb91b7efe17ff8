"""A repository has one writer, itself: its names agree with each other whatever is written, in whatever order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simregistry.errors import BlobUnknown, ManifestUnknown
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.media_types import OCI_CONFIG
from simregistry.registry.storage.repository import Repository

CONFIG = Descriptor.of(b"{}", OCI_CONFIG)
APP = ImageManifest.of(CONFIG, [])
# Two signatures of the app, and a signature of the first: what is signed is itself a manifest that may be missing.
FIRST = ImageManifest.of(CONFIG, [], subject=APP.descriptor)
SECOND = ImageManifest.of(CONFIG, [], subject=APP.descriptor, annotations={"by": "another"})
COUNTER = ImageManifest.of(CONFIG, [], subject=FIRST.descriptor)
MANIFESTS = (APP, FIRST, SECOND, COUNTER)


def agrees(repository: Repository) -> bool:
    """Whether the referrers are those that the manifests name, each once."""
    named = sorted((m.subject.digest, digest) for digest, m in repository.manifests.items() if m.subject)
    noted = sorted((subject, digest) for subject, digests in repository.referrers.items() for digest in digests)
    return named == noted and all(repository.referrers.values())


WRITES = st.one_of(
    st.tuples(st.just("add"), st.sampled_from(MANIFESTS), st.sampled_from([None, "v1", "v2"])),
    st.tuples(st.sampled_from(["drop", "drop revision"]), st.sampled_from(MANIFESTS), st.none()),
    st.tuples(st.just("drop tag"), st.sampled_from(MANIFESTS), st.sampled_from(["v1", "v2"])),
)


@given(st.lists(WRITES, max_size=12))
def test_referrers_are_those_that_the_manifests_name(writes):
    """Added twice, dropped before they came, with the subject here or not: nothing raises, and the list is right."""
    repository = Repository("app")
    for what, manifest, tag in writes:
        if what == "add":
            repository.add_manifest(manifest.digest, manifest, tag)
        elif what == "drop":
            repository.drop_manifest(manifest.digest)
            assert manifest.digest not in repository.tags.values()
        elif what == "drop revision":
            repository.drop_revision(manifest.digest)
        else:
            repository.drop_tag(tag)
        assert agrees(repository)
        assert not repository.tags or repository.ever_tagged


def test_what_is_not_there_is_dropped_without_a_word():
    """The collector's and the cache's methods; a client's raise and say what there is."""
    repository = Repository("app")
    repository.drop_manifest(FIRST.digest)
    repository.drop_link(CONFIG.digest)
    repository.drop_tag("v1")
    with pytest.raises(ManifestUnknown, match="no tag v1"):
        repository.delete_tag("v1")
    with pytest.raises(ManifestUnknown, match="no manifest"):
        repository.delete_manifest(FIRST.digest)
    with pytest.raises(BlobUnknown, match="no blob"):
        repository.unlink(CONFIG.digest)


def test_a_dropped_revision_leaves_its_tag_behind():
    """What a race between a push and a collector leaves: a tag that leads to nothing, and says so."""
    repository = Repository("app")
    repository.add_manifest(APP.digest, APP, "v1")
    repository.drop_revision(APP.digest)
    assert repository.tags == {"v1": APP.digest}
    with pytest.raises(ManifestUnknown):
        repository.resolve("v1")


def test_a_tampered_manifest_can_be_dropped():
    """Another manifest under a digest, which names another subject: nothing raises, and what is left is right."""
    repository = Repository("app")
    repository.add_manifest(APP.digest, APP)
    repository.tamper(APP.digest, COUNTER)
    repository.drop_manifest(APP.digest)
    assert (repository.manifests, repository.referrers) == ({}, {})


def test_a_copy_changes_on_its_own():
    """Names, links, referrers and the memory of tags."""
    repository = Repository("app")
    repository.link(CONFIG.digest, CONFIG.size)
    repository.add_manifest(FIRST.digest, FIRST, "signature")
    copied = repository.copy()
    assert copied == repository
    copied.drop_manifest(FIRST.digest)
    copied.drop_link(CONFIG.digest)
    assert copied.ever_tagged and not copied.tags and not copied.blobs
    assert repository.tags == {"signature": FIRST.digest} and repository.blobs == {CONFIG.digest: CONFIG.size}
    assert repository.referrers == {APP.digest: [FIRST.digest]}


def test_what_is_read_is_up_to_date():
    """A reader that keeps the mapping sees what is written later: it is the repository's own, not a copy."""
    repository = Repository("app")
    tags, manifests = repository.tags, repository.manifests
    repository.add_manifest(APP.digest, APP, "v1")
    assert (tags, manifests) == ({"v1": APP.digest}, {APP.digest: APP})
    repository.drop_manifest(APP.digest)
    assert (tags, manifests) == ({}, {})
    assert Digest.of(b"{}") not in repository.blobs
