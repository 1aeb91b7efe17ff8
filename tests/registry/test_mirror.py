"""A pull-through cache keeps what it fetched as a registry does: a collector can clean it up like any other."""

from __future__ import annotations

import pytest

from simregistry import Client, Registry, Request
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.media_types import OCI_EMPTY
from simregistry.registry.clock import Clock
from simregistry.registry.gc.inventory import take_inventory
from simregistry.registry.gc.sweep import sweep
from simregistry.registry.mirror import PullThrough
from simregistry.registry.products.collectors import COLLECTORS

WEEK = 7 * 86_400


def signed_app() -> tuple[Registry, ImageManifest]:
    """A registry with app:v1, and a signature of it under the tag app:signature."""
    registry = Registry()
    laptop = Client(registries=[registry])
    laptop.build("registry.example/app:v1", "FROM scratch\nCOPY code /\n", {"code": "code"})
    laptop.push("registry.example/app:v1")
    subject = registry.manifest("app", "v1")
    empty = Descriptor.of(b"{}", OCI_EMPTY)
    registry.storage.keep("app", b"{}", empty.digest)
    signature = ImageManifest.of(empty, [], subject=subject.descriptor)
    headers = {"Content-Type": signature.media_type}
    answer = registry.handle(Request("PUT", "/v2/app/manifests/signature", {}, headers, signature.raw))
    assert answer.status == 201
    return registry, signature


def read(registry: Registry | PullThrough, reference: str) -> int:
    """The status of a GET for a manifest of app."""
    return registry.handle(Request("GET", f"/v2/app/manifests/{reference}")).status


@pytest.mark.parametrize("fetched", [("signature",), ("v1", "signature"), ("signature", "v1")])
def test_a_fetched_signature_is_swept_once_its_tag_is_gone(fetched):
    """Its subject may be here or not, and may have come before it or after."""
    upstream, signature = signed_app()
    cache = PullThrough(upstream)
    assert [read(cache, reference) for reference in fetched] == [200] * len(fetched)
    cache.storage.repository("app").delete_tag("signature")
    plan = COLLECTORS["distribution-3"].plan(take_inventory(cache.storage), delete_untagged=True)
    assert plan.manifests == (("app", signature.digest),)
    assert sweep(cache.storage, plan) == signature.size
    assert signature.digest not in cache.storage.repository("app").manifests
    assert not cache.storage.repository("app").referrers


def test_a_fetched_signature_refers_to_its_subject():
    """The cache's own repository knows who refers to whom, as one that was pushed to does."""
    upstream, signature = signed_app()
    cache = PullThrough(upstream)
    read(cache, "signature")
    assert signature.subject is not None
    repository = cache.storage.repository("app")
    assert repository.referrers == upstream.storage.repository("app").referrers
    assert list(repository.referrers[signature.subject.digest]) == [signature.digest]


def test_an_expired_manifest_takes_its_names_with_it():
    """Fetched by digest, and half a week later by tag: when the first copy is too old, no name is left of it."""
    upstream, signature = signed_app()
    clock = Clock()
    cache = PullThrough(upstream, clock=clock, expiry=WEEK)
    assert read(cache, str(signature.digest)) == 200
    clock.advance(WEEK / 2)
    assert read(cache, "signature") == 200
    repository = cache.storage.repository("app")
    assert repository.tags == {"signature": signature.digest} and any(repository.referrers.values())
    clock.advance(WEEK / 2)
    assert read(cache, "nothing") == 404
    assert (repository.manifests, repository.tags, repository.referrers) == ({}, {}, {})
