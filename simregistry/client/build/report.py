"""What a build did, step by step, as values."""

from __future__ import annotations

from dataclasses import dataclass, field

from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest
from simregistry.table import Table, TableReport


@dataclass(frozen=True, slots=True)
class BuildStep:
    """One instruction: the layer it left, if any, and whether it was found in the cache, with the reason.

    ``assumed`` marks a RUN that no effect was given for: its layer stands in for what the command would have written.
    """

    number: int
    text: str
    layer: Descriptor | None
    cached: bool
    reason: str
    assumed: bool = False

    @property
    def bytes(self) -> int:
        """Bytes of the layer, as it will travel; 0 where there is none."""
        return self.layer.size if self.layer else 0


@dataclass(frozen=True, slots=True, repr=False)
class BuildReport(TableReport):
    """The image that was built, and how."""

    reference: str
    manifest: ImageManifest = field(repr=False)
    steps: tuple[BuildStep, ...]

    @property
    def image_id(self) -> Digest:
        """The digest of the config."""
        return self.manifest.config.digest

    @property
    def built_bytes(self) -> int:
        """Bytes of the layers that had to be made, as the cache did not have them."""
        return sum(step.bytes for step in self.steps if not step.cached)

    def table(self) -> Table:
        """Show a line a step."""
        rows = tuple(
            (
                step.number,
                step.text if len(step.text) <= 60 else step.text[:57] + "...",
                step.layer.digest.short if step.layer else "",
                step.bytes if step.layer else None,
                step.reason + (" (effect assumed)" if step.assumed else ""),
            )
            for step in self.steps
        )
        return Table(("step", "instruction", "layer", "bytes", "cache"), rows, title=f"built {self.reference}")
