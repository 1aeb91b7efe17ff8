"""Digests, descriptors, contents and messages: what they take, and what they refuse."""

from __future__ import annotations

import hashlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simregistry.errors import ContentUnavailable, DigestMismatch, InvalidValue
from simregistry.oci.content import Nominal, bytes_of, digest_of, joined
from simregistry.oci.descriptor import Descriptor, Platform
from simregistry.oci.digest import Digest
from simregistry.oci.messages import Conversation, Exchange, Request, Response


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
@given(data=st.binary())
def test_a_digest_is_the_hash_of_the_bytes(algorithm, data):
    """The oracle is hashlib."""
    digest = Digest.of(data, algorithm)
    assert digest == f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"
    assert Digest.parse(str(digest)) == digest
    digest.verify(data)
    with pytest.raises(DigestMismatch):
        digest.verify(data + b"!")


@pytest.mark.parametrize(
    "text",
    [
        "", "sha256", "sha256:", "sha256:abc", "sha256:" + "A" * 64, "sha256:" + "g" * 64, "md5:" + "a" * 32, "sha256:" + "a" * 65,
        "sha512:" + "a" * 64, " sha256:" + "a" * 64, "sha256:" + "a" * 64 + "\n", "SHA256:" + "a" * 64, None, 7,
    ],
)  # fmt: skip
def test_what_is_no_digest_is_refused_with_its_rule(text):
    """image-spec descriptor.md, Digests."""
    with pytest.raises(InvalidValue) as refusal:
        Digest(text)
    assert (
        "must be" in refusal.value.rule or "use one of" in refusal.value.rule or "needs exactly" in refusal.value.rule
    )


def test_a_descriptor_goes_to_json_and_back():
    """Nothing is lost, embedded data and platform included."""
    full = Descriptor(
        "a/b",
        Digest.of(b"x"),
        1,
        {"k": "v"},
        "t/u",
        Platform("linux", "arm64", "v8", "1"),
        b"x",
        ("https://a.example",),
    )
    assert Descriptor.from_json(full.to_json()) == full
    assert list(Descriptor.of(b"x", "a/b").to_json()) == ["mediaType", "digest", "size"]


@pytest.mark.parametrize(
    "obj",
    [
        None, [], {}, {"mediaType": "a", "digest": Digest.of(b"")}, {"mediaType": 1, "digest": Digest.of(b""), "size": 0},
        {"mediaType": "a", "digest": Digest.of(b""), "size": -1}, {"mediaType": "a", "digest": Digest.of(b""), "size": True},
        {"mediaType": "a", "digest": Digest.of(b""), "size": 2**63}, {"mediaType": "a", "digest": Digest.of(b""), "size": 1.0},
        {"mediaType": "a", "digest": Digest.of(b""), "size": 0, "annotations": {"a": 1}},
        {"mediaType": "a", "digest": Digest.of(b""), "size": 0, "urls": "x"},
        {"mediaType": "a", "digest": Digest.of(b""), "size": 0, "data": "***"},
        {"mediaType": "a", "digest": Digest.of(b""), "size": 0, "platform": []},
    ],
)  # fmt: skip
def test_what_is_no_descriptor_is_refused(obj):
    """image-spec descriptor.md, Properties."""
    with pytest.raises(InvalidValue):
        Descriptor.from_json(obj)


def test_a_nominal_blob_has_a_size_and_no_bytes():
    """Its length counts, its digest speaks for it, its content is not to be had."""
    blob = Nominal(Digest.of(b"far away"), 10**12)
    assert (len(blob), digest_of(blob), digest_of(blob[1:]), digest_of(blob, "sha512")) == (
        10**12,
        blob.digest,
        None,
        None,
    )
    with pytest.raises(ContentUnavailable):
        bytes_of(blob)


@given(cuts=st.lists(st.integers(0, 100), max_size=5))
def test_parts_of_a_nominal_blob_join_to_the_whole(cuts):
    """However it is cut, in order it is whole again; out of order it is nothing."""
    blob = Nominal(Digest.of(b"far away"), 100)
    edges = [0, *sorted(cuts), 100]
    parts = [blob[a:b] for a, b in itertools.pairwise(edges)]
    assert joined(parts) == blob
    assert joined([blob[50:], blob[:50]]) is None
    assert joined([blob[:50], b"bytes"]) is None


def test_a_header_is_found_whatever_its_case():
    """RFC 9110 section 5.1."""
    assert Response(200, {"Docker-Content-Digest": "x"}).header("docker-content-digest") == "x"


def test_a_conversation_counts_body_bytes_and_shows_short_digests():
    """One line an exchange, also where no answer came."""
    blob = f"/v2/app/blobs/{Digest.of(b'')}"
    talk = Conversation(
        (Exchange(Request("GET", blob), Response(200, {}, b"abc")), Exchange(Request("PUT", "/x", body=b"12"), None))
    )
    assert (talk.up, talk.down, len(talk), len(talk[:1])) == (2, 3, 2, 1)
    assert "GET /v2/app/blobs/sha256:e3b0c44298fc…" in str(talk)
