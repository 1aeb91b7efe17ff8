"""How fast mark and plan are in memory, and what they take: a million blobs, ten million references.

    python benchmarks/mark.py [BLOBS]

A synthetic population: of the blobs two in five are manifests, two configs, one a layer; each manifest names its config
and 24 layers; nine in ten have a tag. Digests are hashes of a running number. Measured at a tenth, three tenths and
all of it, each in a process of its own, so that the peak of memory is its own.
"""

from __future__ import annotations

import gc
import random
import subprocess
import sys
import time

from row import peak

from simregistry.oci.digest import Digest
from simregistry.registry.gc.inventory import Holding, Inventory
from simregistry.registry.products.distribution_3.collector import DISTRIBUTION_3

LAYERS_EACH = 24


def population(blobs: int) -> Inventory:
    """Make an inventory of so many blobs in a hundred repositories."""
    dice = random.Random(blobs)
    names = [Digest.of(b"population %d" % number) for number in range(blobs)]
    images = blobs * 2 // 5
    manifests, configs, layers = names[:images], names[images : 2 * images], names[2 * images :]
    references = {
        manifest: (config, *dice.choices(layers, k=LAYERS_EACH))
        for manifest, config in zip(manifests, configs, strict=True)
    }
    holdings = {}
    for number in range(100):
        own = tuple(manifests[number::100])
        tags = {f"v{n}": digest for n, digest in enumerate(own) if n % 10}
        holdings[f"team/app{number}"] = Holding(f"team/app{number}", own, tags)
    return Inventory(dict.fromkeys(names, 1000), holdings, references)


def measure(blobs: int) -> None:
    """Plan once, and print a line."""
    # Millions of small objects that live to the end: looking through them for cycles again and again finds nothing.
    gc.disable()
    inventory = population(blobs)
    before = peak()
    references = sum(map(len, inventory.references.values()))
    start = time.perf_counter()
    plan = DISTRIBUTION_3.plan(inventory, delete_untagged=True)
    seconds = time.perf_counter() - start
    most = peak()
    print(
        f"{blobs:>9,} {references:>11,} {seconds:>8.2f} s {references / seconds / 1e6:>9.2f} M/s "
        f"{before / 1e9:>6.2f} GB {most / 1e9:>6.2f} GB {len(plan.swept):>8,}"
    )


def main() -> None:
    """Measure three sizes."""
    if sys.argv[1:2] == ["--one"]:
        measure(int(sys.argv[2]))
        return
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    print(
        f"{'blobs':>9} {'references':>11} {'mark+plan':>10} {'references':>13} {'before':>9} {'peak':>9} {'swept':>8}"
    )
    for blobs in (largest // 10, largest * 3 // 10, largest):
        subprocess.run([sys.executable, __file__, "--one", str(blobs)], check=True)


if __name__ == "__main__":
    main()
