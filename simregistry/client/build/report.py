"""The report of a build: what each step did, as values."""

from __future__ import annotations

from dataclasses import dataclass, field

from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest
from simregistry.table import Table, TableReport


@dataclass(frozen=True, slots=True)
class BuildStep:
    """One instruction: the layer it left, if any, and whether that came from the cache, with the reason.

    ``assumed`` marks a RUN whose effect nobody stated: a made-up layer takes the place of what the command would write.
    """

    number: int
    text: str
    layer: Descriptor | None
    cached: bool
    reason: str
    assumed: bool = False

    @property
    def bytes(self) -> int:
        """Bytes of the layer as a push sends it; 0 if the step left none."""
        return self.layer.size if self.layer else 0


@dataclass(frozen=True, slots=True, repr=False)
class BuildReport(TableReport):
    """The built image, and the steps that built it."""

    reference: str
    manifest: ImageManifest = field(repr=False)
    steps: tuple[BuildStep, ...]

    @property
    def image_id(self) -> Digest:
        """The digest of the config."""
        return self.manifest.config.digest

    @property
    def built_bytes(self) -> int:
        """Bytes of the layers that were built, because the cache did not have them."""
        return sum(step.bytes for step in self.steps if not step.cached)

    def table(self) -> Table:
        """Show the steps, one a line."""
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
