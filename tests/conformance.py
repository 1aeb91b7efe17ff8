"""Every MUST of the distribution-spec 1.1 that falls to a registry, each a check over HTTP with its sentence beside it.

The sentences are those of spec.md at v1.1; the heading that a sentence stands under is the check's ``place``. Sentences
that bind clients are held elsewhere, against the client. ``python tests/conformance.py HOST:PORT`` walks any registry
that can be pushed to, and prints what it does not keep.
"""

from __future__ import annotations

import http.client
import itertools
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageIndex, ImageManifest, Manifest
from simregistry.oci.media_types import OCI_CONFIG, OCI_EMPTY, OCI_INDEX, OCI_LAYER, OCI_MANIFEST

OCTETS = "application/octet-stream"
ALGORITHMS = ("sha256", "sha512")
CODES = {
    "BLOB_UNKNOWN", "BLOB_UPLOAD_INVALID", "BLOB_UPLOAD_UNKNOWN", "DIGEST_INVALID", "MANIFEST_BLOB_UNKNOWN",
    "MANIFEST_INVALID", "MANIFEST_UNKNOWN", "NAME_INVALID", "NAME_UNKNOWN", "SIZE_INVALID", "UNAUTHORIZED", "DENIED",
    "UNSUPPORTED", "TOOMANYREQUESTS",
}  # fmt: skip


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: Any
    body: bytes

    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


