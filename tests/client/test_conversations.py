"""Push and pull, message by message, as crane and skopeo 1.9.3 were recorded against CNCF distribution 2.8.2.

The recorded image had a base layer of 300,634 bytes, a top layer of 124, a config of 342; each test asks for the same
messages, per blob and in order within each blob.
"""

from __future__ import annotations

from collections import defaultdict

import pytest

from simregistry.client.client import Client
from simregistry.client.transport import BrokenLine, InProcess
from simregistry.errors import ImageUnknown, InvalidValue, TransferFailed
from simregistry.oci.digest import Digest
from simregistry.oci.layer import Changeset
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.messages import Conversation, Request, Response
from simregistry.registry.registry import Registry
from simregistry.study.examples.small_images import SmallImage, SmallIndex, nominal_layer, push_small, put_small

BASE = Changeset.of({"bin/sh": b"s" * 300_000}).to_tar()
TOP = Changeset.of({"app.py": "print(1)"}).to_tar()
TOP2 = Changeset.of({"app.py": "print(2)"}).to_tar()


def put_image(client: Client, reference: str, *layers: bytes) -> ImageManifest:
    """Put an image of some layers into a client's store, as a build would."""
    image = SmallImage.of_bytes(layers)
    put_small(client.store, reference, image)
    return image.manifest


def per_blob(conversation: Conversation) -> dict[str, list[str]]:
    """Sort a conversation by what each message is about: a digest, or an upload's digest known from its PUT."""
    by_upload = {e.request.path: e.request.query["digest"] for e in conversation if "digest" in e.request.query}
    waiting: list[str] = []
    found: dict[str, list[str]] = defaultdict(list)
    for exchange in conversation:
        request, status = exchange.request, exchange.status
        said = f"{request.method} {status}" + (f" ({request.up})" if request.up else "")
        if request.method == "POST" and "mount" not in request.query:
            waiting.append(said)
            continue
        about = by_upload.get(request.path) or request.query.get("mount") or request.path.rpartition("/")[2]
        if request.method == "PATCH" and waiting:
            found[about].append(waiting.pop())
        found[about].append(said)
    return dict(found)


@pytest.fixture
def registry() -> Registry:
    """An empty registry at registry.example."""
    return Registry("registry.example")


@pytest.fixture
def laptop(registry) -> Client:
    """A client with app:v1 and app:v2, which differ in the top layer alone."""
    client = Client(registries=[registry])
    put_image(client, "registry.example/app:v1", BASE, TOP)
    put_image(client, "registry.example/app:v2", BASE, TOP2)
    return client


def test_a_first_push_asks_sends_and_ties(laptop):
    """Recorded: GET, HEAD manifest 404, a HEAD 404 / POST 202 / PATCH 202 / PUT 201 for each blob, PUT manifest 201."""
    push = laptop.push("registry.example/app:v1")
    manifest = laptop.manifest("registry.example/app:v1")
    sent = {blob.digest: ["HEAD 404", "POST 202", f"PATCH 202 ({blob.size})", "PUT 201"] for blob in manifest.blobs}
    assert per_blob(push.conversation) == {"": ["GET 200"], "v1": ["HEAD 404", f"PUT 201 ({manifest.size})"]} | sent
    assert push.sent_bytes == push.image_bytes == len(BASE) + len(TOP) + manifest.config.size + manifest.size
    assert push.conversation[-1].request.line == "PUT /v2/app/manifests/v1"


def test_a_push_of_v2_sends_only_what_changed(laptop):
    """Recorded: HEAD base 200 and no more of it; the new top layer and the config go up; then the manifest."""
    laptop.push("registry.example/app:v1")
    push = laptop.push("registry.example/app:v2")
    manifest = laptop.manifest("registry.example/app:v2")
    config = manifest.config
    assert per_blob(push.conversation) == {
        "": ["GET 200"],
        "v2": ["HEAD 404", f"PUT 201 ({manifest.size})"],
        Digest.of(BASE): ["HEAD 200"],
        Digest.of(TOP2): ["HEAD 404", "POST 202", f"PATCH 202 ({len(TOP2)})", "PUT 201"],
        config.digest: ["HEAD 404", "POST 202", f"PATCH 202 ({config.size})", "PUT 201"],
    }
    assert push.sent_bytes == len(TOP2) + config.size + manifest.size
    assert push.skipped_bytes == len(BASE)
    assert [blob.outcome for blob in push.blobs] == ["already there", "sent", "sent", "sent"]


def test_pushing_again_stops_at_the_manifest_in_crane(laptop):
    """Recorded: GET /v2/ 200, HEAD manifest 200, and it stops."""
    laptop.push("registry.example/app:v1")
    push = laptop.push("registry.example/app:v1")
    assert [f"{e.request.method} {e.status}" for e in push.conversation] == ["GET 200", "HEAD 200"]
    assert push.sent_bytes == 0


