"""Watch a real client push: run skopeo where it is installed, else read a recording of the same push."""

from __future__ import annotations

import asyncio
import csv
import os
import shutil
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from simregistry.connect.server import Server
from simregistry.oci.digest import Digest
from simregistry.oci.messages import Conversation, Exchange, Request, Response
from simregistry.table import Table

# Recorded with skopeo 1.9.3 (Debian 12) pushing the web app's first version to a served registry; a test records it
# again and compares.
RECORDING = "skopeo-push.tsv"


async def skopeo_push(server: Server, layout: Path, tag: str, repository: str) -> Conversation:
    """Push an image of a layout with skopeo, and return the conversation; without skopeo, return the recorded one.

    The recording shows a push of the web app's ``v1``, so it is true for that image alone. Raises OSError if skopeo
    fails.
    """
    program = shutil.which("skopeo")
    if program is None:
        return recorded_push()
    before = len(server.exchanges)
    target = f"docker://{server.address}/{repository}:{tag}"
    arguments = ("copy", "--quiet", "--preserve-digests", "--dest-tls-verify=false", f"oci:{layout}:{tag}", target)
    with TemporaryDirectory() as memory:
        environment = private_skopeo_environment(memory)
        process = await asyncio.create_subprocess_exec(
            program, *arguments, env=environment, stderr=asyncio.subprocess.PIPE
        )
        _, stderr = await process.communicate()
    if process.returncode:
        raise OSError(f"skopeo: {stderr.decode('utf-8', 'replace').strip()}")
    # The server has noted every exchange; the push's own are those since the start.
    return Conversation(tuple(server.exchanges)[before:])


def private_skopeo_environment(folder: str | Path) -> dict[str, str]:
    """Return the environment of a skopeo that remembers nothing of other runs.

    skopeo notes which registry has which blob, so that it can mount the blob next time. When a port of this machine is
    used again, skopeo would take the new registry for the old one. It keeps the note in its user's data folder; for
    root there is one note for the whole machine, unless the second variable says otherwise.
    """
    return {**os.environ, "XDG_DATA_HOME": str(folder), "_CONTAINERS_ROOTLESS_UID": "1000"}


def recorded_push() -> Conversation:
    """Read the recorded push: one exchange a line, with method, path, query, status, and body bytes up."""
    text = files("simregistry.study").joinpath("data", RECORDING).read_text(encoding="utf-8")
    rows = csv.DictReader((line for line in text.splitlines() if not line.startswith("#")), delimiter="\t")
    return Conversation(
        tuple(
            Exchange(Request.to(row["method"], row["target"], body=bytes(int(row["up"]))), Response(int(row["status"])))
            for row in rows
        )
    )


def per_blob(conversation: Conversation, names: dict[Digest, str] | None = None) -> Table:
    """Sort a conversation by blob, and show what was said about each; a client handles several blobs at the same time.

    A message is about a blob if its path or its query has the blob's digest. A message of an upload is about the blob
    whose digest ends that upload.
    """
    known_names = names or {}
    # The PUT that ends an upload has the upload's path and the blob's digest.
    digest_of_upload = {e.request.path: e.request.query["digest"] for e in conversation if "digest" in e.request.query}
    about: dict[str, list[Exchange]] = {}
    begun: list[Exchange] = []
    for exchange in conversation:
        path = exchange.request.path
        last_part = path.rpartition("/")[2]
        # The POST that begins an upload names no blob. Which one it is for shows only in the PUT at the end.
        if exchange.request.method == "POST" and "mount" not in exchange.request.query:
            begun.append(exchange)
        else:
            digest = exchange.request.query.get("mount", last_part if "/blobs/" in path else "")
            about.setdefault(digest_of_upload.get(path, digest), []).append(exchange)
    rows = [
        (known_names.get(Digest(digest), Digest(digest)[7:19]), _statuses(exchanges), sum(e.up for e in exchanges))
        for digest, exchanges in about.items()
        if digest
    ]
    others = about.get("", [])
    rows = sorted(rows) + [(f"{len(begun)} uploads begun", _statuses(begun[:1]), 0)] * bool(begun)
    rows += [(e.request.path.rpartition("/v2/")[2] or "the registry", _statuses([e]), e.up) for e in others]
    return Table(("about", "what was said", "bytes up"), tuple(rows))


def _statuses(exchanges: list[Exchange]) -> str:
    return ", ".join(f"{exchange.request.method} {exchange.status}" for exchange in exchanges)
