"""The last step: a registry of a learner's parts, and the same one served to a real client."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from simregistry.client.client import Client
from simregistry.connect.copy_image import LocalRepository, copy_image
from simregistry.connect.oci_layout import OciLayout
from simregistry.connect.real_client import private_skopeo_environment
from simregistry.connect.remote import Remote
from simregistry.connect.server import Server, serve
from simregistry.errors import InvalidValue
from simregistry.oci.manifest import ImageManifest
from simregistry.registry.middleware.accounts import Access, Account, Grant
from simregistry.registry.middleware.tokens import PATH, TokenService
from simregistry.registry.registry import Registry
from simregistry.study.examples import webapp
from simregistry.table import ShowsTable, Table
from simregistry.teach.build_your_own.collector_parts import collect_with_parts, gate
from simregistry.teach.build_your_own.scenario import Part
from simregistry.teach.build_your_own.storage_parts import storage
from simregistry.teach.build_your_own.twelve_steps import TASKS, unwatched

# The parts that stand in a registry; the others are a client's or a collector's.
IN_A_REGISTRY = ("digest", "blob_store", "manifest_check", "resume")
USER, PASSWORD = "learner", "secret"
ACCESS = Access((Account(USER, PASSWORD),), (Grant(USER, "*", ("pull", "push", "delete")),))


@dataclass(frozen=True, slots=True, repr=False)
class Assembled(ShowsTable):
    """A registry with a learner's parts in it, where they pass their checks, and the simulator's elsewhere."""

    registry: Registry
    parts: Mapping[str, Part] = field(repr=False)

    def table(self) -> Table:
        """Say of each step whose part is in use."""
        rows = tuple(
            (each.number, id, "yours" if id in self.parts else "the simulator's") for id, each in TASKS.items()
        )
        return Table(("step", "part", "whose"), rows)

    def collect(self) -> int:
        """Collect what no tag leads to, by the learner's mark and sweep where there are any; gives the bytes freed."""
        return collect_with_parts(
            self.registry.storage, mark=self.parts.get("mark"), sweep=self.parts.get("sweep"), began=1.0
        )

    def gated(self, address: str, scheme: str = "http") -> Registry:
        """Put the gate before the registry, with the learner's token check: whoever comes has to sign in."""
        tokens = TokenService(ACCESS, address)
        own_gate = gate(tokens, f"{scheme}://{address}{PATH}", self.parts.get("token"))
        return replace(self.registry, middleware=(own_gate,))


def registry(parts: Mapping[str, Part], host: str = "registry.example") -> Assembled:
    """Make a registry of parts by the ids of their steps; raises InvalidValue for an id that is none.

    Each part is checked first: one that does not pass yet is left out, and the simulator's own stands in its place.
    """
    if unknown := sorted(set(parts) - set(TASKS)):
        raise InvalidValue("parts", ", ".join(unknown), f"name them by their steps: {', '.join(TASKS)}")
    good = {id: parts[id] for id in TASKS if id in parts and unwatched(id).check(parts[id]).right}
    inside = {id: good[id] for id in IN_A_REGISTRY if id in good}
    return Assembled(Registry(host, storage(**inside)), good)


async def real_push(assembled: Assembled) -> Table:
    """Serve a registry behind its gate, let a real client push the web app to it, and say what has arrived.

    The client is skopeo where it is installed, and else this course's own over HTTP: the same bytes arrive. Raises
    OSError or TransferFailed where the push fails.
    """
    server = serve(assembled.registry)
    server.registry = assembled.gated(server.address)
    laptop = Client()
    webapp.build(laptop, "v1")
    try:
        if program := shutil.which("skopeo"):
            await _by_skopeo(program, server, laptop)
        else:
            await asyncio.to_thread(_by_our_client, server, laptop)
    finally:
        await server.stop()
    held, shelf = assembled.registry.manifest("web", "v1"), assembled.registry.storage.blobs
    assert isinstance(held, ImageManifest), "an image was pushed"
    named = [*((f"layer {i}", layer) for i, layer in enumerate(held.layers, 1)), ("config", held.config)]
    named.append(("manifest", held.descriptor))
    rows = tuple((what, blob.digest.short, shelf.size(blob.digest)) for what, blob in named)
    return Table(("arrived", "digest", "bytes"), rows)


async def _by_skopeo(program: str, server: Server, laptop: Client) -> None:
    shop = Registry("registry.example")
    Client(registries=[shop], store=laptop.store).push("registry.example/web:v1")
    with TemporaryDirectory() as folder:
        layout = Path(folder, "layout")
        copy_image(LocalRepository(shop.storage, "web"), "v1", OciLayout(layout))
        running = await asyncio.create_subprocess_exec(
            program, "copy", "--quiet", "--preserve-digests", "--dest-tls-verify=false",
            "--dest-creds", f"{USER}:{PASSWORD}", f"oci:{layout}:v1", f"docker://{server.address}/web:v1",
            env=private_skopeo_environment(folder), stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, said = await running.communicate()
    if running.returncode:
        raise OSError(f"skopeo: {said.decode('utf-8', 'replace').strip()}")


def _by_our_client(server: Server, laptop: Client) -> None:
    line = Remote(server.address)
    try:
        name = f"{server.address}/web:v1"
        over_http = Client(transports={server.address: line}, store=laptop.store)
        over_http.login(server.address, USER, PASSWORD)
        over_http.tag("registry.example/web:v1", name)
        over_http.push(name)
    finally:
        line.close()
