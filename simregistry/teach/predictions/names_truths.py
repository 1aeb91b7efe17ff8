"""What is so in the lesson on names, computed from the registries, references and reports of the notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime

from simregistry.client.transfer_report import PullReport
from simregistry.oci.reference import DEFAULT_REGISTRY, Reference
from simregistry.registry.registry import Registry
from simregistry.study.examples.catalogue import CatalogueImage
from simregistry.teach.predictions.prediction import Truth

VERSIONS = {"web:v1": "the first version", "web:v2": "the second version", "web:v3": "the third version"}
# Two kinds of Linux that tags of official images name.
LINUXES = ("alpine", "trixie")


def repositories(registry: Registry) -> Truth:
    """Count the repositories, and the tags in all of them."""
    return Truth(len(registry.repositories()), {"tags": len(registry.images()), "registries": 1})


def which_host(reference: Reference) -> Truth:
    """Read off the reference which registry it names."""
    return Truth(reference.registry, {"full": str(reference)})


def on_the_hub(references: Mapping[str, Reference]) -> frozenset[str]:
    """Find the names, as they were typed, that belong to Docker Hub."""
    return frozenset(name for name, reference in references.items() if reference.registry == DEFAULT_REGISTRY)


def latest(registry: Registry) -> str:
    """Find the version whose tag names the same image as ``latest``."""
    named = registry.image("web:latest").digest
    tag = next(image.tag for image in registry.images() if image.name in VERSIONS and image.digest == named)
    return VERSIONS[f"web:{tag}"]


def images_of_web(registry: Registry) -> Truth:
    """Count the different digests that the tags of ``web`` name; as facts, the tags that name the image of ``v1``."""
    digests = {tag: registry.image(f"web:{tag}").digest for tag in registry.tags("web")}
    same = [tag for tag, digest in digests.items() if digest == digests["v1"]]
    return Truth(
        len(set(digests.values())),
        {"tags": len(digests), "same": " and ".join(same), "digest": digests["v1"].short},
    )


def pull_again(yesterday: PullReport, today: PullReport) -> Truth:
    """Read off two pulls of one tag whether the registry was asked, and whether the image is another."""
    asked = any("/manifests/" in exchange.request.path for exchange in today.conversation)
    if not asked:
        right = "the old code, without asking anybody"
    elif today.digest == yesterday.digest:
        right = "the old code, checked with the registry"
    else:
        right = "the new code, from the registry"
    return Truth(right, {"fetched": today.fetched_bytes})


def other_door(pull: PullReport) -> Truth:
    """Compare what came through the other front end with the whole image."""
    whole = pull.fetched_bytes == pull.image_bytes
    right = "the whole image" if whole else "only the parts that B has seen"
    return Truth(right, {"fetched": pull.fetched_bytes, "whole": pull.image_bytes})


def rebuilt_tag(builds: Sequence[CatalogueImage]) -> Truth:
    """Count the digests that were published under one name, and the days from the first build to the last."""
    images = {build.manifest_digest for build in builds}
    times = [parsedate_to_datetime(build.created) for build in builds]
    days = (max(times).date() - min(times).date()).days + 1
    right = "one" if len(images) == 1 else "a few" if len(images) < days else "a new one each day"
    return Truth(right, {"images": len(images), "days": days})


def two_linuxes(hub: Registry) -> Truth:
    """Find the repository that has a tag for Alpine and a tag for Debian's trixie."""
    repository = next(name for name in hub.repositories() if all(_names(hub, name, system) for system in LINUXES))
    return Truth(repository.removeprefix("library/"), {"tags": " and ".join(hub.tags(repository))})


def _names(hub: Registry, repository: str, system: str) -> bool:
    return any(system in tag.split("-") for tag in hub.tags(repository))
