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


def repositories(registry: Registry) -> Truth:
    """Count the repositories, and the tags in all of them."""
    return Truth(len(registry.repositories()), {"tags": len(registry.images()), "registries": 1})


def tags_of_web(registry: Registry) -> int:
    """Count the tags of one repository."""
    return len(registry.tags("web"))


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


def same_image(registry: Registry) -> Truth:
    """Find the row of the registry's table that has the digest of ``web:v1`` under another tag."""
    wanted = registry.image("web:v1")
    row = next(row for row, image in enumerate(registry.images(), 1)
               if image.digest == wanted.digest and image.name != wanted.name)  # fmt: skip
    return Truth(row, {"digest": wanted.digest.short})


def pull_again(yesterday: PullReport, today: PullReport) -> Truth:
    """Read off two pulls of one tag whether the registry was asked, and whether the image is another."""
    asked = any("/manifests/" in exchange.request.path for exchange in today.conversation)
    if not asked:
        right = "the old code, and it asked nobody"
    elif today.digest == yesterday.digest:
        right = "the old code, after it asked the registry"
    else:
        right = "the other code, after it asked the registry"
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
