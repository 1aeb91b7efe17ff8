"""Figures of deduplication below the layer, compared with small made images that have real bytes.

Two inputs: how many files change from version to version, which one published ratio sets, and how much of such a file
changes, which is chosen to be half. What chunks save, and chunks of compressed layers, is computed from that.
"""

from __future__ import annotations

from functools import cache

from simregistry.study.chunking import DedupLevels, ImageVersions, dedup_levels
from simregistry.study.published.figure import Figure

FLX42 = "flx42/layer-dedup-test, README and logs: 36 repositories, 11,806 tags, 2018"
EROFS = "erofs/docs, src/comparison/dedupe.md: ten versions of Ubuntu 22.04, one layer each"
DUPHUNTER = "Zhao et al., DupHunter, ATC 2020, table 1, by notes"
MADE = "8 made versions of one layer, 80 files of some 32 kB; a quarter of the files change each time, by half"


@cache
def eight_versions() -> DedupLevels:
    """Measure eight versions; the share of changed files is set so that the ratio of files is the published one."""
    family = ImageVersions(versions=8, files=80, base_files=0, file_bytes=32_000, changed_files=0.25, changed_bytes=0.5)
    return dedup_levels(family.images())


@cache
def ten_versions() -> DedupLevels:
    """Measure ten versions of the same kind."""
    family = ImageVersions(
        versions=10, files=80, base_files=0, file_bytes=32_000, changed_files=0.25, changed_bytes=0.5
    )
    return dedup_levels(family.images(), compress=False)


def compressed_ratio() -> float:
    """Compute the ratio of chunks over compressed layers, to two digits: gzip's bytes differ between zlib builds."""
    levels = eight_versions()
    return round(levels.asked_gzip_bytes / levels["gzip, content-defined chunks"].bytes, 2)


FIGURES = (
    Figure(
        "flx42-files", "layers over files: 822 GB to 301 GB", 822 / 301, "ratio", "D", "input", FLX42,
        "the row itself: it sets how many files change", lambda: eight_versions()["files"].ratio,
    ),
    Figure(
        "flx42-chunks", "layers over content-defined chunks: 822 GB to 244 GB", 822 / 244, "ratio", "D", "result",
        FLX42, f"{MADE}, which is chosen", lambda: eight_versions()["content-defined chunks"].ratio,
    ),
    Figure(
        "duphunter-gzip", "layers over chunks, both compressed", 1.0, "ratio", "S", "result", DUPHUNTER,
        f"{MADE}; layers compressed by gzip, then cut", compressed_ratio,
    ),
    Figure(
        "erofs-layers", "share that layers save over ten versions", 0.0, "share", "D", "result", EROFS,
        "ten made versions of one layer, each of which changes something",
        lambda: 1 - 1 / ten_versions()["layers"].ratio,
    ),
    Figure(
        "erofs-chunks", "share that chunks save over ten versions: 766.1 to 109.5 MiB", 1 - 109.5 / 766.1, "share", "D",
        "result", EROFS, "nothing of EROFS: the family that the row of flx42 set, ten versions of it",
        lambda: 1 - 1 / ten_versions()["content-defined chunks"].ratio,
        why="a distribution changes fewer files between two releases than the 36 repositories of the other study",
    ),
)  # fmt: skip
