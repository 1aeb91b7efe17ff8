"""The API, a request and its answer at a time; each rule stands in the distribution-spec 1.1 at the section named."""

from __future__ import annotations

import json

import pytest

from simregistry.oci.content import Nominal
from simregistry.oci.descriptor import Descriptor, Platform
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageIndex, ImageManifest
from simregistry.oci.media_types import OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST
from simregistry.oci.messages import Request, Response
from simregistry.registry.api.routes import ENDPOINTS
from simregistry.registry.registry import Registry

BASE, TOP, CONFIG = b"the base layer", b"the top layer", b'{"a":"config"}'


def say(registry: Registry, method: str, target: str, body=b"", headers=None, **query) -> Response:
    """Send one request."""
    return registry.handle(Request.to(method, target, headers or {}, body, **query))


def code(response: Response) -> str:
    """Read the error code out of the specification's error JSON."""
    return json.loads(response.body)["errors"][0]["code"]


def push_blob(registry: Registry, name: str, data: bytes, algorithm: str = "sha256") -> Digest:
    """Upload a blob in one request."""
    digest = Digest.of(data, algorithm)
    assert say(registry, "POST", f"/v2/{name}/blobs/uploads/", data, digest=digest).status == 201
    return digest


def image(*layers: bytes, **options) -> ImageManifest:
    """Make a manifest over some layers."""
    return ImageManifest.of(
        Descriptor.of(CONFIG, OCI_CONFIG), [Descriptor.of(layer, OCI_LAYER) for layer in layers], **options
    )


def put(registry: Registry, name: str, reference: str, manifest) -> Response:
    """Send a manifest."""
    headers = {"Content-Type": manifest.media_type}
    return say(registry, "PUT", f"/v2/{name}/manifests/{reference}", manifest.raw, headers)


@pytest.fixture
def registry() -> Registry:
    """A registry with one image, app:v1, of two layers."""
    registry = Registry()
    for blob in (BASE, TOP, CONFIG):
        push_blob(registry, "app", blob)
    assert put(registry, "app", "v1", image(BASE, TOP)).status == 201
    return registry


def test_ping_says_that_this_is_a_registry(registry):
    """Determining Support: 200 says that the registry implements the specification."""
    assert say(registry, "GET", "/v2/").status == 200


def test_what_was_pushed_comes_back_byte_for_byte(registry):
    """Pushing Manifests: "The registry MUST store the manifest in the exact byte representation"."""
    response = say(registry, "GET", "/v2/app/manifests/v1")
    assert (response.status, response.body) == (200, image(BASE, TOP).raw)
    assert response.header("content-type") == OCI_MANIFEST
    assert response.header("docker-content-digest") == image(BASE, TOP).digest


@pytest.mark.parametrize("path", ["/v2/app/manifests/v1", f"/v2/app/blobs/{Digest.of(BASE)}"])
def test_head_has_the_headers_of_get_and_no_body(registry, path):
    """RFC 9110 section 9.3.2, and "Content-Length" as Checking if content exists wants it."""
    head, get = say(registry, "HEAD", path), say(registry, "GET", path)
    assert (head.status, dict(head.headers), head.body) == (200, dict(get.headers), b"")
    assert int(head.header("Content-Length")) == len(get.body)


