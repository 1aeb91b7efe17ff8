"""Hostile input in bulk: whatever is asked of the server, or lies in an archive, ends in an answer or a clear error."""

from __future__ import annotations

import asyncio
import http.client
import io
import json
import os
import tarfile
import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from simregistry import Digest, Registry, Request
from simregistry.connect.copy_image import LocalRepository, copy_image
from simregistry.connect.docker_archive import DockerArchive
from simregistry.connect.oci_layout import OciLayout
from simregistry.connect.server import serve
from simregistry.connect.stored_manifest import stored_references
from simregistry.errors import InvalidValue, SimRegistryError
from simregistry.registry.storage.storage import Storage

# More for a night: FUZZ=100000 pytest tests/connect/test_fuzz.py
TRIES = int(os.environ.get("FUZZ", "300"))
WORD = st.sampled_from(["app", "App", "..", "blobs", "manifests", "uploads", "tags", "list", "referrers", "v1", "", "%2e%2e",
                        "sha256:" + "0" * 64, "sha256:00", "sha512:" + "0" * 128, "a" * 300, "\u00e9", "_catalog"])  # fmt: skip
PATH = st.lists(WORD, max_size=6).map(lambda words: "/v2/" + "/".join(words))
QUERY = st.dictionaries(
    st.sampled_from(["digest", "mount", "from", "n", "last", "artifactType"]),
    st.sampled_from(["", "-1", "x", "9" * 30, "sha256:" + "0" * 64, "../..", "app"]),
    max_size=3,
)
HEADERS = st.dictionaries(
    st.sampled_from(["Content-Range", "Range", "Content-Type", "Accept"]),
    st.sampled_from(["", "0-5", "5-0", "bytes=0-0", "bytes=-", "bytes=9-1", "application/json", "*/*", "x" * 2000]),
    max_size=3,
)
METHOD = st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("sha256:" + "0" * 64),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["schemaVersion", "mediaType", "config", "layers", "manifests", "digest", "size", "subject"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
BODY = st.binary(max_size=40) | JSON.map(lambda value: json.dumps(value).encode())


@settings(max_examples=TRIES)
@given(asked=st.lists(st.tuples(METHOD, PATH, QUERY, HEADERS, BODY), min_size=1, max_size=8))
def test_no_request_makes_the_registry_fail(asked):
    """An answer of the specification each time, and what has a tag can be pulled whole."""
    registry = Registry()
    for method, path, query, headers, body in asked:
        response = registry.handle(Request(method, path, query, headers, body))
        assert 200 <= response.status < 500
        if response.status >= 400 and method != "HEAD":
            assert json.loads(response.body)["errors"][0]["code"]
    assert all(registry.manifest(image.repository, image.tag) for image in registry.images())


@settings(max_examples=max(20, TRIES // 10))
@given(
    raw=st.lists(
        st.binary(max_size=200) | st.sampled_from([b"GET /v2/ HTTP/1.1\r\n", b"\r\n", b"\x16\x03\x01"]), max_size=6
    )
)
def test_no_bytes_on_the_line_make_the_server_fail(raw):
    """Whatever comes, the next client is answered."""

    async def run() -> int:
        server = serve(Registry())
        _, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(b"".join(raw))
        writer.close()
        line = http.client.HTTPConnection(server.host, server.port, timeout=10)
        await asyncio.to_thread(line.request, "GET", "/v2/")
        status = (await asyncio.to_thread(line.getresponse)).status
        line.close()
        await server.stop()
        return status

    assert asyncio.run(run()) == 200


@settings(max_examples=TRIES)
@given(raw=BODY)
@example(raw=b'{"schemaVersion": 2, "mediaType": {}}')  # found by a coverage-guided run
def test_no_stored_manifest_makes_the_reader_fail(raw):
    """References, or InvalidValue."""
    try:
        is_index, named = stored_references(raw)
    except InvalidValue:
        return
    assert isinstance(is_index, bool) and all(isinstance(digest, Digest) for digest in named)


MEMBER = st.tuples(
    st.sampled_from(
        ["manifest.json", "index.json", "oci-layout", "../x", "/x", "a/../../x", "layer.tar", "c.json", "blobs/x"]
    ),
    st.sampled_from([tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE, b"S"]),
    BODY | st.just(b'[{"Config":"c.json","RepoTags":["app:v1"],"Layers":["layer.tar"]}]'),
)


@settings(max_examples=TRIES)
@given(members=st.lists(MEMBER, max_size=5), cut=st.integers(0, 4000))
def test_no_archive_makes_the_reader_fail_or_writes_anything(members, cut):
    """It is read, or refused; beside it nothing comes to be."""
    with tempfile.TemporaryDirectory() as folder:
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w") as tar:
            for name, kind, body in members:
                member = tarfile.TarInfo(name)
                member.type, member.linkname = kind, "../../etc/passwd"
                member.size = len(body) if kind == tarfile.REGTYPE else 0
                tar.addfile(member, io.BytesIO(body))
        path = Path(folder, "archive.tar")
        path.write_bytes(stream.getvalue()[: max(cut, 1)] if cut % 3 else stream.getvalue())
        try:
            archive = DockerArchive(path)
            for name in archive.names():
                copy_image(archive, name, LocalRepository(Storage(), "app"), "v1")
        except SimRegistryError:
            pass
        assert [each.name for each in Path(folder).iterdir()] == ["archive.tar"]


@settings(max_examples=TRIES)
@given(index=BODY, marker=BODY | st.just(b'{"imageLayoutVersion":"1.0.0"}'))
def test_no_layout_makes_the_reader_fail(index, marker):
    """Whatever its two documents say."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "oci-layout").write_bytes(marker)
        Path(folder, "index.json").write_bytes(index)
        try:
            layout = OciLayout(Path(folder))
            for name in layout.names():
                copy_image(layout, name, LocalRepository(Storage(), "app"), "v1")
        except SimRegistryError:
            pass
