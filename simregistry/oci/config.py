"""The image config: how to run the image, and which layers it is made of, uncompressed (image-spec config.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simregistry.errors import InvalidValue
from simregistry.oci import json_document
from simregistry.oci.descriptor import Descriptor, Platform
from simregistry.oci.digest import Digest
from simregistry.oci.media_types import OCI_CONFIG

# Where a build has no clock, the time is the epoch, so that the same input gives the same digest.
EPOCH = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class History:
    """How one step of the build came about; ``empty_layer`` marks the steps that changed no file."""

    created_by: str
    created: str = EPOCH
    empty_layer: bool = False
    comment: str = ""
    author: str = ""

    def to_json(self) -> dict[str, Any]:
        """Write it as the config holds it, empty fields left out."""
        optional = {"author": self.author, "comment": self.comment, "empty_layer": self.empty_layer}
        pairs: dict[str, Any] = {"created": self.created, "created_by": self.created_by}
        return pairs | {key: value for key, value in optional.items() if value}

    @classmethod
    def from_json(cls, obj: Any) -> History:
        """Take it from a config's JSON."""
        if not isinstance(obj, dict):
            raise InvalidValue("history", obj, "must be an object")
        texts = {key: str(obj.get(key) or "") for key in ("created_by", "created", "comment", "author")}
        return cls(empty_layer=bool(obj.get("empty_layer", False)), **texts)


@dataclass(frozen=True, slots=True)
class Runtime:
    """How to run the image: the defaults that a container starts with (image-spec config.md, "config")."""

    env: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    working_dir: str = ""
    user: str = ""
    exposed_ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    stop_signal: str = ""
    shell: tuple[str, ...] = ()
    healthcheck: Mapping[str, Any] = field(default_factory=dict, hash=False)
    on_build: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Write it under the specification's names, empty fields left out."""
        pairs: dict[str, Any] = {
            "User": self.user,
            "ExposedPorts": {port: {} for port in sorted(self.exposed_ports)},
            "Env": list(self.env),
            "Entrypoint": list(self.entrypoint),
            "Cmd": list(self.cmd),
            "Volumes": {volume: {} for volume in sorted(self.volumes)},
            "WorkingDir": self.working_dir,
            "Labels": dict(sorted(self.labels.items())),
            "StopSignal": self.stop_signal,
            "Healthcheck": dict(self.healthcheck),
            "OnBuild": list(self.on_build),
            "Shell": list(self.shell),
        }
        return {key: value for key, value in pairs.items() if value}

    @classmethod
    def from_json(cls, obj: Any) -> Runtime:
        """Take it from a config's JSON; a missing object means no defaults."""
        if obj is None:
            return cls()
        if not isinstance(obj, dict):
            raise InvalidValue("config", obj, "must be an object")
        return cls(
            env=_texts(obj, "Env"),
            cmd=_texts(obj, "Cmd"),
            entrypoint=_texts(obj, "Entrypoint"),
            working_dir=str(obj.get("WorkingDir") or ""),
            user=str(obj.get("User") or ""),
            exposed_ports=tuple(sorted(_object(obj, "ExposedPorts"))),
            volumes=tuple(sorted(_object(obj, "Volumes"))),
            labels=_object(obj, "Labels"),
            stop_signal=str(obj.get("StopSignal") or ""),
            shell=_texts(obj, "Shell"),
            healthcheck=_object(obj, "Healthcheck"),
            on_build=_texts(obj, "OnBuild"),
        )


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """An image's config; its digest is the image's ID.

    >>> ImageConfig.of(runtime=Runtime(cmd=("python", "app.py"))).runtime.cmd
    ('python', 'app.py')
    """

    raw: bytes = field(repr=False)
    platform: Platform
    diff_ids: tuple[Digest, ...]
    history: tuple[History, ...]
    runtime: Runtime
    created: str = ""
    author: str = ""

    @classmethod
    def of(
        cls,
        diff_ids: Iterable[Digest] = (),
        history: Iterable[History] = (),
        *,
        runtime: Runtime | None = None,
        platform: Platform | None = None,
        created: str = EPOCH,
        author: str = "",
    ) -> ImageConfig:
        """Write a config as canonical JSON and read it back."""
        head: dict[str, Any] = {"created": created} | ({"author": author} if author else {})
        body = {
            **(platform or Platform("linux", "amd64")).to_json(),
            "config": (runtime or Runtime()).to_json(),
            "rootfs": {"type": "layers", "diff_ids": [str(diff_id) for diff_id in diff_ids]},
            "history": [step.to_json() for step in history],
        }
        return cls.parse(json_document.write_document(head | body))

    @classmethod
    def parse(cls, raw: bytes) -> ImageConfig:
        """Read a config's bytes, or raise InvalidValue."""
        obj = json_document.read_document(raw, "image config")
        rootfs = obj.get("rootfs")
        if not isinstance(rootfs, dict) or rootfs.get("type") != "layers":
            rule = 'needs a rootfs of type "layers", which is REQUIRED (image-spec config.md)'
            raise InvalidValue("image config", sorted(obj), rule)
        history = obj.get("history") or []
        if not isinstance(history, list):
            raise InvalidValue("history", history, "must be a list")
        return cls(
            raw=raw,
            platform=Platform.from_json({"os": "linux", "architecture": "amd64"} | obj),
            diff_ids=tuple(Digest(text) for text in _texts(rootfs, "diff_ids")),
            history=tuple(History.from_json(step) for step in history),
            runtime=Runtime.from_json(obj.get("config")),
            created=str(obj.get("created") or ""),
            author=str(obj.get("author") or ""),
        )

    @property
    def digest(self) -> Digest:
        """The hash of the config's bytes."""
        return Digest.of(self.raw)

    @property
    def image_id(self) -> Digest:
        """The image's ID: "the SHA256 hash of its configuration JSON" (image-spec config.md, "ImageID")."""
        return self.digest

    @property
    def descriptor(self) -> Descriptor:
        """What a manifest points at this config by."""
        return Descriptor(OCI_CONFIG, self.digest, len(self.raw))

    @property
    def chain_ids(self) -> tuple[Digest, ...]:
        """Name each stack of layers from the base up: a diff ID names one layer, a ChainID all up to it."""
        return chain_ids(self.diff_ids)


def chain_ids(diff_ids: Iterable[Digest]) -> tuple[Digest, ...]:
    """Compute ChainIDs (image-spec config.md, "Layer ChainID").

    "ChainID(L0|...|Ln) = Digest(ChainID(L0|...|Ln-1) + " " + DiffID(Ln))"

    >>> base = Digest.of(b"base")
    >>> chain_ids([base]) == (base,)
    True
    """
    chain: list[Digest] = []
    for diff_id in diff_ids:
        chain.append(Digest.of(f"{chain[-1]} {diff_id}".encode()) if chain else Digest(diff_id))
    return tuple(chain)


def _texts(obj: dict[str, Any], key: str) -> tuple[str, ...]:
    value = obj.get(key) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidValue(key, value, "must be a list of texts")
    return tuple(value)


def _object(obj: dict[str, Any], key: str) -> dict[str, Any]:
    value = obj.get(key) or {}
    if not isinstance(value, dict):
        raise InvalidValue(key, value, "must be an object")
    return dict(value)