@pytest.mark.parametrize(
    ("method", "target", "status", "expected"),
    [
        ("GET", f"/v2/app/blobs/{Digest.of(b'nothing')}", 404, "BLOB_UNKNOWN"),
        ("GET", "/v2/app/blobs/sha256:abc", 400, "DIGEST_INVALID"),
        ("GET", "/v2/app/manifests/v9", 404, "MANIFEST_UNKNOWN"),
        ("GET", f"/v2/app/manifests/{Digest.of(b'nothing')}", 404, "MANIFEST_UNKNOWN"),
        ("GET", "/v2/app/manifests/sha256:baddigeststring", 400, "DIGEST_INVALID"),
        ("GET", "/v2/app/manifests/-bad", 404, "MANIFEST_UNKNOWN"),
        ("GET", "/v2/nowhere/manifests/v1", 404, "NAME_UNKNOWN"),
        ("GET", "/v2/nowhere/tags/list", 404, "NAME_UNKNOWN"),
        ("GET", "/v2/Upper/tags/list", 400, "NAME_INVALID"),
        ("GET", f"/v2/{'a' * 256}/tags/list", 400, "NAME_INVALID"),
        ("GET", "/v2/app/blobs/uploads/nothing", 404, "BLOB_UPLOAD_UNKNOWN"),
        ("PATCH", "/v2/app/blobs/uploads/nothing", 404, "BLOB_UPLOAD_UNKNOWN"),
        ("PUT", "/v2/app/blobs/uploads/nothing?digest=sha256:1", 404, "BLOB_UPLOAD_UNKNOWN"),
        ("POST", "/v2/app/blobs/uploads/?digest=nonsense", 400, "DIGEST_INVALID"),
        ("POST", "/v2/app/tags/list", 405, "UNSUPPORTED"),
        ("GET", "/v2/app/referrers/nonsense", 400, "DIGEST_INVALID"),
        ("GET", "/v1/search", 404, "UNSUPPORTED"),
        ("GET", "/v2/app/tags/list?n=minus", 400, "UNSUPPORTED"),
        ("DELETE", "/v2/app/manifests/v9", 404, "MANIFEST_UNKNOWN"),
        ("DELETE", f"/v2/app/blobs/{Digest.of(b'nothing')}", 404, "BLOB_UNKNOWN"),
    ],
)
def test_a_refusal_has_its_status_and_code(registry, method, target, status, expected):
    """Error Codes: a refusal is JSON with a code of the specification."""
    response = say(registry, method, target)
    assert (response.status, code(response)) == (status, expected)


def test_a_missing_tag_is_answered_with_the_tags_there_are(registry):
    """A message says what to do next."""
    message = json.loads(say(registry, "GET", "/v2/app/manifests/v9").body)["errors"][0]["message"]
    assert message == "no tag v9 in app; it has v1"


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("bytes=4-7", 4, 8), ("bytes=4-", 4, 14), ("bytes=-5", 9, 14), ("bytes=10-999", 10, 14), ("bytes=-99", 0, 14)],
)
def test_a_range_of_a_blob_is_that_range(registry, asked, start, stop):
    """Pulling blobs: Range as RFC 9110 has it: both ends belong to it, and the end may lie beyond."""
    response = say(registry, "GET", f"/v2/app/blobs/{Digest.of(BASE)}", headers={"Range": asked})
    assert (response.status, response.body) == (206, BASE[start:stop])
    assert response.header("Content-Range") == f"bytes {start}-{stop - 1}/14"
    assert response.header("Content-Length") == str(stop - start)


@pytest.mark.parametrize("asked", ["bytes=14-20", "bytes=9-3", "bytes=-0"])
def test_a_range_outside_the_blob_is_416(registry, asked):
    """RFC 9110 section 15.5.17: the answer says how long the content is."""
    response = say(registry, "GET", f"/v2/app/blobs/{Digest.of(BASE)}", headers={"Range": asked})
    assert (response.status, response.header("Content-Range")) == (416, "bytes */14")


