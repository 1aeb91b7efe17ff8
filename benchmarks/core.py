"""Import, hashing, and exchanges a second, in one process."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys

from row import Row, in_turn

from simregistry import Client, Registry
from simregistry.oci.descriptor import Descriptor
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.media_types import OCI_EMPTY, OCI_LAYER

HOST = "registry.example"


def measure(quick: bool) -> list[Row]:
    """Give the rows."""
    return [imports(quick), hashing(quick), *exchanges(quick)]


def imports(quick: bool) -> Row:
    """A fresh interpreter with and without the package."""
    bare, loaded = (
        lambda code=code: subprocess.run([sys.executable, "-c", code], check=True)
        for code in ("", "import simregistry")
    )
    without, with_it = in_turn(3 if quick else 15, bare, loaded)
    ours = f"{with_it * 1000:.0f} ms"
    return Row("import", ours, f"bare interpreter {without * 1000:.0f} ms", with_it / without,
               "a process that imports the package, over one that imports nothing")  # fmt: skip


def image(client: Client, tag: str, content: bytes) -> str:
    """Put an image of one layer into a client's store; gives its name."""
    digest = Digest.of(content)
    client.store.blobs[digest] = content
    config = Descriptor.of(client.store.content(client.store.put_blob(b"{}")), OCI_EMPTY)
    name = f"{HOST}/app:{tag}"
    client.store.put_image(name, ImageManifest.of(config, [Descriptor(OCI_LAYER, digest, len(content))]))
    return name


def hashing(quick: bool) -> Row:
    """Push one large layer, and hash the same bytes by hashlib alone."""
    size = (8 if quick else 256) << 20
    content = random.Random(1).randbytes(1 << 20) * (size >> 20)

    def push() -> None:
        client.push(name)

    found = []
    for _ in range(3 if quick else 7):
        client = Client(registries=[Registry(HOST)])
        name = image(client, "big", content)
        found.append(in_turn(1, lambda: hashlib.sha256(content).hexdigest(), push))
    found.sort(key=lambda pair: pair[1] / pair[0])
    plain, pushed = found[len(found) // 2]
    says = f"pushing a layer of {size >> 20} MiB, over SHA-256 of its bytes"
    ours, theirs = f"{size / pushed / 1e6:,.0f} MB/s", f"hashlib {size / plain / 1e6:,.0f} MB/s"
    return Row("a pushed byte", ours, theirs, pushed / plain, says, "at most 1.3")


def exchanges(quick: bool) -> list[Row]:
    """Push and pull tiny images one after the other."""
    count = 50 if quick else 1000
    registry = Registry(HOST)
    laptop, server = Client(registries=[registry]), Client(registries=[registry])
    names = [image(laptop, f"v{n}", b"layer %d" % n) for n in range(count)]
    reports = []
    (pushing,) = in_turn(1, lambda: reports.extend(laptop.push(name) for name in names))
    (pulling,) = in_turn(1, lambda: reports.extend(server.pull(name) for name in names))
    asked = [sum(len(report.conversation) for report in part) for part in (reports[:count], reports[count:])]
    return [
        Row("pushes", f"{count / pushing:,.0f} a second", f"{asked[0] / pushing:,.0f} exchanges a second", None,
            "images of one tiny layer, in process"),
        Row("pulls", f"{count / pulling:,.0f} a second", f"{asked[1] / pulling:,.0f} exchanges a second", None,
            "the same images, by another client"),
    ]  # fmt: skip
