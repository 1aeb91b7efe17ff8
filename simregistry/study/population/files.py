"""The files inside a population's layers: kinds, sizes, and how often the same file appears again. Modelled.

The n-th file is new with a chance that falls with n. Otherwise it is a copy of a file that some layer had before, more
likely of an old one. The number of distinct files then grows as n ** beta, which is Heaps' law: it was found for the
words of a text, and is used here as a model. One published figure sets beta. What file-level deduplication saves at
other sizes is computed from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from simregistry.errors import InvalidValue
from simregistry.study.population.dice import Dice, Integers, Spread
from simregistry.study.population.population import Population
from simregistry.table import ShowsTable, Table, human

MOST_FILES = 60_000_000
# 167 TB in 5.28 billion files: Zhao et al., CLUSTER 2019 (C, S).
MEAN_FILE_BYTES = 31_600


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file, and its share of files and of bytes."""

    name: str
    of_files: float
    of_bytes: float


# Zhao et al., CLUSTER 2019, section IV.A, second-hand (S). The archives' share of files is chosen; "other" is the rest.
KINDS = (
    Kind("executables and libraries", 0.11, 0.37),
    Kind("documents", 0.44, 0.14),
    Kind("archives", 0.03, 0.23),
    Kind("other", 0.42, 0.26),
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Files(ShowsTable):
    """Files as columns: layer *i* has ``files[first[i]:first[i + 1]]``; each distinct file has a size and a kind."""

    first: Integers
    files: NDArray[np.int32]
    file_bytes: Integers
    kind: NDArray[np.int8]

    @property
    def unique(self) -> float:
        """Distinct files as a share of all files: what is left when each is kept once."""
        return len(self.file_bytes) / len(self.files)

    @property
    def logical_bytes(self) -> int:
        """Bytes of all files in all distinct layers."""
        return int(self.file_bytes[self.files].sum())

    @property
    def stored_bytes(self) -> int:
        """Bytes when each file is kept once."""
        return int(self.file_bytes.sum())

    @property
    def ratio(self) -> float:
        """Bytes in layers for each byte kept: what file-level deduplication saves after layers are shared."""
        return self.logical_bytes / self.stored_bytes

    def growth(self, points: int = 8) -> Mapping[int, float]:
        """Compute the ratio over the first few layers, over more, and over all: it grows as more files are known."""
        layers = len(self.first) - 1
        first_seen = np.full(len(self.file_bytes), len(self.files), dtype=np.int64)
        np.minimum.at(first_seen, self.files, np.arange(len(self.files)))
        bytes_so_far = np.cumsum(self.file_bytes[self.files])
        order = np.sort(first_seen)
        new_so_far = np.cumsum(self.file_bytes[np.argsort(first_seen, kind="stable")])
        ratios = {}
        for k in range(1, points + 1):
            count = max(1, round(layers ** (k / points)))
            references = int(self.first[count])
            if references:
                # The files first seen among these references, and their bytes.
                distinct = np.searchsorted(order, references)
                ratios[count] = float(bytes_so_far[references - 1] / new_so_far[distinct - 1])
        return ratios

    def table(self) -> Table:
        """Show the kinds with their shares, as they were drawn."""
        counts = np.bincount(self.kind[self.files], minlength=len(KINDS))
        sizes = np.bincount(self.kind[self.files], weights=self.file_bytes[self.files], minlength=len(KINDS))
        rows = tuple(
            (kind.name, f"{counts[n] / counts.sum():.0%}", f"{sizes[n] / sizes.sum():.0%}")
            for n, kind in enumerate(KINDS)
        )
        title = f"{len(self.files):,} files of {human(self.logical_bytes)}; each kept once: {human(self.stored_bytes)}"
        return Table(("kind", "of the files", "of the bytes"), rows, title=title)


# Of 5.28 billion files (S) 3.2% are distinct (S; "about 3%" in the abstract, C): Zhao et al. So beta is the exponent
# with which 5.28 billion files have 3.2% distinct ones.
ALL_FILES, DISTINCT = 5.28e9, 0.032
BETA = 1 + log(DISTINCT) / log(ALL_FILES)


def files_of(population: Population, beta: float = BETA, a_layer: Spread | None = None, seed: int = 1) -> Files:
    """Draw the files of a population's layers, so that n files have about n ** beta distinct ones.

    ``a_layer`` is the distribution of files a layer. By default half of the layers have under 60, and a few have most
    of all files; both are chosen.
    """
    if not 0 < beta <= 1:
        raise InvalidValue("beta", beta, "give a number above 0, at most 1")
    dice = Dice(seed)
    counts = (a_layer or Spread.log_normal(60, 1_500, 1, 20_000)).draw(dice, len(population.layer_bytes))
    first = np.concatenate(([0], np.cumsum(counts)))
    n = int(first[-1])
    if n > MOST_FILES:
        raise InvalidValue("files", n, f"draw at most {MOST_FILES:,}: take a smaller population, or fewer a layer")
    # The slope of n ** beta at n is the chance that the n-th file is a new one. ``known[i]``: distinct files up to i.
    chances = beta * np.arange(1, n + 1, dtype=np.float64) ** (beta - 1) * 2.0**32
    new = dice.raw(n) < chances.astype(np.int64)
    new[0] = True
    known = np.cumsum(new)
    # The product of two draws is small more often than large, so old files, which have small numbers, are copied more.
    copied = (((known - 1) * dice.raw(n) >> 32) * dice.raw(n)) >> 32
    files = np.where(new, known - 1, copied).astype(np.int32)
    distinct = int(known[-1])
    kinds = dice.ranks(distinct, np.array([round(kind.of_files * 1000) for kind in KINDS])).astype(np.int8)
    sizes = np.zeros(distinct, dtype=np.int64)
    for number, kind in enumerate(KINDS):
        of_this_kind = kinds == number
        mean = MEAN_FILE_BYTES * kind.of_bytes / kind.of_files
        # The median is a quarter of the mean, which is chosen: most files are small.
        sizes[of_this_kind] = Spread.log_normal(mean / 4, mean * 2.2, 1, 10**9).draw(dice, int(of_this_kind.sum()))
    return Files(first, files, sizes, kinds)