@pytest.mark.parametrize("asked", ["bytes=", "bytes=-", "lines=1-2", "bytes=0-1,3-4", "bytes=" + "9" * 400 + "-"])
def test_a_range_that_is_none_gets_the_whole_blob(registry, asked):
    """RFC 9110 section 14.2: a server may ignore a Range it does not understand."""
    assert say(registry, "GET", f"/v2/app/blobs/{Digest.of(BASE)}", headers={"Range": asked}).status == 200


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
@pytest.mark.parametrize("way", ["post", "post-put", "stream", "chunks", "chunks, the last by put"])
def test_every_way_to_upload_gives_the_same_blob(algorithm, way):
    """Pushing blobs: one POST; POST and PUT; POST, PATCH, PUT; in chunks, with the last one in the PUT or not."""
    registry, data = Registry(), b"0123456789"
    digest = Digest.of(data, algorithm)
    if way == "post":
        response = say(registry, "POST", "/v2/app/blobs/uploads/", data, digest=digest)
    else:
        opened = say(registry, "POST", "/v2/app/blobs/uploads/")
        assert opened.status == 202
        location, rest = opened.header("Location"), {"post-put": data}.get(way, b"")
        for here in {"stream": [(0, 10)], "chunks": [(0, 4), (4, 10)]}.get(way.partition(",")[0], []):
            ranged = {} if way == "stream" else {"Content-Range": f"{here[0]}-{here[1] - 1}"}
            if "put" in way and here == (4, 10):
                rest = data[4:]
                continue
            patched = say(registry, "PATCH", location, data[slice(*here)], ranged)
            assert (patched.status, patched.header("Range")) == (202, f"0-{here[1] - 1}")
            location = patched.header("Location")
        response = say(registry, "PUT", location, rest, digest=digest)
    assert (response.status, response.header("Location")) == (201, f"/v2/app/blobs/{digest}")
    assert response.header("Docker-Content-Digest") == digest
    assert say(registry, "GET", response.header("Location")).body == data


def test_a_chunk_out_of_order_is_416_and_the_upload_can_go_on():
    """Pushing a blob in chunks: "the registry MUST respond with a 416", and a GET tells where it stands."""
    registry = Registry()
    location = say(registry, "POST", "/v2/app/blobs/uploads/").header("Location")
    say(registry, "PATCH", location, b"0123", {"Content-Range": "0-3"})
    refused = say(registry, "PATCH", location, b"89", {"Content-Range": "8-9"})
    assert (refused.status, code(refused), refused.header("Range")) == (416, "BLOB_UPLOAD_INVALID", "0-3")
    status = say(registry, "GET", location)
    assert (status.status, status.header("Range"), status.header("Location")) == (204, "0-3", location)
    assert say(registry, "PATCH", location, b"456789", {"Content-Range": "4-9"}).status == 202
    assert say(registry, "PUT", location, digest=Digest.of(b"0123456789")).status == 201


@pytest.mark.parametrize("content_range", ["0-9", "3-0", "bytes 0-3", "0-", "-3", "٠-٣", "9" * 50 + "-3"])
def test_a_content_range_that_does_not_fit_changes_nothing(content_range):
    """Pushing a blob in chunks: it must match ^[0-9]+-[0-9]+$ and the body's length."""
    registry = Registry()
    location = say(registry, "POST", "/v2/app/blobs/uploads/").header("Location")
    assert 400 <= say(registry, "PATCH", location, b"0123", {"Content-Range": content_range}).status <= 416
    assert say(registry, "GET", location).header("Range") == "0-0"


def test_a_cancelled_upload_is_gone():
    """end-14: DELETE ends the session and leaves nothing."""
    registry = Registry()
    location = say(registry, "POST", "/v2/app/blobs/uploads/", b"").header("Location")
    say(registry, "PATCH", location, b"0123")
    assert say(registry, "DELETE", location).status == 204
    assert say(registry, "PUT", location, digest=Digest.of(b"0123")).status == 404
    assert registry.snapshot().shelf == {}


@pytest.mark.parametrize("way", ["post", "put"])
def test_wrong_bytes_are_refused_and_nothing_stays(way):
    """DIGEST_INVALID: "provided digest did not match uploaded content"."""
    registry, digest = Registry(), Digest.of(b"what was promised")
    if way == "post":
        response = say(registry, "POST", "/v2/app/blobs/uploads/", b"oh no", digest=digest)
    else:
        location = say(registry, "POST", "/v2/app/blobs/uploads/").header("Location")
        response = say(registry, "PUT", location, b"oh no", digest=digest)
    assert (response.status, code(response)) == (400, "DIGEST_INVALID")
    assert (registry.snapshot().shelf, registry.repositories()) == ({}, ())


