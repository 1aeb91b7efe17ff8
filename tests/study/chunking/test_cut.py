"""Cutting: every so many bytes, and where the content says so, as the well-known implementation does."""

from __future__ import annotations

import os
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simregistry.errors import InvalidValue
from simregistry.study.chunking.cut import BLOCK, GEAR, FastCdc, chunks, cut_byte_by_byte, fixed


def library(data: bytes, cutter: FastCdc) -> list[int]:
    """Cut by pyfastcdc, the port of nlfiedler's v2020; skipped where it is missing, unless this is CI."""
    if os.environ.get("CI") == "true":
        import pyfastcdc
    else:
        pyfastcdc = pytest.importorskip("pyfastcdc")
    theirs = pyfastcdc.FastCDC(avg_size=cutter.average, min_size=cutter.smallest, max_size=cutter.largest)
    return [chunk.offset + chunk.length for chunk in theirs.cut_buf(data)] if data else []


@pytest.mark.parametrize("average", [256, 1024, 8192, 65_536, 1_048_576])
@pytest.mark.parametrize("seed", range(12))
def test_the_cuts_are_those_of_the_library(average, seed):
    """Random bytes, few letters, zeros, and sizes around every bound."""
    dice = random.Random(seed)
    size = dice.choice([0, 1, 63, 64, 65, average // 4, average, average * 8, average * 8 + 1, 300_001])
    data = [dice.randbytes(size), bytes(dice.choice(b"ab") for _ in range(min(size, 50_000))), bytes(size)][seed % 3]
    cutter = FastCdc(average)
    assert cutter(data) == library(data, cutter)


@given(st.binary(max_size=6_000), st.sampled_from([256, 512, 1024]), st.integers(64, 256), st.integers(1, 9))
@settings(max_examples=150)
def test_the_quick_form_is_the_plain_one(data, average, smallest, times):
    """Byte by byte or all windows at once: the same cuts, for any sizes."""
    cutter = FastCdc(average, smallest, average * (3 + times))
    assert cutter(data) == cut_byte_by_byte(data, cutter) == library(data, cutter)


def test_data_over_several_blocks_is_cut_as_one():
    """The hashes at a block's beginning look back into the one before."""
    data = random.Random(5).randbytes(2 * BLOCK + 12_345)
    cutter = FastCdc(65_536)
    assert cutter(data) == library(data, cutter)


@given(st.binary(max_size=3_000), st.integers(1, 500))
def test_chunks_put_together_are_the_data(data, size):
    """Nothing is lost and nothing is there twice, however it is cut."""
    for cutter in (fixed(size), FastCdc(256)):
        ends = cutter(data)
        assert b"".join(chunks(data, cutter)) == data
        assert all(chunks(data, cutter)) and ends == sorted(set(ends))


def test_one_byte_at_the_front_moves_every_fixed_chunk_and_one_that_follows_the_content():
    """The reason for cutting by content."""
    data = random.Random(1).randbytes(200_000)
    moved = b"!" + data
    shared = {
        name: len(set(chunks(data, cutter)) & set(chunks(moved, cutter)))
        for name, cutter in (("fixed", fixed(1024)), ("content", FastCdc(1024)))
    }
    assert shared["fixed"] == 0
    assert shared["content"] >= len(FastCdc(1024)(data)) - 2


def test_chunks_keep_their_bounds_and_come_near_their_average():
    """No chunk but the last is smaller than the smallest, none larger than the largest."""
    data = random.Random(2).randbytes(3_000_000)
    cutter = FastCdc(4096)
    sizes = [len(piece) for piece in chunks(data, cutter)]
    assert max(sizes) <= cutter.largest and min(sizes[:-1]) >= cutter.smallest
    assert 0.7 * 4096 < sum(sizes) / len(sizes) < 1.6 * 4096


def test_the_gear_numbers_are_derived():
    """256 numbers of 64 bits, all different."""
    assert len(set(GEAR)) == 256 and GEAR[0] == 0x3B5D3C7D207E37DC


@pytest.mark.parametrize("size", [0, -1, 1.5, True, "8"])
def test_a_size_that_is_none_is_refused(size):
    """Before anything is cut."""
    with pytest.raises(InvalidValue, match="at least 1"):
        fixed(size)


@pytest.mark.parametrize("sizes", [(1000,), (128,), (2_097_152,), (256, 300), (256, 16), (1024, 256, 512)])
def test_sizes_that_do_not_fit_are_refused(sizes):
    """The average is a power of two between smallest and largest."""
    with pytest.raises(InvalidValue, match="give"):
        FastCdc(*sizes)
