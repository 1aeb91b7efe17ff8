"""Figures of layers and updates, computed from real digests and sizes."""

from __future__ import annotations

import csv
import gzip
from functools import cache
from importlib.resources import files

from simregistry.client.client import Client
from simregistry.client.transfer_report import PullReport
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.media_types import OCI_LAYER_GZIP
from simregistry.registry.registry import Registry
from simregistry.study.examples.small_images import SmallImage, put_small
from simregistry.study.published.figure import Figure

# The layer that old builders wrote when a step changed nothing: an empty tar, 1,024 zero bytes, compressed by gzip.
EMPTY_GZIP = bytes.fromhex("1f8b080000096e8800ff621805a360148c5800080000ffff2eafb5ef00040000")
EMPTY_DIGEST = "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4"
EMPTY_DIFF_ID = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
UPDATES = "public_registry_layer_study_v3_17, pinned manifests of Docker Hub, July 2026 (redulink-deduplex-quic)"


def matching_empty_digests() -> float:
    """Hash the empty layer, compressed and uncompressed, and count how many of the two published digests match."""
    return float((Digest.of(EMPTY_GZIP) == EMPTY_DIGEST) + (Digest.of(gzip.decompress(EMPTY_GZIP)) == EMPTY_DIFF_ID))


@cache
def updates() -> dict[str, dict[str, list[Descriptor]]]:
    """Read the layers of each update, old and new, from the base up."""
    text = files("simregistry.study").joinpath("data", "updates.tsv").read_text("utf-8")
    layers: dict[str, dict[str, list[Descriptor]]] = {}
    for row in csv.DictReader(text.splitlines(), delimiter="\t"):
        sides = layers.setdefault(row["update"], {"old": [], "new": []})
        sides[row["side"]].append(Descriptor(OCI_LAYER_GZIP, Digest(row["digest"]), int(row["bytes"])))
    return layers


@cache
def pull_update(name: str) -> PullReport:
    """Push both versions to a registry, pull the old one, then the new one; return the report of the second pull."""
    registry = Registry("docker.io")
    laptop, server = Client(registries=[registry]), Client(registries=[registry])
    for side, layers in updates()[name].items():
        put_small(laptop.store, f"docker.io/library/app:{side}", SmallImage.of_nominal(layers))
        laptop.push(f"docker.io/library/app:{side}")
    server.pull("docker.io/library/app:old")
    return server.pull("docker.io/library/app:new")


def reused_share(*names: str) -> float:
    """Compute the share of the new version's layer bytes that a machine with the old version need not fetch."""
    layers = [layer for name in names for layer in pull_update(name).layers]
    return sum(layer.size for layer in layers if layer.outcome == "already here") / sum(layer.size for layer in layers)


REDIS, HTTPD, ALPINE = "redis 7.4.8 to 7.4.9", "httpd 2.4.64 to 2.4.65", "alpine 3.23.4 to 3.23.5"
PULL = "both manifests; one client pulls the old version, then the new one"
FIGURES = (
    Figure(
        "empty-layer", "the empty layer: digest a3ed95ca… of 32 gzip bytes, diff ID 5f70bf18… of 1,024 zero bytes",
        2, "digests that come out", "C", "result", "the digests that registries carry, re-computed", "the 32 bytes",
        matching_empty_digests,
    ),
    Figure(
        "update-redis", "Redis 7.4.8 to 7.4.9: bytes of layers that stay", 32, "bytes", "C3", "result", UPDATES, PULL,
        lambda: float(sum(layer.size for layer in pull_update(REDIS).layers if layer.outcome == "already here")),
    ),
    Figure(
        "update-httpd", "httpd 2.4.64 to 2.4.65: share of bytes that stay", 0.482512, "share", "C3", "result", UPDATES,
        PULL, lambda: reused_share(HTTPD),
    ),
    Figure(
        "update-alpine", "Alpine 3.23.4 to 3.23.5: share of bytes that stay", 0.0, "share", "C3", "result", UPDATES,
        PULL, lambda: reused_share(ALPINE),
    ),
    Figure(
        "update-all", "the three updates together: share of bytes that stay", 0.266484, "share", "C3", "result",
        UPDATES, PULL, lambda: reused_share(REDIS, HTTPD, ALPINE),
    ),
)  # fmt: skip
