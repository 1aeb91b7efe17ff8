"""A push by a real client, watched: skopeo where it is installed, else the recording of it doing the same."""

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
    """Push an image of a layout with skopeo, and give what it said; without skopeo, what it said when it was recorded.

    The recording is of the web app's ``v1``: of another image it would not be true. Raises OSError where skopeo fails.
    """
    program = shutil.which("skopeo")
    if program is None:
        return recorded()
    before = len(server.exchanges)
    target = f"docker://{server.address}/{repository}:{tag}"
    arguments = ("copy", "--quiet", "--preserve-digests", "--dest-tls-verify=false", f"oci:{layout}:{tag}", target)
    with TemporaryDirectory() as memory:
        environment = private_skopeo_environment(memory)
        running = await asyncio.create_subprocess_exec(
            program, *arguments, env=environment, stderr=asyncio.subprocess.PIPE
        )
        _, said = await running.communicate()
    if running.returncode:
        raise OSError(f"skopeo: {said.decode('utf-8', 'replace').strip()}")
    return Conversation(tuple(server.exchanges)[before:])


def private_skopeo_environment(folder: str | Path) -> dict[str, str]:
    """Give the environment of a skopeo that remembers nothing of other runs.

    It notes which registry has which blob, to mount it next time; a port of this machine that comes again would be
    taken for the registry that once was there. Run by root it has one note for all, unless it is told otherwise.
    """
    return {**os.environ, "XDG_DATA_HOME": str(folder), "_CONTAINERS_ROOTLESS_UID": "1000"}


def recorded() -> Conversation:
    """Read the recording: a line an exchange, with method, path, query, status, and body bytes up."""
    text = files("simregistry.study").joinpath("data", RECORDING).read_text(encoding="utf-8")
    rows = csv.DictReader((line for line in text.splitlines() if not line.startswith("#")), delimiter="\t")
    return Conversation(
        tuple(
            Exchange(Request.to(row["method"], row["target"], body=bytes(int(row["up"]))), Response(int(row["status"])))
            for row in rows
        )
    )


def per_blob(conversation: Conversation, names: dict[Digest, str] | None = None) -> Table:
    """Show what was said about each blob, in order within it; clients handle several at once, so blobs are sorted.

    A blob's messages are known by its digest in the path or the query, an upload's by the session that the digest ends.
    """
    named = names or {}
    sessions = {e.request.path: e.request.query["digest"] for e in conversation if "digest" in e.request.query}
    about: dict[str, list[Exchange]] = {}
    opened: list[Exchange] = []
    for exchange in conversation:
        path = exchange.request.path
        last = path.rpartition("/")[2]
        if exchange.request.method == "POST" and "mount" not in exchange.request.query:
            opened.append(exchange)
        else:
            asked = exchange.request.query.get("mount", last if "/blobs/" in path else "")
            about.setdefault(sessions.get(path, asked), []).append(exchange)
    rows = [
        (named.get(Digest(digest), Digest(digest)[7:19]), _said(exchanges), sum(e.up for e in exchanges))
        for digest, exchanges in about.items()
        if digest
    ]
    rest = about.get("", [])
    rows = sorted(rows) + [(f"{len(opened)} uploads begun", _said(opened[:1]), 0)] * bool(opened)
    rows += [(e.request.path.rpartition("/v2/")[2] or "the registry", _said([e]), e.up) for e in rest]
    return Table(("about", "what was said", "bytes up"), tuple(rows))


def _said(exchanges: list[Exchange]) -> str:
    return ", ".join(f"{exchange.request.method} {exchange.status}" for exchange in exchanges)
