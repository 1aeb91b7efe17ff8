"""The reference solutions, one a step: plain Python, short, and held by the same scenarios as a learner's.

Each is written to be read after one's own. None is the only way.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from simregistry.oci.messages import Request

Send = Callable[[Request], Any]
# distribution-spec, "Pulling manifests": what <name> must match.
NAME = r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*"


def digest(content: bytes) -> str:
    """Name some bytes."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def parse(text: str) -> tuple[str, str, str, str]:
    """Read a reference: registry, repository, tag, digest."""
    rest, _, pinned = text.partition("@")
    path, slash, last = rest.rpartition("/")
    last, _, tag = last.partition(":")
    registry, slash, repository = (path + slash + last).partition("/")
    if not slash or not ("." in registry or ":" in registry or registry == "localhost"):
        registry, repository = "docker.io", registry + slash + repository
    if registry == "docker.io" and "/" not in repository:
        repository = "library/" + repository
    if not re.fullmatch(NAME, repository):
        raise ValueError(f"{text}: no repository name")
    return registry, repository, tag or ("" if pinned else "latest"), pinned


class Shelf:
    """Keep blobs by digest."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}

    def put(self, content: bytes, name: str) -> None:
        """Keep content that has this digest."""
        if digest(content) != name:
            raise ValueError(f"{name} is the name of other bytes")
        self.blobs[name] = content

    def get(self, name: str) -> bytes:
        """Give a blob."""
        return self.blobs[name]

    def delete(self, name: str) -> int:
        """Delete a blob; gives the bytes freed."""
        return len(self.blobs.pop(name))

    def digests(self) -> list[str]:
        """List what is there."""
        return list(self.blobs)


def check_manifest(manifest: dict[str, Any], held: Mapping[str, int]) -> str:
    """Say whether a manifest may come in."""
    parts = manifest["manifests"] if "manifests" in manifest else [manifest["config"], *manifest["layers"]]
    for part in parts:
        if "nondistributable" in part["mediaType"]:
            continue
        if part["digest"] not in held:
            return "MANIFEST_BLOB_UNKNOWN"
        if part["size"] != held[part["digest"]]:
            return "MANIFEST_INVALID"
    return ""


def missing(repository: str, manifest: dict[str, Any], send: Send) -> list[str]:
    """Ask about each blob once; give those that the registry lacks."""
    needed = {part["digest"] for part in [*manifest["layers"], manifest["config"]]}
    asked = {name: send(Request("HEAD", f"/v2/{repository}/blobs/{name}")) for name in sorted(needed)}
    return [name for name, answer in asked.items() if answer.status != 200]


def push(repository: str, tag: str, manifest: bytes, blobs: Mapping[str, bytes], send: Send) -> None:
    """Send what is missing, and the manifest last."""
    for name, content in blobs.items():
        if send(Request("HEAD", f"/v2/{repository}/blobs/{name}")).status == 200:
            continue
        begun = send(Request("POST", f"/v2/{repository}/blobs/uploads/"))
        closed = send(Request.to("PUT", begun.header("Location"), body=content, digest=name))
        if closed.status != 201:
            raise OSError(f"{name}: {closed.status}")
    headers = {"Content-Type": json.loads(manifest)["mediaType"]}
    answer = send(Request("PUT", f"/v2/{repository}/manifests/{tag}", headers=headers, body=manifest))
    if answer.status != 201:
        raise OSError(f"{tag}: {answer.status}")


def pull(repository: str, reference: str, here: Iterable[str], send: Send) -> tuple[bytes, dict[str, bytes]]:
    """Fetch the manifest and the blobs that are not here; believe nothing before it is hashed."""
    answer = send(Request("GET", f"/v2/{repository}/manifests/{reference}"))
    named = reference if ":" in reference else answer.header("Docker-Content-Digest")
    if digest(answer.body) != named:
        raise ValueError(f"{reference}: {answer.status}, or another manifest")
    manifest, new = json.loads(answer.body), {}
    needed = {part["digest"] for part in [*manifest["layers"], manifest["config"]]}
    for name in sorted(needed - set(here)):
        new[name] = send(Request("GET", f"/v2/{repository}/blobs/{name}")).body
        if digest(new[name]) != name:
            raise ValueError(f"{name} has other bytes")
    return answer.body, new


def stack(layers: Sequence[Mapping[str, bytes]]) -> dict[str, bytes]:
    """Apply layers from the base up."""
    tree: dict[str, bytes] = {}
    for layer in layers:
        for path in layer:
            folder, slash, name = path.rpartition("/")
            hidden = folder if name == ".wh..wh..opq" else folder + slash + name.removeprefix(".wh.")
            below = f"{hidden}/" if hidden else ""
            tree = {old: content for old, content in tree.items() if not f"{old}/".startswith(below)}
        tree |= {path: content for path, content in layer.items() if ".wh." not in path}
    return tree


def mark(manifests: Mapping[str, Mapping[str, Any]], roots: Iterable[str]) -> set[str]:
    """Mark all that the roots lead to."""
    marked: set[str] = set()
    waiting = list(roots)
    while waiting:
        here = waiting.pop()
        if here not in marked:
            marked.add(here)
            named = manifests.get(here, {})
            parts = [*named.get("manifests", []), *named.get("layers", [])]
            parts += [named["config"]] if "config" in named else []
            waiting += [part["digest"] for part in parts]
    return marked


def sweep(store: Any, marked: Iterable[str], written: Mapping[str, float], began: float) -> int:
    """Delete what is neither marked nor new; give the bytes freed."""
    new = {name for name, moment in written.items() if moment >= began}
    return sum(store.delete(name) for name in list(store) if name not in marked and name not in new)


def check_token(claims: Mapping[str, Any], service: str, now: float, scopes: Iterable[str]) -> str:
    """Say what is wrong with a token."""
    if claims["aud"] != service or now >= claims["exp"]:
        return "invalid_token"
    for scope in scopes:
        kind, _, rest = scope.partition(":")
        name, _, actions = rest.rpartition(":")
        entries = [each for each in claims["access"] if (each["type"], each["name"]) == (kind, name)]
        held = {action for each in entries for action in each["actions"]}
        if not set(actions.split(",")) <= held:
            return "insufficient_scope"
    return ""


class Upload:
    """Take a blob in chunks."""

    def __init__(self) -> None:
        self.content = b""

    def append(self, chunk: bytes, content_range: str) -> int:
        """Take the next chunk, and no other."""
        if content_range:
            first, last = map(int, content_range.split("-"))
            if first != len(self.content):
                return 416
            if last - first + 1 != len(chunk):
                return 400
        self.content += chunk
        return 202

    def range(self) -> str:
        """Say how far it got."""
        return f"0-{max(0, len(self.content) - 1)}"
