"""How long a plan takes over a real storage folder, beside the real collector's dry run, at 1x, 3x and 10x.

    python benchmarks/storage_folder.py [MANIFESTS]

Makes folders of so many single-platform manifests (default 3,000) with five times as many blobs, of which a third have
a tag. Both programs see the same folder, right after each other. Needs ``docker-registry`` on the path.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from simregistry.connect.storage_writer import write_storage
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.media_types import OCI_CONFIG, OCI_LAYER
from simregistry.registry.storage.storage import Storage

CONFIG = (
    "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: 127.0.0.1:0}}\n"
)


def make(manifests: int, into: Path) -> Path:
    """Make a folder: ten repositories; each image has a config and three layers of its own and shares two."""
    dice, storage = random.Random(manifests), Storage()
    base = [dice.randbytes(64) for _ in range(20)]
    for number in range(manifests):
        name = f"team/app{number % 10}"
        config, *layers = [dice.randbytes(40) for _ in range(4)]
        chosen = [*dice.sample(base, 2), *layers]
        for content in (config, *chosen):
            blob = Descriptor.of(content, OCI_LAYER)
            storage.keep(name, content, blob.digest)
        manifest = ImageManifest.of(Descriptor.of(config, OCI_CONFIG), [Descriptor.of(x, OCI_LAYER) for x in chosen])
        storage.blobs.put(manifest.raw)
        tag = f"v{number}" if number % 3 == 0 else None
        storage.repository(name).put_manifest(manifest.digest, manifest, tag)
    return write_storage(storage, into)


def seconds(command: list[str]) -> float:
    """How long a command takes, once."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print a line a size."""
    smallest = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    print(f"{'manifests':>9} {'blobs':>8} {'simregistry':>12} {'registry':>9} {'ratio':>6} {'growth':>7}")
    first = 0.0
    with tempfile.TemporaryDirectory() as scratch:
        for factor in (1, 3, 10):
            folder = make(smallest * factor, Path(scratch, f"x{factor}"))
            config = Path(scratch, f"x{factor}.yml")
            config.write_text(CONFIG.format(folder))
            ours = [sys.executable, "-m", "simregistry.cli", "gc", str(folder), "--delete-untagged", "--json"]
            theirs = ["docker-registry", "garbage-collect", "--dry-run", "--delete-untagged", str(config)]
            a = seconds(ours)
            b = seconds(theirs) if shutil.which("docker-registry") else float("nan")
            first = first or a / factor
            blobs = sum(1 for _ in (folder / "docker/registry/v2/blobs/sha256").glob("*/*"))
            print(
                f"{smallest * factor:>9,} {blobs:>8,} {a:>10.2f} s {b:>7.2f} s {b / a:>6.2f} {a / first / factor:>7.2f}"
            )
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
