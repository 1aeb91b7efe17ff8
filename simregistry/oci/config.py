"""The image config: how to run the image, and the diff IDs of the layers that it is made of (image-spec config.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simregistry.errors import InvalidValue
from simregistry.oci import json_document
from simregistry.oci.descriptor import Descriptor, Platform
from simregistry.oci.digest import Digest
from simregistry.oci.media_types import OCI_CONFIG

# A build here has no clock, so everything was made at the epoch. The same input then gives the same digest.
EPOCH = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class History:
    """One step of the build, as ``docker history`` shows it; ``empty_layer`` marks a step that changed no file."""

    created_by: str
    created: str = EPOCH
    empty_layer: bool = False
    comment: str = ""
    author: str = ""

    def to_json(self) -> dict[str, Any]:
        """Write the step as a config has it, without its empty fields."""
        optional = {"author": self.author, "comment": self.comment, "empty_layer": self.empty_layer}
        pairs: dict[str, Any] = {"created": self.created, "created_by": self.created_by}
        return pairs | {key: value for key, value in optional.items() if value}

    @classmethod
    def from_json(cls, obj: Any) -> History:
        """Read a step from a config's JSON, or raise InvalidValue."""
        if not isinstance(obj, dict):
            raise InvalidValue("history", obj, "must be an object")
        strings = {key: str(obj.get(key) or "") for key in ("created_by", "created", "comment", "author")}
        return cls(empty_layer=bool(obj.get("empty_layer", False)), **strings)


@dataclass(frozen=True, slots=True)
class Runtime:
    """The defaults that a container of this image starts with (image-spec config.md, "config")."""

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
        """Write the defaults under the specification's names, without empty ones."""
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
        """Read the defaults from a config's JSON; a config may have none."""
        if obj is None:
            return cls()
        if not isinstance(obj, dict):
            raise InvalidValue("config", obj, "must be an object")
        return cls(
            env=_strings(obj, "Env"),
            cmd=_strings(obj, "Cmd"),
            entrypoint=_strings(obj, "Entrypoint"),
            working_dir=str(obj.get("WorkingDir") or ""),
            user=str(obj.get("User") or ""),
            exposed_ports=tuple(sorted(_object(obj, "ExposedPorts"))),
            volumes=tuple(sorted(_object(obj, "Volumes"))),
            labels=_object(obj, "Labels"),
            stop_signal=str(obj.get("StopSignal") or ""),
            shell=_strings(obj, "Shell"),
            healthcheck=_object(obj, "Healthcheck"),
            on_build=_strings(obj, "OnBuild"),
        )


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """An image's config. Its digest is the image's ID, the one that ``docker images`` prints.

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
        """Make a config, and write it as canonical JSON: only written bytes have a digest."""
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
            diff_ids=tuple(Digest(diff_id) for diff_id in _strings(rootfs, "diff_ids")),
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
        """The descriptor by which a manifest points at this config."""
        return Descriptor(OCI_CONFIG, self.digest, len(self.raw))

    @property
    def chain_ids(self) -> tuple[Digest, ...]:
        """The name of each stack of layers, from the base up: a diff ID names one layer, a ChainID all up to it."""
        return chain_ids(self.diff_ids)


def chain_ids(diff_ids: Iterable[Digest]) -> tuple[Digest, ...]:
    """Compute the ChainID of each layer with all layers below it (image-spec config.md, "Layer ChainID").

    "ChainID(L0|...|Ln) = Digest(ChainID(L0|...|Ln-1) + " " + DiffID(Ln))". The same layer on another base has another
    ChainID, so an unpacked stack is found again by this name.

    >>> base = Digest.of(b"base")
    >>> chain_ids([base]) == (base,)
    True
    """
    chain: list[Digest] = []
    for diff_id in diff_ids:
        chain.append(Digest.of(f"{chain[-1]} {diff_id}".encode()) if chain else Digest(diff_id))
    return tuple(chain)


def _strings(obj: dict[str, Any], key: str) -> tuple[str, ...]:
    """Read a list of strings; a missing one is empty."""
    value = obj.get(key) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidValue(key, value, "must be a list of texts")
    return tuple(value)


def _object(obj: dict[str, Any], key: str) -> dict[str, Any]:
    """Read an object; a missing one is empty."""
    value = obj.get(key) or {}
    if not isinstance(value, dict):
        raise InvalidValue(key, value, "must be an object")
    return dict(value)
