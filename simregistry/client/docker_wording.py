"""What ``docker`` prints after each command, word by word as the real tool does.

Every function takes the client, the command's arguments and what the client reported, and returns the text.
"""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from simregistry.client.build.report import BuildReport
from simregistry.client.client import Client
from simregistry.client.transfer_report import BlobTransfer, PullReport, PushReport
from simregistry.oci.digest import Digest
from simregistry.oci.reference import Reference
from simregistry.table import Table, human

OUTCOMES = {
    "sent": "Pushed",
    "already there": "Layer already exists",
    "fetched": "Pull complete",
    "already here": "Already exists",
}


def build_text(client: Client, arguments: Namespace, report: BuildReport) -> str:
    """Word a build as BuildKit does, and mark the steps whose effect was assumed."""
    shown = [step for step in report.steps if step.layer is not None or step.text.startswith("FROM")]
    lines = []
    for number, step in enumerate(shown, 1):
        cached = "CACHED " if step.cached else ""
        assumed = "  (nothing is run here: its effect is assumed)" if step.assumed else ""
        lines.append(f" => {cached}[{number}/{len(shown)}] {step.text}{assumed}")
    lines += [" => exporting to image", f" => => writing image {report.image_id}"]
    return "\n".join([*lines, f" => => naming to {report.reference}"])


def push_text(client: Client, arguments: Namespace, report: PushReport) -> str:
    """Word a push as Docker does once all is done."""
    reference = Reference.parse(arguments.image)
    lines = [f"The push refers to repository [{reference.name}]"]
    lines += [f"{layer.digest.short}: {_outcome(layer)}" for layer in reversed(report.layers)]
    return "\n".join([*lines, f"{reference.tag}: digest: {report.digest} size: {report.blobs[-1].size}"])


def pull_text(client: Client, arguments: Namespace, report: PullReport) -> str:
    """Word a pull as Docker does once all is done."""
    reference = Reference.parse(arguments.image)
    names_a_tag = ":" in arguments.image.rpartition("/")[2]
    lines = [] if reference.digest or names_a_tag else ["Using default tag: latest"]
    lines.append(f"{reference.tag or reference.digest}: Pulling from {reference.repository}")
    if report.changed:
        lines += [f"{layer.digest.short}: {_outcome(layer)}" for layer in report.layers]
    lines.append(f"Digest: {report.digest}")
    return "\n".join([*lines, f"Status: {report.status} for {reference.familiar}", str(reference)])


def _outcome(blob: BlobTransfer) -> str:
    return f"Mounted from {blob.source}" if blob.outcome == "mounted" else OUTCOMES[blob.outcome]


def images_text(client: Client, arguments: Namespace, images: Table) -> str:
    """Word the list of local images in Docker's columns."""
    rows = [("REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE")]
    # There is no clock here, and the builds are dated to the epoch.
    rows += [(str(name), str(tag), str(image_id), "N/A", str(size)) for name, tag, image_id, size in images.rows]
    return _columns(rows)


def history_text(client: Client, arguments: Namespace, history: Table) -> str:
    """Word an image's steps in Docker's columns."""
    rows = [("IMAGE", "CREATED", "CREATED BY", "SIZE")]
    for number, (created_by, _, size) in enumerate(history.rows):
        # Docker prints <missing> for every step but the newest: the steps of an image are no images of their own.
        name = client.manifest(arguments.image).config.digest.short if number == 0 else "<missing>"
        text = str(created_by)
        rows.append((name, "N/A", text if len(text) <= 45 else text[:44] + "…", human(int(str(size)))))
    return _columns(rows)


def _columns(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("   ".join(v.ljust(w) for v, w in zip(row, widths, strict=True)).rstrip() for row in rows)


def inspect_text(client: Client, arguments: Namespace, facts: dict[str, Any]) -> str:
    """Write what is known of an image as JSON, in a list as Docker does."""
    return json.dumps([facts], indent=4)


def rmi_text(client: Client, arguments: Namespace, deleted: tuple[Digest, ...]) -> str:
    """Word a removal: the name that is gone, and each blob that went with it."""
    name = Reference.parse(arguments.image).familiar
    return "\n".join([f"Untagged: {name}", *(f"Deleted: {digest}" for digest in deleted)])


def login_text(client: Client, arguments: Namespace, accepted: bool) -> str:
    """Word a sign-in, accepted or refused."""
    if not accepted:
        place = f"https://{arguments.server}/v2/"
        return f'Error response from daemon: Get "{place}": unauthorized: incorrect username or password'
    warning = "WARNING! Using --password via the CLI is insecure. Use --password-stdin."
    return f"{warning}\nLogin Succeeded"


def logout_text(client: Client, arguments: Namespace, report: None) -> str:
    """Word a sign-out."""
    return f"Removing login credentials for {arguments.server}"


def no_text(client: Client, arguments: Namespace, report: None) -> str:
    """Print nothing, as ``docker tag`` does."""
    return ""