@dataclass
class Line:
    """A connection to a registry, and a repository of it that is this check's own."""

    host: str
    port: int
    repository: str = "conformance/own"
    counter: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection(self.host, self.port, timeout=30)

    def ask(
        self, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None, **query: Any
    ) -> Answer:
        """One request; a target without a slash before it is meant within the repository."""
        path = target if target.startswith(("/", "http:")) else f"/v2/{self.repository}/{target}"
        parts = urlsplit(path)
        text = "&".join(part for part in (parts.query, urlencode(query)) if part)
        # GET and HEAD have no body, not even one of no bytes.
        given = body if method in ("PUT", "POST", "PATCH") else None
        # "The client SHOULD include an Accept header indicating which manifest content types it supports."
        sent = ({} if given is not None else {"Accept": f"{OCI_INDEX}, {OCI_MANIFEST}"}) | (headers or {})
        self.connection.request(method, parts.path + (f"?{text}" if text else ""), given, sent)
        answer = self.connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())

    def fresh(self, size: int = 512) -> bytes:
        """Bytes that no one has pushed yet."""
        mark = f"{self.repository} {next(self.counter)} ".encode()
        return (mark * (size // len(mark) + 1))[:size]

    def begin(self) -> str:
        """An upload's location."""
        answer = self.ask("POST", "blobs/uploads/", headers={"Content-Length": "0"})
        assert answer.status == 202, answer
        return answer.headers["Location"]

    def push(self, content: bytes, algorithm: str = "sha256") -> Digest:
        """A blob by POST and PUT."""
        digest = Digest.of(content, algorithm)
        answer = self.ask("PUT", self.begin(), content, {"Content-Type": OCTETS}, digest=digest)
        assert answer.status == 201, answer
        return digest

    def put(self, manifest: Manifest, reference: str = "", algorithm: str = "sha256") -> Answer:
        """A manifest, by its digest where no tag is named."""
        name = reference or Digest.of(manifest.raw, algorithm)
        return self.ask("PUT", f"manifests/{name}", manifest.raw, {"Content-Type": manifest.media_type})

    def image(self, algorithm: str = "sha256", **options: Any) -> ImageManifest:
        """An image of one layer whose blobs are pushed, and which is not."""
        config, layer = self.fresh(), self.fresh()
        for content in (config, layer):
            self.push(content, algorithm)
        of = [
            Descriptor(kind, Digest.of(content, algorithm), len(content))
            for kind, content in ((OCI_CONFIG, config), (OCI_LAYER, layer))
        ]
        return ImageManifest.of(of[0], of[1:], **options)

    def tagged(self, *tags: str) -> ImageManifest:
        """An image that is pushed under some tags."""
        manifest = self.image()
        for tag in tags:
            assert self.put(manifest, tag).status == 201
        return manifest


@dataclass(frozen=True)
class Check:
    """One rule of the text, and the test of it."""

    place: str
    sentence: str
    run: Callable[[Line], None]

    @property
    def name(self) -> str:
        """The test's name."""
        return f"{self.place}: {self.run.__name__}"


WALK: list[Check] = []


def must(place: str, sentence: str) -> Callable[[Callable[[Line], None]], Callable[[Line], None]]:
    """Add a check to the walk."""

    def add(run: Callable[[Line], None]) -> Callable[[Line], None]:
        WALK.append(Check(place, sentence, run))
        return run

    return add


def errors(answer: Answer) -> set[str]:
    """The codes of a refusal, in the specification's form."""
    found = {error["code"] for error in answer.json()["errors"]}
    assert found <= CODES, found
    return found


def pullable(line: Line, location: str, content: bytes) -> None:
    """Hold a Location to be one that the content can be read from."""
    answer = line.ask("GET", location)
    assert (answer.status, answer.body) == (200, content), location


# ---------------------------------------------------------------------------------------------------------- Pull


@must("Determining Support", "If the response is `200 OK`, then the registry implements this specification.")
def ping(line: Line) -> None:
    """end-1."""
    assert line.ask("GET", "/v2/").status == 200


@must(
    "Pulling manifests",
    "The `<reference>` MUST NOT be in any other format. [...] `<reference>` as a tag MUST be at most 128 characters",
)
def references_that_are_none(line: Line) -> None:
    """Neither tag nor digest: written never, found never."""
    manifest = line.image()
    for bad in ("-begins-wrongly", "t" * 129, "has%20space", "sha256:short", "sha999:" + "a" * 64):
        assert line.put(manifest, bad).status in (400, 404), bad
        assert line.ask("GET", f"manifests/{bad}").status in (400, 404), bad


@must("Pulling manifests", "Throughout this document, `<name>` MUST match the following regular expression")
def names_that_are_none(line: Line) -> None:
    """An upload is not opened under such a name."""
    for bad in ("Upper/case", "a..b", "-a", "a-", "a//b", "a/_b"):
        assert line.ask("POST", f"/v2/{bad}/blobs/uploads/").status in (400, 404), bad


@must(
    "Pulling manifests",
    "A GET request to an existing manifest URL MUST provide the expected manifest, with a response code that MUST be `200 OK`.",
)
def manifests_are_read(line: Line) -> None:
    """By tag and by digest, with the type it was pushed as."""
    manifest = line.tagged("v1")
    for reference in ("v1", manifest.digest):
        answer = line.ask("GET", f"manifests/{reference}")
        assert (answer.status, answer.body) == (200, manifest.raw)
        assert answer.headers["Content-Type"] == OCI_MANIFEST
        assert answer.headers.get("Docker-Content-Digest", manifest.digest) == manifest.digest


@must("Pulling manifests", "If the manifest is not found in the repository, the response code MUST be `404 Not Found`.")
def manifests_that_are_not_there(line: Line) -> None:
    """By tag and by digest, in a repository that is there."""
    line.tagged("v1")
    for reference in ("missing", Digest.of(b"missing")):
        for method in ("GET", "HEAD"):
            assert line.ask(method, f"manifests/{reference}").status == 404


@must(
    "Pulling blobs",
    "A GET request to an existing blob URL MUST provide the expected blob, with a response code that MUST be `200 OK`. [...] If present, the value of this header MUST be a digest matching that of the response body.",
)
def blobs_are_read(line: Line) -> None:
    """In both algorithms, the empty blob and the empty JSON too."""
    for algorithm in ALGORITHMS:
        for content in (line.fresh(), b"", b"{}"):
            digest = line.push(content, algorithm)
            answer = line.ask("GET", f"blobs/{digest}")
            assert (answer.status, answer.body) == (200, content)
            assert answer.headers.get("Docker-Content-Digest", digest) == digest


@must("Pulling blobs", "If the blob is not found in the repository, the response code MUST be `404 Not Found`.")
def blobs_that_are_not_there(line: Line) -> None:
    """Not one that another repository has, either."""
    line.push(line.fresh())
    other = Line(line.host, line.port, f"{line.repository}-other")
    elsewhere = other.push(other.fresh())
    for digest in (Digest.of(b"missing"), Digest.of(b"missing", "sha512"), elsewhere):
        for method in ("GET", "HEAD"):
            assert line.ask(method, f"blobs/{digest}").status == 404


@must("Pulling blobs", "A registry SHOULD support the `Range` request header in accordance with RFC 9110.")
def ranges(line: Line) -> None:
    """From, to, the end, past the end (cut), and beyond (416)."""
    content = line.fresh(2048)
    digest = line.push(content)
    for asked, start, stop in (
        ("500-1499", 500, 1500),
        ("500-", 500, 2048),
        ("-500", 1548, 2048),
        ("2000-5000", 2000, 2048),
    ):
        answer = line.ask("GET", f"blobs/{digest}", headers={"Range": f"bytes={asked}"})
        assert (answer.status, answer.body) == (206, content[start:stop]), asked
        assert answer.headers["Content-Range"] in (f"bytes {start}-{stop - 1}/2048", f"bytes {start}-{stop - 1}/*")
        assert answer.headers["Content-Length"] == str(stop - start)
    for asked in ("500-0", "5000-10000", "2048-"):
        # RFC 9110, section 14.1.1: "500-0" is no range at all, and may be ignored.
        allowed = (416, 200) if asked == "500-0" else (416,)
        assert line.ask("GET", f"blobs/{digest}", headers={"Range": f"bytes={asked}"}).status in allowed, asked


@must(
    "Checking if content exists in the registry",
    "A HEAD request to an existing blob or manifest URL MUST return `200 OK`.",
)
def heads(line: Line) -> None:
    """No body, and the length that GET has."""
    manifest = line.tagged("v1")
    for target in ("manifests/v1", f"manifests/{manifest.digest}", f"blobs/{manifest.config.digest}"):
        head, get = line.ask("HEAD", target), line.ask("GET", target)
        assert (head.status, head.body) == (200, b"")
        for name in ("Content-Length", "Content-Type", "Docker-Content-Digest"):
            assert head.headers[name] == get.headers[name], name


# ---------------------------------------------------------------------------------------------------------- Push


@must(
    "Push",
    "A registry MUST initially accept an otherwise valid manifest with a `subject` field that references a manifest that does not exist in the repository",
)
def subjects_that_are_not_there(line: Line) -> None:
    """The referrer comes first."""
    missing = Descriptor(OCI_MANIFEST, Digest.of(line.fresh()), 123)
    assert line.put(line.image(subject=missing)).status == 201
    assert line.put(ImageIndex.of([], subject=missing)).status == 201


@must(
    "Push", "When a manifest is rejected for this reason, it MUST result in one or more `MANIFEST_BLOB_UNKNOWN` errors"
)
def blobs_that_are_unknown(line: Line) -> None:
    """Either such a manifest is taken, or refused by that name; so for an index."""
    line.push(b"{}")
    lacking = ImageManifest.of(Descriptor.of(line.fresh(), OCI_CONFIG), [])
    for manifest in (lacking, ImageIndex.of([lacking.descriptor])):
        answer = line.put(manifest)
        assert answer.status == 201 or errors(answer) == {"MANIFEST_BLOB_UNKNOWN"}, answer


@must(
    "POST then PUT",
    "Upon success, the response MUST have a code of `202 Accepted`, and MUST include the following header: Location [...] The `<location>` MUST contain a UUID representing a unique session ID",
)
def uploads_begin(line: Line) -> None:
    """Two sessions, two names."""
    uuid = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
    names = [uuid.findall(line.begin().lower()) for _ in range(2)]
    assert all(names) and names[0] != names[1], names


@must(
    "POST then PUT",
    "Upon successful completion of the request, the response MUST have code `201 Created` and MUST have the following header: Location [...] being a pullable blob URL.",
)
def post_and_put(line: Line) -> None:
    """In both algorithms."""
    for algorithm in ALGORITHMS:
        content = line.fresh()
        digest = Digest.of(content, algorithm)
        answer = line.ask("PUT", line.begin(), content, {"Content-Type": OCTETS}, digest=digest)
        assert answer.status == 201
        assert answer.headers.get("Docker-Content-Digest", digest) == digest
        pullable(line, answer.headers["Location"], content)


@must(
    "Single POST",
    "Successful completion of the request MUST return a `201 Created` and MUST include the following header: Location",
)
def single_post(line: Line) -> None:
    """Or 202, and the PUT is to follow."""
    for algorithm in ALGORITHMS:
        content = line.fresh()
        digest = Digest.of(content, algorithm)
        answer = line.ask("POST", "blobs/uploads/", content, {"Content-Type": OCTETS}, digest=digest)
        assert answer.status in (201, 202)
        if answer.status == 202:
            answer = line.ask("PUT", answer.headers["Location"], content, {"Content-Type": OCTETS}, digest=digest)
        pullable(line, answer.headers["Location"], content)


@must("Single POST", "Likewise, the `<digest>` MUST match the blob's digest.")
def wrong_digests(line: Line) -> None:
    """By each way of uploading: 400, DIGEST_INVALID, and nothing is there afterwards."""
    for algorithm in ALGORITHMS:
        content = line.fresh()
        digest = Digest.of(content, algorithm)
        wrong = content + b"oh no"
        put = line.ask("PUT", line.begin(), wrong, {"Content-Type": OCTETS}, digest=digest)
        patched = line.ask("PATCH", line.begin(), wrong, {"Content-Type": OCTETS}).headers["Location"]
        for answer in (put, line.ask("PUT", patched, digest=digest)):
            assert (answer.status, errors(answer)) == (400, {"DIGEST_INVALID"})
        post = line.ask("POST", "blobs/uploads/", wrong, {"Content-Type": OCTETS}, digest=digest)
        assert post.status in (400, 202)
        assert line.ask("HEAD", f"blobs/{digest}").status == 404


@must(
    "Pushing a blob in chunks",
    "Each successful chunk upload MUST have a `202 Accepted` response code, and MUST have the following headers: Location, Range: 0-<end-of-range>",
)
def chunks(line: Line) -> None:
    """Three chunks; the last by PATCH, or in the PUT that closes."""
    for algorithm, in_put in itertools.product(ALGORITHMS, (False, True)):
        content = line.fresh(3 * 1024 - 5)
        location, digest = line.begin(), Digest.of(content, algorithm)
        for start in (0, 1024, 2048):
            piece = content[start : start + 1024]
            headers = {"Content-Type": OCTETS, "Content-Range": f"{start}-{start + len(piece) - 1}"}
            if in_put and start == 2048:
                closing = line.ask("PUT", location, piece, headers, digest=digest)
                break
            answer = line.ask("PATCH", location, piece, headers)
            assert answer.status == 202
            assert answer.headers["Range"] == f"0-{start + len(piece) - 1}"
            location = answer.headers["Location"]
        else:
            closing = line.ask("PUT", location, digest=digest)
        assert closing.status == 201
        pullable(line, closing.headers["Location"], content)


@must(
    "Pushing a blob in chunks",
    "If a chunk is uploaded out of order, the registry MUST respond with a `416 Requested Range Not Satisfiable` code.",
)
def chunks_out_of_order(line: Line) -> None:
    """One that runs ahead, one that was there before, one in the closing PUT; then the upload goes on."""
    content = line.fresh(3 * 1024)
    digest, location = Digest.of(content), line.begin()

    def send(method: str, start: int, **query: Any) -> Answer:
        headers = {"Content-Type": OCTETS, "Content-Range": f"{start}-{start + 1023}"}
        return line.ask(method, location, content[start : start + 1024], headers, **query)

    assert send("PATCH", 1024).status == 416
    location = send("PATCH", 0).headers["Location"]
    assert send("PATCH", 0).status == 416
    assert send("PATCH", 2048).status == 416
    assert send("PUT", 2048, digest=digest).status == 416
    location = send("PATCH", 1024).headers["Location"]
    closing = send("PUT", 2048, digest=digest)
    assert closing.status == 201
    pullable(line, closing.headers["Location"], content)


@must(
    "Pushing a blob in chunks",
    "The response to an active upload `<location>` MUST be a `204 No Content` response code, and MUST have the following headers: Location, Range: 0-<end-of-range>",
)
def progress(line: Line) -> None:
    """After a refused chunk, the way on."""
    content = line.fresh(100)
    answer = line.ask("PATCH", line.begin(), content[:50], {"Content-Type": OCTETS, "Content-Range": "0-49"})
    status = line.ask("GET", answer.headers["Location"])
    assert (status.status, status.headers["Range"]) == (204, "0-49")
    headers = {"Content-Type": OCTETS, "Content-Range": "50-99"}
    answer = line.ask("PATCH", status.headers["Location"], content[50:], headers)
    assert (answer.status, answer.headers["Range"]) == (202, "0-99")


@must(
    "Pushing a blob in chunks",
    "The response to a successful closing of the session MUST be `201 Created`, and MUST contain the following header: Location",
)
def streams(line: Line) -> None:
    """A PATCH without a range is the whole; and a closed session is gone."""
    for algorithm in ALGORITHMS:
        content = line.fresh()
        answer = line.ask("PATCH", line.begin(), content, {"Content-Type": OCTETS})
        location = answer.headers["Location"]
        closing = line.ask("PUT", location, digest=Digest.of(content, algorithm))
        assert closing.status == 201
        pullable(line, closing.headers["Location"], content)
        assert line.ask("GET", location).status == 404


@must(
    "Mounting a blob from another repository",
    "The response to a successful mount MUST be `201 Created`, and MUST contain the following header: Location",
)
def mounts(line: Line) -> None:
    """From a named repository; from one that lacks it an upload begins, and can be carried out."""
    other = Line(line.host, line.port, f"{line.repository}-other")
    for algorithm in ALGORITHMS:
        content = other.fresh()
        digest = other.push(content, algorithm)
        answer = line.ask("POST", "blobs/uploads/", mount=digest, **{"from": other.repository})
        assert answer.status == 201
        pullable(line, answer.headers["Location"], content)
        missing = line.fresh()
        answer = line.ask("POST", "blobs/uploads/", mount=Digest.of(missing, algorithm), **{"from": other.repository})
        assert answer.status == 202
        closing = line.ask("PUT", answer.headers["Location"], missing, digest=Digest.of(missing, algorithm))
        pullable(line, closing.headers["Location"], missing)


@must(
    "Mounting a blob from another repository",
    "The registry MAY treat the `from` parameter as optional, and it MAY cross-mount the blob if it can be found. [...] it SHOULD return a `202`.",
)
def mounts_from_anywhere(line: Line) -> None:
    """201 and it is there, or 202 and it is to be sent."""
    other = Line(line.host, line.port, f"{line.repository}-other")
    content = other.fresh()
    answer = line.ask("POST", "blobs/uploads/", mount=other.push(content))
    assert answer.status in (201, 202)
    if answer.status == 201:
        pullable(line, answer.headers["Location"], content)


@must(
    "Pushing Manifests", "The registry MUST store the manifest in the exact byte representation provided by the client."
)
def bytes_are_kept(line: Line) -> None:
    """Odd spaces, odd order, fields that no specification knows."""
    image = line.image()
    document = {"x-unknown": {"n": [1, 2.5, None]}} | json.loads(image.raw)
    for raw in (json.dumps(document, indent=3).encode() + b"\n\n", json.dumps(document).encode()):
        assert line.ask("PUT", "manifests/odd", raw, {"Content-Type": OCI_MANIFEST}).status == 201
        assert line.ask("GET", "manifests/odd").body == raw
        assert line.ask("GET", f"manifests/{Digest.of(raw)}").body == raw


@must(
    "Pushing Manifests",
    "Upon a successful upload, the registry MUST return response code `201 Created`, and MUST have the following header: Location [...] The Docker-Content-Digest header [...] MUST be equal to the client provided digest.",
)
def manifests_are_written(line: Line) -> None:
    """By tag, and by a digest of either algorithm."""
    image = line.image()
    for reference in ("v1", image.digest, Digest.of(image.raw, "sha512")):
        answer = line.put(image, reference)
        assert answer.status == 201
        digest = image.digest if reference == "v1" else reference
        assert answer.headers.get("Docker-Content-Digest", digest) == digest
        pullable(line, answer.headers["Location"], image.raw)
        assert line.ask("GET", f"manifests/{reference}").body == image.raw


@must("Pushing Manifests", "[...] `<reference>` MUST be either a) a digest or b) a tag.")
def images_in_another_algorithm(line: Line) -> None:
    """Blobs, image and index, each named by sha512 alone, read and deleted by it."""
    image = line.image("sha512")
    assert line.put(image, algorithm="sha512").status == 201
    child = Descriptor(image.media_type, Digest.of(image.raw, "sha512"), image.size)
    index = ImageIndex.of([child])
    assert line.put(index, algorithm="sha512").status == 201
    for manifest in (index, image):
        digest = Digest.of(manifest.raw, "sha512")
        answer = line.ask("GET", f"manifests/{digest}")
        assert (answer.status, answer.body) == (200, manifest.raw)
        assert line.ask("DELETE", f"manifests/{digest}").status in (202, 400, 405)


@must(
    "Pushing Manifests",
    "The uploaded manifest MUST reference any blobs that make up the object. However, the list of blobs MAY be empty.",
)
def kinds_of_manifest(line: Line) -> None:
    """No layers; an empty index; an index of indexes; an artifact; layers that are not to be distributed; data inside."""
    config = line.fresh()
    line.push(config)
    line.push(b"{}")
    base = Descriptor.of(config, OCI_CONFIG)
    foreign = Descriptor(
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        Digest.of(line.fresh()), 123456, urls=("https://store.example.com/blobs/one",),
    )  # fmt: skip
    inside = Descriptor(OCI_EMPTY, Digest.of(b"{}"), 2, data=b"{}")
    image, inner = ImageManifest.of(base, []), ImageIndex.of([])
    assert line.put(image).status == line.put(inner).status == 201
    for number, manifest in enumerate(
        (
            ImageIndex.of([image.descriptor, inner.descriptor]),
            ImageIndex.of([image.descriptor], artifact_type="application/vnd.example.list"),
            ImageManifest.of(inside, [inside], artifact_type="application/vnd.example.thing"),
            ImageManifest.of(base, [foreign]),
            ImageManifest.of(base, [], annotations={"a": "b"}),
        )
    ):
        answer = line.put(manifest, f"kind-{number}")
        assert answer.status == 201, (number, answer)
        assert line.ask("GET", f"manifests/kind-{number}").body == manifest.raw


@must("Pushing Manifests", "An attempt to pull a nonexistent repository MUST return response code `404 Not Found`.")
def repositories_that_are_not_there(line: Line) -> None:
    """Blobs, manifests and tags of it."""
    for target in ("manifests/v1", f"blobs/{Digest.of(b'')}", "tags/list"):
        assert line.ask("GET", f"/v2/{line.repository}-missing/{target}").status == 404


@must(
    "Pushing Manifests",
    "Client and registry implementations SHOULD expect to be able to support manifest pushes of at least 4 megabytes. [...] `413 Payload Too Large`",
)
def large_manifests(line: Line) -> None:
    """4,000,000 bytes are taken; where twenty times that is not, the answer is 413."""
    image = line.image(annotations={"large": "A" * 3_999_000})
    assert line.put(image, "large").status == 201
    assert line.ask("GET", "manifests/large").body == image.raw


@must("Pushing Manifests with Subject", "MUST respond with the response header `OCI-Subject: <subject digest>`")
def subjects_are_echoed(line: Line) -> None:
    """For images and for indexes, by tag and by digest; and not where there is no subject."""
    subject = line.tagged("v1")
    assert "OCI-Subject" not in line.put(subject, "v1").headers
    for manifest in (line.image(subject=subject.descriptor), ImageIndex.of([], subject=subject.descriptor)):
        for reference in ("signature", manifest.digest):
            assert line.put(manifest, reference).headers["OCI-Subject"] == subject.digest


@must("Pulling manifests", "`<reference>` MUST be either (a) the digest of the manifest or (b) a tag.")
def manifests_under_a_wrong_digest(line: Line) -> None:
    """400, and nothing is there afterwards."""
    image = line.image()
    for reference in (Digest.of(b"another"), "sha256:baddigeststring"):
        answer = line.put(image, reference)
        assert (answer.status, errors(answer)) == (400, {"DIGEST_INVALID"}), reference
        assert line.ask("GET", f"manifests/{reference}").status in (404, 400)


# ------------------------------------------------------------------------------------------------ Content Discovery


@must(
    "Listing Tags",
    "Assuming a repository is found, this request MUST return a `200 OK` response code. [...] the tags MUST be in lexical order (i.e. case-insensitive alphanumeric order).",
)
def tags_in_order(line: Line) -> None:
    """The name and the tags, capital letters among the small."""
    line.tagged("b", "A", "c", "a1", "0")
    answer = line.ask("GET", "tags/list")
    assert answer.status == 200
    assert answer.json() == {"name": line.repository, "tags": ["0", "A", "a1", "b", "c"]}


@must(
    "Listing Tags",
    'Otherwise, the response MUST include `<int>` results. [...] If included, the `Link` header MUST be set according to RFC5988 with the Relation Type `rel="next"`.',
)
def tags_in_pages(line: Line) -> None:
    """Following the links gives all, each once."""
    tags = [f"t{number:02}" for number in range(7)]
    line.tagged(*tags)
    seen, target = [], f"/v2/{line.repository}/tags/list?n=3"
    while target:
        answer = line.ask("GET", target)
        seen.append(answer.json()["tags"])
        link = answer.headers.get("Link", "")
        found = re.fullmatch(r'<(.+)>; ?rel="?next"?', link)
        assert bool(found) == bool(link)
        target = found[1] if found else ""
    assert seen == [tags[:3], tags[3:6], tags[6:]]


@must(
    "Listing Tags", "When `n` is zero, this endpoint MUST return an empty list, and MUST NOT include a `Link` header."
)
def no_tags_asked_for(line: Line) -> None:
    """n=0."""
    line.tagged("v1")
    answer = line.ask("GET", "tags/list", n=0)
    assert answer.status == 200 and not answer.json()["tags"] and "Link" not in answer.headers


@must(
    "Listing Tags",
    "`<tagname>` will not be included in the results, but up to `<int>` tags *after* `<tagname>` will be returned. [...] the `n` parameter is OPTIONAL.",
)
def tags_after_one(line: Line) -> None:
    """With n and without, and after a tag that is not there."""
    line.tagged("a", "b", "c", "d")
    assert line.ask("GET", "tags/list", last="b").json()["tags"] == ["c", "d"]
    assert line.ask("GET", "tags/list", last="a", n=2).json()["tags"] == ["b", "c"]
    assert line.ask("GET", "tags/list", last="bb").json()["tags"] == ["c", "d"]


@must(
    "Listing Referrers",
    "If the registry supports the referrers API, the registry MUST NOT return a `404 Not Found` [...] If a query results in no matching referrers, an empty manifest list MUST be returned.",
)
def no_referrers(line: Line) -> None:
    """Of a manifest that is there, and of one that never was."""
    for digest in (line.tagged("v1").digest, Digest.of(b"never was")):
        answer = line.ask("GET", f"referrers/{digest}")
        assert answer.status == 200 and answer.headers["Content-Type"] == OCI_INDEX
        assert answer.json() == {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []}


@must(
    "Listing Referrers",
    "If the request is invalid, such as a `<digest>` with an invalid syntax, a `400 Bad Request` MUST be returned.",
)
def referrers_of_no_digest(line: Line) -> None:
    """No digest at all, and one too short."""
    line.tagged("v1")
    for bad in ("v1", "sha256:abc"):
        assert line.ask("GET", f"referrers/{bad}").status == 400, bad


@must(
    "Listing Referrers",
    "The descriptors MUST include an `artifactType` field [...] the value of `artifactType` MUST be set to the config descriptor `mediaType` value. If the `artifactType` is empty or missing in an index, the `artifactType` MUST be omitted. The descriptors MUST include annotations from the image manifest or index.",
)
def referrers_are_listed(line: Line) -> None:
    """Two images and an index, one of each with a type of its own; the subject may be an index too."""
    about = {"org.example.n": "1"}
    image = line.tagged("v1")
    for subject in (
        image.descriptor,
        ImageIndex.of([image.descriptor], annotations={"of": line.repository}).descriptor,
    ):
        goal = {}
        for manifest, kind in (
            (
                line.image(subject=subject, artifact_type="application/vnd.example.a", annotations=about),
                "application/vnd.example.a",
            ),
            (line.image(subject=subject), OCI_CONFIG),
            (
                ImageIndex.of([], subject=subject, artifact_type="application/vnd.example.b", annotations=about),
                "application/vnd.example.b",
            ),
            (ImageIndex.of([], subject=subject), None),
        ):
            assert line.put(manifest).status == 201
            entry = manifest.descriptor.to_json() | ({"artifactType": kind} if kind else {})
            goal[str(manifest.digest)] = entry | (
                {"annotations": dict(manifest.annotations)} if manifest.annotations else {}
            )
        listed = line.ask("GET", f"referrers/{subject.digest}").json()["manifests"]
        assert {entry["digest"]: entry for entry in listed} == goal
        assert len(listed) == 4


@must(
    "Listing Referrers",
    "If filtering is requested and applied, the response MUST include a header `OCI-Filters-Applied: artifactType`",
)
def referrers_are_filtered(line: Line) -> None:
    """One of two; a type that none has gives none."""
    subject = line.tagged("v1").descriptor
    kinds = ("application/vnd.example.a", "application/vnd.example.b")
    made = {kind: line.image(subject=subject, artifact_type=kind) for kind in kinds}
    for manifest in made.values():
        assert line.put(manifest).status == 201
    for kind in (*kinds, "application/vnd.example.none"):
        answer = line.ask("GET", f"referrers/{subject.digest}", artifactType=kind)
        assert answer.headers["OCI-Filters-Applied"] == "artifactType"
        wanted = [str(made[kind].digest)] if kind in made else []
        assert [entry["digest"] for entry in answer.json()["manifests"]] == wanted


@must(
    "Enabling the Referrers API",
    "Registries MUST include all newly pushed image manifests with a valid `subject` field in the referrers API response.",
)
def referrers_come_and_go(line: Line) -> None:
    """Listed before its subject is there, gone when it is deleted, back when it is pushed again."""
    image = line.image()
    signature = line.image(subject=image.descriptor)
    for act, count in (("PUT", 1), ("DELETE", 0), ("PUT", 1)):
        line.ask(act, f"manifests/{signature.digest}", signature.raw, {"Content-Type": OCI_MANIFEST})
        assert len(line.ask("GET", f"referrers/{image.digest}").json()["manifests"]) == count


# ----------------------------------------------------------------------------------------------- Content Management


@must(
    "Deleting tags",
    "Upon success, the registry MUST respond with a `202 Accepted` code. If tag deletion is disabled, [...] `400 Bad Request` or a `405 Method Not Allowed`. [...] Once deleted, a `GET` to `/v2/<name>/manifests/<tag>` will return a 404.",
)
def tags_are_deleted(line: Line) -> None:
    """The other tag and the manifest stay."""
    image = line.tagged("v1", "v2")
    answer = line.ask("DELETE", "manifests/v1")
    assert answer.status in (202, 400, 405)
    if answer.status == 202:
        assert line.ask("GET", "manifests/v1").status == 404
        assert line.ask("GET", "tags/list").json()["tags"] == ["v2"]
        assert line.ask("DELETE", "manifests/v1").status == 404
    assert line.ask("GET", "manifests/v2").body == image.raw
    assert line.ask("GET", f"manifests/{image.digest}").status == 200


@must(
    "Deleting Manifests",
    "Upon success, the registry MUST respond with a `202 Accepted` code. If the repository does not exist, the response MUST return `404 Not Found`. [...] a `GET` to `/v2/<name>/manifests/<digest>` and any tag pointing to that digest will return a 404.",
)
def manifests_are_deleted(line: Line) -> None:
    """With each of its tags, in either algorithm; again is 404."""
    image = line.tagged("v1", "v2")
    assert line.ask("DELETE", f"/v2/{line.repository}-missing/manifests/{image.digest}").status == 404
    assert line.put(image, algorithm="sha512").status == 201
    for digest in (image.digest, Digest.of(image.raw, "sha512")):
        answer = line.ask("DELETE", f"manifests/{digest}")
        assert answer.status in (202, 400, 405)
        if answer.status == 202:
            assert line.ask("GET", f"manifests/{digest}").status == 404
            assert line.ask("DELETE", f"manifests/{digest}").status == 404
            for tag in ("v1", "v2"):
                assert line.ask("GET", f"manifests/{tag}").status == 404


@must(
    "Deleting Blobs",
    "Upon success, the registry MUST respond with code `202 Accepted`. If the blob is not found, a `404 Not Found` code MUST be returned.",
)
def blobs_are_deleted(line: Line) -> None:
    """In either algorithm; again is 404."""
    for algorithm in ALGORITHMS:
        digest = line.push(line.fresh(), algorithm)
        answer = line.ask("DELETE", f"blobs/{digest}")
        assert answer.status in (202, 400, 405)
        if answer.status == 202:
            assert line.ask("HEAD", f"blobs/{digest}").status == 404
            assert line.ask("DELETE", f"blobs/{digest}").status == 404


# ------------------------------------------------------------------------------------------------------------- API


@must("Endpoints", "end-4 to end-13: failures of an upload that is not known, or under a digest that is none")
def uploads_that_are_not_there(line: Line) -> None:
    """Each method of it."""
    missing = f"/v2/{line.repository}/blobs/uploads/6f1b9a0e-0000-4000-8000-000000000000"
    for method in ("GET", "PATCH", "PUT"):
        answer = line.ask(method, missing, b"x" if method != "GET" else b"", digest=Digest.of(b"x"))
        assert answer.status in (400, 404), method
        errors(answer)
    assert errors(line.ask("PUT", line.begin(), b"x", digest="nonsense")) == {"DIGEST_INVALID"}


@must(
    "Error Codes",
    "If the response body is in JSON format, it MUST have the following format [...] The `code` field MUST be one of the following",
)
def refusals_have_their_form(line: Line) -> None:
    """A refusal of each kind that can be had without an account."""
    image = line.tagged("v1")
    missing = Digest.of(b"missing")
    for code, answer in (
        ("BLOB_UNKNOWN", line.ask("GET", f"blobs/{missing}")),
        ("MANIFEST_UNKNOWN", line.ask("GET", f"manifests/{missing}")),
        ("MANIFEST_UNKNOWN", line.ask("GET", "manifests/missing")),
        ("DIGEST_INVALID", line.put(image, missing)),
        ("MANIFEST_INVALID", line.ask("PUT", "manifests/v2", b"{not json", {"Content-Type": OCI_MANIFEST})),
        ("NAME_UNKNOWN", line.ask("GET", f"/v2/{line.repository}-missing/tags/list")),
        ("BLOB_UPLOAD_UNKNOWN", line.ask("GET", "blobs/uploads/6f1b9a0e-0000-4000-8000-000000000000")),
    ):
        assert code in errors(answer), (code, answer)


@must(
    "Warnings",
    "`Warning` headers MUST specify a `warn-code` of `299` and a `warn-agent` of `-` [...] A registry MUST NOT send more than 4096 bytes of warning data",
)
def warnings_have_their_form(line: Line) -> None:
    """Where any are sent at all."""
    line.tagged("v1")
    for target in ("manifests/v1", "tags/list", "manifests/missing"):
        found = line.ask("GET", target).headers.get_all("Warning") or []
        assert all(re.match(r'299 - "', text) for text in found)
        assert sum(map(len, found)) <= 4096


def walk(host: str, port: int) -> dict[str, str]:
    """Walk a registry; gives what failed, by the check's name, and how."""
    failed = {}
    for number, check in enumerate(WALK):
        try:
            check.run(Line(host, port, f"conformance/check-{number}"))
        except Exception as error:
            failed[check.name] = f"{type(error).__name__}: {str(error)[:200]}"
    return failed


if __name__ == "__main__":
    address, _, at = sys.argv[1].partition(":")
    found = walk(address, int(at or 5000))
    for name, why in found.items():
        sys.stdout.write(f"{name}\n    {why}\n")
    sys.stdout.write(f"{len(WALK) - len(found)} of {len(WALK)} kept\n")