def test_an_upload_belongs_to_its_repository(registry):
    """A session of one repository cannot be closed through another."""
    location = say(registry, "POST", "/v2/app/blobs/uploads/").header("Location")
    assert say(registry, "GET", location.replace("/v2/app/", "/v2/other/")).status == 404


def test_an_upload_begun_at_one_front_end_goes_on_at_another():
    """A registry is stateless: all that lasts is in the storage."""
    one = Registry()
    other = Registry(storage=one.storage)
    location = say(one, "POST", "/v2/app/blobs/uploads/").header("Location")
    say(other, "PATCH", location, b"01")
    say(one, "PATCH", location, b"23", {"Content-Range": "2-3"})
    assert say(other, "PUT", location, digest=Digest.of(b"0123")).status == 201
    assert say(one, "GET", f"/v2/app/blobs/{Digest.of(b'0123')}").body == b"0123"


def test_an_upload_location_holds_a_uuid():
    """POST then PUT: "The <location> MUST contain a UUID"."""
    from uuid import UUID

    location = say(Registry(), "POST", "/v2/app/blobs/uploads/").header("Location")
    assert UUID(location.rpartition("/")[2])


@pytest.mark.parametrize("source", ["app", None])
def test_a_mount_links_the_blob_without_sending_it(registry, source):
    """Mounting a blob from another repository: 201 with its Location; ``from`` is optional."""
    query = {"mount": str(Digest.of(BASE))} | ({"from": source} if source else {})
    response = registry.handle(Request("POST", "/v2/other/blobs/uploads/", query))
    assert (response.status, response.header("Location")) == (201, f"/v2/other/blobs/{Digest.of(BASE)}")
    assert say(registry, "GET", response.header("Location")).body == BASE


@pytest.mark.parametrize(("blob", "source"), [(b"nothing", "app"), (BASE, "nowhere")])
def test_a_mount_that_cannot_be_done_begins_an_upload(registry, blob, source):
    """Mounting a blob: "it SHOULD return a 202"; the repository gets nothing by it."""
    query = {"mount": str(Digest.of(blob)), "from": source}
    response = registry.handle(Request("POST", "/v2/other/blobs/uploads/", query))
    assert response.status == 202
    assert "other" not in registry.repositories()
    assert say(registry, "GET", response.header("Location")).status == 204


def test_a_blob_of_another_repository_is_not_to_be_read_here(registry):
    """A link is needed to read: storage is shared, names are not."""
    push_blob(registry, "other", b"something else")
    assert say(registry, "HEAD", f"/v2/other/blobs/{Digest.of(BASE)}").status == 404


def test_a_manifest_with_a_missing_blob_is_refused_and_no_tag_moves(registry):
    """Push: a refusal "MUST result in one or more MANIFEST_BLOB_UNKNOWN errors"."""
    response = put(registry, "app", "v1", image(BASE, b"never sent"))
    assert (response.status, code(response)) == (404, "MANIFEST_BLOB_UNKNOWN")
    assert registry.manifest("app", "v1").digest == image(BASE, TOP).digest
    assert put(registry, "new", "v1", image()).status == 404
    assert registry.repositories() == ("app",)


