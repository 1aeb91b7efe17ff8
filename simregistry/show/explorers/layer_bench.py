"""Write a Dockerfile line by line: which lines make a layer, and what is in it?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simregistry.oci.layer import Changeset
from simregistry.show.explorers.build_bench import START, BuildBench
from simregistry.show.explorers.build_picture import BuildPicture
from simregistry.show.explorers.scene import Control, Look, Mark, Scene
from simregistry.study.examples.rebuild import Rebuild, rebuild
from simregistry.table import Table, count

WANTED_LINES, WANTED_LAYERS = 6, 2


class LayerPicture(BuildPicture):
    """What is drawn of one build: beside each line stand the files in its layer."""

    __slots__ = ()

    @property
    def height(self) -> float:
        """How high the picture is: there is no bar below the rows."""
        return super().height - 96

    def marks(self) -> Iterator[Mark]:
        """Draw heads and rows."""
        below = {"head-push", "whole", "whole-label", "limit", "limit-label"}
        return (mark for mark in super().marks() if mark.id not in below and not mark.id.startswith("sent-"))

    def heads(self) -> tuple[str, str, str]:
        """What stands above the columns, and the legend of the layers."""
        return "files in its layer", "its layer", ""

    def looks(self, sent: bool) -> Look:
        """Draw every layer alike."""
        return ""

    def beside(self, row: int) -> tuple[str, str, str, bool]:
        """Name the files in the layers of a line."""
        files = self.files(row)
        number = (
            f"{len(files)} {'file' if len(files) == 1 else 'files'}" if self.digests(row) else "noted in the config"
        )
        names = ", ".join(path.rpartition("/")[2] for path in files)
        return number, names, f"{count(self.bytes_of(row))} bytes", False

    def files(self, row: int) -> tuple[str, ...]:
        """List the files in the layers of a line, by their paths."""
        step_layers = [step.layer is not None for step in self.result.again.steps]
        opened: tuple[Changeset, ...] = self.result.layers[: self.result.base_layers]
        if row:
            at = self.result.base_layers + sum(step_layers[:row])
            opened = self.result.layers[at : at + step_layers[row]]
        return tuple(entry.path for layer in opened for entry in layer if entry.kind == "file")

    def table(self) -> Table:
        """Write the same as a table."""
        rows = tuple(
            (row + 1, line.text, ", ".join(self.files(row)), self.bytes_of(row) or "no layer")
            for row, line in enumerate(self.lines)
        )
        return Table(("line", "instruction", "files in its layer", "bytes"), rows)


class LayerBench(BuildBench):
    """A Dockerfile to write; it is built once, and nothing is compared."""

    def build(self, lines: Sequence[str], change: str) -> Rebuild:
        """Build the short app."""
        return rebuild(lines, change, grown=False)

    def goal_reached(self) -> bool:
        """Say whether the Dockerfile has as many lines and layers as the goal wants."""
        layers = sum(step.layer is not None for step in self.result.again.steps)
        return (len(self.lines), layers) == (WANTED_LINES, WANTED_LAYERS)

    def _says(self) -> str:
        if self.is_refused:
            return self.last
        manifest = self.result.again.manifest
        layers = len(manifest.layers)
        size = f"{count(sum(layer.size for layer in manifest.layers))} bytes"
        has = f"The image has {layers} {'layer' if layers == 1 else 'layers'}, {size} in all."
        assumed = any(step.assumed for step in self.result.again.steps)
        made_up = "A small made-up file stands for what an unknown command writes." if assumed else ""
        return " ".join(part for part in (self.last, has, made_up) if part)

    def draw(self) -> Scene:
        """Draw a row for each line."""
        picture = LayerPicture(self.result, tuple(self.lines), self.chosen, 0)
        return Scene(
            title="A Dockerfile and the layer that each of its lines makes",
            width=820,
            height=picture.height,
            marks=tuple(picture.marks()),
            says=self._says(),
            controls=self._controls(),
            goal=f"Write a Dockerfile of {WANTED_LINES} lines that adds exactly {WANTED_LAYERS} layers to its base.",
            reached=self.done,
            table=picture.table(),
        )

    def _controls(self) -> tuple[Control, ...]:
        return tuple(control for control in super()._controls() if control.id != "change")


def layer_bench() -> LayerBench:
    """Show a bench for a Dockerfile that has its FROM alone, and the files of the web app."""
    return LayerBench(START[:1])
