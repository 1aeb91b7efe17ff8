"""Where to cut bytes into chunks: every so many bytes, or where the content says so.

``FastCdc`` is FastCDC (Xia et al., USENIX ATC 2016) in the form of 2020, and cuts where the well-known implementation
cuts (nlfiedler's, ``v2020``; its port pyfastcdc is what the tests hold this one against). A hash of the last bytes
slides over the data; where some bits of it are all zero, a chunk ends. An insertion moves the bytes, and the cuts too.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from simregistry.errors import InvalidValue

# NumPy comes when something is cut by content; the exercises import this file, and most of them cut nothing.
if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Gives the end of each chunk, in order; the last is the end of the data.
Cutter = Callable[[bytes], list[int]]

# A number for each byte: the first eight bytes of the MD5 of that byte, 64 times.
GEAR = tuple(
    int.from_bytes(hashlib.md5(bytes([n]) * 64, usedforsecurity=False).digest()[:8], "big") for n in range(256)
)
# Which bits have to be zero, by the average size's power of two, one harder and one easier than 2 ** 8 to 2 ** 20: the
# parameters of the 2020 form. More bits make a cut rarer.
MASKS = dict(enumerate((
    0x18035100, 0x1800035300, 0x19000353000, 0x590003530000, 0xD90003530000, 0xD90103530000, 0xD90303530000,
    0xD90313530000, 0xD90F03530000, 0xD90303537000, 0xD90703537000, 0xD90707537000, 0xD91707537000, 0xD91747537000,
    0xD91767537000,
), 7))  # fmt: skip
# The masks look at 48 bits, so a byte that was shifted out of those says nothing any more.
WINDOW = 48
SMALLEST = 64
BLOCK = 1 << 22


def chunks(data: bytes, cutter: Cutter) -> list[bytes]:
    """Cut data into its chunks.

    >>> chunks(b"abcdefghij", fixed(4))
    [b'abcd', b'efgh', b'ij']
    """
    ends = cutter(data)
    return [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def fixed(size: int) -> Cutter:
    """Cut every so many bytes.

    >>> fixed(4)(b"abcdefghij")
    [4, 8, 10]
    """
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise InvalidValue("size", size, "give a whole number of bytes, at least 1")
    return lambda data: [*range(size, len(data), size), len(data)] if data else []


@dataclass(frozen=True)
class FastCdc:
    """Cut where the content says so: chunks of about ``average`` bytes, a power of two from 256 to 1,048,576.

    Between a quarter of it and eight times as much; ``smallest`` and ``largest`` may be given.
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
        """The bits that have to be zero, before the average is reached and after it: first hard, then easy."""
        bits = self.average.bit_length() - 1
        return MASKS[bits + 1], MASKS[bits - 1]

    def __call__(self, data: bytes) -> list[int]:
        """Give the ends of the chunks.

        >>> data = bytes(i * i % 251 for i in range(40_000))
        >>> FastCdc(1024)(data) == cut_byte_by_byte(data, FastCdc(1024))
        True
        """
        hard, easy = candidates(data, self.masks)
        ends, start = [], 0
        while start < len(data):
            start = self._end(data, start, hard, easy)
            ends.append(start)
        return ends

    def _end(self, data: bytes, start: int, hard: list[int], easy: list[int]) -> int:
        """Find the end of the chunk that begins here."""
        if len(data) - start <= self.smallest:
            return len(data)
        end = min(len(data), start + self.largest)
        # The well-known implementation takes two bytes a step, so its bounds are even, counted from the start.
        first = start + self.smallest // 2 * 2
        middle = start + min(end - start, self.average) // 2 * 2
        last = start + (end - start) // 2 * 2
        for at, value in self._beginning(data, first, min(first + WINDOW - 1, last)):
            if not value & self.masks[at >= middle]:
                return at
        known = first + WINDOW - 1
        for found, low, high in ((hard, known, middle), (easy, max(known, middle), last)):
            place = bisect_left(found, low)
            if place < len(found) and found[place] < high:
                return found[place]
        return end

    @staticmethod
    def _beginning(data: bytes, first: int, stop: int) -> Iterator[tuple[int, int]]:
        """Give the first hashes of a chunk: they have seen nothing before ``first``, so they are no full windows."""
        value = 0
        for at in range(first, stop):
            value = ((value << 1) + GEAR[data[at]]) & 0xFFFFFFFFFFFFFFFF
            yield at, value


@cache
def gear() -> NDArray[np.uint64]:
    """Give the numbers as a column, to look up many bytes at once."""
    import numpy as np

    return np.array(GEAR, dtype=np.uint64)


def candidates(data: bytes, masks: tuple[int, ...]) -> list[list[int]]:
    """Find where the hash of the last bytes has zeros at each mask's bits.

    The hash at a place is the sum of the gear numbers of the bytes before it, each shifted by its distance. So that of
    twice as long a window is the sum of two: ``H2w(i) = Hw(i) + (Hw(i - w) << w)``; six such steps give all hashes.
    """
    import numpy as np

    found: list[list[int]] = [[] for _ in masks]
    whole = np.frombuffer(data, dtype=np.uint8)
    for begin in range(0, len(data), BLOCK):
        before = min(begin, 64)
        hashes: NDArray[np.uint64] = gear()[whole[begin - before : begin + BLOCK]]
        for width in (1, 2, 4, 8, 16, 32):
            hashes[width:] += hashes[:-width] << np.uint64(width)
        for number, mask in enumerate(masks):
            zeros = np.flatnonzero((hashes & np.uint64(mask)) == 0)
            found[number] += (zeros[zeros >= before] + begin - before).tolist()
    return found


def cut_byte_by_byte(data: bytes, cutter: FastCdc) -> list[int]:
    """Cut byte by byte, as the paper tells it: the plain form that the fast one is held against."""
    ends, start = [], 0
    while start < len(data):
        length = len(data) - start
        end = min(length, cutter.largest)
        cut, value = end, 0
        if length > cutter.smallest:
            for at in range(cutter.smallest // 2 * 2, end // 2 * 2):
                value = ((value << 1) + GEAR[data[start + at]]) & 0xFFFFFFFFFFFFFFFF
                hard, easy = cutter.masks
                if not value & (hard if at < min(end, cutter.average) // 2 * 2 else easy):
                    cut = at
                    break
        start += min(cut, length)
        ends.append(start)
    return ends
