"""Cut bytes into chunks: every n bytes, or where the content says so.

Why: insert one byte at the front of a file, and fixed chunks all change, since every later byte moves. A cut that the
content decides moves along with the bytes, so only the chunk with the new byte changes.

``FastCdc`` is FastCDC (Xia et al., USENIX ATC 2016) in the form of 2020. A hash of the last bytes slides over the data,
and a chunk ends where certain bits of the hash are all zero. It cuts where the well-known implementation cuts
(nlfiedler's ``v2020``; the tests compare it with the port pyfastcdc).
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from simregistry.errors import InvalidValue

# NumPy is imported by the functions that need it: the exercises import this file, and most of them cut nothing.
if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Returns the end of each chunk, in order; the last end is the end of the data.
Cutter = Callable[[bytes], list[int]]

# A random-looking number for each byte value, fixed for all times: the first eight bytes of the MD5 of 64 such bytes.
GEAR = tuple(
    int.from_bytes(hashlib.md5(bytes([n]) * 64, usedforsecurity=False).digest()[:8], "big") for n in range(256)
)
# By n: the bits that must be zero for chunks of about 2 ** n bytes, the parameters of the 2020 form. A mask with more
# bits is met less often, so its chunks are longer.
MASKS = dict(enumerate((
    0x18035100, 0x1800035300, 0x19000353000, 0x590003530000, 0xD90003530000, 0xD90103530000, 0xD90303530000,
    0xD90313530000, 0xD90F03530000, 0xD90303537000, 0xD90703537000, 0xD90707537000, 0xD91707537000, 0xD91747537000,
    0xD91767537000,
), 7))  # fmt: skip
# Each further byte shifts the hash by one bit, and the masks look at its lowest 48 bits: older bytes have no say.
WINDOW = 48
# The smallest chunk that may be asked for.
SMALLEST = 64
# The bytes that are hashed at once, so that a large layer does not need eight times its size as memory.
BLOCK = 1 << 22


def chunks(data: bytes, cutter: Cutter) -> list[bytes]:
    """Cut data into its chunks.

    >>> chunks(b"abcdefghij", fixed(4))
    [b'abcd', b'efgh', b'ij']
    """
    ends = cutter(data)
    return [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def fixed(size: int) -> Cutter:
    """Return a cutter that cuts every ``size`` bytes.

    >>> fixed(4)(b"abcdefghij")
    [4, 8, 10]
    """
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise InvalidValue("size", size, "give a whole number of bytes, at least 1")
    return lambda data: [*range(size, len(data), size), len(data)] if data else []


@dataclass(frozen=True)
class FastCdc:
    """A cutter that cuts where the content says so: chunks of about ``average`` bytes, a power of two.

    ``average`` is from 256 to 1,048,576. A chunk has at least ``smallest`` bytes (by default a quarter of the average)
    and at most ``largest`` (by default eight times the average); the last chunk may be shorter.
    """

    average: int = 8192
    smallest: int = 0
    largest: int = 0

    def __post_init__(self) -> None:
        if self.average not in {1 << bits for bits in range(8, 21)}:
            raise InvalidValue("average", self.average, "give a power of two from 256 to 1,048,576")
        object.__setattr__(self, "smallest", self.smallest or self.average // 4)
        object.__setattr__(self, "largest", self.largest or self.average * 8)
        if not SMALLEST <= self.smallest <= self.average <= self.largest:
            raise InvalidValue("sizes", self.smallest, f"give {SMALLEST} <= smallest <= average <= largest")

    @cached_property
    def masks(self) -> tuple[int, int]:
        """The bits that must be zero before the average size is reached, and after it: first hard, then easy."""
        # Twice as hard before the average and twice as easy after it: sizes stay near the average.
        bits = self.average.bit_length() - 1
        return MASKS[bits + 1], MASKS[bits - 1]

    def __call__(self, data: bytes) -> list[int]:
        """Return the ends of the chunks.

        >>> data = bytes(i * i % 251 for i in range(40_000))
        >>> FastCdc(1024)(data) == cut_byte_by_byte(data, FastCdc(1024))
        True
        """
        # All places where a hash would allow a cut, in one pass. Then walk from chunk to chunk and choose among them.
        hard, easy = candidate_cuts(data, self.masks)
        ends, start = [], 0
        while start < len(data):
            start = self._end(data, start, hard, easy)
            ends.append(start)
        return ends

    def _end(self, data: bytes, start: int, hard: list[int], easy: list[int]) -> int:
        """Find the end of the chunk that begins at ``start``; ``hard`` and ``easy`` are the candidates by mask."""
        if len(data) - start <= self.smallest:
            return len(data)
        end = min(len(data), start + self.largest)
        # Subtle: the well-known implementation takes two bytes a step, so its bounds are even numbers of bytes from the
        # start. With odd ones we would cut elsewhere than it does.
        first = start + self.smallest // 2 * 2
        middle = start + min(end - start, self.average) // 2 * 2
        last = start + (end - start) // 2 * 2
        # Subtle: the hash starts from zero at ``first``, after the smallest chunk. For its first 47 bytes the window is
        # not full, so the hash differs from the sliding one and no candidate list has it. Compute these one by one.
        full = first + WINDOW - 1
        for at, value in self._first_hashes(data, first, min(full, last)):
            if not value & self.masks[at >= middle]:
                return at
        # From there on take the first candidate of the hard mask up to the average, or of the easy mask after it.
        for places, low, high in ((hard, full, middle), (easy, max(full, middle), last)):
            index = bisect_left(places, low)
            if index < len(places) and places[index] < high:
                return places[index]
        # The content never said so: cut at the largest size, or at the end of the data.
        return end

    @staticmethod
    def _first_hashes(data: bytes, first: int, stop: int) -> Iterator[tuple[int, int]]:
        """Compute the hashes whose window begins at ``first``, one byte after the other, as (place, hash)."""
        value = 0
        for at in range(first, stop):
            value = ((value << 1) + GEAR[data[at]]) & 0xFFFFFFFFFFFFFFFF
            yield at, value


@cache
def gear_column() -> NDArray[np.uint64]:
    """Return the gear numbers as an array, to look up many bytes at once."""
    import numpy as np

    return np.array(GEAR, dtype=np.uint64)


def candidate_cuts(data: bytes, masks: tuple[int, ...]) -> list[list[int]]:
    """Find for each mask the places where the hash of the last bytes is zero at the mask's bits.

    The hash at a place is the sum of the gear numbers of the bytes up to it, each shifted by its distance. So the hash
    of a window twice as long is the sum of two hashes: ``H2w(i) = Hw(i) + (Hw(i - w) << w)``. Six such steps compute
    the hashes of all windows of 64 bytes at once.
    """
    import numpy as np

    places: list[list[int]] = [[] for _ in masks]
    whole = np.frombuffer(data, dtype=np.uint8)
    for begin in range(0, len(data), BLOCK):
        # A window at the start of a block reaches back into the block before.
        before = min(begin, 64)
        hashes: NDArray[np.uint64] = gear_column()[whole[begin - before : begin + BLOCK]]
        for width in (1, 2, 4, 8, 16, 32):
            hashes[width:] += hashes[:-width] << np.uint64(width)
        for number, mask in enumerate(masks):
            zeros = np.flatnonzero((hashes & np.uint64(mask)) == 0)
            places[number] += (zeros[zeros >= before] + begin - before).tolist()
    return places


def cut_byte_by_byte(data: bytes, cutter: FastCdc) -> list[int]:
    """Cut byte by byte, as the paper describes it: the simple form that the fast one is compared with."""
    ends, start = [], 0
    hard, easy = cutter.masks
    while start < len(data):
        length = len(data) - start
        end = min(length, cutter.largest)
        # If the content never says so, the chunk ends at the largest size. No cut before the smallest.
        cut, value = end, 0
        if length > cutter.smallest:
            for at in range(cutter.smallest // 2 * 2, end // 2 * 2):
                # Each byte shifts the older ones up by a bit. After 64 bytes a byte has been shifted out.
                value = ((value << 1) + GEAR[data[start + at]]) & 0xFFFFFFFFFFFFFFFF
                if not value & (hard if at < min(end, cutter.average) // 2 * 2 else easy):
                    cut = at
                    break
        start += min(cut, length)
        ends.append(start)
    return ends
