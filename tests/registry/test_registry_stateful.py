"""The registry against a plain dict, under random pushes, retags, mounts, deletes and uploads that fail.

The model knows nothing of handlers: a set of (repository, blob), a dict of tags. After every step what can be seen
through the API is what the model says, nothing half-done is visible, and no tagged image lacks a blob.
"""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.messages import Request, Response
from simregistry.registry.registry import Registry
from simregistry.study.examples.small_images import SmallImage

NAMES = st.sampled_from(["app", "web", "team/tool"])
BLOBS = st.sampled_from([b"", b"{}", b"base", b"deps", b"code", b"more"])
TAGS = st.sampled_from(["v1", "v2", "latest"])


class RegistryAgainstDict(RuleBasedStateMachine):
    """Random requests to two front ends of one storage."""

    def __init__(self) -> None:
        super().__init__()
        one = Registry()
        self.fronts = [one, Registry(storage=one.storage)]
        self.turn = 0
        self.links: dict[str, set[bytes]] = {}
        self.manifests: dict[str, dict[str, ImageManifest]] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.open: list[tuple[str, str, bytes]] = []

    def say(self, method: str, target: str, body: bytes = b"", headers=None, **query: str) -> Response:
        """Send a request through one front end, the next through the other."""
        self.turn += 1
        return self.fronts[self.turn % 2].handle(Request.to(method, target, headers, body, **query))

    def link(self, name: str, blob: bytes) -> None:
        """Let the model have a blob."""
        self.links.setdefault(name, set()).add(blob)
        self.manifests.setdefault(name, {})
        self.tags.setdefault(name, {})

    def users(self, name: str, digest: str) -> list[str]:
        """Which of the model's manifests need a blob?"""
        return [d for d, m in self.manifests.get(name, {}).items() if digest in {b.digest for b in m.blobs}]

    @rule(name=NAMES, blob=BLOBS)
    def upload_at_once(self, name: str, blob: bytes) -> None:
        """POST with a digest."""
        response = self.say("POST", f"/v2/{name}/blobs/uploads/", blob, digest=Digest.of(blob))
        assert response.status == 201
        self.link(name, blob)

    @rule(name=NAMES, blob=BLOBS)
    def upload_the_wrong_bytes(self, name: str, blob: bytes) -> None:
        """The digest of something else."""
        location = self.say("POST", f"/v2/{name}/blobs/uploads/").header("Location")
        assert self.say("PUT", location, blob + b"!", digest=Digest.of(blob)).status == 400

    @rule(name=NAMES, blob=BLOBS)
    def begin_an_upload(self, name: str, blob: bytes) -> None:
        """Send the first half and leave it there."""
        location = self.say("POST", f"/v2/{name}/blobs/uploads/").header("Location")
        self.say("PATCH", location, blob[:2])
        self.open.append((name, location, blob))

    @rule(finish=st.booleans(), data=st.data())
    def end_an_upload(self, finish: bool, data: st.DataObject) -> None:
        """Send the rest and close it, or cancel it."""
        if not self.open:
            return
        name, location, blob = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        if finish:
            assert self.say("PUT", location, blob[2:], digest=Digest.of(blob)).status == 201
            self.link(name, blob)
        else:
            assert self.say("DELETE", location).status == 204

    @rule(name=NAMES, source=NAMES, blob=BLOBS)
    def mount(self, name: str, source: str, blob: bytes) -> None:
        """201 exactly where the source has it."""
        query = {"mount": str(Digest.of(blob)), "from": source}
        response = self.fronts[0].handle(Request("POST", f"/v2/{name}/blobs/uploads/", query))
        known = blob in self.links.get(source, ())
        assert response.status == (201 if known else 202)
        if known:
            self.link(name, blob)

    @rule(name=NAMES, tag=TAGS, config=BLOBS, layers=st.lists(BLOBS, max_size=3))
    def push_a_manifest(self, name: str, tag: str, config: bytes, layers: list[bytes]) -> None:
        """Taken exactly where all its blobs are; retagging is the same push again."""
        manifest = SmallImage.of_bytes(layers, config).manifest
        complete = {config, *layers} <= self.links.get(name, set())
        response = self.say("PUT", f"/v2/{name}/manifests/{tag}", manifest.raw)
        assert response.status == (201 if complete else 404)
        if complete:
            self.manifests[name][manifest.digest] = manifest
            self.tags[name][tag] = manifest.digest

    @rule(name=NAMES, tag=TAGS)
    def delete_a_tag(self, name: str, tag: str) -> None:
        """The manifest stays."""
        known = self.tags.get(name, {}).pop(tag, None)
        assert self.say("DELETE", f"/v2/{name}/manifests/{tag}").status == (202 if known else 404)

    @rule(name=NAMES, config=BLOBS, layers=st.lists(BLOBS, max_size=2))
    def delete_a_manifest(self, name: str, config: bytes, layers: list[bytes]) -> None:
        """Its tags go with it."""
        digest = SmallImage.of_bytes(layers, config).manifest.digest
        known = self.manifests.get(name, {}).pop(digest, None)
        assert self.say("DELETE", f"/v2/{name}/manifests/{digest}").status == (202 if known else 404)
        if known:
            self.tags[name] = {tag: target for tag, target in self.tags[name].items() if target != digest}

    @rule(name=NAMES, blob=BLOBS)
    def delete_a_blob(self, name: str, blob: bytes) -> None:
        """Refused while a manifest needs it."""
        digest = Digest.of(blob)
        status = self.say("DELETE", f"/v2/{name}/blobs/{digest}").status
        if blob not in self.links.get(name, ()):
            assert status == 404
        elif self.users(name, digest):
            assert status == 405
        else:
            assert status == 202
            self.links[name].remove(blob)

    @invariant()
    def what_is_seen_is_what_the_model_says(self) -> None:
        """Blobs, tags and repositories, through either front end."""
        for front in self.fronts:
            seen = front.snapshot()
            assert {n: set(d) for n, d in seen.links.items()} == {
                n: {Digest.of(b) for b in blobs} for n, blobs in self.links.items()
            }
            assert {n: dict(t) for n, t in seen.tags.items()} == self.tags
            assert len(seen.uploads) >= len(self.open)

    @invariant()
    def whatever_has_a_tag_can_be_pulled_whole(self) -> None:
        """No tagged image ever lacks a blob, and each blob has the bytes of its digest."""
        for name, tags in self.tags.items():
            for tag, digest in tags.items():
                manifest = self.say("GET", f"/v2/{name}/manifests/{tag}")
                assert (manifest.status, Digest.of(manifest.body)) == (200, digest)
                for blob in self.manifests[name][digest].blobs:
                    body = self.say("GET", f"/v2/{name}/blobs/{blob.digest}").body
                    assert (Digest.of(body), len(body)) == (blob.digest, blob.size)

    @invariant()
    def each_blob_is_on_the_shelf_once(self) -> None:
        """The counted bytes are those of distinct blobs, with nothing of an unfinished upload among them."""
        storage = self.fronts[0].storage
        assert storage.blobs.stored_bytes == sum(storage.blobs.size(digest) for digest in storage.blobs)
        for digest in storage.blobs:
            digest.verify(storage.blobs.get(digest))


RegistryAgainstDict.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, derandomize=True, deadline=None, database=None
)
TestRegistryAgainstDict = RegistryAgainstDict.TestCase
