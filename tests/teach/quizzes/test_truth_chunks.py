"""The lesson “Beyond layers”: each option of a question fits exactly where the package says so."""

from __future__ import annotations

import random

import pytest

from simregistry.oci.layer import Changeset
from simregistry.study.chunking import FastCdc, ImageVersions, chunks, dedup_levels, fixed


def layers_with_one_difference():
    """chunks.q1: kept, and counted."""
    dice = random.Random(1)
    files = {f"f{n:02}": dice.randbytes(700) for n in range(100)}
    one, other = Changeset.of(files).to_tar(), Changeset.of(files | {"f50": b"another"}).to_tar()
    shared = len(one) + len(other) - dedup_levels([("a", [one]), ("b", [other])], compress=False)["layers"].bytes
    return {"99 files": shared >= 99 * 700, "nothing": shared == 0, "everything before": 0 < shared < 99 * 700}


def files_of_ten_versions():
    """chunks.q2: a family whose files are counted."""
    found = dedup_levels(ImageVersions(versions=10, files=60, base_files=0, changed_files=0.2).images(), compress=False)
    # One piece of each layer is its headers.
    files = found["files"].pieces - found["layers"].pieces
    return {f"{n} files": files == n for n in (168, 600, 60)}


def a_byte_in_front():
    """chunks.q3: a thousand fixed chunks."""
    data = random.Random(2).randbytes(1000 * 256)
    new = len(set(chunks(b"!" + data, fixed(256))) - set(chunks(data, fixed(256))))
    return {"one": new == 1, "nearly all, or all": new > 990, "none, because": new == 0}


def why_they_survive():
    """chunks.q4: smaller fixed chunks do not; the same bytes in another place give the same borders."""
    data, before = random.Random(3).randbytes(60_000), random.Random(4).randbytes(7_777)
    small = set(chunks(b"!" + data, fixed(64))) & set(chunks(data, fixed(64)))
    content = set(chunks(before + data, FastCdc(256))) & set(chunks(data, FastCdc(256)))
    return {
        "they are smaller": bool(small),
        "a cut depends on": len(content) > 0.9 * len(chunks(data, FastCdc(256))),
        "the index knows": False,
    }


def chunks_of_compressed_layers():
    """chunks.q5: a family, both ways."""
    found = dedup_levels(ImageVersions(versions=6, base_files=0, changed_files=0.3).images())
    plain = found["content-defined chunks"].ratio
    packed = found.asked_gzip_bytes / found["gzip, content-defined chunks"].bytes
    return {"as much": packed > 0.9 * plain, "hardly anything": packed < 1.2, "more, because": packed > plain}


def which_order():
    """chunks.q6: what is kept in the end."""
    found = dedup_levels(ImageVersions(versions=10).images())
    first, after = found["content-defined chunks"].packed_bytes, found["gzip, layers"].bytes
    return {"compress each layer": after < first, "keep equal pieces once": first < after, "compress twice": False}


def smaller_and_smaller():
    """chunks.q7: what is found, and what it costs."""
    tried = [
        dedup_levels(ImageVersions(versions=5).images(), {"c": FastCdc(n)}, compress=False)["c"] for n in (512, 256)
    ]
    found, cost = tried[0].bytes - tried[1].bytes, tried[1].index_bytes - tried[0].index_bytes
    return {
        "you should, because smaller": found > cost,
        "the index about doubles": found > 0 and cost > 0.8 * tried[0].index_bytes and cost > found,
        "small chunks can't": len(fixed(1)(b"abc")) != 3,
    }


HOLDS = {
    "chunks.q1": layers_with_one_difference,
    "chunks.q2": files_of_ten_versions,
    "chunks.q3": a_byte_in_front,
    "chunks.q4": why_they_survive,
    "chunks.q5": chunks_of_compressed_layers,
    "chunks.q6": which_order,
    "chunks.q7": smaller_and_smaller,
}


@pytest.mark.parametrize("id", HOLDS)
def test_an_option_fits_exactly_where_the_package_says_so(id, fits):
    """The wrong ones too are computed: none of them is right by accident."""
    fits(id, HOLDS[id]())
