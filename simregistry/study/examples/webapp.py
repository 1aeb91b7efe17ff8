"""The running example of the course: a small web app on a base image, in versions that differ by one line.

Three layers on top of one base layer. Their sizes are easy to keep in mind: a base of 300 kB, dependencies of 60 kB,
and code of a few hundred bytes (each in a tar archive, whose last block is padded).
"""

from __future__ import annotations

from dataclasses import replace

from simregistry.client.build.report import BuildReport
from simregistry.client.build.run_effects import FileContent
from simregistry.client.client import Client
from simregistry.client.transport import RegistryHandler
from simregistry.oci import json_document
from simregistry.oci.config import ImageConfig
from simregistry.oci.descriptor import Descriptor, Platform
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageIndex, ImageManifest
from simregistry.oci.media_types import OCI_CONFIG
from simregistry.study.examples.small_images import SmallImage, SmallIndex, push_small

HOST = "registry.example"
BASE_DOCKERFILE = """\
FROM scratch
COPY rootfs /
ENV PATH=/usr/bin
"""
DOCKERFILE = """\
FROM {host}/base:1
COPY requirements.txt /app/
RUN pip install -r /app/requirements.txt
COPY app.py /app/
ENV PORT=8080
CMD ["python", "/app/app.py"]
"""
# What pip would write. The simulator runs no command, so we state the effect of a RUN: modelled, not measured.
EFFECTS: dict[str, dict[str, FileContent]] = {
    "pip install -r /app/requirements.txt": {"usr/lib/python3/site-packages/flask.py": 60_000}
}


def dockerfile(host: str = HOST) -> str:
    """Return the app's Dockerfile.

    >>> dockerfile().splitlines()[0]
    'FROM registry.example/base:1'
    """
    return DOCKERFILE.format(host=host)


def context(version: str = "v1") -> dict[str, bytes | str]:
    """Return the files that the app is built from; one line of code changes from version to version."""
    code = f'VERSION = "{version}"\n\n\ndef hello():\n    return f"web app {{VERSION}}"\n'
    return {"requirements.txt": "flask==3.1\n", "app.py": code}


def base_context() -> dict[str, bytes | str]:
    """Return the base image's files: a shell, an interpreter and a release file, 300 kB of made-up content."""
    filler = bytes(range(256)) * 1171
    return {
        "rootfs/usr/bin/sh": filler[:100_000],
        "rootfs/usr/bin/python": filler[:199_000],
        "rootfs/etc/release": "1\n",
    }


def build_base(client: Client, host: str = HOST) -> BuildReport:
    """Build the base image, ``HOST/base:1``."""
    return client.build(f"{host}/base:1", BASE_DOCKERFILE, base_context())


def build(client: Client, version: str = "v1", repository: str = "web", host: str = HOST) -> BuildReport:
    """Build ``HOST/web:VERSION`` on the base image; build the base image first if the client lacks it."""
    if f"{host}/base:1" not in client.store.images:
        build_base(client, host)
    return client.build(f"{host}/{repository}:{version}", dockerfile(host), context(version), effects=EFFECTS)


def push_attested(registry: RegistryHandler, version: str = "v1", repository: str = "web") -> ImageIndex:
    """Build a version for one platform and push it as BuildKit does: the image, its attestation, an index over both.

    The layout is that of docs.docker.com, "Image attestation storage". The attestation itself is cut short: real ones
    have some kilobytes.

    >>> from simregistry.registry.registry import Registry
    >>> [str(child.platform) for child in push_attested(Registry()).manifests]
    ['linux/amd64', 'unknown/unknown']
    """
    client = Client()
    build(client, version, repository)
    image = SmallImage.of_store(client.store, f"{HOST}/{repository}:{version}")
    attestation = _attestation(image.manifest.digest)
    notes = {"vnd.docker.reference.digest": image.manifest.digest, "vnd.docker.reference.type": "attestation-manifest"}
    children = (
        replace(image.manifest.descriptor, platform=Platform("linux", "amd64")),
        replace(attestation.manifest.descriptor, platform=Platform("unknown", "unknown"), annotations=notes),
    )
    index = ImageIndex.of(children)
    push_small(registry, repository, version, SmallIndex(index, (image, attestation)))
    return index


def _attestation(subject: Digest) -> SmallImage:
    """Make the manifest that BuildKit puts beside an image; its one layer says how the image was built."""
    predicate = "https://slsa.dev/provenance/v0.2"
    statement = json_document.write_document({
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": predicate,
        "subject": [{"name": "_", "digest": {"sha256": subject.encoded}}],
        "predicate": {"buildType": "https://mobyproject.org/buildkit@v1"},
    })  # fmt: skip
    described = Descriptor.of(statement, "application/vnd.in-toto+json")
    layer = replace(described, annotations={"in-toto.io/predicate-type": predicate})
    config = ImageConfig.of([layer.digest], platform=Platform("unknown", "unknown")).raw
    pointer = Descriptor.of(config, OCI_CONFIG)
    return SmallImage(ImageManifest.of(pointer, [layer]), {layer.digest: statement, pointer.digest: config})