def test_pushing_again_asks_for_each_blob_in_skopeo(laptop):
    """Recorded: GET /v2/ 200, HEAD for each blob 200, PUT manifest 201."""
    laptop.push("registry.example/app:v1")
    push = laptop.push("registry.example/app:v1", dialect="skopeo")
    said = [f"{e.request.method} {e.status}" for e in push.conversation]
    assert said == ["GET 200", "HEAD 200", "HEAD 200", "HEAD 200", "PUT 201"]


def test_an_overwritten_tag_is_noticed(laptop):
    """The tag has another manifest: crane goes on and moves it."""
    laptop.push("registry.example/app:v1")
    laptop.tag("registry.example/app:v2", "registry.example/app:v1")
    push = laptop.push("registry.example/app:v1")
    assert push.conversation[-1].status == 201
    assert push.digest == laptop.manifest("registry.example/app:v2").digest


def test_a_second_repository_gets_its_blobs_by_mount_in_skopeo(laptop, registry):
    """Recorded: HEAD other 404, HEAD app 200, POST mount 201: no layer travels; the config is uploaded, then PUT."""
    laptop.push("registry.example/app:v1")
    laptop.tag("registry.example/app:v1", "registry.example/other:v1")
    push = laptop.push("registry.example/other:v1", dialect="skopeo")
    assert per_blob(push.conversation)[Digest.of(BASE)] == ["HEAD 404", "HEAD 200", "POST 201"]
    manifest = laptop.manifest("registry.example/app:v1")
    assert per_blob(push.conversation)[manifest.config.digest][:2] == ["HEAD 404", "POST 202"]
    assert push.mounted_bytes == sum(layer.size for layer in manifest.layers)
    assert push.sent_bytes == manifest.size + manifest.config.size
    assert registry.storage_report().layers.stored_bytes == len(BASE) + len(TOP)


def test_crane_mounts_without_asking_the_source(laptop):
    """Recorded: HEAD manifest 404, HEAD each blob 404, POST mount 201."""
    laptop.push("registry.example/app:v1")
    laptop.tag("registry.example/app:v1", "registry.example/fourth:v1")
    push = laptop.push("registry.example/fourth:v1")
    assert per_blob(push.conversation)[Digest.of(BASE)] == ["HEAD 404", "POST 201"]


def test_a_mount_that_is_refused_falls_back_to_sending(laptop, registry):
    """202 instead of 201: the upload has begun, and the client goes on with it."""
    laptop.push("registry.example/app:v1")
    registry.storage.drop_repository("app")
    laptop.tag("registry.example/app:v1", "registry.example/other:v1")
    push = laptop.push("registry.example/other:v1")
    assert per_blob(push.conversation)[Digest.of(BASE)] == [
        "HEAD 404",
        "POST 202",
        f"PATCH 202 ({len(BASE)})",
        "PUT 201",
    ]


def test_a_push_that_breaks_leaves_nothing_to_pull_and_can_be_repeated(laptop, registry):
    """At whatever message the line breaks: no tag is there before the end, and the next push completes it."""
    whole = len(laptop.push("registry.example/app:v1").conversation)
    for after in range(whole):
        fresh = Registry("registry.example")
        client = Client(transports={"registry.example": BrokenLine(InProcess(fresh), after)})
        manifest = put_image(client, "registry.example/app:v1", BASE, TOP)
        with pytest.raises(TransferFailed) as failure:
            client.push("registry.example/app:v1")
        assert len(failure.value.conversation) == after + 1
        assert failure.value.conversation[-1].status is None
        assert fresh.images() == ()
        client.push("registry.example/app:v1")
        assert fresh.image("app:v1").digest == manifest.digest


def test_a_resumed_upload_goes_on_where_it_stopped(registry):
    """In chunks of 100,000 bytes, broken after the second: the next push asks how far it got, and sends the rest."""
    client = Client(transports={"registry.example": BrokenLine(InProcess(registry), 6)}, chunk_bytes=100_000)
    put_image(client, "registry.example/app:v1", BASE, TOP)
    with pytest.raises(TransferFailed):
        client.push("registry.example/app:v1")
    again = client.push("registry.example/app:v1")
    of_base = [e for e in again.conversation if e.note in ("how far did it get?", "send the layer")][:2]
    assert of_base[0].response.header("Range") == "0-199999"
    assert of_base[1].request.header("Content-Range").startswith("200000-")
    assert again.blobs[0].moved_bytes == len(BASE) - 200_000
    assert registry.image("app:v1").manifest.layers[0].digest == Digest.of(BASE)


def test_a_pull_gets_the_manifest_then_each_blob(laptop, registry):
    """Recorded: GET /v2/ 200, GET manifests/v1 200, GET blobs/… 200 once a blob."""
    laptop.push("registry.example/app:v1")
    fresh = Client(registries=[registry])
    pull = fresh.pull("registry.example/app:v1")
    assert [f"{e.request.method} {e.status}" for e in pull.conversation] == ["GET 200"] * 5
    assert pull.fetched_bytes == pull.image_bytes
    assert pull.status == "Downloaded newer image"
    assert fresh.rootfs("registry.example/app:v1")["app.py"].content == b"print(1)"


