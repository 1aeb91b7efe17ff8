"""Build and push an image, change one thing, then build and push again: what does the second time cost?

1. The app, and what each command writes, are those of step_orders.py. A Dockerfile has one stage, and one instruction
   a line.
2. The simulator runs no command. Of what a command reads, one thing alone is checked: pip needs its requirements file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from simregistry.client.build.dockerfile import Instruction, parse_dockerfile
from simregistry.client.build.report import BuildReport, BuildStep
from simregistry.client.build.run_effects import RunEffect, filler
from simregistry.client.build.stage import single_spaced
from simregistry.client.client import Client
from simregistry.client.image_store import ImageStore
from simregistry.client.transfer_report import PushReport
from simregistry.errors import InvalidValue
from simregistry.oci.layer import Changeset
from simregistry.registry.registry import Registry
from simregistry.study.examples import step_orders, webapp

APP = f"{step_orders.HOST}/app"
# What may change between version 1 and version 2: the files of the app that are different then.
CHANGED_FILES: Mapping[str, Mapping[str, bytes | str]] = {
    "nothing": {},
    "one line of app.py": {"app.py": step_orders.app_files("v2")["app.py"]},
    "requirements.txt": {"requirements.txt": "flask==3.2\n"},
    "the base image": {},
}
# The files that a container of the app needs.
NEEDED = ("app/app.py", "app/requirements.txt", step_orders.FLASK, step_orders.JINJA)


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Both builds, the push of version 2, and its opened layers; ``missing`` is a needed file that it lacks, or ""."""

    first: BuildReport
    again: BuildReport
    push: PushReport
    missing: str
    layers: tuple[Changeset, ...]

    @property
    def base_layers(self) -> int:
        """How many layers the base brings."""
        return len(self.again.manifest.layers) - sum(step.layer is not None for step in self.again.steps)

    @property
    def base_bytes(self) -> int:
        """Bytes of the layers that the base brings."""
        return sum(layer.size for layer in self.again.manifest.layers[: self.base_layers])

    @property
    def ran(self) -> tuple[BuildStep, ...]:
        """The steps of the second build that ran; a FROM runs nothing."""
        return tuple(step for step in self.again.steps[1:] if not step.cached)


def rebuild(lines: Sequence[str], change: str = "nothing", *, grown: bool = True) -> Rebuild:
    """Build and push version 1, change one thing, build and push version 2 by the same Dockerfile.

    With ``grown=False`` the app is the short one of webapp.py, and its installation writes fewer bytes.

    >>> careless = ["FROM registry.example/base:1", "COPY . /app/", "RUN pip install -r /app/requirements.txt"]
    >>> len(rebuild(careless, "one line of app.py").ran)
    2
    """
    instructions = _instructions(lines)
    if change not in CHANGED_FILES:
        raise InvalidValue("change", change, f"choose one of: {', '.join(CHANGED_FILES)}")
    dockerfile, files = "\n".join(lines), step_orders.app_files() if grown else webapp.context()
    commands = {single_spaced(one.args) for one in instructions if one.keyword == "RUN"}
    effects = {command: effect for command, effect in _effects(grown).items() if command in commands}
    laptop = Client(registries=[Registry(step_orders.HOST)], store=_store_with_base("1"))
    first = laptop.build(f"{APP}:v1", dockerfile, files, effects=effects)
    _check_installation(laptop, first, instructions)
    laptop.push(f"{APP}:v1")
    if change == "the base image":
        newer = _store_with_base("2")
        laptop.store.blobs |= newer.blobs
        laptop.store.images |= newer.images
    again = laptop.build(f"{APP}:v2", dockerfile, files | dict(CHANGED_FILES[change]), effects=effects)
    there = laptop.rootfs(f"{APP}:v2")
    missing = next((path for path in NEEDED if path not in there), "")
    return Rebuild(first, again, laptop.push(f"{APP}:v2"), missing, laptop.layers(f"{APP}:v2"))


def _instructions(lines: Sequence[str]) -> tuple[Instruction, ...]:
    """Read a Dockerfile of one stage whose every line is a whole instruction."""
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#") or line.rstrip().endswith("\\") or "\n" in line:
            raise InvalidValue("line", line, "write one whole instruction in a line, such as ENV PORT=8080")
    parsed = parse_dockerfile("\n".join(lines))
    if parsed.global_args or len(parsed.stages) > 1:
        raise InvalidValue("Dockerfile", lines[0], "keep one FROM here, in the first line")
    instructions = (parsed.stages[0].origin, *parsed.stages[0].instructions)
    for instruction in instructions:
        if instruction.heredocs:
            raise instruction.fault("write one whole instruction in a line, without <<")
    return instructions


def _check_installation(laptop: Client, report: BuildReport, instructions: Sequence[Instruction]) -> None:
    """Refuse an installation that runs before the file with the requirements is there."""
    layers = report.manifest.layers
    for number, instruction in enumerate(instructions):
        if instruction.keyword == "RUN" and single_spaced(instruction.args) == step_orders.INSTALL:
            later = sum(step.layer is not None for step in report.steps[number:])
            below = (Changeset.from_blob(laptop.store.content(one.digest)) for one in layers[: len(layers) - later])
            if not any(entry.path == NEEDED[1] for layer in below for entry in layer):
                raise instruction.fault(f"pip finds no /{NEEDED[1]}; copy the file in an earlier line")


@cache
def _effects(grown: bool) -> dict[str, RunEffect]:
    """State what each command writes, with the bytes computed once."""
    stated = dict(step_orders.EFFECTS)
    if not grown:
        stated |= {command: RunEffect(files) for command, files in webapp.EFFECTS.items()}
    return {
        command: RunEffect(
            {path: filler(path, size) if isinstance(size, int) else size for path, size in effect.files.items()},
            effect.removed,
        )
        for command, effect in stated.items()
    }


@cache
def _base(release: str) -> ImageStore:
    """Build a release of the base image; it is the same on every machine."""
    laptop = Client()
    laptop.build(
        f"{step_orders.HOST}/base:1",
        webapp.BASE_DOCKERFILE,
        webapp.base_context() | {"rootfs/etc/release": f"{release}\n"},
    )
    return laptop.store


def _store_with_base(release: str) -> ImageStore:
    """Make a store that has a release of the base image and nothing else."""
    store = _base(release)
    return ImageStore(dict(store.blobs), dict(store.images))
