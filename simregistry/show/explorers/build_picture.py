"""The picture of two builds and a push: a row for each line of the Dockerfile, and a bar of what is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simregistry.client.build.report import BuildStep
from simregistry.oci.digest import Digest
from simregistry.show.explorers.scene import Look, Mark
from simregistry.study.examples.rebuild import Rebuild
from simregistry.table import Table, count

# The corners of the three columns, and the rows below their heads.
LINE, CACHE, LAYER = 16.0, 330.0, 576.0
WIDE, RIGHT = 302.0, 804.0
TOP, ROW, TALL = 62.0, 44.0, 37.0
# Bytes that fill the column of layers, and the bar of the push, unless there are more.
WIDEST_LAYER, SMALLEST_IMAGE = 310_000, 100_000
SAMPLE = 50_000
# Letters that fit into a line's box, and below what the cache says.
LETTERS, REASON = 40, 36
KEYS = {"Shift+ArrowUp": "move-up", "Shift+ArrowDown": "move-down", "Delete": "remove-this"}


@dataclass(frozen=True, slots=True)
class BenchLine:
    """A line of the Dockerfile; its name stays the same wherever it is moved."""

    name: str
    text: str

    @property
    def colour(self) -> int:
        """The colour of its layer."""
        return int(self.name.rpartition("-")[2])


@dataclass(frozen=True, slots=True)
class BuildPicture:
    """What is drawn of a second build: its lines, the name of the chosen one, and a limit for the push."""

    result: Rebuild
    lines: tuple[BenchLine, ...]
    chosen: str
    limit: int

    @property
    def height(self) -> float:
        """How high the picture is."""
        return self._bar_top + 62

    @property
    def _scale(self) -> float:
        """Pixels a byte in the column of layers."""
        return (RIGHT - LAYER) / max(WIDEST_LAYER, *map(self.bytes_of, range(len(self.lines))))

    @property
    def _bar_top(self) -> float:
        return TOP + ROW * len(self.lines) + 44

    def marks(self) -> Iterator[Mark]:
        """Draw heads, rows and the bar of the push."""
        yield from self._heads()
        for row in range(len(self.lines)):
            yield from self._row(row)
        yield from self._bar()

    def table(self) -> Table:
        """Write the same as a table, with the config and the manifest."""
        rows: list[tuple[str | int, ...]] = [
            (
                row + 1,
                _short(line.text, LETTERS),
                self._cache(row)[0],
                self.bytes_of(row) or "no layer",
                self._sent(row),
            )
            for row, line in enumerate(self.lines)
        ]
        push = self.result.push
        rows += [("", blob.role, "", blob.size, blob.outcome) for blob in push.blobs if blob.role != "layer"]
        return Table(("line", "what", "build of version 2", "bytes", "push of version 2"), tuple(rows))

    def bytes_of(self, row: int) -> int:
        """Bytes of the layers that a line brings: those of the base, the one that its step made, or 0."""
        return self.result.again.steps[row].bytes if row else self.result.base_bytes

    def digests(self, row: int) -> tuple[Digest, ...]:
        """The digests of the layers that a line brings."""
        layer = self.result.again.steps[row].layer
        if row:
            return (layer.digest,) if layer else ()
        return tuple(one.digest for one in self.result.again.manifest.layers[: self.result.base_layers])

    def _cache(self, row: int) -> tuple[str, str]:
        """Say where the result of a line comes from, and why."""
        first, again = self.result.first, self.result.again
        step: BuildStep = again.steps[row]
        if not row:
            count_of_base = self.result.base_layers
            before = first.manifest.layers[:count_of_base]
            same = before == again.manifest.layers[:count_of_base]
            return ("as before", "") if same else ("a new base", "the base image changed")
        return ("from the cache", "") if step.cached else ("runs again", step.reason)

    def _sent(self, row: int) -> str:
        """Say what the push does with the layers of a line."""
        outcomes = {blob.digest: blob.outcome for blob in self.result.push.layers}
        return ", ".join(sorted({outcomes[digest] for digest in self.digests(row)}))

    def heads(self) -> tuple[str, str, str]:
        """What stands above the columns, and the legend of the layers."""
        return "build of version 2", "its layers", "bold frame: the push sends it"

    def beside(self, row: int) -> tuple[str, str, str, bool]:
        """What stands beside a line: two lines of words, then the words above its layers, and whether it is new."""
        state, why = self._cache(row)
        new = state not in ("as before", "from the cache")
        layers = f"{count(self.bytes_of(row))} bytes, {self._sent(row)}"
        return f"{'▶' if new else '✓'} {state}", why, layers, new

    def _heads(self) -> Iterator[Mark]:
        second, third, legend = self.heads()
        for x, head in ((LINE, "Dockerfile"), (CACHE, second), (LAYER, third)):
            yield Mark(f"head-{head}", "text", x, 22, label=head, align="start", bold=True)
        x = RIGHT - SAMPLE * self._scale
        yield Mark("sample", "box", x, 15, SAMPLE * self._scale, 14)
        yield Mark("sample-label", "text", x - 8, 22, label=f"{count(SAMPLE)} bytes:", align="end", size=12)
        hint = "move a line: drag it, or Shift and an arrow"
        yield Mark("hint", "text", LINE, 44, label=hint, align="start", size=12)
        yield Mark("legend", "text", LAYER, 44, label=legend, align="start", size=12)

    def _row(self, row: int) -> Iterator[Mark]:
        line, y, size = self.lines[row], TOP + ROW * row, self.bytes_of(row)
        state, why, layer, new = self.beside(row)
        layer = layer if size else "no layer"
        chosen = line.name == self.chosen
        words = f"{state.lstrip('▶✓ ')}{', ' if why else ''}{why}"
        says = f"line {row + 1}, {line.text}{', chosen' if chosen else ''}; {words}; {layer}"
        yield Mark(
            line.name, "box", LINE, y, WIDE, TALL, f"{row + 1}  {_short(line.text, LETTERS)}", align="start",
            do="choose", drag="move", drop=line.name, keys=KEYS, look="lit" if chosen else "", size=12,
            says=f"{says}. Move it by dragging or by Shift and an arrow.",
        )  # fmt: skip
        middle = y + TALL / 2
        yield Mark(f"state-{line.name}", "text", CACHE, middle - 9 if why else middle, align="start", bold=new,
                   label=state)  # fmt: skip
        if why:
            reason = _short(why, REASON)
            yield Mark(f"why-{line.name}", "text", CACHE, middle + 10, label=reason, align="start", size=12)
        if not size:
            yield Mark(f"bytes-{line.name}", "text", LAYER, middle, label=layer, align="start", size=12)
            return
        sent = self._sent(row) == "sent"
        yield Mark(f"bytes-{line.name}", "text", LAYER, middle - 10, align="start", size=12, label=layer, bold=sent)
        yield Mark(f"layer-{line.name}", "box", LAYER, middle + 1, size * self._scale, 16, colour=line.colour,
                   look=self.looks(sent))  # fmt: skip

    def looks(self, sent: bool) -> Look:
        """How a layer is drawn that is sent, or that isn't."""
        return "lit" if sent else "dim"

    def _bar(self) -> Iterator[Mark]:
        """Draw the whole image as a frame, and fill the part of it that is sent."""
        push, y = self.result.push, self._bar_top
        scale = (RIGHT - LINE) / max(push.image_bytes, SMALLEST_IMAGE)
        head = f"push of version 2: {count(push.sent_bytes)} of {count(push.image_bytes)} bytes"
        yield Mark("head-push", "text", LINE, y - 16, label=head, align="start", bold=True)
        yield Mark("whole", "box", LINE, y, push.image_bytes * scale, 24, look="ghost")
        yield Mark("whole-label", "text", RIGHT, y + 40, align="end", size=12,
                   label="dashed frame: the whole image")  # fmt: skip
        x, drawn = LINE, set[Digest]()
        moved = {blob.digest: blob.moved_bytes for blob in push.layers}
        for row, line in enumerate(self.lines):
            # The push sends a layer once, even if two lines have the same one.
            wide = sum(moved[digest] for digest in self.digests(row) if digest not in drawn) * scale
            drawn |= set(self.digests(row))
            if wide:
                yield Mark(f"sent-{line.name}", "box", x, y, wide, 24, colour=line.colour)
                x += wide
        rest = push.sent_bytes - sum(moved.values())
        yield Mark("sent-rest", "box", x, y, rest * scale, 24)
        limit = LINE + self.limit * scale
        yield Mark("limit", "line", limit, y - 4, 0, 34)
        yield Mark("limit-label", "text", limit, y + 40, label=f"{self.limit // 1000} kB", size=12)


def _short(text: str, most: int) -> str:
    """Cut a text that is too long for its place; what is read aloud has all of it."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