def test_a_manifest_that_lies_about_a_size_is_refused(registry):
    """A descriptor's size must be the blob's."""
    config = Descriptor(OCI_CONFIG, Digest.of(CONFIG), 5)
    response = put(registry, "app", "v2", ImageManifest.of(config, []))
    assert (response.status, code(response)) == (400, "MANIFEST_INVALID")


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"not json", b"[]", b"{}", b'{"schemaVersion":1}', b'{"schemaVersion":2,"layers":[]}',
        b'{"schemaVersion":2,"schemaVersion":2,"config":{},"layers":[]}', b"[" * 100_000, b'{"a":' * 1000 + b"1" + b"}" * 1000,
        b'{"schemaVersion":2,"config":{"mediaType":"a","digest":"sha256:1","size":1},"layers":[]}',
        b'{"schemaVersion":2,"manifests":[{"mediaType":"a","digest":7,"size":-1}]}', b"\xff\xfe", b'{"schemaVersion":NaN}',
    ],
)  # fmt: skip
def test_bytes_that_are_no_manifest_are_refused(registry, raw):
    """MANIFEST_INVALID, never a crash."""
    before = registry.snapshot()
    response = say(registry, "PUT", "/v2/app/manifests/v2", raw)
    assert (response.status, code(response)) == (400, "MANIFEST_INVALID")
    assert registry.snapshot() == before


def test_a_manifest_of_almost_4_mib_is_taken_and_a_larger_one_is_413(registry):
    """Pushing Manifests: at least 4 megabytes; over the limit 413."""
    large = image(BASE, annotations={"padding": "A" * 3_900_000})
    assert put(registry, "app", "large", large).status == 201
    too_large = image(BASE, annotations={"padding": "A" * (4 * 1024 * 1024)})
    assert put(registry, "app", "larger", too_large).status == 413


def test_a_content_type_that_is_not_the_mediatype_is_refused(registry):
    """Pushing Manifests: the two must be equal; parameters are ignored."""
    manifest = image(BASE)
    wrong = say(registry, "PUT", "/v2/app/manifests/v2", manifest.raw, {"Content-Type": OCI_INDEX})
    assert code(wrong) == "MANIFEST_INVALID"
    fine = say(
        registry, "PUT", "/v2/app/manifests/v2", manifest.raw, {"Content-Type": f"{OCI_MANIFEST}; charset=utf-8"}
    )
    assert fine.status == 201


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_a_manifest_pushed_by_digest_is_known_by_that_digest(registry, algorithm):
    """Docker-Content-Digest "MUST be equal to the client provided digest"."""
    manifest = image(BASE)
    digest = Digest.of(manifest.raw, algorithm)
    response = put(registry, "app", digest, manifest)
    assert (response.status, response.header("Docker-Content-Digest")) == (201, digest)
    assert say(registry, "GET", response.header("Location")).header("Docker-Content-Digest") == digest
    assert registry.tags("app") == ("v1",)


def test_a_manifest_pushed_by_another_digest_is_refused(registry):
    """DIGEST_INVALID."""
    assert code(put(registry, "app", Digest.of(b"other"), image(BASE))) == "DIGEST_INVALID"


def test_accept_that_leaves_the_type_out_gets_404(registry):
    """Content negotiation: a client that reads no OCI manifest is told so instead of being given one."""
    response = say(registry, "GET", "/v2/app/manifests/v1", headers={"Accept": "text/html, application/vnd.x"})
    assert (response.status, code(response)) == (404, "MANIFEST_UNKNOWN")
    assert say(registry, "GET", "/v2/app/manifests/v1", headers={"Accept": "*/*"}).status == 200


def test_an_index_needs_its_manifests(registry):
    """A child that is missing is refused; nested indexes are fine."""
    here = ImageIndex.of([image(BASE, TOP).descriptor])
    assert put(registry, "app", "multi", here).status == 201
    assert put(registry, "app", "nested", ImageIndex.of([here.descriptor])).status == 201
    assert put(registry, "app", "empty", ImageIndex.of([])).status == 201
    missing = Descriptor(OCI_MANIFEST, Digest.of(b"x"), 1, platform=Platform("linux", "arm64"))
    assert code(put(registry, "app", "sparse", ImageIndex.of([missing]))) == "MANIFEST_BLOB_UNKNOWN"