def test_a_pull_of_v2_gets_only_what_is_missing(laptop, registry):
    """The base is here already."""
    laptop.push("registry.example/app:v1")
    laptop.push("registry.example/app:v2")
    fresh = Client(registries=[registry])
    fresh.pull("registry.example/app:v1")
    pull = fresh.pull("registry.example/app:v2")
    assert [blob.outcome for blob in pull.blobs] == ["already here", "fetched", "fetched", "fetched"]
    assert pull.already_bytes == len(BASE)
    again = fresh.pull("registry.example/app:v2")
    assert (again.status, len(again.conversation)) == ("Image is up to date", 2)


def test_an_index_picks_the_platform(laptop, registry):
    """A multi-platform tag: the client gets the index, chooses, and gets that manifest by its digest."""
    laptop.push("registry.example/app:v1")
    laptop.push("registry.example/app:v2")
    amd64, arm64 = (SmallImage.of_store(laptop.store, f"registry.example/app:{tag}") for tag in ("v1", "v2"))
    push_small(registry, "app", "multi", SmallIndex.of_platforms({"linux/arm64": arm64, "linux/amd64": amd64}))
    for platform, tag in (("linux/amd64", "v1"), ("linux/arm64", "v2")):
        client = Client(registries=[registry], platform=platform)
        assert client.pull("registry.example/app:multi").digest == laptop.manifest(f"registry.example/app:{tag}").digest
    with pytest.raises(TransferFailed, match="it has linux/arm64, linux/amd64"):
        Client(registries=[registry], platform="linux/s390x").pull("registry.example/app:multi")


class Tampering:
    """A registry that gives other bytes than were asked for."""

    def __init__(self, registry: Registry, victim: str) -> None:
        self.registry, self.victim = registry, victim

    def send(self, request: Request) -> Response:
        """Flip one bit of the victim's body."""
        response = self.registry.handle(request)
        if request.method != "GET" or not request.path.endswith(self.victim):
            return response
        return Response(response.status, response.headers, bytes([response.body[0] ^ 1]) + response.body[1:])


@pytest.mark.parametrize("victim", ["base", "config", "manifest"])
def test_a_flipped_bit_is_found_out_and_leaves_no_half_image(laptop, registry, victim):
    """Whatever the registry changes, the digest tells, and the local store stays as it was."""
    laptop.push("registry.example/app:v1")
    manifest = laptop.manifest("registry.example/app:v1")
    path = {"base": Digest.of(BASE), "config": manifest.config.digest, "manifest": "/v1"}[victim]
    client = Client(transports={"registry.example": Tampering(registry, path)})
    with pytest.raises(TransferFailed, match="these are other bytes"):
        client.pull("registry.example/app:v1")
    assert (client.store.images, client.store.blobs) == ({}, {})


def test_a_pull_that_breaks_leaves_no_half_image(laptop, registry):
    """At whatever message the line breaks."""
    laptop.push("registry.example/app:v1")
    for after in range(5):
        client = Client(transports={"registry.example": BrokenLine(InProcess(registry), after)})
        with pytest.raises(TransferFailed):
            client.pull("registry.example/app:v1")
        assert (client.store.images, client.store.blobs) == ({}, {})
        client.pull("registry.example/app:v1")


def test_nominal_layers_are_pushed_and_pulled_like_others(registry):
    """A layer known by name alone travels, is counted, mounted and listed; only its content is not to be had."""
    client = Client(registries=[registry])
    image = SmallImage.of_nominal([nominal_layer("far away", 236_338_551)])
    put_small(client.store, "registry.example/big:v1", image)
    manifest = image.manifest
    assert client.push("registry.example/big:v1").sent_bytes == 236_338_551 + len(image.config) + manifest.size
    fresh = Client(registries=[registry])
    assert fresh.pull("registry.example/big:v1").fetched_bytes == manifest.image_bytes + manifest.size


def test_errors_say_what_there_is(laptop):
    """An unknown image, host or dialect is answered with those that are known."""
    with pytest.raises(ImageUnknown, match="there is registry.example/app:v1, registry.example/app:v2"):
        laptop.push("registry.example/app:v9")
    with pytest.raises(TransferFailed, match="no registry answers at docker.io; this client reaches registry.example"):
        laptop.pull("python")
    with pytest.raises(InvalidValue, match="use one of crane, skopeo"):
        laptop.push("registry.example/app:v1", dialect="latin")
    with pytest.raises(TransferFailed, match="no tag v9 in app; it has v1"):
        laptop.push("registry.example/app:v1")
        laptop.pull("registry.example/app:v9")


def test_removing_an_image_keeps_what_others_need(laptop):
    """The base stays for v1; the top layer of v2 goes with it."""
    gone = laptop.remove("registry.example/app:v2")
    assert Digest.of(TOP2) in gone
    assert Digest.of(BASE) not in gone
    assert [row[:2] for row in laptop.images().rows] == [("registry.example/app", "v1")]
