"""Small worlds for problems: layers with names and round sizes, images as stacks of them, machines that hold them.

The layers are nominal: they have names and sizes, but no bytes. The answers of the problems come from the client and
the registry of this package, which treat such layers like any others.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from simregistry.client.client import Client
from simregistry.client.transfer_report import Transfer
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest
from simregistry.registry.registry import Registry
from simregistry.study.examples.small_images import SmallImage, nominal_layer, put_small
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
        """Describe a layer by its name."""
        return nominal_layer(name, self.sizes[name] * MB)

    def named(self, digests: Iterable[Digest]) -> frozenset[str]:
        """Find the names of the layers that have one of these digests."""
        asked = set(digests)
        return frozenset(name for name in self.sizes if self.layer(name).digest in asked)

    def machine(self, name: str = "laptop") -> Client:
        """Return the machine of this name, which reaches the registry; make it if it is new."""
        if name not in self.machines:
            self.machines[name] = Client(registries=[self.registry])
        return self.machines[name]

    def image(self, reference: str, layers: Sequence[str], machine: str = "laptop") -> ImageManifest:
        """Put an image of these layers, from the base up, on a machine."""
        image = SmallImage.of_nominal(map(self.layer, layers))
        put_small(self.machine(machine).store, f"{HOST}/{reference}", image)
        return image.manifest

    def push(self, reference: str, layers: Sequence[str], machine: str = "laptop") -> Transfer:
        """Put an image on a machine and push it from there."""
        self.image(reference, layers, machine)
        return self.machine(machine).push(f"{HOST}/{reference}")

    def pull(self, reference: str, machine: str = "server") -> Transfer:
        """Pull an image onto a machine."""
        return self.machine(machine).pull(f"{HOST}/{reference}")

    def travelled(self, transfer: Transfer) -> frozenset[str]:
        """Name the layers that were sent or fetched."""
        return self.named(blob.digest for blob in transfer.layers if blob.outcome in ("sent", "fetched"))

    def mb(self, names: Iterable[str]) -> int:
        """Add up the sizes of layers in bytes, each layer once."""
        return sum(self.sizes[name] for name in set(names)) * MB

    def table(self, images: Mapping[str, Sequence[str]], first: str = "image") -> Table:
        """Show images as stacks, the base first, with sizes."""
        rows = tuple(
            (name, " + ".join(f"{layer} ({self.sizes[layer]} MB)" for layer in stack)) for name, stack in images.items()
        )
        return Table((first, "layers, from the base up"), rows)


def draw_sizes(dice: random.Random, names: Iterable[str], low: int = 1, high: int = 90) -> dict[str, int]:
    """Draw a size for each name, in megabytes.

    No two sizes are equal, and none is the sum of two others drawn before, so nobody gets an answer right by luck.
    """
    sizes: dict[str, int] = {}
    for name in names:
        while True:
            size = dice.randint(low, high)
            sums = {a + b for a in sizes.values() for b in sizes.values()}
            if size not in sizes.values() and size not in sums:
                sizes[name] = size
                break
    return sizes


def draw_stack(dice: random.Random, top: str) -> tuple[str, ...]:
    """Draw an image: a base, a runtime, one or two libraries, and its own top."""
    return (
        dice.choice(BASES), dice.choice(RUNTIMES), *dice.sample(LIBRARIES, dice.randint(1, 2)), top
    )  # fmt: skip


def indented(lines: Iterable[str]) -> str:
    """Indent lines by four spaces, so that Markdown shows them as they are."""
    return "\n".join(f"    {line}" for line in lines)