def test_a_non_distributable_layer_may_be_missing(registry):
    """image-spec layer.md: its bytes stay with their owner."""
    foreign = Descriptor(
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        Digest.of(b"far away"),
        9,
        urls=("https://a.example",),
    )
    manifest = ImageManifest.of(Descriptor.of(CONFIG, OCI_CONFIG), [foreign])
    assert put(registry, "app", "foreign", manifest).status == 201


def test_tags_come_in_order_and_in_pages(registry):
    """Listing Tags: lexical order is case-insensitive; ``last`` is not repeated; Link leads on; n=0 is empty."""
    for tag in ("V2", "latest", "v10"):
        put(registry, "app", tag, image(BASE, TOP))
    everything = ["latest", "v1", "v10", "V2"]
    assert json.loads(say(registry, "GET", "/v2/app/tags/list").body) == {"name": "app", "tags": everything}
    seen, target = [], "/v2/app/tags/list?n=3"
    while target:
        page = say(registry, "GET", target)
        seen.append(json.loads(page.body)["tags"])
        target = page.header("Link").partition(">")[0].lstrip("<")
    assert seen == [["latest", "v1", "v10"], ["V2"]]
    nothing = say(registry, "GET", "/v2/app/tags/list?n=0")
    assert (json.loads(nothing.body)["tags"], nothing.header("Link")) == ([], "")
    assert json.loads(say(registry, "GET", "/v2/app/tags/list?last=v1").body)["tags"] == ["v10", "V2"]


def test_the_catalogue_lists_repositories_in_pages(registry):
    """CNCF distribution's /v2/_catalog."""
    push_blob(registry, "library/web", b"x")
    page = say(registry, "GET", "/v2/_catalog?n=1")
    assert (json.loads(page.body), page.header("Link")) == (
        {"repositories": ["app"]}, '</v2/_catalog?n=1&last=app>; rel="next"',
    )  # fmt: skip
    assert json.loads(say(registry, "GET", "/v2/_catalog?n=1&last=app").body) == {"repositories": ["library/web"]}


def test_referrers_are_listed_and_filtered(registry):
    """Listing Referrers: descriptors with type and annotations; OCI-Subject on the push; a filter says it was applied."""
    subject = image(BASE, TOP).descriptor
    sbom = image(TOP, subject=subject, artifact_type="application/sbom", annotations={"made": "here"})
    signature = image(BASE, subject=subject)
    assert put(registry, "app", sbom.digest, sbom).header("OCI-Subject") == subject.digest
    put(registry, "app", signature.digest, signature)
    response = say(registry, "GET", f"/v2/app/referrers/{subject.digest}")
    assert (response.status, response.header("Content-Type")) == (200, OCI_INDEX)
    kinds = {m["digest"]: (m["artifactType"], m.get("annotations")) for m in json.loads(response.body)["manifests"]}
    assert kinds == {sbom.digest: ("application/sbom", {"made": "here"}), signature.digest: (OCI_CONFIG, None)}
    filtered = say(registry, "GET", f"/v2/app/referrers/{subject.digest}", artifactType="application/sbom")
    assert [m["digest"] for m in json.loads(filtered.body)["manifests"]] == [sbom.digest]
    assert filtered.header("OCI-Filters-Applied") == "artifactType"
    say(registry, "DELETE", f"/v2/app/manifests/{sbom.digest}")
    assert len(json.loads(say(registry, "GET", f"/v2/app/referrers/{subject.digest}").body)["manifests"]) == 1


@pytest.mark.parametrize("name", ["app", "nowhere"])
def test_no_referrers_is_an_empty_list_never_404(registry, name):
    """Listing Referrers: "an empty manifest list MUST be returned"."""
    response = say(registry, "GET", f"/v2/{name}/referrers/{Digest.of(b'anything')}")
    assert (response.status, json.loads(response.body)["manifests"]) == (200, [])


