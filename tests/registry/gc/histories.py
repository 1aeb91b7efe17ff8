"""Random histories over HTTP on a real registry: pushes, indexes, retags, deletes, uploads left behind."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field

from peers import DockerRegistry

from simregistry.oci import media_types as media
from simregistry.oci.digest import Digest

KINDS = (
    (media.OCI_MANIFEST, media.OCI_CONFIG, media.OCI_LAYER_GZIP, media.OCI_INDEX),
    (media.DOCKER_MANIFEST, media.DOCKER_CONFIG, media.DOCKER_LAYER_GZIP, media.DOCKER_LIST),
)


@dataclass
class History:
    """One seed's dice, and what it has pushed so far, so that it can reuse, retag and delete it."""

    registry: DockerRegistry
    dice: random.Random
    pool: list[bytes] = field(default_factory=list)
    images: dict[str, list[dict[str, object]]] = field(default_factory=dict)

    def run(self, steps: int) -> None:
        """Take so many random steps."""
        names = self.dice.sample(["app", "web", "lib/x/y", "team/api"], self.dice.randint(1, 3))
        actions = (
            [self.push_image] * 6 + [self.push_index] * 3 + [self.delete] * 2 + [self.retag, self.abandon, self.stray]
        )
        for _ in range(steps):
            self.dice.choice(actions)(self.dice.choice(names))

    def blob(self, name: str, content: bytes) -> dict[str, object]:
        """Upload a blob; gives digest and size."""
        digest = Digest.of(content)
        _, headers, _ = self.registry.send("POST", f"/v2/{name}/blobs/uploads/")
        place = headers["Location"].split(str(self.registry.port), 1)[-1]
        status, _, body = self.registry.send("PUT", f"{place}&digest={digest}", content)
        assert status == 201, body
        return {"digest": digest, "size": len(content)}

    def manifest(self, name: str, body: dict[str, object], tag: str | None) -> dict[str, object]:
        """Put a manifest, by tag or by digest alone."""
        raw = json.dumps(body).encode()
        digest, kind = Digest.of(raw), str(body["mediaType"])
        status, _, body = self.registry.send(
            "PUT", f"/v2/{name}/manifests/{tag or digest}", raw, {"Content-Type": kind}
        )
        assert status == 201, body
        pushed = {"mediaType": kind, "digest": digest, "size": len(raw)}
        self.images.setdefault(name, []).append(pushed)
        return pushed

    def content(self) -> bytes:
        """New bytes, or bytes that something else has too."""
        if not self.pool or self.dice.random() < 0.6:
            self.pool.append(self.dice.randbytes(self.dice.randint(20, 400)))
        return self.dice.choice(self.pool)

    def tag(self) -> str | None:
        """One of few tags, so that they are moved; or none."""
        return self.dice.choice(["v1", "v2", "latest", None])

    def image(self, name: str, tag: str | None, kinds: tuple[str, ...]) -> dict[str, object]:
        """Push an image of one to three layers."""
        kind, config_kind, layer_kind, _ = kinds
        config = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers"}, "n": self.dice.randint(0, 99)}
        layers = [self.blob(name, self.content()) | {"mediaType": layer_kind} for _ in range(self.dice.randint(1, 3))]
        document = {
            "schemaVersion": 2,
            "mediaType": kind,
            "config": self.blob(name, json.dumps(config).encode()) | {"mediaType": config_kind},
            "layers": layers,
        }
        return self.manifest(name, document, tag)

    def push_image(self, name: str) -> None:
        """A push as clients do it."""
        self.image(name, self.tag(), self.dice.choice(KINDS))

    def push_index(self, name: str) -> None:
        """Two or three images without a tag of their own, and an index over them."""
        kinds = self.dice.choice(KINDS)
        children = [self.image(name, None, kinds) for _ in range(self.dice.randint(1, 3))]
        platforms = [{"architecture": architecture, "os": "linux"} for architecture in ("amd64", "arm64", "s390x")]
        listed = [child | {"platform": platform} for child, platform in zip(children, platforms, strict=False)]
        self.manifest(name, {"schemaVersion": 2, "mediaType": kinds[3], "manifests": listed}, self.tag())

    def retag(self, name: str) -> None:
        """Give something that was pushed another tag."""
        if pushed := self.images.get(name):
            chosen = self.dice.choice(pushed)
            accept = {"Accept": str(chosen["mediaType"])}
            status, _, raw = self.registry.send("GET", f"/v2/{name}/manifests/{chosen['digest']}", headers=accept)
            if status == 200:
                kind = {"Content-Type": str(chosen["mediaType"])}
                self.registry.send("PUT", f"/v2/{name}/manifests/{self.tag() or 'again'}", raw, kind)

    def delete(self, name: str) -> None:
        """Delete a manifest by digest, index or child alike."""
        if pushed := self.images.get(name):
            self.registry.send("DELETE", f"/v2/{name}/manifests/{self.dice.choice(pushed)['digest']}")

    def abandon(self, name: str) -> None:
        """Begin an upload and leave."""
        _, headers, _ = self.registry.send("POST", f"/v2/{name}/blobs/uploads/")
        self.registry.send("PATCH", headers["Location"].split(str(self.registry.port), 1)[-1], b"half of it")

    def stray(self, name: str) -> None:
        """Push a blob that no manifest will name, or give one up."""
        digest = self.blob(name, self.content())["digest"]
        if self.dice.random() < 0.5:
            self.registry.send("DELETE", f"/v2/{name}/blobs/{digest}")
