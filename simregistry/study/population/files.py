"""The files inside a population's layers: kinds, sizes, and how often the same file comes again. Modelled.

The n-th file is new with a chance that falls with n; otherwise it is a copy of one that some layer had before, the
older the more likely. Distinct files then grow as n ** beta (Heaps' law, found in texts, used here as a model). One
published figure sets beta; how much file-level deduplication saves at other sizes comes out.
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


# Zhao et al., CLUSTER 2019, section IV.A, second-hand (S). The archives' share of files is chosen, the rest left over.
KINDS = (
    Kind("executables and libraries", 0.11, 0.37),
    Kind("documents", 0.44, 0.14),
    Kind("archives", 0.03, 0.23),
    Kind("other", 0.42, 0.26),
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Files(ShowsTable):
    """Columns: layer *i* has the files ``files[first[i]:first[i + 1]]``; a size and a kind for each distinct file."""

    first: Integers
    files: NDArray[np.int32]
    file_bytes: Integers
    kind: NDArray[np.int8]

    @property
    def unique(self) -> float:
        """The share of files that are left when each is kept once."""
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
        """Give the ratio over the first so many layers: it grows, since ever more files have been seen before."""
        layers = len(self.first) - 1
        first_seen = np.full(len(self.file_bytes), len(self.files), dtype=np.int64)
        np.minimum.at(first_seen, self.files, np.arange(len(self.files)))
        bytes_so_far = np.cumsum(self.file_bytes[self.files])
        order = np.sort(first_seen)
        new_so_far = np.cumsum(self.file_bytes[np.argsort(first_seen, kind="stable")])
        found = {}
        for k in range(1, points + 1):
            count = max(1, round(layers ** (k / points)))
            refs = int(self.first[count])
            if refs:
                found[count] = float(bytes_so_far[refs - 1] / new_so_far[np.searchsorted(order, refs) - 1])
        return found

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


# Of 5.28 billion files (S) 3.2% are distinct (S; "about 3%" in the abstract, C): Zhao et al.
ALL_FILES, DISTINCT = 5.28e9, 0.032
BETA = 1 + log(DISTINCT) / log(ALL_FILES)


def files_of(population: Population, beta: float = BETA, a_layer: Spread | None = None, seed: int = 1) -> Files:
    """Draw the files of a population's layers, so that n files have about n ** beta distinct ones.

    Files a layer are drawn around a chosen middle of 60, so that few layers have most.
    """
    if not 0 < beta <= 1:
        raise InvalidValue("beta", beta, "give a number above 0, at most 1")
    dice = Dice(seed)
    counts = (a_layer or Spread.log_normal(60, 1_500, 1, 20_000)).draw(dice, len(population.layer_bytes))
    first = np.concatenate(([0], np.cumsum(counts)))
    n = int(first[-1])
    if n > MOST_FILES:
        raise InvalidValue("files", n, f"draw at most {MOST_FILES:,}: take a smaller population, or fewer a layer")
    chances = beta * np.arange(1, n + 1, dtype=np.float64) ** (beta - 1) * 2.0**32
    fresh = dice.raw(n) < chances.astype(np.int64)
    fresh[0] = True
    known = np.cumsum(fresh)
    # The product of two draws falls low more often than high: what is old was copied more.
    copied = (((known - 1) * dice.raw(n) >> 32) * dice.raw(n)) >> 32
    files = np.where(fresh, known - 1, copied).astype(np.int32)
    distinct = int(known[-1])
    kind = dice.ranks(distinct, np.array([round(each.of_files * 1000) for each in KINDS])).astype(np.int8)
    sizes = np.zeros(distinct, dtype=np.int64)
    for number, each in enumerate(KINDS):
        mine = kind == number
        mean = MEAN_FILE_BYTES * each.of_bytes / each.of_files
        # A quarter of the mean in the middle, as far as that: most files are small.
        sizes[mine] = Spread.log_normal(mean / 4, mean * 2.2, 1, 10**9).draw(dice, int(mine.sum()))
    return Files(first, files, sizes, kind)
