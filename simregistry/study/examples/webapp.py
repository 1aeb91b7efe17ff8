"""The running example of the course: a small web app on a base image, in versions that differ by one line.

Three layers on top of one base layer. Their sizes are easy to keep in mind: a base of 300 kB, dependencies of 60 kB,
and code of a few hundred bytes (each in a tar archive, whose last block is padded).
"""

from __future__ import annotations

from simregistry.client.build.report import BuildReport
from simregistry.client.build.run_effects import FileContent
from simregistry.client.client import Client

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