def test_a_subject_may_come_later(registry):
    """Push: "A registry MUST initially accept an otherwise valid manifest" whose subject is not there."""
    subject = Descriptor(OCI_MANIFEST, Digest.of(b"not yet"), 7)
    manifest = image(BASE, subject=subject)
    assert put(registry, "app", "early", manifest).status == 201
    listed = json.loads(say(registry, "GET", f"/v2/app/referrers/{subject.digest}").body)["manifests"]
    assert [m["digest"] for m in listed] == [manifest.digest]


def test_deleting_a_tag_leaves_the_manifest_and_frees_nothing(registry):
    """Deleting tags: 202, then 404 for the tag alone."""
    before = registry.snapshot().stored_bytes
    assert say(registry, "DELETE", "/v2/app/manifests/v1").status == 202
    assert say(registry, "GET", "/v2/app/manifests/v1").status == 404
    assert say(registry, "GET", f"/v2/app/manifests/{image(BASE, TOP).digest}").status == 200
    assert registry.snapshot().stored_bytes == before


def test_deleting_a_manifest_takes_its_tags_and_frees_nothing(registry):
    """Deleting Manifests: it "and any tag pointing to that digest will return a 404"."""
    before = registry.snapshot().stored_bytes
    put(registry, "app", "v2", image(BASE, TOP))
    assert say(registry, "DELETE", f"/v2/app/manifests/{image(BASE, TOP).digest}").status == 202
    assert (registry.tags("app"), registry.snapshot().stored_bytes) == ((), before)


def test_a_blob_that_an_image_needs_is_not_given_up(registry):
    """405 while a manifest names it, 202 once that is gone; a blob deleted is not found."""
    target = f"/v2/app/blobs/{Digest.of(TOP)}"
    refused = say(registry, "DELETE", target)
    assert (refused.status, code(refused)) == (405, "UNSUPPORTED")
    say(registry, "DELETE", f"/v2/app/manifests/{image(BASE, TOP).digest}")
    assert say(registry, "DELETE", target).status == 202
    assert say(registry, "HEAD", target).status == 404


def test_an_index_keeps_its_children(registry):
    """A manifest that an index names is not deleted from under it."""
    put(registry, "app", "multi", ImageIndex.of([image(BASE, TOP).descriptor]))
    assert say(registry, "DELETE", f"/v2/app/manifests/{image(BASE, TOP).digest}").status == 405


def test_nominal_blobs_are_pushed_mounted_and_read_like_others():
    """A blob known by name alone passes through every step; only its bytes are not to be had."""
    registry, layer = Registry(), Nominal(Digest.of(b"elsewhere"), 236_338_551)
    location = say(registry, "POST", "/v2/app/blobs/uploads/").header("Location")
    say(registry, "PATCH", location, layer[:1000])
    say(registry, "PATCH", location, layer[1000:], {"Content-Range": f"1000-{len(layer) - 1}"})
    assert say(registry, "PUT", location, digest=layer.digest).status == 201
    assert say(registry, "GET", f"/v2/app/blobs/{layer.digest}").down == 236_338_551
    ranged = say(registry, "GET", f"/v2/app/blobs/{layer.digest}", headers={"Range": "bytes=0-9"})
    assert ranged.down == 10
    missing_part = say(registry, "POST", "/v2/app/blobs/uploads/", layer[1:], digest=layer.digest)
    assert code(missing_part) == "DIGEST_INVALID"


def test_every_endpoint_of_the_table_answers_only_what_it_says(registry):
    """The table is the truth: a plain request to each row gives a status that stands in it."""
    values = {"<name>": "app", "<digest>": Digest.of(BASE), "<reference>": "v1", "<upload>": "none"}
    for endpoint in ENDPOINTS:
        path = endpoint.path
        for placeholder, value in values.items():
            path = path.replace(placeholder, value)
        query = {endpoint.query: Digest.of(BASE)} if endpoint.query else {}
        assert say(registry, endpoint.method, path, **query).status in endpoint.success + endpoint.failures, endpoint
