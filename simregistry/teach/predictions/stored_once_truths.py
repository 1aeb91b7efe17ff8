"""What is so in the lesson on storing once, computed from the stores, reports and images of the notebook."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Sequence

from simregistry.client.build.report import BuildReport
from simregistry.oci.digest import Digest
from simregistry.registry.registry import Registry
from simregistry.registry.storage.blob_store import BlobStore
from simregistry.registry.storage_report import StorageReport
from simregistry.study.examples.catalogue import CatalogueImage
from simregistry.study.sharing.sharing import Pair, Sharing
from simregistry.teach.predictions.prediction import Truth

# The lines of ``BlobStore.put`` that the question names, by how they begin.
LINES = ("name =", "if name is None", "if held is None", "return name")
# The images that may be pushed after Drupal.
PUSHED_AFTER = ("debian:trixie", "node:22", "php:8.5-apache", "ruby:3.3")


def same_bytes(first: Digest, second: Digest, storage: BlobStore) -> str:
    """Say what the second put did, from the two names and the number of blobs."""
    copied = len(storage) > 1 or first != second
    return "the name of a second copy" if copied else "the name of the first copy"


def which_line(source: str) -> str:
    """Find the condition that guards the line which puts content into the store."""
    conditions = [node for node in ast.walk(ast.parse(textwrap.dedent(source))) if isinstance(node, ast.If)]
    guard = next(node for node in conditions if any(_stores(line) for line in node.body))
    return next(line for line in LINES if f"if {ast.unparse(guard.test)}".startswith(line))


def _stores(line: ast.stmt) -> bool:
    """Say whether a line puts something into the blobs, under a name."""
    targets = line.targets if isinstance(line, ast.Assign) else []
    return any(isinstance(target, ast.Subscript) and ast.unparse(target.value) == "self._blobs" for target in targets)


def ten_images(registry: Registry) -> Truth:
    """Add up the distinct layers, and the sums that beliefs lead to."""
    sharing = Sharing.of(registry)
    sizes = {layer.digest: layer.size for layer in sharing.layers}
    one = sharing.images[0]
    base = sizes[one.layers[0]]
    base_alone = base + len(sharing.images) * (one.layer_bytes - base)
    facts = {"all": sharing.logical_bytes, "one": one.layer_bytes, "base_alone": base_alone}
    return Truth(sharing.stored_bytes, facts)


def own_layers(registry: Registry) -> int:
    """Count the layers that only one image has."""
    return sum(layer.count == 1 for layer in Sharing.of(registry).layers)


def other_name(before: StorageReport, after: StorageReport) -> Truth:
    """Compare what is stored before and after, and what the images ask for."""
    asked = after.layers.logical_bytes - before.layers.logical_bytes
    return Truth(after.shelf_bytes - before.shelf_bytes, {"asked": asked})


def same_package(one: BuildReport, other: BuildReport) -> Truth:
    """Add up the layers of the second build that the first one does not have."""
    had = {layer.digest for layer in one.manifest.layers}
    layers = other.manifest.layers
    new = sum(layer.size for layer in layers if layer.digest not in had)
    whole, top = sum(layer.size for layer in layers), layers[-1].size
    added = {0: "nothing", top: "the layer of its RUN line", whole: "all of its layers"}
    return Truth(added.get(new, "the line with the date"), {"new": new})


def saved_share(real: Registry, ten: Registry) -> Truth:
    """Compute the percent of the layer bytes that sharing saves, in both registries."""
    shares = [round(100 * registry.storage_report().layers.saving) for registry in (real, ten)]
    return Truth(shares[0], {"ten": shares[1]})


def saves_most(sharing: Sharing) -> Truth:
    """Find the layer that saves the most bytes."""
    most = max(sharing.shared, key=lambda layer: layer.saved_bytes)
    return Truth(
        most.label, {"images": most.count, "copies": most.count - 1, "size": most.size, "saved": most.saved_bytes}
    )


def two_pythons(pythons: Pair, languages: Pair) -> Truth:
    """Compare the bytes that two pairs of images share."""
    difference = pythons.shared_bytes - languages.shared_bytes
    equal = "neither, it's the same for both"
    right = "the two Pythons" if difference > 0 else "Python and Rust" if difference < 0 else equal
    return Truth(right, {"layers": len(pythons.shared), "bytes": pythons.shared_bytes})


def nothing_new(images: Sequence[CatalogueImage]) -> Truth:
    """Find the image that brings no new byte after Drupal, among those that the question names."""
    by_name = {image.name: image for image in images}
    sharing = Sharing.of_images(by_name[name] for name in ("drupal:latest", *PUSHED_AFTER))
    new = {name: sharing.pair("drupal:latest", name).only_other_bytes for name in PUSHED_AFTER}
    name = min(PUSHED_AFTER, key=lambda one: new[one])
    return Truth(name, {"layers": len(by_name[name].layers), "asked": by_name[name].layer_bytes, "new": new[name]})
