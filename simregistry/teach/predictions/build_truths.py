"""What is so in the lesson on building well, computed from the builds and pushes that the notebook made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simregistry.client.build.report import BuildReport, BuildStep
from simregistry.client.client import Client
from simregistry.client.transfer_report import PushReport
from simregistry.oci.layer import Changeset
from simregistry.study.examples import step_orders
from simregistry.study.examples.catalogue import CatalogueImage
from simregistry.table import Table
from simregistry.teach.predictions.prediction import Truth

# The file of the last part of the lesson.
PASSWORD = "tmp/password"


def steps_again(report: BuildReport) -> frozenset[str]:
    """Name the steps that ran; a FROM runs nothing."""
    return frozenset(step.text for step in report.steps if _ran(step))


def first_miss(report: BuildReport) -> int:
    """Find the row of the first step that was not in the cache."""
    return next(step.number for step in report.steps if _ran(step))


def careless_push(push: PushReport, report: BuildReport) -> Truth:
    """Read the bytes that were sent; as facts, the layers of the commands that ran, and what is sent without them."""
    ran = [step for step in report.steps if _ran(step)]
    repeated = sum(step.bytes for step in ran if step.text.startswith("RUN"))
    layer = sum(step.bytes for step in ran) - repeated
    facts = {"repeated": repeated, "layer": layer, "code": push.sent_bytes - repeated, "whole": push.image_bytes}
    return Truth(push.sent_bytes, facts)


def careful_push(push: PushReport, careless: PushReport) -> Truth:
    """Read the bytes that were sent, and as a fact those of the other order."""
    return Truth(push.sent_bytes, {"careless": careless.sent_bytes, "whole": push.image_bytes})


def careful_dearer(table: Table) -> frozenset[str]:
    """Name the changes after which the second order builds more bytes than the first."""
    return frozenset(str(change) for change, careless, careful in table.rows if int(str(careful)) > int(str(careless)))


def single_step(reports: Mapping[str, BuildReport]) -> str:
    """Name the change after which the build ran one step; the reports are those of the builds after each change."""
    return next(change for change, report in reports.items() if sum(map(_ran, report.steps)) == 1)


def new_release(laptop: Client, reference: str) -> str:
    """Read from the image which release was installed: the stated one has a content of its own."""
    installed = laptop.rootfs(reference)[step_orders.JINJA].content
    return "the new one" if installed == b"the new release" else "the old one"


def without_sources(laptop: Client) -> Truth:
    """Name the ways whose image has no layer with the sources, and how many bytes the largest and smallest have."""
    sizes = {way: laptop.manifest(step_orders.image_name(habit)).image_bytes for way, habit in step_orders.WAYS.items()}
    right = frozenset(way for way in step_orders.WAYS if not step_orders.carries_sources(laptop, way))
    return Truth(right, {"most": max(sizes.values()), "least": min(sizes.values())})


def squashed_push(push: PushReport, layered: PushReport) -> Truth:
    """Read the bytes that were sent; as facts, those of the image with several layers."""
    return Truth(push.sent_bytes, {"layered": layered.sent_bytes, "whole": layered.image_bytes})


def real_rebuild(old: CatalogueImage, new: CatalogueImage) -> Truth:
    """Count the layers above the base that both builds have; as facts, all of them, and the bytes of two of them."""
    above = new.layers[1:]
    kept = sum(layer in old.layers for layer in above)
    sizes = {"before": old.layers[1].size, "after": new.layers[1].size, "top": new.layers[-1].size}
    return Truth(kept, {"all": len(above), "one": 1, **sizes})


def leak(layers: Sequence[Changeset]) -> int:
    """Find the layer, counted from the base up, that has the file with the password."""
    return next(number for number, layer in enumerate(layers, 1) if any(e.path == PASSWORD for e in layer))


def _ran(step: BuildStep) -> bool:
    return not step.cached and not step.text.startswith("FROM")
