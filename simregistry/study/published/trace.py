"""Figures of IBM's registry in 2017: 40.9 million requests, as a third party counted them in the public trace.

A few large blobs make up most bytes. Two of the counts, above 64 and above 256 MiB, set a Pareto tail; the third count
and all bytes are computed from it. A log-normal through two other points is shown beside it.
"""

from __future__ import annotations

from math import log
from statistics import NormalDist

from simregistry.registry.api.routes import ENDPOINTS
from simregistry.study.published.figure import Figure

MIB = 1024 * 1024
SOURCE = "IBM registry trace (Anwar et al., FAST 2018), as counted in redulink-deduplex-quic, residency_v3_17"
GETS, GET_BYTES = 12_657_108, 177_190_310_460_923
# By size: how many full GETs were for blobs larger than that, and how many bytes those GETs sent.
LARGER = {64 * MIB: 741_178, 256 * MIB: 70_803, 1024 * MIB: 6_216}
LARGER_BYTES = {64 * MIB: 114_747_212_429_689, 256 * MIB: 43_216_923_271_750, 1024 * MIB: 13_688_588_360_734}
METHODS = {"GET": 32_272_717, "HEAD": 4_512_788, "PATCH": 772_958, "POST": 1_173_027, "PUT": 2_140_534}
ANSWERS = {200: 36_777_324, 201: 2_461_177, 202: 1_558_194, 206: 1_210, 301: 74_119}
# The tail's exponent, from the counts above 64 and above 256 MiB alone.
ALPHA = log(LARGER[64 * MIB] / LARGER[256 * MIB]) / log(4)


def count_above(limit: int) -> float:
    """Compute how many GETs of blobs above a limit the Pareto tail expects."""
    return float(LARGER[64 * MIB] * (64 * MIB / limit) ** ALPHA)


def bytes_above(limit: int) -> float:
    """Compute the bytes of those GETs: the mean of a Pareto tail is alpha / (alpha - 1) times its smallest value."""
    return count_above(limit) * limit * ALPHA / (ALPHA - 1)


def log_normal_above(limit: int) -> float:
    """Compute the share of layers above a limit, by the log-normal with 65% under 1 MB and 80% under 10 MB."""
    normal = NormalDist()
    low, high = normal.inv_cdf(0.65), normal.inv_cdf(0.80)
    sigma = log(10) / (high - low)
    mu = log(1e6) - low * sigma
    return 1 - normal.cdf((log(limit) - mu) / sigma)


def expected_202() -> float:
    """Compute how many answers were 202, from the counts of the methods and of 201, by the table of endpoints.

    PUT is answered with 201, PATCH with 202, and POST with 202, or with 201 if it mounts a blob or sends it whole.
    """
    answers = {(endpoint.method, status) for endpoint in ENDPOINTS for status in endpoint.success}
    assert {("PUT", 201), ("PATCH", 202), ("POST", 202), ("POST", 201)} <= answers
    # The 201 that no PUT explains are the answers to such a POST.
    mounted = ANSWERS[201] - METHODS["PUT"]
    return float(METHODS["PATCH"] + METHODS["POST"] - mounted)


TAIL = "the counts above 64 and 256 MiB (a Pareto tail without an end); the bytes of all GETs"
FIGURES = (
    Figure(
        "ibm-over-256-mib", "share of blob GETs over 256 MiB", LARGER[256 * MIB] / GETS, "share", "C3", "input", SOURCE,
        "the count itself: it sets the tail", lambda: count_above(256 * MIB) / GETS,
    ),
    Figure(
        "ibm-over-1-gib", "share of blob GETs over 1 GiB", LARGER[1024 * MIB] / GETS, "share", "C3", "result", SOURCE,
        TAIL, lambda: count_above(1024 * MIB) / GETS,
    ),
    Figure(
        "ibm-bytes-64-mib", "share of bytes in GETs over 64 MiB", LARGER_BYTES[64 * MIB] / GET_BYTES, "share", "C3",
        "result", SOURCE, TAIL, lambda: bytes_above(64 * MIB) / GET_BYTES,
    ),
    Figure(
        "ibm-bytes-256-mib", "share of bytes in GETs over 256 MiB", LARGER_BYTES[256 * MIB] / GET_BYTES, "share", "C3",
        "result", SOURCE, TAIL, lambda: bytes_above(256 * MIB) / GET_BYTES,
    ),
    Figure(
        "ibm-bytes-1-gib", "share of bytes in GETs over 1 GiB", LARGER_BYTES[1024 * MIB] / GET_BYTES, "share", "C3",
        "result", SOURCE, TAIL, lambda: bytes_above(1024 * MIB) / GET_BYTES,
        why="the tail has no end and the registry's blobs do: the farther out, the more a Pareto overstates",
    ),
    Figure(
        "ibm-log-normal", "share of GETs over 64 MiB, from one log-normal through two points of layer size",
        LARGER[64 * MIB] / GETS, "share", "C3", "result", SOURCE,
        "65% of layers under 1 MB and 80% under 10 MB (FAST 2018, section 4.6, S)",
        lambda: log_normal_above(64 * MIB),
        why="two quantiles do not make a distribution; and layers are not GETs: popular ones are smaller",
    ),
    Figure(
        "ibm-202", "answers with status 202", ANSWERS[202], "answers", "C3", "result", SOURCE,
        "the counts of POST, PATCH, PUT and of 201, and which request is answered how (distribution-spec, Endpoints)",
        expected_202, why="requests that failed are counted as well",
    ),
)  # fmt: skip
