"""Turns of the lesson on the real thing: an index of one's own, written into a real folder and opened again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from simregistry.client.client import Client
from simregistry.connect.copy_image import LocalRepository, copy_image
from simregistry.connect.oci_layout import REF_NAME, OciLayout
from simregistry.errors import SimRegistryError
from simregistry.oci.digest import Digest
from simregistry.registry.registry import Registry
from simregistry.study.examples import webapp
from simregistry.teach.reveals import Reveal
from simregistry.teach.turns.turn import Turn

NAMES = ("v1", "stable")
LONGEST = 20_000


def second_name() -> Turn:
    """Ask for an index.json in which one image has two names."""
    with TemporaryDirectory() as place:
        folder = _web_folder(Path(place))
        digest = OciLayout(folder).resolve("v1")
        index = json.loads((folder / "index.json").read_text("utf-8"))
    (entry,) = index["manifests"]
    index["manifests"] = [{**entry, "annotations": {REF_NAME: name}} for name in NAMES]
    return Turn(
        "real.second-name",
        "Write an index.json in which the image has two names, v1 and stable. Both names lead to the manifest "
        f"{digest.short}. The file is written into a copy of the folder, and both names are opened.",
        play,
        json.dumps(index, indent=2),
        "An image layout has no folder of tags. A name is an annotation on an entry of the index, so two names are two "
        "entries with the same digest. No blob was copied.",
        (
            "Look at the example: what says which manifest it is, and what says its name?",
            "The list manifests may have more than one entry.",
            "The second entry has the same mediaType, digest and size. Only its annotation differs.",
        ),
    )


def play(answer: object) -> Reveal:
    """Write the learner's index into a folder with the image, and open both names."""
    text = json.dumps(dict(answer)) if isinstance(answer, Mapping) else answer
    if not isinstance(text, str):
        return Reveal("Write the file as a string in triple quotes, or as a dictionary.", None)
    if len(text) > LONGEST:
        return Reveal(f"That has {len(text):,} characters. An index for two names needs fewer than 2,000.", None)
    with TemporaryDirectory() as place:
        folder = _web_folder(Path(place))
        wanted = OciLayout(folder).resolve("v1")
        (folder / "index.json").write_text(text, "utf-8")
        try:
            layout = OciLayout(folder)
        except SimRegistryError as refusal:
            return Reveal(f"Not yet: the folder can't be opened. {refusal}", False)
        return _opened(layout, wanted)


def _opened(layout: OciLayout, wanted: Digest) -> Reveal:
    lines: list[str] = []
    for number, name in enumerate(NAMES):
        try:
            digest = layout.resolve(name)
            copied = copy_image(layout, name, LocalRepository(Registry("other.example").storage, "web"))
        except SimRegistryError as refusal:
            return Reveal(f"Not yet: {name} can't be opened. {refusal}", False, number / len(NAMES), tuple(lines))
        size = next(entry.size for entry_name, entry in layout.entries() if entry_name == name)
        # The digest alone would find the manifest. A size that doesn't fit "SHOULD NOT be trusted" (image-spec
        # descriptor.md, Properties).
        if size != (true_size := layout.manifest(digest).size):
            sentence = f"Not yet: the entry of {name} says {size:,} bytes, and the manifest has {true_size:,}."
            return Reveal(sentence, False, number / len(NAMES), tuple(lines))
        lines.append(f"{name}: manifest {digest.short}, copied with {copied.blobs} blobs")
        if digest != wanted:
            sentence = f"Not yet: {name} leads to {digest.short}, and the image is {wanted.short}."
            return Reveal(sentence, False, number / len(NAMES), tuple(lines))
    return Reveal("Right: one image, two names, and no blob more than before.", True, 1.0, tuple(lines))


def _web_folder(place: Path) -> Path:
    """Write version 1 of the web app into a folder."""
    shop = Registry("registry.example")
    laptop = Client(registries=[shop])
    webapp.build(laptop, "v1")
    laptop.push("registry.example/web:v1")
    folder = place / "layout"
    copy_image(LocalRepository(shop.storage, "web"), "v1", OciLayout(folder))
    return folder


TURNS = {"second-name": second_name}
