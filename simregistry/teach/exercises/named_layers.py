"""Small worlds for problems: layers with names and round sizes, images as stacks of them, machines that hold them.

The layers are nominal: a name, a size, and a digest that is the hash of both; no bytes are made. Everything that is
asked about them is found out by the real client and the real registry of this package.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from simregistry.client.client import Client
from simregistry.client.transfer_report import Transfer
from simregistry.oci.content import Nominal
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.media_types import OCI_EMPTY, OCI_LAYER_GZIP
from simregistry.registry.registry import Registry
from simregistry.table import Table

MB = 10**6
HOST = "registry.example"
# The parts that images of a class's little company are made of, from the base up.
BASES = ("alpine", "debian", "ubuntu", "distroless")
RUNTIMES = ("python", "node", "java", "go-tools")
LIBRARIES = ("flask", "numpy", "fonts", "openssl", "ffmpeg", "certs")
SERVICES = ("shop", "mail", "search", "login", "report", "billing", "chat", "maps")


@dataclass(slots=True)
class NamedLayers:
    """One registry, machines by name, and layers by name (megabytes)."""

    sizes: Mapping[str, int]
    registry: Registry = field(default_factory=lambda: Registry(HOST))
    machines: dict[str, Client] = field(default_factory=dict)

    def layer(self, name: str) -> Descriptor:
        """Describe a layer: its digest is the hash of its name and size."""
        size = self.sizes[name] * MB
        return Descriptor(OCI_LAYER_GZIP, Digest.of(f"{name} {size}".encode()), size)

    def named(self, digests: Iterable[Digest]) -> frozenset[str]:
        """Give the names of those layers that are among some digests."""
        found = set(digests)
        return frozenset(name for name in self.sizes if self.layer(name).digest in found)

    def machine(self, name: str = "laptop") -> Client:
        """Give a machine that reaches the registry, made when it is first asked for."""
        if name not in self.machines:
            self.machines[name] = Client(registries=[self.registry])
        return self.machines[name]

    def image(self, reference: str, layers: Sequence[str], machine: str = "laptop") -> ImageManifest:
        """Put an image of these layers, from the base up, on a machine."""
        store = self.machine(machine).store
        described = [self.layer(name) for name in layers]
        for each in described:
            store.blobs[each.digest] = Nominal(each.digest, each.size)
        # The empty config (image-spec manifest.md, "Guidance for an Empty Descriptor"): only layers are counted here.
        config = Descriptor.of(store.content(store.put_blob(b"{}")), OCI_EMPTY)
        manifest = ImageManifest.of(config, described)
        store.put_image(f"{HOST}/{reference}", manifest)
        return manifest

    def push(self, reference: str, layers: Sequence[str], machine: str = "laptop") -> Transfer:
        """Build and push an image in one go."""
        self.image(reference, layers, machine)
        return self.machine(machine).push(f"{HOST}/{reference}")

    def pull(self, reference: str, machine: str = "server") -> Transfer:
        """Pull an image."""
        return self.machine(machine).pull(f"{HOST}/{reference}")

    def travelled(self, transfer: Transfer) -> frozenset[str]:
        """Name the layers that were sent or fetched."""
        return self.named(blob.digest for blob in transfer.layers if blob.outcome in ("sent", "fetched"))

    def mb(self, names: Iterable[str]) -> int:
        """Add up layers, each once (bytes)."""
        return sum(self.sizes[name] for name in set(names)) * MB

    def table(self, images: Mapping[str, Sequence[str]], first: str = "image") -> Table:
        """Show images as stacks, the base first, with sizes."""
        rows = tuple(
            (name, " + ".join(f"{layer} ({self.sizes[layer]} MB)" for layer in stack)) for name, stack in images.items()
        )
        return Table((first, "layers, from the base up"), rows)


def draw_sizes(dice: random.Random, names: Iterable[str], low: int = 1, high: int = 90) -> dict[str, int]:
    """Give each name a size of its own in megabytes, no two alike and no sum of two a third: no answer by luck."""
    found: dict[str, int] = {}
    for name in names:
        while True:
            size = dice.randint(low, high)
            sums = {a + b for a in found.values() for b in found.values()}
            if size not in found.values() and size not in sums:
                found[name] = size
                break
    return found


def draw_stack(dice: random.Random, top: str) -> tuple[str, ...]:
    """Draw an image: a base, a runtime, one or two libraries, and its own top."""
    return (
        dice.choice(BASES), dice.choice(RUNTIMES), *dice.sample(LIBRARIES, dice.randint(1, 2)), top
    )  # fmt: skip


def indented(lines: Iterable[str]) -> str:
    """Show lines as they stand."""
    return "\n".join(f"    {line}" for line in lines)
