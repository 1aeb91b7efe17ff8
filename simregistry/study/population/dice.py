"""Draw many numbers at once, the same on every machine and with every version of NumPy.

NumPy may change how its ``Generator`` turns random bits into numbers; it promises to keep the bits themselves (NEP 19).
So this file takes only the raw bits of PCG64, and does the rest in whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from simregistry.errors import InvalidValue

Integers = NDArray[np.int64]
# A distribution is a table of 4,096 steps of equal probability, with straight lines between them.
STEPS_BITS = 12
# The 90th percentile of the standard normal distribution.
P90 = NormalDist().inv_cdf(0.9)


class Dice:
    """The stream of random numbers that a seed gives.

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
        """Draw whole numbers from 0 to below a limit; ``limit`` may be a column with one limit for each draw."""
        return (self.raw(n) * limit) >> 32

    def chance(self, n: int, probability: float) -> NDArray[np.bool_]:
        """Draw ``n`` yes or no answers, yes with this probability."""
        return self.raw(n) < int(probability * 2**32)

    def ranks(self, n: int, weights: Integers) -> Integers:
        """Draw positions in a list, in proportion to the whole-number weight at each position."""
        sums = np.cumsum(weights)
        if not 0 < int(sums[-1]) < 2**31:
            raise InvalidValue("weights", int(sums[-1]), "give weights whose sum is from 1 to below 2 ** 31")
        return np.asarray(np.searchsorted(sums, self.below(n, int(sums[-1])), side="right"), dtype=np.int64)


def zipf_weights(n: int, exponent: float) -> Integers:
    """Compute Zipf's weights of ranks 1 to n, each in proportion to 1 / rank ** exponent, with a sum just below 2**31.

    >>> zipf_weights(4, 1.0).tolist()
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
        """Make the log-normal distribution with this median and 90th percentile, cut off below and above.

        Values are rounded to four digits, because the last bit of a logarithm differs between machines.
        """
        if not 0 < median <= p90 or not 0 < lowest <= median <= highest:
            raise InvalidValue(
                "spread", f"{median:g}, {p90:g}", "give lowest <= median <= p90, all above 0, and highest"
            )
        steps = 1 << STEPS_BITS
        normal = NormalDist()
        # A log-normal has no smallest and no largest value, so the table ends half a step before probabilities 0 and 1.
        probabilities = [(min(max(k, 0.5), steps - 0.5)) / steps for k in range(steps + 1)]
        values = [median * (p90 / median) ** (normal.inv_cdf(p) / P90) for p in probabilities]
        rounded = [int(float(f"{min(max(v, lowest), highest):.4g}")) for v in values]
        return cls(np.array(rounded, dtype=np.int64), f"log-normal, median {median:,.4g}, p90 {p90:,.4g}")

    def draw(self, dice: Dice, n: int) -> Integers:
        """Draw ``n`` values of the distribution."""
        raw = dice.raw(n)
        # The upper bits choose the step, the lower bits the place on the line between its two ends.
        step, rest = raw >> (32 - STEPS_BITS), raw & ((1 << (32 - STEPS_BITS)) - 1)
        low = self.values[step]
        rise = (self.values[step + 1] - low) * rest
        return np.asarray(low + (rise >> (32 - STEPS_BITS)), dtype=np.int64)

    @property
    def mean(self) -> float:
        """The mean of the distribution."""
        return float((self.values[1:] + self.values[:-1]).mean() / 2)

    def __repr__(self) -> str:
        return self.text or "spread"


def places_in_groups(counts: Integers) -> Integers:
    """Number the members of each group from 0: groups of 2 and 3 get 0 1 and 0 1 2.

    >>> places_in_groups(np.array([2, 3])).tolist()
    [0, 1, 0, 1, 2]
    """
    ends = np.cumsum(counts)
    return np.arange(int(ends[-1]) if len(ends) else 0, dtype=np.int64) - np.repeat(ends - counts, counts)
