"""Scenarios for the manifest check: what may come in, and with which code the rest is turned away."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from simregistry.oci.descriptor import Descriptor
from simregistry.oci.manifest import ImageIndex, ImageManifest
from simregistry.oci.media_types import OCI_MANIFEST
from simregistry.teach.build_your_own.letter_world import LetterWorld, code, config, layer
from simregistry.teach.build_your_own.scenario import Part, PartScenario
from simregistry.teach.build_your_own.storage_parts import storage

STAYS_AWAY = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"


def image_scenario(
    letters: str = "ab", *, but: Collection[bytes] = (), elsewhere: Iterable[str] = (), longer: str = "",
    types: str = "", subject: Descriptor | None = None,
) -> Callable[[Part], object]:  # fmt: skip
    """Put an image's manifest: some blobs are not there, one is said to be longer, a layer may stay away."""

    def play(mine: Part) -> object:
        world = LetterWorld(storage(manifest_check=mine))
        world.blobs(letters, but=but)
        for name in elsewhere:
            world.blobs(letters, name)
        manifest = world.make(letters).manifest
        changed = [
            replace(part, size=part.size + (world.names[part.digest] == longer))
            for part in (manifest.config, *manifest.layers)
        ]
        if types:
            changed[1] = replace(changed[1], media_type=types)
        return code(world.put(ImageManifest.of(changed[0], changed[1:], subject=subject), "v1"))

    return play


def index_scenario(*, there: bool = True, longer: int = 0, children: int = 2) -> Callable[[Part], object]:
    """Put an index over images: the last one may be missing, or said to be longer."""

    def play(mine: Part) -> object:
        world = LetterWorld(storage(manifest_check=mine))
        images = [world.image("a"), world.image("b")][:children]
        described = [image.manifest.descriptor for image in images]
        if not there:
            described[-1] = Descriptor.of(b"a manifest that never came", OCI_MANIFEST)
        if longer:
            described[-1] = replace(described[-1], size=described[-1].size + longer)
        return code(world.put(ImageIndex.of(described), "v1"))

    return play


TAKEN, UNKNOWN, INVALID = "201", "404 MANIFEST_BLOB_UNKNOWN", "400 MANIFEST_INVALID"
ALL = "Config, layers, and an index's manifests: each has to be here before the manifest may come in."
SIZE = "Digest and size both have to fit; a descriptor that says another size is MANIFEST_INVALID."
MANIFEST_CHECK = (
    PartScenario(
        "all is there", "config and two layers were pushed", TAKEN, image_scenario(), "What is whole comes in: give ''."
    ),
    PartScenario(
        "the config is missing",
        "both layers were pushed, the config was not",
        UNKNOWN,
        image_scenario(but=[config("ab")]),
        ALL,
        ((TAKEN, "The config is a blob like any layer, and nothing runs without it."),),
    ),
    PartScenario(
        "the base is missing", "config and top layer were pushed", UNKNOWN, image_scenario(but=[layer("a")]), ALL
    ),
    PartScenario(
        "the top layer is missing",
        "config and base were pushed",
        UNKNOWN,
        image_scenario(but=[layer("b")]),
        ALL,
        ((TAKEN, "Look at every layer, not at the first alone."),),
    ),
    PartScenario(
        "only another repository has the blobs",
        "all was pushed to `other`, the manifest to `app`",
        UNKNOWN,
        image_scenario(but=[config("ab"), *map(layer, "ab")], elsewhere=["other"]),
        "What counts is in `held`: the blobs of this repository.",
    ),
    PartScenario(
        "a layer of another size",
        "the manifest says 11 bytes; layer b has 10",
        INVALID,
        image_scenario(longer="layer b"),
        SIZE,
    ),
    PartScenario(
        "a config of another size",
        "the manifest says one byte more than it has",
        INVALID,
        image_scenario(longer="config ab"),
        SIZE,
    ),
    PartScenario(
        "no layers at all",
        "a config alone, as an artifact may be",
        TAKEN,
        image_scenario(""),
        "`layers` may be an empty list.",
    ),
    PartScenario(
        "a layer that must not travel",
        "its media type has `nondistributable` in it; it was never pushed",
        TAKEN,
        image_scenario(but=[layer("a")], types=STAYS_AWAY),
        "Such a layer may stay with its owner (image-spec layer.md, Non-Distributable Layers): do not ask for it.",
    ),
    PartScenario(
        "a layer that must not travel, and one that is missing",
        "the base may stay away, the top layer was never pushed",
        UNKNOWN,
        image_scenario(but=[layer("a"), layer("b")], types=STAYS_AWAY),
        "Leave out that layer alone, and go on with the rest.",
    ),
    PartScenario(
        "the subject is not there",
        "a signature of an image that comes later",
        TAKEN,
        image_scenario(subject=Descriptor.of(b"an image that comes later", OCI_MANIFEST)),
        "A registry MUST accept a manifest whose subject does not exist (distribution-spec, Push).",
    ),
    PartScenario(
        "an index over two images",
        "both manifests are there",
        TAKEN,
        index_scenario(),
        "An index has `manifests`, and neither config nor layers.",
    ),
    PartScenario(
        "an index over a manifest that never came", "one of the two is there", UNKNOWN, index_scenario(there=False), ALL
    ),
    PartScenario(
        "an index with a wrong size",
        "the second manifest is said to be longer",
        INVALID,
        index_scenario(longer=1),
        SIZE,
    ),
    PartScenario(
        "an index over nothing",
        "`manifests` is an empty list",
        TAKEN,
        index_scenario(children=0),
        "An empty list is a list.",
    ),
)
