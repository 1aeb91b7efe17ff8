"""Many draws at once, the same on every machine and with every NumPy.

NumPy may change how its ``Generator`` turns bits into numbers (NEP 19); the bits themselves it promises to keep. So
only the raw bits of PCG64 are taken, and all that follows is arithmetic of whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from simregistry.errors import InvalidValue

Integers = NDArray[np.int64]
# How finely a distribution is written down: its value at each 4,096th of probability, straight lines between.
STEPS_BITS = 12
TENTH = NormalDist().inv_cdf(0.9)


class Dice:
    """A seed's stream of draws.

    >>> Dice(7).below(5, 100).tolist()
    [62, 89, 77, 22, 30]
    """

    def __init__(self, seed: int) -> None:
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise InvalidValue("seed", seed, "give a whole number from 0")
        self._bits = np.random.PCG64(seed)

    def raw(self, n: int) -> Integers:
        """Draw whole numbers from 0 to 2**32 - 1."""
        return np.asarray(self._bits.random_raw(n) >> np.uint64(32), dtype=np.int64)

    def below(self, n: int, limit: int | Integers) -> Integers:
        """Draw whole numbers from 0 to below a limit, or each below its own."""
        return (self.raw(n) * limit) >> 32

    def chance(self, n: int, probability: float) -> NDArray[np.bool_]:
        """Say yes with a probability, so often."""
        return self.raw(n) < int(probability * 2**32)

    def ranks(self, n: int, weights: Integers) -> Integers:
        """Draw positions in a list of whole weights, each as often as its weight says."""
        sums = np.cumsum(weights)
        if not 0 < int(sums[-1]) < 2**31:
            raise InvalidValue("weights", int(sums[-1]), "give weights whose sum is from 1 to below 2 ** 31")
        return np.asarray(np.searchsorted(sums, self.below(n, int(sums[-1])), side="right"), dtype=np.int64)


def falling(n: int, exponent: float) -> Integers:
    """Give Zipf's weights of ranks 1 to n: each 1 / rank ** exponent, the first one 2**31 shared out over all.

    >>> falling(4, 1.0).tolist()
    [1030792150, 515396075, 343597383, 257698037]
    """
    weights = 1.0 / np.arange(1, n + 1, dtype=np.float64) ** exponent
    return np.asarray(np.floor(weights / weights.sum() * (2**31 - 1)), dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """A distribution of whole numbers as a table: its value at equally spaced probabilities."""

    values: Integers
    text: str = ""

    @classmethod
    def log_normal(cls, median: float, p90: float, lowest: int = 1, highest: int = 2**40) -> Spread:
        """Take the log-normal through a median and a 90th percentile, cut off below and above.

        Values are rounded to four digits, so that the last bit of a machine's logarithm cannot show.
        """
        if not 0 < median <= p90 or not 0 < lowest <= median <= highest:
            raise InvalidValue(
                "spread", f"{median:g}, {p90:g}", "give lowest <= median <= p90, all above 0, and highest"
            )
        steps = 1 << STEPS_BITS
        normal = NormalDist()
        # The ends stand for half a step, since a log-normal has none.
        at = [(min(max(k, 0.5), steps - 0.5)) / steps for k in range(steps + 1)]
        values = [median * (p90 / median) ** (normal.inv_cdf(p) / TENTH) for p in at]
        rounded = [int(float(f"{min(max(v, lowest), highest):.4g}")) for v in values]
        return cls(np.array(rounded, dtype=np.int64), f"log-normal, median {median:,.4g}, p90 {p90:,.4g}")

    def draw(self, dice: Dice, n: int) -> Integers:
        """Draw so many."""
        raw = dice.raw(n)
        step, rest = raw >> (32 - STEPS_BITS), raw & ((1 << (32 - STEPS_BITS)) - 1)
        low = self.values[step]
        rise = (self.values[step + 1] - low) * rest
        return np.asarray(low + (rise >> (32 - STEPS_BITS)), dtype=np.int64)

    @property
    def mean(self) -> float:
        """The mean of what is drawn."""
        return float((self.values[1:] + self.values[:-1]).mean() / 2)

    def __repr__(self) -> str:
        return self.text or "spread"


def within(counts: Integers) -> Integers:
    """Count inside each group: for groups of 2 and 3, 0 1 0 1 2.

    >>> within(np.array([2, 3])).tolist()
    [0, 1, 0, 1, 2]
    """
    ends = np.cumsum(counts)
    return np.arange(int(ends[-1]) if len(ends) else 0, dtype=np.int64) - np.repeat(ends - counts, counts)
