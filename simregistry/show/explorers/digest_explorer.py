"""Flip a byte, swap two layers, follow a digest down: what changes its name, and what does not, until it is pushed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from simregistry.oci.digest import Digest
from simregistry.registry.registry import Registry
from simregistry.show.explorers.explorer import Explorer, Hand
from simregistry.show.explorers.scene import Control, Mark, Scene
from simregistry.study.examples.small_images import SmallImage, push_small

REPOSITORY, TAG = "app", "v1"
FILES = (("base.txt", "base"), ("code.txt", "code"))
MOST_BYTES, MOST_LAYERS = 6, 4
ROW, TOP = 76, 66
WIDE, TALL = 150.0, 46.0


@dataclass(frozen=True, slots=True)
class NamedDigest:
    """One document or archive of the image: its name on the picture, its digest now, and what it names."""

    name: str
    digest: Digest
    names: tuple[str, ...] = ()


class DigestExplorer(Explorer):
    """An image of small files whose bytes can be flipped; every digest is computed from real archives and documents."""

    def __init__(self, files: Sequence[tuple[str, str]] = FILES) -> None:
        self.start = [(path, text[:MOST_BYTES]) for path, text in files[:MOST_LAYERS]]
        self._begin()
        super().__init__()

    def _begin(self) -> None:
        self.files, self.followed = list(self.start), ""
        self.registry = Registry("registry.example")
        self.pushed = self.image()
        push_small(self.registry, REPOSITORY, TAG, self.pushed)
        self.last = "The tag v1 names the manifest. Every digest is the one that was pushed."

    def image(self) -> SmallImage:
        """Make the image of the files as they are now."""
        return _image_of(tuple(self.files))

    def tagged(self) -> Digest:
        """Ask the registry what the tag names."""
        return self.registry.manifest(REPOSITORY, TAG).digest

    def documents(self) -> tuple[NamedDigest, ...]:
        """List the layers, the config and the manifest, each with its digest and with what it names."""
        manifest = self.image().manifest
        layers = [NamedDigest(path, layer.digest) for (path, _), layer in zip(self.files, manifest.layers, strict=True)]
        names = tuple(layer.name for layer in layers)
        config = NamedDigest("config", manifest.config.digest, names)
        return (*layers, config, NamedDigest("manifest", manifest.digest, ("config", *names)))

    def changed(self) -> tuple[str, ...]:
        """Name what has another digest than what was pushed last."""
        pushed = {self.pushed.manifest.digest, *self.pushed.blobs}
        return tuple(document.name for document in self.documents() if document.digest not in pushed)

    def act(self, hand: Hand) -> None:
        """Flip a byte, swap layers, follow a digest, push, or begin again."""
        if hand.do == "flip" and hand.id.startswith("byte-"):
            self._flip(*(int(part) for part in hand.id.removeprefix("byte-").split("-")))
        elif hand.do in ("swap", "swap-up", "swap-down"):
            self._swap(hand)
        elif hand.do == "follow":
            self.followed = "" if self.followed == hand.id else hand.id
            self.last = self._says_followed()
        elif hand.do == "push":
            self.pushed = self.image()
            push_small(self.registry, REPOSITORY, TAG, self.pushed)
            self.last = f"Pushed. The tag v1 now names {self.tagged().short}."
        elif hand.do == "again":
            self._begin()

    def _flip(self, layer: int, place: int) -> None:
        path, text = self.files[layer]
        flipped = chr(ord(text[place]) ^ 1)
        self.files[layer] = (path, text[:place] + flipped + text[place + 1 :])
        self.last = self._says_changed(f"Byte {place + 1} of {path} is now {flipped!r}.")

    def _swap(self, hand: Hand) -> None:
        at = self._row(hand.id)
        to = self._row(hand.on) if hand.do == "swap" else at + (1 if hand.do == "swap-up" else -1)
        if at == to or not 0 <= to < len(self.files):
            return
        self.files[at], self.files[to] = self.files[to], self.files[at]
        self.last = self._says_changed(f"{self.files[to][0]} and {self.files[at][0]} have changed places.")

    def _row(self, id: str) -> int:
        return next((number for number, (path, _) in enumerate(self.files) if id == f"layer-{path}"), -1)

    def _says_changed(self, what: str) -> str:
        changed = self.changed()
        new = f"New digests: {', '.join(changed)}." if changed else "Every digest is the one that was pushed."
        tag = "The tag v1 still names the old manifest." if self.tagged() != self.image().manifest.digest else ""
        return " ".join(part for part in (what, new, tag) if part)

    def _says_followed(self) -> str:
        if not self.followed:
            return self._says_changed("")
        document = next((one for one in self.documents() if self.followed in (one.name, f"layer-{one.name}")), None)
        if document is None:
            return ""
        named = (
            f"It has the digests of {', '.join(document.names)}." if document.names else "It is an archive of one file."
        )
        return f"{document.name} has the digest {document.digest.short}. {named}"

    def draw(self) -> Scene:
        """Draw bytes on the left, layers in the middle, config, manifest and tag on the right."""
        height = TOP + ROW * max(2, len(self.files)) + 100
        marks = (*self._lines(), *self._layer_marks(), *self._document_marks())
        moved = self.tagged() != self.pushed_first()
        return Scene(
            title="An image, byte by byte: an arrow leads from what names to what it names",
            width=820,
            height=height,
            marks=marks,
            says=self.last,
            controls=(Control("push", "button", "Push as v1"), Control("again", "button", "Begin again")),
            goal="Flip one byte of the bottom layer. Then make v1 name the image that you see.",
            reached=moved and self.tagged() == self.image().manifest.digest and "base" not in self.files[0][1],
        )

    def pushed_first(self) -> Digest:
        """Compute the digest of the manifest at the very beginning."""
        return _image_of(tuple(self.start)).manifest.digest

    def _y(self, row: int) -> float:
        # The base is at the bottom, as in every stack of the course.
        return TOP + 30 + ROW * (max(2, len(self.files)) - 1 - row)

    def _lit(self, name: str) -> bool:
        followed = next((one for one in self.documents() if self.followed in (one.name, f"layer-{one.name}")), None)
        return followed is not None and (name == followed.name or name in followed.names)

    def _look(self, name: str) -> str:
        return "lit" if self._lit(name) else "bad" if name in self.changed() else ""

    def _layer_marks(self) -> Iterator[Mark]:
        yield Mark("head-bytes", "text", 20, 30, label="bytes of the file", align="start", bold=True)
        yield Mark("head-layers", "text", 310, 30, label="layers", align="start", bold=True)
        digests = {document.name: document.digest.short for document in self.documents()}
        for row, (path, text) in enumerate(self.files):
            y = self._y(row)
            yield Mark(f"name-{path}", "text", 20, y - 8, label=path, align="start")
            for place, letter in enumerate(text):
                yield Mark(
                    f"byte-{row}-{place}", "box", 20 + 42 * place, y + 4, 38, 36, f"{ord(letter):02x}", do="flip",
                    look="bad" if letter != self._pushed_letter(path, place) else "",
                    says=f"byte {place + 1} of {path}, {letter!r}. Flip its last bit.",
                )  # fmt: skip
            changed = "changed" if path in self.changed() else "as pushed"
            yield Mark(
                f"layer-{path}", "box", 310, y, WIDE, TALL, digests[path], colour=row, look=self._look(path),
                do="follow", drag="swap", drop=f"layer-{path}", size=14,
                keys={"Shift+ArrowUp": "swap-up", "Shift+ArrowDown": "swap-down"},
                says=f"layer {path}, digest {digests[path]}, {changed}. Swap it by dragging or by Shift and an arrow.",
            )  # fmt: skip

    def _pushed_letter(self, path: str, place: int) -> str:
        return next((text[place] for name, text in self.start if name == path and place < len(text)), "")

    def _document_marks(self) -> Iterator[Mark]:
        for document in self.documents():
            if document.name not in ("config", "manifest"):
                continue
            x, y = self._place(document.name)
            changed = "changed" if document.name in self.changed() else "as pushed"
            # The arrows of the config leave it at the top, so its name is below it.
            above = y - 12 if document.name == "manifest" else y + TALL + 14
            yield Mark(f"head-{document.name}", "text", x, above, label=document.name, align="start", bold=True)
            yield Mark(
                document.name, "box", x, y, WIDE, TALL, document.digest.short, do="follow", size=14,
                look=self._look(document.name),
                says=f"{document.name}, digest {document.digest.short}, {changed}. Show what it names.",
            )  # fmt: skip
        yield from self._tag_marks()

    def _tag_marks(self) -> Iterator[Mark]:
        x, top = self._place("manifest")
        bottom = self._place("config")[1]
        here = self.tagged() == self.image().manifest.digest
        if not here:
            yield Mark("old", "box", x, bottom - 74, WIDE, TALL, self.tagged().short, look="ghost", size=14,
                       says="the manifest that was pushed last")  # fmt: skip
            yield Mark("head-old", "text", x, bottom - 86, label="pushed before", align="start")
        end = top + TALL + 2 if here else bottom - 26
        yield Mark("to-named", "line", x + 75, bottom, 0, end - bottom, arrow=True)
        yield Mark("tag", "box", x + 25, bottom, 100, 36, "tag v1", bold=True)

    def _place(self, name: str) -> tuple[float, float]:
        """Find the corner of the config's or the manifest's box."""
        return (650.0, TOP - 8.0) if name == "manifest" else (480.0, self._y(0) + 64.0)

    def _lines(self) -> Iterator[Mark]:
        (config_x, config_y), (manifest_x, manifest_y) = self._place("config"), self._place("manifest")
        for row, (path, text) in enumerate(self.files):
            y, end = self._y(row) + 22, 20 + 42 * len(text)
            yield Mark(f"to-{path}", "line", end + 2, y, 306 - end, 0, arrow=True)
            yield _arrow(f"manifest-{path}", (manifest_x, manifest_y + 30), (462, y - 8))
            yield _arrow(f"config-{path}", (config_x + 20, config_y), (462, y + 8))
        yield _arrow("manifest-config", (manifest_x + 20, manifest_y + 48), (config_x + 120, config_y))


@lru_cache(maxsize=64)
def _image_of(files: tuple[tuple[str, str], ...]) -> SmallImage:
    """Make the image of some files, once: each mark of a scene asks for digests of it."""
    return SmallImage.of_files(files)


def _arrow(id: str, start: tuple[float, float], end: tuple[float, float]) -> Mark:
    """Draw an arrow from what names to what is named."""
    return Mark(id, "line", *start, end[0] - start[0], end[1] - start[1], arrow=True)


def digest_explorer(files: Sequence[tuple[str, str]] = FILES) -> DigestExplorer:
    """Show an image whose bytes can be flipped: one layer for each file (path and text), the base first.

    At most four files are taken, and six letters of each.
    """
    return DigestExplorer(files)
