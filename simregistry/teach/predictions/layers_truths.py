"""What is so in the lesson on layers and hashes, computed from the layers and images that the notebook made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simregistry.client.build.report import BuildReport
from simregistry.client.client import Client
from simregistry.client.docker_commands import run_docker
from simregistry.oci.entry import Entry
from simregistry.oci.layer import Changeset
from simregistry.oci.rootfs import stack
from simregistry.study.examples.catalogue import CatalogueImage
from simregistry.teach.predictions.prediction import Truth

# From how many differing digits of 64 on one would say "about half", and "nearly all".
HALF, NEARLY_ALL = 20, 44


def one_line(layers: Sequence[Changeset]) -> Truth:
    """Count the bytes of files in the second layer; as facts, the bytes of all files, and those that are new."""
    below, after = stack(layers[:1]), stack(layers[:2])
    added = _file_bytes(after.values()) - _file_bytes(below.values())
    return Truth(_file_bytes(layers[1]), {"snapshot": _file_bytes(after.values()), "added": added})


def one_letter(first: Changeset, second: Changeset) -> Truth:
    """Compare two diff IDs digit by digit."""
    pairs = zip(first.diff_id.encoded, second.diff_id.encoded, strict=True)
    differing = sum(one != other for one, other in pairs)
    options = ("a handful of them", "about half of them", "nearly all of them")
    return Truth(options[(differing >= HALF) + (differing >= NEARLY_ALL)], {"differing": differing})


def instructions(report: BuildReport) -> frozenset[str]:
    """Name the keywords of the steps that left a layer."""
    return frozenset(step.text.split()[0] for step in report.steps if step.layer is not None)


def gone(layer: Changeset) -> frozenset[str]:
    """Name the entries of a layer's archive."""
    return frozenset(entry.path for entry in layer)


def deleted(report: BuildReport) -> Truth:
    """Add up the layers of an image in whose last step a file is deleted."""
    sizes = [layer.size for layer in report.manifest.layers]
    return Truth(sum(sizes), {"nothing": 0, "last": sizes[-1], "twice": 2 * sizes[0]})


def rebuilt(images: Iterable[CatalogueImage]) -> Truth:
    """Count the different top layers of the builds of nginx."""
    return Truth(len({image.layers[-1].digest for image in images if image.repository == "nginx"}), {"one": 1})


def bases(images: Iterable[CatalogueImage]) -> int:
    """Count the different base layers."""
    return len({image.layers[0].digest for image in images})


def history_id(laptop: Client, reference: str) -> Truth:
    """Find whose digest ``docker history`` prints for the newest step, in the text that it prints."""
    newest = run_docker(laptop, f"history {reference}").splitlines()[1].split()[0]
    manifest = laptop.manifest(reference)
    top = manifest.layers[-1].digest
    digests = {"the config": manifest.config.digest, "the manifest": manifest.digest, "the top layer": top}
    facts = {"digits": newest, "manifest": manifest.digest.short, "layer": top.short}
    return Truth(next(what for what, digest in digests.items() if digest.encoded.startswith(newest)), facts)


def whole_folder(layers: Sequence[Changeset]) -> Truth:
    """Count the files in the top layer; as a fact, their names."""
    names = sorted(entry.path.rpartition("/")[2] for entry in layers[-1] if entry.kind == "file")
    return Truth(len(names), {"names": " and ".join(names)})


def _file_bytes(entries: Iterable[Entry]) -> int:
    return sum(len(entry.content) for entry in entries if entry.kind == "file")
