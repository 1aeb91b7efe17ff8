"""Layers and hashes: what compressing a layer changes, and what it does not."""

from __future__ import annotations

import random

from simregistry.oci.config import ImageConfig
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.layer import Changeset
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.media_types import OCI_CONFIG, OCI_LAYER, OCI_LAYER_GZIP
from simregistry.oci.rootfs import stack
from simregistry.teach.answers import SomeOf
from simregistry.teach.exercises.named_layers import SERVICES
from simregistry.teach.problem import Misconception, Problem, beliefs


def compressed_anew(dice: random.Random) -> Problem:
    """Ask what changes when a layer is compressed before it is sent, and what does not."""
    layer = Changeset.of({f"app/{dice.choice(SERVICES)}": "line\n" * dice.randint(50, 400)})
    plain, packed = layer.to_tar(), layer.to_gzip()
    things = _before_and_after(layer, plain, packed)
    asked = dice.sample(list(things), 5)
    right = frozenset(thing for thing in asked if things[thing][0] != things[thing][1])
    return Problem(
        text=(
            f"An image has one layer, with {len(plain):,} uncompressed bytes. Now the layer is compressed by gzip, "
            "which makes it smaller, and the image is pushed again. Which of these change?"
        ),
        answer=SomeOf(right, tuple(asked)),
        misconceptions=_beliefs_on_compressed_anew(asked, right),
        hints=(
            "A layer has two digests, one before compression and one of the bytes that are sent.",
            "The config lists the diff IDs. The manifest lists the digests of what is sent.",
        ),
        why=(
            "The diff ID is the digest of the uncompressed archive, and the config lists it. The manifest lists the "
            "digest of the bytes that are sent."
        ),
    )


def _before_and_after(layer: Changeset, plain: bytes, packed: bytes) -> dict[str, tuple[object, object]]:
    """Name what may change, with its value before and after."""
    config = ImageConfig.of([layer.diff_id])
    described = [Descriptor.of(plain, OCI_LAYER), Descriptor.of(packed, OCI_LAYER_GZIP)]
    before, after = (ImageManifest.of(Descriptor.of(config.raw, OCI_CONFIG), [blob]) for blob in described)
    unpacked = Changeset.from_blob(packed)
    return {
        "the layer's diff ID": (layer.diff_id, unpacked.diff_id),
        "the layer's digest in the manifest": (before.layers[0].digest, after.layers[0].digest),
        "the layer's size in the manifest": (before.layers[0].size, after.layers[0].size),
        "the manifest's digest": (before.digest, after.digest),
        "the image ID (the config's digest)": (before.config.digest, after.config.digest),
        "the files a container sees": (stack([layer]), stack([unpacked])),
        "the stack's ChainID": (config.chain_ids[-1], ImageConfig.of([unpacked.diff_id]).chain_ids[-1]),
    }


def _beliefs_on_compressed_anew(asked: list[str], right: frozenset[str]) -> tuple[Misconception, ...]:
    digests = frozenset(thing for thing in asked if "digest" in thing or "ID" in thing)
    sizes = frozenset(thing for thing in asked if "size" in thing)
    return beliefs(
        ("the files are the same, so nothing changes", frozenset(),
         "The bytes that are sent are different, and a digest names bytes."),
        ("every digest and ID changes", digests,
         "The config lists the digests of the uncompressed archives, and these didn't change."),
        ("only the size changes", sizes,
         "Different bytes have a different hash. So every name for the bytes that are sent changes with the size."),
        unless=right,
    )  # fmt: skip
